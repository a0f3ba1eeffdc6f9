"""What a class of views declares: its verbs, its actions, and the options that stand as class attributes."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

from ..errors import RouteError
from ..routing.options import SharedOptions
from ..routing.route import Route
from ..types import Handler
from .actions import Action, mark_of

__all__ = ["Endpoint", "endpoints", "is_code", "middleware_of", "only", "options_of", "public"]

#: What a path ends in where an action for one member needs no parameter of its own.
_PARAMETER = re.compile(r"/\{[^{}/]*\}")
_OPTIONS = SharedOptions.__annotations__


class Endpoint(NamedTuple):
    """One route that a view declares."""

    #: The method of the class.
    attribute: str
    #: In capitals.
    methods: tuple[str, ...]
    #: What stands above the method and says its options, middleware and error handlers.
    verb: Route | None
    #: Below the path of the view.
    tail: str = ""
    #: None for what answers at the view's own path, which goes by its name.
    name: str | None = None
    detail: bool = False

    def path(self, base: str) -> str:
        """Return the whole path, from that of the view."""
        if not self.tail:
            return base
        base = base.rstrip("/")
        has_parameter = _PARAMETER.fullmatch(base[base.rfind("/") :])
        member = "/{id}" if self.detail and not has_parameter else ""
        return f"{base}{member}{self.tail}"


def endpoints(view: type, verbs: Collection[str]) -> Iterator[Endpoint]:
    """Yield what a class and its bases declare, in their order.

    Args:
        view: the class.
        verbs: the methods that are HTTP methods, in lower case.

    Raises:
        RouteError: two things are said of one method, or a private one is to be a route.
    """
    for name in _names(view):
        if not _is_method(view, name, verbs):
            continue
        said = _said(view, name)
        where = f"{view.__name__}.{name}()"
        if name in verbs:
            yield _verb(where, name, said)
        elif isinstance(said, Action):
            yield Endpoint(name, said.methods, said.verb, f"/{said.url_path}", said.name, said.detail)
        elif said is not None:
            if name.startswith("_"):
                raise RouteError(f"{where} is private and never becomes a route; rename it, or drop its verb")
            yield Endpoint(name, said.methods, said, said.path or "", name if said.path else None)


def _names(view: type) -> Iterable[str]:
    return dict.fromkeys(name for base in reversed(view.__mro__) for name in vars(base))


def _is_method(view: type, name: str, verbs: Collection[str]) -> bool:
    attribute = inspect.getattr_static(view, name)
    if callable(attribute) or isinstance(attribute, staticmethod | classmethod):
        return True
    if name in verbs and attribute is not None:
        raise RouteError(
            f"{view.__name__}.{name} is {attribute!r}, which is no method; write `def {name}(self, …)`, or call it otherwise; "
            f"{name} = None takes away a method of a base"
        )
    return False


def _verb(where: str, name: str, said: Action | Route | None) -> Endpoint:
    if isinstance(said, Action):
        raise RouteError(
            f"{where} answers {name.upper()} and cannot be an action too; "
            f"call it otherwise and say @action(url_path={name!r})"
        )
    if said is None:
        return Endpoint(name, (name.upper(),), None)
    if said.methods != (name.upper(),) or said.path:
        raise RouteError(
            f"{where} answers {name.upper()} at the view's path, but its decorator says {said!r}; "
            f"write @{name}() without a path, or call the method otherwise"
        )
    return Endpoint(name, said.methods, said)


def _said(view: type, name: str) -> Action | Route | None:
    """Return what the nearest class says of a method: an override keeps the route of what it overrides."""
    for base in view.__mro__:
        attribute = vars(base).get(name)
        if isinstance(attribute, Route):
            if mark_of(attribute.handler) is not None:
                raise RouteError(
                    f"{base.__name__}.{name}() has its verb above @action; write @action above the verb"
                )
            return attribute
        if (mark := mark_of(attribute)) is not None:
            return mark
    return None


def only(found: Iterable[Endpoint], methods: Collection[str], view: str) -> Iterator[Endpoint]:
    """Yield, of what answers at the view's own path, what was asked for by method; and all the rest.

    Raises:
        RouteError: the view lacks a method.
    """
    own: dict[str, Endpoint] = {}
    for endpoint in found:
        if endpoint.tail:
            yield endpoint
        else:
            own |= dict.fromkeys(endpoint.methods, endpoint)
    implied = {"OPTIONS", "HEAD"} if "GET" in own else {"OPTIONS"}
    for method in methods:
        if method in own:
            yield own[method]._replace(methods=(method,))
        elif method not in implied:
            raise RouteError(f"{view} has no method for {method}; it has {', '.join(own) or 'none'}")


def public(names: Iterable[str], view: str) -> list[str]:
    """Return ``http_method_names`` in lower case.

    Raises:
        RouteError: they are one text, or name what is private or no method.
    """
    if isinstance(names, str):
        raise RouteError(f"{view}.http_method_names is one text; write [{names!r}]")
    found = [name.lower() for name in names]
    for name in found:
        if not name.isidentifier() or name.startswith("_"):
            raise RouteError(f"{view}.http_method_names has {name!r}, which is no name of a public method")
    return found


def options_of(view: type) -> dict[str, Any]:
    """Read the options of routes that stand as class attributes.

    Raises:
        RouteError: one is called as an option of responses, and is none.
    """
    names = [name for name in _names(view) if not is_code(view, name) or name in _ENCODERS]
    for name in names:
        if name.startswith("response_") and name not in _OPTIONS:
            near = difflib.get_close_matches(name, _OPTIONS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise RouteError(f"{view.__name__}.{name} is no option of a route{hint}")
    return {name: getattr(view, name) for name in names if name in _OPTIONS}


#: The options that are functions.
_ENCODERS = frozenset(name for name in _OPTIONS if name.endswith("_encoder"))


def middleware_of(view: Any) -> tuple[list[Handler], list[Any]]:
    """Read the middleware of all routes of a class: functions with the handler's arguments, and what stands around those.

    Raises:
        RouteError: it is no list of either.
    """
    given = view.middleware
    if not isinstance(given, list | tuple) or not all(map(_is_middleware, given)):
        raise RouteError(
            f"{view.__name__}.middleware is no list of functions or middleware classes; write middleware = [first, second]"
        )
    stacked = [entry for entry in given if isinstance(entry, _STACKED)]
    return [entry for entry in given if not isinstance(entry, _STACKED)], stacked


#: A class, a class and its options, a dotted path.
_STACKED = (type, tuple, str)


def _is_middleware(entry: object) -> bool:
    return callable(entry) or isinstance(entry, tuple) or (isinstance(entry, str) and "." in entry)


def is_code(view: type, name: str) -> bool:
    """Tell whether an attribute of a class is a method or a property, and not a value."""
    attribute = inspect.getattr_static(view, name)
    return inspect.isroutine(attribute) or isinstance(attribute, Route) or inspect.isdatadescriptor(attribute)
