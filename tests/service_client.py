"""A client of the service, over a real socket."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2
import httpx2
import numpy as np
import skimage.io
import uvicorn
from support import photograph

from runtime.service.app import create_app
from runtime.service.protocol import PatientProtocol
from runtime.service.settings import Settings

PASSPHRASE = "Übung macht den Meister 42"


@contextmanager
def running(app: object, **options: object) -> Iterator[httpx2.Client]:
    """Runs an application with uvicorn on a free port; yields a client."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none", **options))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()
        with httpx2.Client(base_url=f"http://{host}:{port}", timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def serve(**settings: float) -> Iterator[httpx2.Client]:
    """Runs the service; yields a client."""
    with running(create_app(Settings(**settings)), http=PatientProtocol) as client:
        yield client


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not come to this"
        time.sleep(0.02)


def png(picture: np.ndarray) -> bytes:
    order = [2, 1, 0, 3][: picture.shape[2]]  # OpenCV's order is BGR
    done, content = cv2.imencode(".png", picture[..., order])
    assert done
    return content.tobytes()


def jpeg(picture: np.ndarray) -> bytes:
    done, content = cv2.imencode(".jpg", picture[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, 80))
    assert done
    return content.tobytes()


def picture_in(response: httpx2.Response) -> np.ndarray:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "image/png"
    return skimage.io.imread(io.BytesIO(response.content))


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


COVER, SECRET = photograph("coffee", 96, 128), photograph("rocket", 80, 100)
PAIR = {"cover": png(COVER), "secret": png(SECRET)}
