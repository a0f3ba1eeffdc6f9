"""What a bundler has written down: which file stands for which source. And what to say of a file that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..media import json

__all__ = ["StaticMissing", "missing", "read_manifest"]


class StaticMissing(ConfigError, LookupError):
    """There is no such static file, or no such folder of them."""


def read_manifest(path: Path, where: str) -> Mapping[str, str]:
    """Return the names of files by the names of their sources.

    Args:
        path: of a JSON file: an object of names, as webpack's; of objects with ``file``, as Vite's; or with one of names as
            ``paths``, as Django's.
        where: for messages.

    Raises:
        ConfigError: there is no such file, or it is none of these.
    """
    try:
        found: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{where}: manifest {str(path)!r} cannot be read ({error.strerror}); build the files first, or correct the path"
        ) from error
    except ValueError as error:
        raise ConfigError(
            f"{where}: manifest {str(path)!r} is not JSON ({error}); build the files again"
        ) from error
    names = found.get("paths", found) if isinstance(found, dict) else None
    if not isinstance(names, dict):
        raise ConfigError(
            f"{where}: manifest {str(path)!r} is no JSON object; give that of webpack, Vite or Django"
        )
    files = {
        source: entry.get("file") if isinstance(entry, dict) else entry for source, entry in names.items()
    }
    return {source: file.lstrip("/") for source, file in files.items() if isinstance(file, str)}


def missing(name: str, where: str, known: Iterable[str]) -> StaticMissing:
    """Say that there is no such file, and which one may have been meant.

    Args:
        name: that was asked for.
        where: it was looked for.
        known: the names of those that are there.
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return StaticMissing(f"static_url({name!r}): there is no such file in {where}{hint}")
