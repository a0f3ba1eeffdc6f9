"""Durable work over several machines: tasks that a broker of taskiq keeps and its workers do."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ..errors import MissingExtra

if TYPE_CHECKING:
    from .tasks import TaskNotSent, Tasks

__all__ = ["TaskNotSent", "Tasks"]


def __getattr__(name: str) -> object:
    """Load what is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module("wadjet.tasks.tasks"), name)
    except ModuleNotFoundError as missing:
        if missing.name != "taskiq":
            raise
        raise MissingExtra('wadjet.tasks needs taskiq: pip install "wadjet[tasks]"') from missing
