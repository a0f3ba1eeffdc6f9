"""Every setting is read by something: none is there for show."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable

from tests.architecture.source import PACKAGE, Module, read
from wadjet.conf import Settings

DECLARED_IN = f"{PACKAGE}.conf.settings"


def test_every_setting_is_read_somewhere() -> None:
    read_names = names_read(module for module in read(PACKAGE) if module.name != DECLARED_IN)
    unread = [field.name for field in dataclasses.fields(Settings) if field.name not in read_names]
    assert not unread, f"nothing reads {', '.join(unread)}; use it, or take it out of Settings"


def names_read(modules: Iterable[Module]) -> set[str]:
    """Return the names that are read as attributes, by a dot or by ``getattr``."""
    found = set()
    for module in modules:
        for node in ast.walk(module.tree):
            match node:
                case ast.Attribute(attr=name, ctx=ast.Load()):
                    found.add(name)
                case ast.Call(func=ast.Name("getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                    found.add(name)
    return found


def test_only_reading_counts() -> None:
    text = "a.ONE\nb.TWO = 2\ngetattr(c, 'THREE')\nFOUR\nsetattr(c, 'FIVE', 5)\n"
    assert names_read([Module("m", text)]) == {"ONE", "THREE"}
