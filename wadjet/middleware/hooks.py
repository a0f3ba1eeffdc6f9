"""A hook's two functions: what they may return, and waiting for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ..errors import ConfigError
from ..http.constantfields import ConstantFields
from ..http.response import Response

__all__ = ["Constant", "Hook", "settle", "settle_after"]


class Hook(Protocol):
    """A pair of functions around a handle; either may be missing."""

    @property
    def before(self) -> Callable[..., Any] | None:
        """Called with the request."""

    @property
    def after(self) -> Callable[..., Any] | None:
        """Called with the request and the head of the response."""


class Constant(Protocol):
    """What adds fields to every response."""

    def constant_fields(self, scheme: str, /) -> Iterable[ConstantFields]:
        """Return those that depend on nothing but the scheme."""


async def settle_after(result: Any, after: Callable[..., Any]) -> None:
    """Wait for what ``after`` returned, and check it.

    Raises:
        ConfigError: it is not None.
    """
    if inspect.isawaitable(result):
        result = await result
    if result is not None:
        raise ConfigError(
            f"{after.__module__}.{after.__qualname__}() returned {type(result).__name__}; "
            "a hook changes the head that it is given and returns None"
        )


async def settle(result: Any, middleware: Hook) -> Response[Any] | None:
    """Wait for what ``before`` returned, and check it.

    Raises:
        ConfigError: it is neither None nor a response.
    """
    if inspect.isawaitable(result):
        result = await result
    if result is None:
        return None
    if not isinstance(result, Response):
        where = f"{type(middleware).__module__}.{type(middleware).__qualname__}.before()"
        raise ConfigError(
            f"{where} returned {type(result).__name__}; a hook returns None to go on, or a Response to answer early"
        )
    return result.take()
