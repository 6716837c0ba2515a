"""The requests of a long run: good, bad, hostile and slow, each with the answer it must get."""

from __future__ import annotations

import functools
import random
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.data

import runtime
from benchmarks.service.client import GET, Address, Answer, exchange, form, request
from runtime.images.image import Picture
from runtime.images.metrics import psnr

SECONDS_TO_SEND = 1.0
MAX_MEGABYTES, MAX_MEGAPIXELS = 2, 1
_SIZES = ((64, 64), (64, 96), (96, 64), (80, 128))
_TIMEOUT = 60.0
_LEAST_PSNR = 25.0
_STALLED = SECONDS_TO_SEND + 15.0
Case = Callable[["Run"], Awaitable[str | None]]
"""Sends a request; returns what was wrong with the answer, or None."""


@dataclass(frozen=True)
class Pair:
    """A cover and a secret, hidden beforehand, and what must come back."""

    cover: bytes
    secret: bytes
    secret_pixels: Picture
    is_jpeg: bool
    container: bytes
    container_of_token: bytes
    altered: bytes


@dataclass(frozen=True)
class Run:
    """What a case needs.

    Attributes:
        address: Of the service.
        token: A word that is in every secret: passphrases, file names, paths, headers.
        pairs: Pictures.
        random: For choices.
    """

    address: Address
    token: str
    pairs: list[Pair]
    random: random.Random

    @property
    def name(self) -> str:
        """A file's name that must not be logged."""
        return f"{self.token}-{self.random.getrandbits(32):08x}.png"

    async def post(
        self,
        route: str,
        files: dict[str, bytes],
        fields: dict[str, str] | None = None,
        more: str = "",
    ) -> Answer:
        """Posts a form, with file names that must not be logged."""
        named = {name: (self.name, content) for name, content in files.items()}
        content = request(route, form(named, (fields or {}).items()), more=more)
        return await exchange(self.address, content, timeout=_TIMEOUT)


def make_pairs(token: str) -> list[Pair]:
    """Small pictures and their containers."""
    pairs = []
    with runtime.Hider() as hider:
        for number, size in enumerate(_SIZES):
            cover, secret = _photograph("coffee", number, size), _photograph("rocket", number, size)
            is_jpeg = number % 2 == 1
            content = _encoded(".jpg" if is_jpeg else ".png", secret)
            container = hider.hide(_encoded(".png", cover), content)
            pixels = runtime.Hider().hide(cover, secret).copy()
            pixels[-1, -1] ^= 1
            pairs.append(
                Pair(
                    cover=_encoded(".png", cover),
                    secret=content,
                    secret_pixels=_decoded(content),
                    is_jpeg=is_jpeg,
                    container=container,
                    container_of_token=hider.hide(_encoded(".png", cover), content, token),
                    altered=_encoded(".png", pixels),
                )
            )
    return pairs


def _photograph(name: str, number: int, size: tuple[int, int]) -> Picture:
    picture = getattr(skimage.data, name)()
    height, width = size
    top = 40 * number
    part = np.ascontiguousarray(picture[top : top + 3 * height, top : top + 3 * width])
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _encoded(extension: str, picture: Picture) -> bytes:
    done, content = cv2.imencode(extension, picture[..., ::-1])
    assert done
    return content.tobytes()


def _decoded(content: bytes) -> Picture:
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return np.asarray(found[..., ::-1], np.uint8)


def _wanted(answer: Answer, status: int, code: str = "") -> str | None:
    if (answer.status, answer.code) == (status, code):
        return None
    return f"{answer.status} {answer.code!r} instead of {status} {code!r}"


def _is_secret(pair: Pair, answer: Answer) -> str | None:
    """What is wrong with a revealed secret."""
    if wrong := _wanted(answer, 200):
        return wrong
    kind = answer.result["payload"]["kind"]
    if kind == "file":
        media = "image/jpeg" if pair.is_jpeg else "image/png"
        same = answer.body == pair.secret and answer.headers["content-type"] == media
        return None if same else "the file that was revealed is another one"
    found = _decoded(answer.body)
    if found.shape != pair.secret_pixels.shape:
        return "what was revealed has another size"
    quality = psnr(pair.secret_pixels, found)
    least = float("inf") if kind == "pixels" else _LEAST_PSNR
    return None if quality >= least else f"what was revealed is at {quality:.1f} dB"


