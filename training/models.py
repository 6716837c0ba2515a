"""The table of models that can be trained."""

from __future__ import annotations

from training.classic.options import DECLARATION as CLASSIC
from training.clear.options import DECLARATION as CLEAR
from training.options import Declaration
from training.robust.options import DECLARATION as ROBUST

MODELS: dict[str, Declaration] = {"classic": CLASSIC, "clear": CLEAR, "robust": ROBUST}
