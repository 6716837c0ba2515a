"""What each strength is made for: the worst that may happen to its containers."""

from __future__ import annotations

from runtime.images.distortions import Distortion, distortion_of

CHANNELS: dict[str, tuple[Distortion, ...]] = {
    "normal": (distortion_of("jpeg:95,jpeg:75"),),
    # Area averages of exactly three quarters, or a half, leave more than those of other scales.
    "strong": (
        distortion_of("jpeg:95,jpeg:50"),
        distortion_of("jpeg:95,scale:0.755,jpeg:85"),
    ),
    "max": (
        distortion_of("jpeg:95,scale:0.5,jpeg:85"),
        distortion_of("jpeg:95,scale:0.55,jpeg:85"),
        distortion_of("jpeg:95,scale:0.67,jpeg:75"),
        distortion_of("jpeg:95,scale:0.78,jpeg:70"),
    ),
}
"""By the name of the strength."""
