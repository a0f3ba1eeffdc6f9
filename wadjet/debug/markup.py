"""HTML from Python: text is escaped because it is text, and nothing else can be written."""

from __future__ import annotations

import html

__all__ = ["Markup", "element", "joined"]

_VOID = frozenset({"meta"})


class Markup(str):
    """What is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | bool) -> Markup:
    """Return an element.

    Args:
        name: of the tag.
        *children: text, which is escaped, or :class:`Markup`.
        **attributes: text, which is escaped; True for one without a value, False for none. In a name ``_`` is a hyphen, and
            nothing at its end.
    """
    fields = "".join(_attribute(key, value) for key, value in attributes.items())
    start = f"<{name}{fields}>"
    return Markup(start if name in _VOID else f"{start}{joined(*children)}</{name}>")


def joined(*children: str) -> Markup:
    """Return children one after the other; text among them is escaped."""
    return Markup("".join(child if isinstance(child, Markup) else html.escape(child) for child in children))


def _attribute(key: str, value: str | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return f" {name}" if value else ""
    return f' {name}="{html.escape(value)}"'
