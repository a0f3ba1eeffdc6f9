"""Where commands look for applications: in the working directory first, as ``python -m`` does."""

from __future__ import annotations

import sys
from pathlib import Path

__all__ = ["import_from_here"]


def import_from_here() -> None:
    """Let modules of the working directory be imported."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
