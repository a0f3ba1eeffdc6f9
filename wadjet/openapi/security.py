"""Security schemes: how operations find out who is asking, and which of them have to know."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from ..auth.guards import Guard, Identify
from ..auth.identity import Authentication
from ..handlers.plan import Compiled
from .schema import JSONDocument

__all__ = ["SecuritySchemes"]

G = TypeVar("G")


class SecuritySchemes:
    """Collects the schemes that operations name.

    Args:
        usual: the application's ways to find out who is asking, for operations that have none of their own.
    """

    def __init__(self, usual: Iterable[Authentication]) -> None:
        self._usual = tuple(usual)
        self._found: dict[str, JSONDocument] = {}

    def required_by(self, route: Compiled) -> list[dict[str, list[str]]]:
        """Return what an operation asks for: any of the schemes; or none too, where nobody has to be known (OpenAPI §4.8.30)."""
        own, asked = _of_kind(route, Identify), _of_kind(route, Guard)
        if own is None and asked is None:
            return []
        ways = self._usual if own is None else own.backends.ways
        named: list[dict[str, list[str]]] = [{name: []} for way in ways if (name := self._name(way))]
        is_required = asked is not None and any(one.needs_user for one in asked.permissions)
        return named if is_required or not named else [*named, {}]

    def components(self) -> JSONDocument:
        """Return the schemes that were named."""
        return self._found

    def _name(self, way: Authentication) -> str | None:
        """Return what a way is called; two that differ have two names."""
        scheme: dict[str, Any] = dict(way.scheme())
        if way.name is None or not scheme:
            return None
        name, number = way.name, 1
        while self._found.setdefault(name, scheme) != scheme:
            number += 1
            name = f"{way.name}{number}"
        return name


def _of_kind(route: Compiled, kind: type[G]) -> G | None:
    return next((guard for guard in route.guards if isinstance(guard, kind)), None)
