"""Where templates are looked for, and what to say where one is not found."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Iterable
from pathlib import Path

from ..errors import ConfigError

__all__ = ["TemplateMissing", "missing", "search_path"]

_FOLDER = "templates"


class TemplateMissing(ConfigError, LookupError):
    """There is no such template, or no such block in it."""


def search_path(directory: str, packages: Iterable[str]) -> list[Path]:
    """Return the folders in the order in which they are searched: the application's own, then those of packages.

    Args:
        directory: the application's folder; a relative one is below the working directory.
        packages: dotted names; of each the folder ``templates``.

    Raises:
        ConfigError: a package that is none.
    """
    return [Path(directory).absolute(), *(_folder_of(package) for package in packages)]


def _folder_of(package: str) -> Path:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            f"INSTALLED_APPS names {package!r}, which is no package that can be imported; correct or remove it"
        )
    return Path(next(iter(spec.submodule_search_locations))) / _FOLDER


def missing(name: str, asked: str, folders: Iterable[Path], known: Iterable[str]) -> str:
    """Say that a template is missing, where it was looked for, and what it may have been meant for.

    Args:
        name: of the template.
        asked: the one that was asked for, which extends or includes it.
        folders: where it was looked for.
        known: the names of those that are there.
    """
    places = ", ".join(f"{folder}{'' if folder.is_dir() else ' (no such folder)'}" for folder in folders)
    # What they end in is the same for most, and would make them all alike.
    stems = {known_name.rpartition(".")[0] or known_name: known_name for known_name in known}
    near = [stems[stem] for stem in difflib.get_close_matches(name.rpartition(".")[0] or name, stems)]
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    whose = "" if name == asked else f"{'' if near else ';'} {asked!r} asks for it"
    return f"there is no template {name!r} in {places}{hint}{whose}"
