"""What the routes of an application are called, and where each was declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .pattern import Pattern
from .reverse import Named, Reverse
from .route import Route
from .router import Declared, Mount

__all__ = ["origin_of", "reverse_of"]


def origin_of(declared: Declared) -> str:
    """Return where something was declared, for messages: file, line and handler, or the path of a mount."""
    target = declared.target
    return f"mount {declared.path or '/'}" if isinstance(target, Mount) else target.where


def reverse_of(parsed: Iterable[tuple[Declared, Pattern]]) -> Reverse:
    """Collect the names: those given, then the functions' own where only one path has them."""
    given: list[Named] = []
    implied: list[Named] = []
    for declared, pattern in parsed:
        origin = origin_of(declared)
        name, others = _names_of(declared.target)
        given += [] if name is None else [Named(name, pattern, origin)]
        implied += [Named(other, pattern, origin) for other in others]
    taken = {named.name for named in given}
    paths = Counter(name for name, _ in {(named.name, named.pattern.shape) for named in implied})
    return Reverse(given + [named for named in implied if named.name not in taken and paths[named.name] == 1])


def _names_of(target: Route | Mount) -> tuple[str | None, tuple[str, ...]]:
    """The name that somebody gave, and those that it has as long as no other path has them."""
    if isinstance(target, Mount):
        return target.name, ()
    name = target.options.get("name")
    return name, target.aliases if name is not None else (target.name, *target.aliases)
