"""SocketRoute: what ``websocket`` records. A route like any other, that is found by handshakes only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypedDict, Unpack, cast, overload

from ..concurrency import is_async, is_generator
from ..errors import RouteError
from ..types import Handler
from .options import RouteOptions
from .route import Route

__all__ = ["SocketOptions", "SocketRoute", "websocket"]


class SocketOptions(TypedDict, total=False):
    """What a route for WebSockets can be told; of the defaults of what holds it, the same count."""

    name: str | None
    #: What happens to the path's twin with or without a trailing slash: a 308, or nothing.
    slashes: Literal["redirect", "strict"]
    #: Whether pages of other sites may open it: for what authenticates without cookies, or is for everybody.
    csrf_exempt: bool
    #: How it is found out who is asking, instead of ``AUTH_BACKENDS``: instances, classes, dotted paths.
    authentication_classes: Sequence[Any]
    #: What is asked of them, instead of ``DEFAULT_PERMISSION_CLASSES``; all have to let a handshake through.
    permission_classes: Sequence[Any]
    #: How often a client may come, instead of ``DEFAULT_THROTTLE_CLASSES``.
    throttle_classes: Sequence[Any]
    #: What stands around the route; of it ``before_socket`` is asked.
    middleware: Sequence[Any]


class SocketRoute(Route):
    """A handler of WebSockets with its path and options.

    Args:
        path: from the root of what holds the route; None for the holder's own path.
        handler: an ``async def``.
        declared: the options.

    Raises:
        RouteError: no such option, or no coroutine function.
    """

    def __init__(self, path: str | None, handler: Handler, declared: SocketOptions) -> None:
        unknown = declared.keys() - SocketOptions.__annotations__.keys()
        if unknown:
            raise RouteError(
                f"websocket({path!r}) has no option {min(unknown)!r}; the options are "
                f"{', '.join(SocketOptions.__annotations__)}"
            )
        super().__init__(path, handler, ("GET",), cast("RouteOptions", declared))
        if not is_async(self.handler) or is_generator(self.handler):
            raise RouteError(f"{self.where}: what answers a WebSocket has to wait for it; write `async def`")

    def __repr__(self) -> str:
        return f"<SocketRoute {self.path} {self.name}>"


@overload
def websocket(
    path: str | None = None, /, **declared: Unpack[SocketOptions]
) -> Callable[[Handler], SocketRoute]: ...
@overload
def websocket(path: str | None, handler: Handler, /, **declared: Unpack[SocketOptions]) -> SocketRoute: ...
def websocket(
    path: str | None = None, handler: Handler | None = None, /, **declared: Unpack[SocketOptions]
) -> Any:
    """Make a route for WebSockets that no application holds yet.

    Args:
        path: None for the path of what will hold the route.
        handler: the handler; without it the result decorates one.
        **declared: see :class:`SocketOptions`.
    """
    if handler is not None:
        return SocketRoute(path, handler, declared)
    return lambda function: SocketRoute(path, function, declared)
