"""The service, tested with a real client over a real socket."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import numpy as np
import pytest
from service_client import COVER, PAIR, PASSPHRASE, SECRET, picture_in, png, problem, serve
from skimage.metrics import peak_signal_noise_ratio
from support import photograph


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with serve(max_megabytes=2, max_megapixels=1, at_once=2) as client:
        yield client


@pytest.mark.parametrize("form", [{}, {"passphrase": PASSPHRASE}])
def test_round_trip(client: httpx2.Client, form: dict[str, str]):
    made = client.post("/hide", files=PAIR, data=form)
    container = picture_in(made)
    assert peak_signal_noise_ratio(COVER, container) > 43
    back = client.post("/reveal", files={"container": made.content}, data=form)
    revealed = picture_in(back)
    assert revealed.shape == SECRET.shape
    assert peak_signal_noise_ratio(SECRET, revealed) > 30


def test_only_the_passphrase_reveals(client: httpx2.Client):
    made = client.post("/hide", files=PAIR, data={"passphrase": PASSPHRASE})
    container = {"container": made.content}
    for form in ({}, {"passphrase": "another"}):
        assert problem(client.post("/reveal", files=container, data=form)) == (
            422,
            "nothing-hidden",
        )


def test_an_empty_passphrase_is_rejected(client: httpx2.Client):
    made = client.post("/hide", files=PAIR, data={"passphrase": ""})
    assert problem(made) == (400, "usage")


def test_transparency_is_kept(client: httpx2.Client):
    alpha = np.full((*COVER.shape[:2], 1), 255, np.uint8)
    alpha[:40] = 7
    cover = png(np.concatenate([COVER, alpha], axis=2))
    container = picture_in(client.post("/hide", files=PAIR | {"cover": cover}))
    assert np.array_equal(container[..., 3:], alpha)


def test_errors_have_codes(client: httpx2.Client):
    no_picture = client.post("/reveal", files={"container": b"no picture"})
    assert problem(no_picture) == (415, "unreadable")
    assert no_picture.json()["error"]["message"].startswith("container is not a picture")
    deep = png(COVER.astype(np.uint16) * 257)
    assert problem(client.post("/hide", files=PAIR | {"cover": deep})) == (415, "depth")
    small = png(COVER[:8])
    assert problem(client.post("/hide", files=PAIR | {"cover": small})) == (422, "picture")
    container = picture_in(client.post("/hide", files=PAIR)).copy()
    container[50, 50] ^= 1
    altered = client.post("/reveal", files={"container": png(container)})
    assert problem(altered) == (422, "altered")
    assert client.post("/hide", files={"cover": PAIR["cover"]}).status_code == 422


def test_large_uploads_are_rejected(client: httpx2.Client):
    large = {"container": bytes(3 << 20)}
    assert client.post("/reveal", files=large).status_code == 413

    # Without a Content-Length header, the bytes are counted as they arrive.
    request = client.build_request("POST", "/reveal", files=large)
    body, kind = request.read(), request.headers["content-type"]
    pieces = (body[start : start + 65_536] for start in range(0, len(body), 65_536))
    sent = client.post("/reveal", content=pieces, headers={"content-type": kind})
    assert sent.request.headers["transfer-encoding"] == "chunked"
    assert sent.status_code == 413
    assert client.get("/health").status_code == 200


def test_a_small_file_with_many_pixels_is_rejected(client: httpx2.Client):
    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    side = 4_000
    header = side.to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(bytes((3 * side + 1) * side), 9)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    assert len(bomb) < 1 << 20
    for files in (PAIR | {"cover": bomb}, PAIR | {"secret": bomb}):
        assert problem(client.post("/hide", files=files)) == (413, "too-large")
    assert problem(client.post("/reveal", files={"container": bomb})) == (413, "too-large")


def test_the_event_loop_is_not_blocked(client: httpx2.Client):
    assert client.get("/health").json()["at_work"] == 0
    pair = {"cover": png(photograph("astronaut")), "secret": png(photograph("rocket"))}
    seen = set()
    with ThreadPoolExecutor(1) as pool:
        hiding = pool.submit(client.post, "/hide", files=pair, data={"passphrase": PASSPHRASE})
        while not hiding.done():
            seen.add(client.get("/health").json()["at_work"])
    assert hiding.result().status_code == 200
    assert 1 in seen, "no request was answered while a picture was being processed"


def test_parallel_requests(client: httpx2.Client):
    def round_trip(number: int) -> float:
        form = {"passphrase": f"number {number % 2}"}
        made = client.post("/hide", files=PAIR, data=form)
        back = client.post("/reveal", files={"container": made.content}, data=form)
        return float(peak_signal_noise_ratio(SECRET, picture_in(back)))

    with ThreadPoolExecutor(4) as pool:
        assert min(pool.map(round_trip, range(6))) > 30
