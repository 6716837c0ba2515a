"""What the service refuses and forgets: memory, waiting, derivations, and traces of secrets."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import cv2
import httpx2
import numpy as np
import pytest
from service_client import COVER, PAIR, PASSPHRASE, picture_in, png, problem, serve, wait_for
from support import photograph

import runtime
import runtime.crypto.keys


@pytest.fixture(scope="module")
def client() -> Iterator[httpx2.Client]:
    with serve(max_megabytes=16, max_megapixels=1, at_once=2, waiting=2) as client:
        yield client


def test_a_revealed_secret_has_the_limit_of_all_pictures(client: httpx2.Client):
    secret = cv2.resize(photograph("rocket"), (1200, 900))
    container = runtime.Hider().hide(photograph("coffee"), secret)
    refused = client.post("/reveal", files={"container": png(container)})
    assert problem(refused) == (413, "too-large")
    assert "the hidden picture has 1200 x 900 pixels" in refused.json()["error"]["message"]


def test_each_picture_is_decoded_once(client: httpx2.Client, monkeypatch: pytest.MonkeyPatch):
    sizes, decode = [], cv2.imdecodeWithMetadata

    def counted(content, *arguments, **named):
        sizes.append(len(content))
        return decode(content, *arguments, **named)

    monkeypatch.setattr(cv2, "imdecodeWithMetadata", counted)
    made = client.post("/hide", files=PAIR)
    assert sizes == [len(PAIR["cover"]), len(PAIR["secret"])]
    sizes.clear()
    picture_in(client.post("/reveal", files={"container": made.content}))
    assert sizes == [len(made.content)]


_WRITTEN: list[object] = []


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if event.startswith("tempfile."):
        _WRITTEN.append((event, *arguments))
    elif event == "open":
        path, _, flags = arguments
        if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR):
            _WRITTEN.append(path)


def test_no_upload_touches_the_disk(client: httpx2.Client):
    # Larger than the 1 MB that Starlette keeps in memory by default.
    large = png(np.random.default_rng(1).integers(0, 256, (500, 1000, 3), np.uint8))
    assert len(large) > 1_200_000
    sys.addaudithook(_watch)
    _WRITTEN.clear()
    made = client.post("/hide", files=PAIR | {"secret": large}, data={"passphrase": PASSPHRASE})
    assert made.status_code == 200
    reveal = {"files": {"container": made.content}, "data": {"passphrase": PASSPHRASE}}
    assert client.post("/reveal", **reveal).status_code == 200
    assert client.post("/reveal", files={"container": large}).status_code == 422
    assert not _WRITTEN


def test_no_user_can_see_by_time_that_a_passphrase_is_in_use(
    client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
):
    derived, derive = [], runtime.crypto.keys._argon2id

    def counted(passphrase: bytes, salt: bytes, cost: object) -> bytes:
        derived.append(salt)
        return derive(passphrase, salt, cost)

    monkeypatch.setattr(runtime.crypto.keys, "_argon2id", counted)
    form = {"passphrase": PASSPHRASE}
    made = [client.post("/hide", files=PAIR, data=form) for _ in range(2)]
    assert len(set(derived)) == 2, "each container has its own salt"
    derived.clear()
    for _ in range(2):
        assert client.post("/reveal", files={"container": made[0].content}, data=form).is_success
    assert len(derived) == 2, "the second time takes as long as the first"


def test_nothing_of_a_wrong_form_is_echoed(client: httpx2.Client):
    too_long = "correct horse battery staple " * 40
    made = client.post("/hide", files=PAIR, data={"passphrase": too_long})
    assert problem(made) == (422, "form")
    assert made.json()["error"]["message"] == "passphrase is too long"
    assert "horse" not in made.text
    made = client.post("/hide", files={"cover": PAIR["cover"]}, data={"secret": "horse"})
    assert problem(made) == (422, "form") and "horse" not in made.text
    assert made.json()["error"]["message"] == "secret is not valid"
    made = client.post("/reveal", files={"passphrase": b"horse"})
    assert problem(made) == (422, "form") and "horse" not in made.text
    assert "container is missing" in made.json()["error"]["message"]


def test_derivations_do_not_hold_up_others(client: httpx2.Client, monkeypatch: pytest.MonkeyPatch):
    allowed = threading.Event()
    derive = runtime.crypto.keys._argon2id

    def held(passphrase: bytes, salt: bytes, cost: object) -> bytes:
        allowed.wait(60)
        return derive(passphrase, salt, cost)

    monkeypatch.setattr(runtime.crypto.keys, "_argon2id", held)

    def garbage(_: int) -> httpx2.Response:
        # A whole picture that holds nothing: with a passphrase, it takes three derivations.
        return client.post("/reveal", files={"container": png(COVER)}, data={"passphrase": "x"})

    with ThreadPoolExecutor(8) as pool:
        try:
            answers = [pool.submit(garbage, number) for number in range(8)]
            # One is at work and two wait; the others were told to come again.
            wait_for(lambda: sum(map(Future.done, answers)) == 5)
            made = client.post("/hide", files=PAIR, timeout=20)
            back = client.post("/reveal", files={"container": picture_bytes(made)}, timeout=20)
            assert back.status_code == 200
        finally:
            allowed.set()
    codes = sorted(answer.result().status_code for answer in answers)
    assert codes == [422] * 3 + [503] * 5
    refused = [answer.result() for answer in answers if answer.result().status_code == 503]
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)


def picture_bytes(response: httpx2.Response) -> bytes:
    assert response.status_code == 200, response.text
    return response.content


@contextmanager
def upload(client: httpx2.Client, size: int, sent: int) -> Iterator[socket.socket]:
    """An upload of a container of `size` bytes, of which the first were sent."""
    head = b'--edge\r\nContent-Disposition: form-data; name="container"; filename="c.png"\r\n\r\n'
    length = len(head) + size + len(b"\r\n--edge--\r\n")
    address = client.base_url.host, client.base_url.port
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(
            b"POST /reveal HTTP/1.1\r\nHost: service\r\nConnection: close\r\n"
            b"Content-Type: multipart/form-data; boundary=edge\r\n"
            b"Content-Length: %d\r\n\r\n" % length + head + bytes(sent)
        )
        yield connection


def test_uploads_are_not_read_before_it_is_their_turn():
    size = 48 << 20
    with (
        serve(max_megabytes=64, at_once=1, waiting=1) as client,
        upload(client, size, 0) as second,
    ):
        # The second upload is at work at first: it is read up to the end.
        second.sendall(bytes(size - 1))
        with upload(client, size, 0) as third:
            wait_for(lambda: client.get("/health").json().get("waiting") == 1)
            third.settimeout(2)
            sent = 0
            with pytest.raises(TimeoutError):
                while sent < size:
                    sent += third.send(bytes(1 << 16))
            assert sent < size // 2, "it was read, but for what the system buffers"
            refused = client.post("/reveal", files={"container": PAIR["cover"]})
            assert refused.status_code == 503 and int(refused.headers["retry-after"]) > 0
            assert client.get("/health").json() | {"at_work": 1, "waiting": 1} == (
                client.get("/health").json()
            )
            second.close()
            third.settimeout(20)
            third.sendall(bytes(size - sent) + b"\r\n--edge--\r\n")
            assert third.recv(1 << 16).startswith(b"HTTP/1.1 415 ")


def test_a_slow_upload_does_not_keep_its_place():
    with (
        serve(at_once=1, waiting=1, seconds_to_send=1) as client,
        upload(client, 1000, 10) as slow,
    ):
        wait_for(lambda: client.get("/health").json()["at_work"] == 1)
        made = client.post("/hide", files=PAIR)
        assert made.status_code == 200, "it waited for the slow one to be refused"
        assert slow.recv(1 << 16).startswith(b"HTTP/1.1 408 ")
