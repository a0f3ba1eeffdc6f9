"""Handlers that check the request before they run: what decorators below the verb make."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from ..concurrency import is_async
from ..errors import ConfigError, SignatureError
from ..http.request import Request
from .route import place_of

__all__ = ["checked", "mark", "marks_of"]

#: Where a handler has what it checks.
_MARK = "wadjet_checks"
_MOST_WRAPPERS = 64


def checked(function: Callable[..., Any], check: Callable[[Request], Any], what: str) -> Callable[..., Any]:
    """Return a handler that checks the request first, which it takes if the function does not.

    Args:
        function: a handler, or a method of a view; the result is of the same kind.
        check: raises what refuses the request; it may be ``async def`` where the function is.
        what: what the function has, for messages: ``a rate limit``.

    Raises:
        SignatureError: the function does not take the request, and has annotations that are not known yet.
    """

    def asked(kwargs: dict[str, Any], args: Sequence[Any]) -> tuple[Any, dict[str, Any]]:
        request = next((value for value in (*kwargs.values(), *args) if isinstance(value, Request)), None)
        if request is None:
            raise TypeError(f"{function.__qualname__}() has {what}, and needs a request")
        kept = kwargs if takes else {key: value for key, value in kwargs.items() if value is not request}
        return check(request), kept

    made = functools.wraps(function)(_shaped(function, asked))
    takes = any(map(_is_request, inspect.signature(function).parameters.values()))
    if not takes:
        made.__signature__ = _with_request(function)  # type: ignore[attr-defined]  # functions take attributes
    return made


def mark(function: Callable[..., Any], check: object) -> None:
    """Say on a handler what it checks, so that what stands before it can check it earlier."""
    setattr(function, _MARK, (check, *marks_of(function)))


def marks_of(handler: Any) -> tuple[Any, ...]:
    """Return what a handler checks, whatever was wrapped around it."""
    for _ in range(_MOST_WRAPPERS):
        found: tuple[Any, ...] | None = getattr(handler, _MARK, None)
        if found is not None:
            return found
        handler = getattr(handler, "__wrapped__", None)
        if handler is None:
            break
    return ()


def _shaped(
    function: Callable[..., Any], asked: Callable[..., tuple[Any, dict[str, Any]]]
) -> Callable[..., Any]:
    """Return what asks and then calls a function, of the same kind as the function is."""

    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **await _waited(asked(kwargs, args)))

    async def asynchronous_stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async for item in function(*args, **await _waited(asked(kwargs, args))):
            yield item

    def stream(*args: Any, **kwargs: Any) -> Iterator[Any]:
        yield from function(*args, **_at_once(function, asked(kwargs, args)))

    def plain(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **_at_once(function, asked(kwargs, args)))

    if inspect.isasyncgenfunction(function):
        return asynchronous_stream
    if is_async(function):
        return asynchronous
    return stream if inspect.isgeneratorfunction(function) else plain


async def _waited(found: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
    pending, kwargs = found
    if pending is not None:
        await pending
    return kwargs


def _at_once(function: Callable[..., Any], found: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
    pending, kwargs = found
    if pending is not None:
        pending.close()
        raise ConfigError(f"{place_of(function)} cannot wait for what it checks; write `async def`")
    return kwargs


def _with_request(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature of a function with a parameter more."""
    try:
        signature = inspect.signature(function, eval_str=True)
    except NameError as error:
        raise SignatureError(
            f"{place_of(function)}: the annotations name {error.name!r}, which is not known yet; "
            "let the handler take `request: Request`, or define it above"
        ) from error
    extra = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    return signature.replace(parameters=[*signature.parameters.values(), extra])


def _is_request(parameter: inspect.Parameter) -> bool:
    """Tell whether a parameter is the request; its annotation may be a text yet."""
    annotation = parameter.annotation
    if isinstance(annotation, type):
        return issubclass(annotation, Request)
    return parameter.name == "request" or str(annotation).rpartition(".")[2] == "Request"
