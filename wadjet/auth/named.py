"""What settings name by a dotted path."""

from __future__ import annotations

import importlib
from typing import Any

from ..errors import ConfigError

__all__ = ["imported"]


def imported(value: Any, setting: str) -> Any:
    """Return what a dotted path names; anything else as it is.

    Raises:
        ConfigError: it cannot be imported.
    """
    if not isinstance(value, str):
        return value
    module, _, name = value.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"{setting}: {value!r} cannot be imported: {error}") from error
