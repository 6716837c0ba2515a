"""Keras without the notices that its libraries print when they are loaded."""

from __future__ import annotations

import os
import sys
import tempfile


def load_keras() -> None:
    """Imports Keras and starts its backend, with what that prints on stderr held back.

    TensorFlow prints notices on machines without a CUDA card that no setting of its own turns off.
    If loading fails, everything is printed.
    """
    try:
        stderr = sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):  # replaced by something that is not a file
        _load()
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as held_back:
        kept = os.dup(stderr)
        os.dup2(held_back.fileno(), stderr)
        try:
            _load()
        except BaseException:
            os.dup2(kept, stderr)
            held_back.seek(0)
            sys.stderr.write(held_back.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(kept, stderr)
            os.close(kept)


def _load() -> None:
    import keras

    # The first operation looks for devices.
    keras.ops.convert_to_numpy(keras.ops.zeros(1))
