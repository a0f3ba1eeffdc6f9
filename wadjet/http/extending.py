"""Extending: attributes of an application's own on its requests, by a class that is made at assembly."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from ..concurrency import is_async
from ..errors import ConfigError
from .request import Request

__all__ = ["attribute_of", "extended"]

P = TypeVar("P")


def attribute_of(
    function: Callable[..., Any], name: str, taken: Collection[str], is_property: bool, is_kept: bool
) -> Any:
    """Return what stands in the class for an attribute.

    Args:
        function: takes the request.
        name: the attribute's.
        taken: the names of others.
        is_property: it is no method.
        is_kept: it is no method, and computed once for each request.

    Raises:
        ConfigError: the name is taken or is none, or the attribute would be a coroutine.
    """
    where = f"add_request_method({function!r:.80}, name={name!r})"
    given: object = function  # whatever was given
    if not callable(given) or not name.isidentifier() or name.startswith("_"):
        raise ConfigError(f"{where}: give a function, and a name that does not begin with an underscore")
    if name in taken or hasattr(Request, name):
        raise ConfigError(f"{where}: requests have {name!r} already; choose another name")
    if not (is_property or is_kept):
        return function
    if is_async(function):
        raise ConfigError(
            f"{where}: an attribute cannot be awaited; make it a method, without property= and reify="
        )
    return property(_kept(function, name) if is_kept else function)


def _kept(function: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
    def kept(request: Any) -> Any:
        values = request.kept
        if name not in values:
            values[name] = function(request)
        return values[name]

    return kept


def extended(dispatch: Callable[[Request], P], attributes: Mapping[str, Any]) -> Callable[[Request], P]:
    """Return a dispatch whose requests have more attributes; itself where there are none.

    Args:
        dispatch: finds the plan of a request.
        attributes: as :func:`attribute_of` gives them, by name.
    """
    if not attributes:
        return dispatch
    own: Any = type("Request", (Request,), {"__slots__": (), "__module__": Request.__module__, **attributes})

    def plan_of(request: Any) -> P:
        if request.__class__ is Request:
            request.__class__ = own
        return dispatch(request)

    return plan_of
