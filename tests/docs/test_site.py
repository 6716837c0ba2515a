"""The documentation builds in strict mode, documents every public name, and needs no other site."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support import ROOT

import runtime


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    nowhere = "http://127.0.0.1:9"  # makes every download fail
    made = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "http_proxy": nowhere, "https_proxy": nowhere},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def text(page: Path) -> str:
    article = re.search(r"<article.*?</article>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert article
    return html.unescape(re.sub(r"<[^>]+>", "", article[0]))


def test_every_public_name_is_documented(site: Path):
    page = (site / "api.html").read_text(encoding="utf-8")
    missing = [name for name in runtime.__all__ if f'id="runtime.{name}"' not in page]
    assert not missing
    for name in ("Hider.hide_batch", "Revealer.reveal", "Seconds.total"):
        assert f'id="runtime.{name}"' in page
    said = text(site / "api.html")
    for sentence in ("Most pixels that a picture may have", "What verification measured"):
        assert sentence in said


def test_included_files_are_complete(site: Path):
    security = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    said = text(site / "security.html")
    for heading in re.findall(r"^#+ (.+)$", security, re.MULTILINE):
        assert heading in said
    examples = text(site / "examples.html")
    for script in ("walkthrough", "embed", "asynchronous", "service"):
        first = (ROOT / "examples" / f"{script}.py").read_text(encoding="utf-8").splitlines()[0]
        assert first in examples


def test_pages_load_nothing_from_other_sites(site: Path):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 9
    for page in pages:
        content = page.read_text(encoding="utf-8")
        tags = re.findall(r"<(?:script|link|img|iframe|source)\b[^>]*>", content)
        assert not [tag for tag in tags if re.search(r'(?:src|href)="(?:https?:)?//', tag)]


def test_links_between_pages_work(site: Path):
    for page in site.glob("*.html"):
        if page.name == "404.html":
            continue
        article = re.search(r"<article.*?</article>", page.read_text(encoding="utf-8"), re.DOTALL)
        assert article, page
        for link in re.findall(r'(?:href|src)="([^"]+)"', article[0]):
            path, _, anchor = html.unescape(link).partition("#")
            if ":" in path:
                continue
            target = page.parent / path if path else page
            assert target.is_file(), f"{page.name}: {link}"
            if anchor and target.suffix == ".html":
                assert f'id="{anchor}"' in target.read_text(encoding="utf-8"), link
