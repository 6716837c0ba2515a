"""A client of the example service, over a real socket."""

from __future__ import annotations

import importlib.util
import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import cv2
import httpx2
import numpy as np
import skimage.io
import uvicorn
from support import ROOT, photograph

PASSPHRASE = "Übung macht den Meister 42"


def load_service() -> ModuleType:
    spec = importlib.util.spec_from_file_location("service", ROOT / "examples" / "service.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def serve(**limits: int) -> Iterator[httpx2.Client]:
    """Runs the service with uvicorn on a free port; yields a client."""
    config = uvicorn.Config(load_service().create_app(**limits), port=0, log_level="warning")
    server = uvicorn.Server(config)
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


def png(picture: np.ndarray) -> bytes:
    order = [2, 1, 0, 3][: picture.shape[2]]  # OpenCV's order is BGR
    done, content = cv2.imencode(".png", picture[..., order])
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
