"""Nothing enters or leaves the public surface silently."""

from __future__ import annotations

import difflib
import importlib
import sys
from types import ModuleType

import pytest

from tests.architecture.public_names import MODULES, SNAPSHOT, lines, modules


def test_the_public_names_are_those_written_down() -> None:
    written = SNAPSHOT.read_text("utf-8").splitlines()
    changes = changed(written, lines(modules()))
    assert not changes, "public names changed; if that is meant, `make snapshot`:\n" + "\n".join(changes)


def changed(before: list[str], after: list[str]) -> list[str]:
    """Return the lines that came, with a plus, and those that went, with a minus."""
    return [line for line in difflib.ndiff(before, after) if line[0] in "+-"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_lists_its_public_names(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", None)
    assert listed is not None, f"{name} has no __all__"
    assert [name for name in listed if not hasattr(module, name)] == []


def test_a_change_is_told_line_by_line() -> None:
    assert changed(["m: A", "m: B"], ["m: A", "m: C"]) == ["- m: B", "+ m: C"]


def test_a_class_shows_its_attributes_where_it_is_defined(monkeypatch: pytest.MonkeyPatch) -> None:
    home, guest = ModuleType("home"), ModuleType("guest")
    text = "class A:\n x: int\n y = 1\n _z = 2\n def w(self): ...\ndef f(): ...\n__all__ = ['A', 'f']"
    monkeypatch.setitem(sys.modules, "home", home)
    exec(text, home.__dict__)
    guest.__dict__.update({"A": home.__dict__["A"], "__all__": ["A"]})
    assert lines([guest, home]) == ["guest: A", "home: A", "home: A.w", "home: A.x", "home: A.y", "home: f"]
