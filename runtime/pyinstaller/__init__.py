"""What PyInstaller needs to freeze a program that imports `runtime`: its models come along.

PyInstaller finds this by the entry point `pyinstaller40`; nothing else imports it.
"""

from __future__ import annotations

from pathlib import Path


def hook_dirs() -> list[str]:
    """Folders with hooks, for PyInstaller."""
    return [str(Path(__file__).parent)]
