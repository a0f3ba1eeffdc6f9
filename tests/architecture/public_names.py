"""The public names of the package, one a line. Run as a program, it writes them down."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from tests.architecture.source import PACKAGE, read

__all__ = ["MODULES", "SNAPSHOT", "lines", "modules", "write"]

SNAPSHOT = Path(__file__).with_suffix(".txt")

#: Every module of the package but the one that runs it.
MODULES = [module.name for module in read(PACKAGE) if not module.name.endswith(".__main__")]


def modules() -> list[ModuleType]:
    """Import them all."""
    return [importlib.import_module(name) for name in MODULES]


def lines(found: Iterable[ModuleType]) -> list[str]:
    """Return each public name as ``module: name``, and with a class, where it is defined, its attributes."""
    return sorted({f"{module.__name__}: {name}" for module in found for name in _names(module)})


def _names(module: ModuleType) -> Iterator[str]:
    for name in getattr(module, "__all__", ()):
        yield name
        value = getattr(module, name)
        if inspect.isclass(value) and value.__module__ == module.__name__:
            attributes = {*vars(value), *vars(value).get("__annotations__", ())}
            yield from (f"{name}.{attribute}" for attribute in attributes if not attribute.startswith("_"))


def write() -> None:
    """Replace the snapshot by what is public now."""
    SNAPSHOT.write_text("".join(f"{line}\n" for line in lines(modules())), "utf-8")


if __name__ == "__main__":
    write()