async def _hide(run: Run, *, protected: bool) -> str | None:
    pair = run.random.choice(run.pairs)
    fields = {"bits": run.random.choice("123"), "exact": run.random.choice(("auto", "never"))}
    passphrase = {"passphrase": run.token} if protected else {}
    made = await run.post(
        "/hide", {"cover": pair.cover, "secret": pair.secret}, fields | passphrase
    )
    if wrong := _wanted(made, 200):
        return wrong
    return _is_secret(pair, await run.post("/reveal", {"container": made.body}, passphrase))


async def _reveal(run: Run) -> str | None:
    pair = run.random.choice(run.pairs)
    return _is_secret(pair, await run.post("/reveal", {"container": pair.container}))


async def _capacity(run: Run) -> str | None:
    pair = run.random.choice(run.pairs)
    answer = await run.post("/capacity", {"cover": pair.cover}, {"bits": "2"})
    return _wanted(answer, 200) or (None if b'"bits":2' in answer.body else "other settings")


async def _probe(run: Run) -> str | None:
    route = run.random.choice(("/health", "/ready", "/metrics"))
    answer = await exchange(run.address, GET.format(route).encode(), timeout=_TIMEOUT)
    if run.token.encode() in answer.body:
        return "the answer has a secret"
    return _wanted(answer, 200)


def _refused(
    route: str, files: Callable[[Run], dict[str, bytes]], status: int, code: str, **fields: str
) -> Case:
    """A request that must be refused, and its answer must not repeat the token."""

    async def case(run: Run) -> str | None:
        filled = {name: value.replace("TOKEN", run.token) for name, value in fields.items()}
        answer = await run.post(route, files(run), filled, f"X-Request-ID: {run.token}\r\n")
        echoed = run.token.encode() in answer.body
        return "the answer has a secret" if echoed else _wanted(answer, status, code)

    return case


def _pair(run: Run) -> dict[str, bytes]:
    pair = run.random.choice(run.pairs)
    return {"cover": pair.cover, "secret": pair.secret}


def _one(name: str, what: Callable[[Run], bytes]) -> Callable[[Run], dict[str, bytes]]:
    return lambda run: {name: what(run)}


