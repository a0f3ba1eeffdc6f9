"""Every setting is read by something: none is there for show. What is read is declared, and what is declared is documented."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator

from tests.architecture.source import PACKAGE, Module, read
from wadjet.conf import Settings

DECLARED_IN = f"{PACKAGE}.conf.settings"
DECLARED = {field.name for field in dataclasses.fields(Settings)}


def test_every_setting_is_read_somewhere() -> None:
    found = set(names_read(module for module in read(PACKAGE) if module.name != DECLARED_IN))
    unread = sorted(DECLARED - found)
    assert not unread, f"nothing reads {', '.join(unread)}; use it, or take it out of Settings"


def test_every_setting_that_is_read_is_declared() -> None:
    undeclared = sorted(set(names_read(read(PACKAGE, "examples"))) - DECLARED - own_of_examples())
    assert not undeclared, f"no setting is called {', '.join(undeclared)}; declare it, or correct its name"


def names_read(modules: Iterable[Module]) -> Iterator[str]:
    """Return the names that are read of something called settings, by a dot or by ``getattr``."""
    for module in modules:
        for node in ast.walk(module.tree):
            match node:
                case ast.Attribute(value=place, attr=name, ctx=ast.Load()) if name.isupper() and is_settings(
                    place
                ):
                    yield name
                case ast.Call(func=ast.Name("getattr"), args=[place, ast.Constant(value=str(name)), *_]):
                    if is_settings(place):
                        yield name


def is_settings(place: ast.expr) -> bool:
    """Tell whether an expression is one of settings: ``settings``, ``self.settings``, ``app.settings``."""
    match place:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_") == "settings"
    return False


def own_of_examples() -> set[str]:
    """Return the settings that the examples declare."""
    return {
        node.target.id
        for module in read("examples")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id.isupper()
    }


def test_only_reading_of_settings_counts() -> None:
    text = (
        "settings.ONE\nb.TWO\napp.settings.THREE\ngetattr(self._settings, 'FOUR')\ngetattr(other, 'FIVE')\n"
        "settings.SIX = 6\nsettings.seven\nSEVEN\nlogging.DEBUG\nlambda settings: settings.EIGHT\nmake().settings().NINE\n"
    )
    assert sorted(names_read([Module("m", text)])) == ["EIGHT", "FOUR", "ONE", "THREE"]
