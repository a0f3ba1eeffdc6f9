"""Static files: a folder below a path, safely, and with nothing to do where the client has a file already."""

from __future__ import annotations

from .files import StaticFiles
from .manifest import StaticMissing

__all__ = ["StaticFiles", "StaticMissing"]
