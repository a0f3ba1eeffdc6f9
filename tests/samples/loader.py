"""A sample runs as it was written: imported, and with a prelude for the names that it lacks."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.samples.catalogue import FOLDER

__all__ = ["LoadedSample", "load"]


class LoadedSample(ModuleType):
    """The module that a sample became: ``sample.app``, ``sample.count``."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._bound: defaultdict[str, list[Any]] = defaultdict(list)

    def every(self, name: str) -> list[Any]:
        """Return all that the sample bound to a name, in order: a sample may define ``handler`` twice."""
        return self._bound[name]


class _Recorder(dict[str, Any]):
    """The names of a running module, which also notes what each was bound to."""

    def __init__(self, module: LoadedSample) -> None:
        super().__init__(module.__dict__)
        self._module = module

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        self._module.__dict__[name] = value
        self._module._bound[name].append(value)


def load(file: str | Path, prelude: Mapping[str, object] | None = None) -> LoadedSample:
    """Run a sample and return its module, which stays in ``sys.modules`` so that its annotations resolve.

    Args:
        file: a path below this folder: ``viewpy/01_any_order.py``.
        prelude: what the sample uses and does not define.
    """
    path = FOLDER / file
    module = LoadedSample(f"samples.{path.parent.name}.{path.stem}")
    module.__dict__.update(prelude or {}, __file__=str(path))
    sys.modules[module.__name__] = module
    code = compile(path.read_text("utf-8"), path, "exec", dont_inherit=True)
    exec(code, module.__dict__, _Recorder(module))
    return module
