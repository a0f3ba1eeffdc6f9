"""What answers where no route does: plans like any other, so that hooks see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from .handlers.plan import Plan
from .http.exceptions import BadRequest, MethodNotAllowed, NotFound, UpgradeRequired
from .http.request import Request
from .http.response import RedirectResponse, Response
from .routing.matcher import relative_twin

__all__ = ["Answer", "Fallbacks", "telling", "wanting_upgrade"]

Answer = Callable[[Request], Awaitable[Any]]

#: RFC 3986 §3.4: what stands for itself in a query, escapes included; and brackets, which clients send as they are.
_QUERY = "~!$&'()*+,;=:@/?%[]"


class Fallbacks:
    """The plans that answer where no route does.

    Args:
        fixed: makes a plan of a name and of what answers.
        traversal: answers where no route has the path, instead of a 404.
    """

    def __init__(self, fixed: Callable[[str, Answer], Plan], traversal: Answer | None = None) -> None:
        self._fixed = fixed
        #: The Host field is none (RFC 9112 §3.2).
        self.bad_host = fixed(
            "bad host", _raising(lambda: BadRequest("The Host field is missing, repeated, or not a host."))
        )
        #: A converter of the developer's own has failed.
        self.failed = fixed("failed", _fail)
        self.not_found = (
            fixed("not found", _raising(NotFound)) if traversal is None else fixed("traversal", traversal)
        )
        self.bad_path = self._fixed(
            "bad path", _raising(lambda: BadRequest("The path cannot be decoded, or climbs."))
        )
        self.redirect = self._fixed("slash redirect", _to_twin)

    def not_allowed(self, allow: tuple[str, ...]) -> Plan:
        """405 with these methods in Allow."""
        return self._fixed("method not allowed", _raising(lambda: MethodNotAllowed(allow)))

    def options(self, allow: tuple[str, ...]) -> Plan:
        """The answer to OPTIONS where no route has one."""
        return self._fixed("options", telling(allow))


def telling(allow: tuple[str, ...]) -> Answer:
    """Return what answers OPTIONS: which methods there are."""

    async def options(request: Request) -> Response[Any]:  # noqa: ARG001 - it is called with one
        return Response(None, 204, {"allow": ", ".join(allow)})

    return options


async def wanting_upgrade(request: Request) -> Any:  # noqa: ARG001 - it is called with one
    """Answer a request where only a WebSocket is (RFC 9110 §15.5.22)."""
    raise UpgradeRequired("Here is a WebSocket.", {"upgrade": "websocket", "connection": "upgrade"})


def _raising(make: Callable[[], Exception]) -> Callable[[Request], Awaitable[Any]]:
    async def refuse(request: Request) -> Any:  # noqa: ARG001 - it is called with one
        raise make()

    return refuse


async def _fail(request: Request) -> Any:
    """Raise what has gone wrong before there was a plan."""
    assert request.exception is not None
    raise request.exception


async def _to_twin(request: Request) -> Response[Any]:
    """Send the client to the path with, or without, its trailing slash: relative, so that it never leaves the host."""
    query = quote(request.raw_query, safe=_QUERY)
    return RedirectResponse(relative_twin(request.raw_path) + (f"?{query}" if query else ""), 308)
