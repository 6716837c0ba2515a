"""What requests can ask for, what they get, and what operators see of them."""

from __future__ import annotations

import importlib.util
import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator

import httpx2
import numpy as np
import pytest
from service_client import (
    COVER,
    PAIR,
    PASSPHRASE,
    SECRET,
    jpeg,
    png,
    problem,
    running,
    serve,
    wait_for,
)
from support import ROOT, photograph

import runtime
from runtime.engine.models import load_model
from runtime.schemes import declared_options
from runtime.service.logs import JsonLines
from runtime.service.work import Workshop


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with serve(max_megabytes=4, max_megapixels=1, at_once=2) as client:
        yield client


def said(response: httpx2.Response) -> dict:
    assert response.status_code == 200, response.text
    return json.loads(response.headers["plainsight-result"])


def test_the_secrets_own_file_comes_back_with_its_type(client: httpx2.Client):
    secret = jpeg(SECRET)
    made = client.post("/hide", files=PAIR | {"secret": secret}, data={"bits": "3"})
    assert said(made)["payload"] | {"kind": "file", "exact": True} == said(made)["payload"]
    assert "container.png" in made.headers["content-disposition"]
    back = client.post("/reveal", files={"container": made.content})
    assert back.content == secret and back.headers["content-type"] == "image/jpeg"
    assert 'filename="revealed.jpg"' in back.headers["content-disposition"]
    assert back.headers["x-content-type-options"] == "nosniff"


def test_options_come_from_declarations(client: httpx2.Client):
    declared = declared_options(load_model("clear"))
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    form = next(schema for name, schema in schemas.items() if "hide" in name)["properties"]
    for name, spec in declared.items():
        assert form[name]["enum"] == list(spec.choices)
    coded = client.post("/hide", files=PAIR, data={"bits": "1", "exact": "never"})
    assert said(coded)["payload"]["kind"] not in ("file", "pixels")
    webp = client.post("/hide", files=PAIR, data={"format": "webp"})
    assert webp.headers["content-type"] == "image/webp" and webp.content[8:12] == b"WEBP"
    for field in ({"bits": "4"}, {"exact": "horse"}, {"format": "jpeg"}):
        refused = client.post("/hide", files=PAIR, data=field)
        assert problem(refused) == (400, "usage") and "horse" not in refused.text
    assert problem(client.post("/hide", files=PAIR, data={"bits": "horse"})) == (422, "form")


@pytest.mark.parametrize("model", ["classic", "quiet", "robust"])
def test_the_service_runs_with_any_model(model: str):
    with serve(model=model) as client:
        files = {name: png(photograph("coffee", 200, 240)) for name in ("cover", "secret")}
        made = client.post("/hide", files=files)
        assert made.status_code == 200, made.text
        assert made.headers["content-type"] == f"image/{'jpeg' if model == 'robust' else 'png'}"
        revealed = client.post("/reveal", files={"container": made.content})
        assert revealed.status_code == 200, revealed.text


def test_numbers_and_words_of_one_option():
    with serve(model="quiet") as client:
        sizes = {}
        for rate in ("auto", "0.05", "0.10", "0.1"):
            answer = client.post(
                "/capacity", files={"cover": PAIR["cover"]}, data={"payload_rate": rate}
            )
            (setting,) = answer.json()["settings"]
            sizes[rate] = setting["payload_rate"], setting["capacity"]
        refused = client.post("/capacity", files=PAIR, data={"payload_rate": "0.07"})
    assert sizes["auto"] == ("auto", sizes["0.05"][1])
    assert sizes["0.10"] == sizes["0.1"] and sizes["0.1"][0] == 0.1
    assert sizes["0.1"][1] > 2 * sizes["auto"][1]
    assert problem(refused) == (400, "usage")


def test_nothing_that_was_sent_is_ignored(client: httpx2.Client):
    for field in ({"passhprase": "horse"}, {"passphrase": ["horse", "mule"]}):
        refused = client.post("/hide", files=PAIR, data=field)
        assert problem(refused) == (422, "form") and "horse" not in refused.text
    many = [("container", PAIR["cover"])] * 3
    assert client.post("/reveal", files=many).status_code == 400


def test_capacity(client: httpx2.Client):
    settings = client.post("/capacity", files={"cover": PAIR["cover"]}).json()["settings"]
    assert [each["bits"] for each in settings] == [1, 2, 3]
    expected = runtime.Hider().capacity(COVER)
    assert [each["capacity"] for each in settings] == [each.size for each in expected]
    one = client.post("/capacity", files=PAIR, data={"bits": "2"}).json()
    assert (one["height"], one["width"], len(one["settings"])) == (96, 128, 1)
    assert one["settings"][0]["payload"]["psnr"] > 25


