"""What platforms are said to do to pictures. They change that without notice.

The figures were gathered from various sources of various ages; where one is a range, the worse end
stands here. Steps are those of `runtime.images.distortions`: `fit` reduces the longest side to so
many pixels, `area` the whole picture.
"""

from __future__ import annotations

PLATFORMS = {
    "signal": "fit:1600,jpeg:70",
    "signal-hd": "fit:4096,jpeg:75",
    "telegram": "fit:1280,jpeg:87",
    "x": "fit:4096,jpeg:85",
    "bluesky": "fit:2000,bytes:1000000",
    "instagram": "fit:1080,jpeg:75",
    "facebook": "fit:2048,jpeg:70",
    "whatsapp": "fit:1600,jpeg:50",
    "mastodon": "area:8300000,jpeg:90",
}
"""By name: the steps."""
