"""A client that can also misbehave: HTTP/1.1 written by the byte, always in bounded time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

_EDGE = "edge-of-a-part"
Address = tuple[str, int]
File = tuple[str, bytes]
"""A file's name and content."""


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: Of the answer; 0 if the connection ended without one.
        headers: In lower case.
        body: Its content.
        seconds: From connecting to the last byte.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    @property
    def code(self) -> str:
        """The code of an error, or nothing."""
        if self.status < 400 or not self.body.startswith(b"{"):
            return ""
        return str(json.loads(self.body)["error"]["code"])

    @property
    def result(self) -> Any:
        """What the service says of a picture."""
        return json.loads(self.headers["plainsight-result"])


def form(files: dict[str, File], fields: Iterable[tuple[str, str]] = ()) -> bytes:
    """A form's body."""
    parts = []
    for name, value in fields:
        parts.append(_part(f'name="{name}"', value.encode()))
    for name, (file, content) in files.items():
        parts.append(_part(f'name="{name}"; filename="{file}"', content))
    return b"".join((*parts, f"--{_EDGE}--\r\n".encode()))


def _part(what: str, content: bytes) -> bytes:
    head = f"--{_EDGE}\r\nContent-Disposition: form-data; {what}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def request(route: str, body: bytes, *, chunked: bool = False, more: str = "") -> bytes:
    """A whole request."""
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = (
        f"POST {route} HTTP/1.1\r\nHost: service\r\nConnection: close\r\n{more}"
        f"Content-Type: multipart/form-data; boundary={_EDGE}\r\n{length}\r\n\r\n"
    )
    if chunked:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    return head.encode() + body


GET = "GET {} HTTP/1.1\r\nHost: service\r\nConnection: close\r\n\r\n"


async def exchange(
    address: Address,
    content: bytes,
    *,
    timeout: float,
    pieces: int = 1,
    pause: float = 0.0,
    cut: int | None = None,
    leave: bool = False,
) -> Answer:
    """Sends bytes and returns what comes back.

    Args:
        address: Of the service.
        content: What to send.
        timeout: Most seconds for all of it.
        pieces: How many parts it is sent in.
        pause: Seconds between two parts.
        cut: Sends only so many bytes, and then waits.
        leave: Hangs up after sending instead of waiting.

    Raises:
        TimeoutError: It took longer.
        OSError: There was nobody to connect to.
    """
    start = time.perf_counter()
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(*address)
        try:
            content = content[:cut]
            step = max(len(content) // pieces, 1)
            try:
                for at in range(0, len(content), step):
                    writer.write(content[at : at + step])
                    await writer.drain()
                    if pause:
                        await asyncio.sleep(pause)
            except ConnectionError:
                pass  # it was refused before all was sent; the answer may still be there
            received = b"" if leave else await _read(reader)
        finally:
            writer.transport.abort()
    return _parsed(received, time.perf_counter() - start)


async def _read(reader: asyncio.StreamReader) -> bytes:
    content = bytearray()
    try:
        while piece := await reader.read(1 << 16):
            content += piece
    except ConnectionError:
        pass
    return bytes(content)


def _parsed(received: bytes, seconds: float) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 "):
        return Answer(0, {}, b"", seconds)
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in pairs}
    if len(body) < int(headers.get("content-length", 0)):
        return Answer(0, headers, b"", seconds)
    return Answer(int(first.split()[1]), headers, body, seconds)