@functools.cache
def _bomb() -> bytes:
    """A PNG file of a few kilobytes and 900 million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    header = (30_000).to_bytes(4) * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(bytes(1 << 20), 9)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", rows), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _damaged(run: Run) -> bytes:
    content = bytearray(run.random.choice(run.pairs).container)
    for _ in range(8):
        content[run.random.randrange(8, len(content))] ^= 1 << run.random.randrange(8)
    return bytes(content)


async def _garbage(run: Run) -> str | None:
    head = run.token.encode() + run.random.randbytes(200) + b"\r\n\r\n"
    answer = await exchange(run.address, head, timeout=_STALLED)
    return None if answer.status in (0, 400) else f"{answer.status} for garbage"


async def _strange(run: Run) -> str | None:
    answer = await exchange(
        run.address, GET.format(f"/{run.token}?{run.token}").encode(), timeout=_TIMEOUT
    )
    return _wanted(answer, 404, "not-found")


async def _many_parts(run: Run) -> str | None:
    fields = [(f"{run.token}{number}", "x") for number in range(500)]
    answer = await exchange(run.address, request("/hide", form({}, fields)), timeout=_TIMEOUT)
    return _wanted(answer, 400, "form")


async def _too_large(run: Run, *, chunked: bool) -> str | None:
    files = {"container": (run.name, bytes((MAX_MEGABYTES + 1) << 20))}
    content = request("/reveal", form(files), chunked=chunked)
    answer = await exchange(run.address, content, timeout=_TIMEOUT)
    # A client that is still sending may miss the answer, since the service does not read on.
    return None if answer.status == 0 else _wanted(answer, 413, "too-large")


async def _damaged_file(run: Run) -> str | None:
    answer = await run.post("/reveal", {"container": _damaged(run)})
    fine = answer.status in (200, 415, 422)  # 200 if only what no sample depends on was changed
    return None if fine else f"{answer.status} {answer.code!r} for a damaged file"


async def _slowly(run: Run) -> str | None:
    pair = run.random.choice(run.pairs)
    content = request("/reveal", form({"container": (run.name, pair.container)}))
    pause = SECONDS_TO_SEND / 20
    answer = await exchange(run.address, content, timeout=_TIMEOUT, pieces=5, pause=pause)
    return _is_secret(pair, answer)


async def _stalled_body(run: Run) -> str | None:
    content = request("/reveal", form({"container": (run.name, bytes(1000))}))
    answer = await exchange(run.address, content, timeout=_TIMEOUT, cut=len(content) - 500)
    return _wanted(answer, 408, "slow")


async def _stalled_head(run: Run) -> str | None:
    head = f"POST /{run.token} HTTP/1.1\r\nHost".encode()
    answer = await exchange(run.address, head, timeout=_STALLED)
    return None if answer.status in (0, 400) else f"{answer.status} for half a head"


async def _hangs_up(run: Run) -> str | None:
    pair = run.random.choice(run.pairs)
    files = {"cover": (run.name, pair.cover), "secret": (run.name, pair.secret)}
    cut = run.random.choice((None, 300))
    await exchange(
        run.address, request("/hide", form(files)), timeout=_TIMEOUT, cut=cut, leave=True
    )
    return None


CASES: dict[str, dict[str, tuple[float, Case]]] = {
    "good": {
        "reveal": (28, _reveal),
        "hide, reveal": (16, functools.partial(_hide, protected=False)),
        "hide, reveal, passphrase": (3, functools.partial(_hide, protected=True)),
        "capacity": (9, _capacity),
        "probe": (6, _probe),
    },
    "bad": {
        "no picture": (
            3,
            _refused("/reveal", _one("container", lambda _: b"%PDF-"), 415, "unreadable"),
        ),
        "nothing hidden": (
            4,
            _refused(
                "/reveal",
                _one("container", lambda run: run.random.choice(run.pairs).cover),
                422,
                "nothing-hidden",
            ),
        ),
        "wrong passphrase": (
            2,
            _refused(
                "/reveal",
                _one("container", lambda run: run.random.choice(run.pairs).container_of_token),
                422,
                "nothing-hidden",
                passphrase="wrong TOKEN",
            ),
        ),
        "no passphrase": (
            2,
            _refused(
                "/reveal",
                _one("container", lambda run: run.random.choice(run.pairs).container_of_token),
                422,
                "nothing-hidden",
            ),
        ),
        "altered": (
            3,
            _refused(
                "/reveal",
                _one("container", lambda run: run.random.choice(run.pairs).altered),
                422,
                "altered",
            ),
        ),
        "no secret": (
            2,
            _refused("/hide", _one("cover", lambda run: run.pairs[0].cover), 422, "form"),
        ),
        "unknown field": (3, _refused("/hide", _pair, 422, "form", passhprase="TOKEN")),
        "no such value": (2, _refused("/hide", _pair, 400, "usage", exact="TOKEN")),
        "empty passphrase": (1, _refused("/hide", _pair, 400, "usage", passphrase="")),
    },
    "hostile": {
        "damaged": (4, _damaged_file),
        "bomb": (
            2,
            _refused("/reveal", _one("container", lambda _: _bomb()), 413, "too-large"),
        ),
        "long passphrase": (
            1,
            _refused("/hide", _pair, 422, "form", passphrase="TOKEN " * 300),
        ),
        "too large": (0.7, functools.partial(_too_large, chunked=False)),
        "too large, chunked": (0.7, functools.partial(_too_large, chunked=True)),
        "many fields": (1.5, _many_parts),
        "strange path": (1.5, _strange),
        "garbage": (1, _garbage),
    },
    "slow": {
        "slow upload": (1.2, _slowly),
        "stalled upload": (0.4, _stalled_body),
        "stalled head": (0.5, _stalled_head),
        "hangs up": (1.5, _hangs_up),
    },
}
"""By kind and name: how often each is sent, and what sends it."""
