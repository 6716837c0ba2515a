"""No phrase that this project has retired is left in any file that a person reads."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from support import ROOT

# A retired phrase, as a regular expression, and what to write. They are searched in running text:
# without regard to case, line ends, comment marks and the quotes between parts of a string.
RETIRED = {
    # Plain English
    r"(not|cannot) (to )?be had": "is not available; cannot be combined",
    r"to be had": "available",
    r"(is|are|was|were|be) there already": "already exists",
    r"c[ao]m(e|es|ing) into being": "is written atomically",
    r"lets? go of the": "releases",
    r"sa(y|ys|id) nothing but": "prints errors only",
    r"bits? (a|each) sample": "bits per sample",
    r"a sample have more|have more a sample": "high-bit-depth",
    r"levels? a sample": "levels per sample",
    r"makes? 8 bits of": "converts to 8 bits",
    r"Likewise\.": "say it again, or leave it out",
    r"and likewise (of|for|its|the)": "also",
    r"speaks? (against|for) (it|us)": "Limitations; Results",
    r"lines? by hand": "baseline",
    r"by-hand": "baseline",
    r"set up by hand": "hand-designed",
    r"(a|folder|model|program|models|tables) of one's own": "your own",
    r"a clear of one's own": "your own",
    r"one a core": "one per core",
    r"threads? a core": "one thread per core",
    r"a second a file": "per file",
    r"a (run|file) or a file": "per run or per file",
    r"(MB|MiB|ms|seconds?|bytes|dB) a (file|picture|pixel|tile|thread|megapixel)": "per",
    r"(bytes|bits|filters|times|multiplications) a (pixel|block|picture|second)": "per",
    r"for ever\b": "forever, or always",
    r"has its namesake|their namesakes?|its namesake": "a file of the same name",
    r"begin nothing more": "do not start another",
    r"say what would be done": "show what would be done",
    r"leave them alone": "keep them",
    r"pictures? in hand": "pictures being processed",
    r"that is whole all the same": "the secret is intact",
    r"at its place|in its stead": "instead",
    r"is it spelt so": "check the spelling",
    r"whoever has (this|the) program": "anyone with this program",
    r"what is told|is told of": "reports",
    r"(that|which) is shipped, which": "included",
    r"seldom still": "rarely",
    r"whole or not at all": "atomically",
    r"before it gets its name": "before it is kept",
    r"gets? its name when": "is renamed when",
    r"least PSNR": "minimum PSNR",
    r"of a size with": "of the same size as",
    r"things? that may happen to": "distortions",
    # Words of the field
    r"operating points?": "quantizer index",
    r"own spectr(um|a)": "tile-adaptive scales",
    r"folded starts?": "folded initialization",
    r"(?<![\"'])\brungs?\b(?![\"'])": "quantizer index",  # in quotes, a name in a graph
    r"\bquads?\b": "macroblock",
    r"\bsittings?\b": "session",
}
# Names in code, which are told from words by their case.
RETIRED_NAMES = {
    r"\bNEVER\b": "INFINITE_COST",
    r"\bWORTH\b": "LAMBDA",
    r"\b(class|import) (Pace|Recipe|Way|Given|Cell|Place)\b": "see the plan of names",
    r"runtime\.Given\b": "runtime.ImageInput",
    r"\bHandling\b": "BatchOptions",
}
SUFFIXES = {".md", ".py", ".ts", ".html", ".css", ".yml", ".yaml", ".toml", ".sh", ".json", ".cff"}
NOT_PROSE = (
    "results/",
    "web/package-lock.json",
    "models/classic/training/",
    "models/clear/training/",
)


def files() -> list[Path]:
    """What git tracks, or would if it were added, and a person reads."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.splitlines() if not name.startswith(NOT_PROSE)]
    found = [ROOT / name for name in names if is_prose(Path(name))]
    return [path for path in found if path.is_file() and path != Path(__file__)]


def is_prose(path: Path) -> bool:
    return path.suffix in SUFFIXES or (path.parts[0] in ("scripts", ".ci") and not path.suffix)


def running_text(source: str) -> str:
    """The source with its lines joined, as they would be read aloud."""
    joined = re.sub(r"""["'`]?\s*\n\s*(#|//|\*(?!\*)|>|[fr]?["'`])?\s*""", " ", source)
    return re.sub(r"\s+", " ", joined)


def retired_in(text: str) -> list[str]:
    found = []
    for phrases, flags in ((RETIRED, re.IGNORECASE), (RETIRED_NAMES, 0)):
        for phrase, better in phrases.items():
            for match in re.finditer(phrase, text, flags):
                found.append(f"{match[0]!r}: write {better!r}")
    return found


def test_retired_phrases_are_found():
    for source in (
        "the device is not to be had",
        "# files come into\n# being whole",
        'help="for each bits "\n    "a sample"',
        "// 2 bits\n// a sample",
        " * lets\n * go of the model",
        "in one sitting",
    ):
        assert len(retired_in(running_text(source))) >= 1, source
    assert not retired_in("Visiting is never worth it. For every sample, given a picture.")


def test_no_retired_phrase_is_left():
    left = []
    for path in files():
        found = retired_in(running_text(path.read_text(encoding="utf-8")))
        left += [f"{path.relative_to(ROOT).as_posix()}: {each}" for each in found]
    assert not left, "\n".join(left)