def test_a_hider_with_other_options_shares_the_model():
    with runtime.Hider(bits=1) as hider:
        other = hider.with_options(bits=3)
        assert (hider.options["bits"], other.options["bits"]) == (1, 3)
        assert other.with_options(bits=None).options["bits"] == 2
        assert np.abs(hider.hide(COVER, SECRET).astype(int) - COVER).max() < 4
    with pytest.raises(runtime.ClosedError):
        other.hide(COVER, SECRET)


def test_metrics_count_requests(client: httpx2.Client):
    def counts() -> dict[str, float]:
        text = client.get("/metrics").text
        return {name: float(value) for name, value in re.findall(r"^([^#\s]+) (\S+)$", text, re.M)}

    before = counts()
    client.post("/reveal", files={"container": PAIR["cover"]})
    client.get("/nonsense/horse")
    name = 'plainsight_requests_total{code="nothing-hidden",route="/reveal",status="422"}'
    # It is counted once it is answered.
    wait_for(lambda: counts().get(name) == before.get(name, 0) + 1)
    after = counts()
    assert after['plainsight_at_work{queue="all"}'] == 0
    assert any('route="other"' in name for name in after) and "horse" not in str(after)


def test_every_answer_says_what_it_is(client: httpx2.Client):
    assert client.get("/ready").json() == {"ready": True}
    for made in (client.get("/nonsense"), client.get("/hide"), client.post("/hide")):
        assert set(made.json()) == {"error"} and made.headers["x-request-id"]
    assert client.get("/docs").status_code == 404, "it would load scripts from other sites"


@pytest.fixture
def lines() -> Iterator[list[str]]:
    found: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(JsonLines().format(record))

    handler, root = Kept(), logging.getLogger()
    logging.getLogger("runtime.service").setLevel(logging.INFO)
    root.addHandler(handler)
    yield found
    root.removeHandler(handler)


def test_logs_have_nothing_of_a_request(
    client: httpx2.Client, lines: list[str], monkeypatch: pytest.MonkeyPatch
):
    form = {"passphrase": PASSPHRASE}
    files = {name: ("horse.png", content) for name, content in PAIR.items()}
    client.post("/hide?horse=1", files=files, data=form, headers={"X-Request-ID": "horse"})
    client.post("/horse", headers={"Content-Type": "multipart/form-data; boundary=horse"})
    client.post("/hide", content=b"horse", headers={"Content-Type": "multipart/form-data"})

    def broken(*_: object) -> None:
        raise RuntimeError(f"{PASSPHRASE} horse")

    monkeypatch.setattr(Workshop, "hide", broken)
    failed = client.post("/hide", files=files, data=form)
    assert problem(failed) == (500, "internal") and "horse" not in failed.text
    # The last line of an earlier test may come late.
    wait_for(lambda: any(json.loads(line).get("status") == 500 for line in lines))
    logging.getLogger("library").warning("got %s", "horse")
    events = [json.loads(line) for line in lines if '"library"' in line or '"request"' in line]
    statuses = [each.get("status") for each in events]
    assert {200, 404, 400, 500} <= set(statuses) and statuses[-1] is None
    assert any("broken" in json.loads(line).get("at", "") for line in lines), "where it failed"
    for word in ("horse", PASSPHRASE, json.dumps(PASSPHRASE)[1:-1]):
        assert word not in "\n".join(lines)


def test_mounted_in_a_program_with_tokens(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TOKENS", "one,two")
    spec = importlib.util.spec_from_file_location("service", ROOT / "examples" / "service.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with running(module.app) as client:
        assert client.get("/pictures/health").status_code == 401
        client.headers["Authorization"] = "Bearer two"
        assert client.get("/pictures/health").json()["model"] == "clear"
        made = client.post("/pictures/hide", files=PAIR)
        assert client.post("/pictures/reveal", files={"container": made.content}).is_success


def test_the_base_installation_stays_light():
    blocked = ("fastapi", "starlette", "uvicorn", "prometheus_client", "anyio", "pydantic")
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({blocked!r}))\n"
        "from runtime.__main__ import main; sys.exit(main(['serve']))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert made.returncode == 1
    assert "which is not installed; pip install 'plainsight-onnx[service]'" in made.stderr
