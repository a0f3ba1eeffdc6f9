"""The floors of the house. A room imports only from the floors below its own."""

from __future__ import annotations

import graphlib
from collections.abc import Iterable, Iterator, Mapping

__all__ = ["FLOORS", "circle", "room", "trespasses"]

FLOORS = (
    ("errors", "types", "concurrency", "logs", "deprecation"),
    ("media", "security", "conf", "stores"),
    ("http",),
    ("routing", "websockets", "events", "cache", "db", "templating", "httpexceptions", "debug"),
    ("server", "handlers", "sessions", "auth", "tasks"),
    ("middleware", "views", "openapi", "static", "traversal"),
    ("dispatch", "fallbacks", "preflights", "socketplans", "assembly", "scanning", "recording", "app"),
    ("checks",),
    ("cli", "testing"),
    ("__init__", "__main__"),
)

#: The rooms of one floor that do see each other: each those written before it.
STAIRS = ("dispatch", "fallbacks", "preflights", "socketplans", "assembly", "scanning", "recording", "app")

_LEVELS = {name: level for level, names in enumerate(FLOORS) for name in names}


def room(module: str) -> str:
    """Return the room that a module belongs to: ``http`` for ``wadjet.http.request``."""
    return (module.split(".") + ["__init__"])[1]


def trespasses(imports: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Say of each import that breaks the rule which modules and which rule it is."""
    for module in sorted(imports):
        if room(module) not in _LEVELS:
            yield f"{module}: the room {room(module)!r} stands on no floor; give it a place in FLOORS"
            continue
        for target in sorted(imports[module]):
            if reason := _objection(room(module), room(target)):
                yield f"{module} imports {target}: {reason}"


def _objection(importer: str, imported: str) -> str:
    upper, lower = _LEVELS[importer], _LEVELS.get(imported)
    if lower is None or importer == imported or lower < upper:
        return ""
    if lower > upper:
        return f"{imported!r} (floor {lower}) lies above {importer!r} (floor {upper}); imports point down"
    if importer not in STAIRS or imported not in STAIRS:
        return (
            f"{importer!r} and {imported!r} are siblings on floor {upper}, and siblings do not see each other"
        )
    if STAIRS.index(imported) > STAIRS.index(importer):
        return f"on floor {upper} the order is {' <- '.join(STAIRS)}; imports point down"
    return ""


def circle(imports: Mapping[str, Iterable[str]]) -> list[str]:
    """Return modules that import each other in a circle, the first one again at the end; empty if none do."""
    try:
        graphlib.TopologicalSorter(imports).prepare()
    except graphlib.CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]
    return []
