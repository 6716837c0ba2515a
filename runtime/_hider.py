"""`Hider`: hides pictures in pictures."""

from __future__ import annotations

from pathlib import Path

from runtime._models import DEFAULT
from runtime._network import Network
from runtime._pictures import Picture, check_picture, resize_to


class Hider:
    """Hides a secret picture in a cover picture. Safe to share among threads.

    Args:
        model: Name of a shipped model, or a folder with one's own.
        device: `auto` (CUDA where it works, else the CPU), `cpu`, `cuda` or `cuda:N`.
        threads: Threads that one picture is worked on by, on the CPU; None for one a core.

    Attributes:
        model: Name of the model.
        device: The device that it runs on, `cpu` or `cuda:N`.
        device_reason: Why it runs there.

    Raises:
        ModelError: The model is missing or damaged.
        DeviceError: The device is not to be had.
    """

    def __init__(
        self, model: str | Path = DEFAULT, *, device: str = "auto", threads: int | None = None
    ) -> None:
        self._network = Network(model, "hide", device, threads)
        self.model = self._network.model.name
        self.device = self._network.device.name
        self.device_reason = self._network.device.why

    def hide(self, cover: Picture, secret: Picture) -> Picture:
        """Hides `secret` in `cover`.

        The container must be kept without loss: as PNG, not as JPEG.

        Args:
            cover: uint8 (height, width, 3), RGB.
            secret: Likewise, of any size; it is resized to the cover's if it has another.

        Returns:
            The container, of the cover's shape.

        Raises:
            PictureError: An argument is not such an array.
        """
        cover = check_picture(cover, "cover")
        secret = check_picture(secret, "secret")
        height, width, _ = cover.shape
        return self._network.run(cover, resize_to(secret, height, width))
