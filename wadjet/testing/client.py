"""Clients that call an ASGI application directly. Everything but the transport is httpx2's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2

from ..types import ASGIApp
from .lint import lint as linted
from .scope import Address
from .transport import AppTransport, ThreadedAppTransport
from .websocket import ThreadedWebSocketSession, WebSocketSession

__all__ = ["AsyncTestClient", "TestClient"]

LOCAL_CLIENT: Address = ("127.0.0.1", 50000)


class TestClient(httpx2.Client):
    """Call an application from synchronous tests; in a `with` block, its lifespan runs around the requests.

    All requests and the lifespan run on one event loop in a thread of its own. There is no time-out unless
    one is given, so a debugger may stop the application.

    Args:
        app: Any ASGI 3 application.
        base_url: What relative URLs are relative to.
        raise_server_exceptions: Raise the application's crash in the test, instead of giving its response.
        root_path: The path that the application is mounted under.
        client: The client's address and port, as the application sees them.
        lint: Check both sides of the protocol (`wadjet.testing.lint`).
        timeout: Seconds that the application may let the client wait.
        options: The other arguments of `httpx2.Client`: `headers`, `cookies`, `auth`, `follow_redirects` …
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://localhost",
        raise_server_exceptions: bool = True,
        *,
        root_path: str = "",
        client: Address | None = LOCAL_CLIENT,
        lint: bool = True,
        timeout: float | None = None,
        **options: Any,
    ) -> None:
        self.app = app
        transport = AppTransport(
            app=linted(app) if lint else app,
            raise_server_exceptions=raise_server_exceptions,
            root_path=root_path,
            client=client,
            hint=_hint(type(self)),
        )
        self._sockets = transport
        self._threaded = ThreadedAppTransport(transport)
        options = {"trust_env": False, **options, "transport": self._threaded}
        super().__init__(base_url=base_url, timeout=timeout, **options)

    @contextmanager
    def websocket(  # type: ignore[override]  # httpx2's speaks to servers
        self, url: str, subprotocols: Sequence[str] = (), **options: Any
    ) -> Iterator[ThreadedWebSocketSession]:
        """Converse over a WebSocket for the length of a `with` block.

        Args:
            url: As of any request.
            subprotocols: What the client offers to speak.
            options: Those of `httpx2.Client.build_request`: `headers`, `params`, `cookies` …

        Raises:
            WebSocketDenied: The handshake is refused; it has the response.
        """
        request = self.build_request("GET", url, **options)
        session = self._threaded.run(self._sockets.open_socket(request, subprotocols))
        threaded = ThreadedWebSocketSession(session, self._threaded.run)
        try:
            yield threaded
        except BaseException:
            self._threaded.run(session.leave())
            raise
        self._threaded.run(session.end())


class AsyncTestClient(httpx2.AsyncClient):
    """Call an application from asynchronous tests, on their own loop; `TestClient` in all else."""

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://localhost",
        raise_server_exceptions: bool = True,
        *,
        root_path: str = "",
        client: Address | None = LOCAL_CLIENT,
        lint: bool = True,
        timeout: float | None = None,
        **options: Any,
    ) -> None:
        self.app = app
        transport = AppTransport(
            app=linted(app) if lint else app,
            raise_server_exceptions=raise_server_exceptions,
            root_path=root_path,
            client=client,
            hint=_hint(type(self)),
        )
        self._sockets = transport
        options = {"trust_env": False, **options, "transport": transport}
        super().__init__(base_url=base_url, timeout=timeout, **options)

    @asynccontextmanager
    async def websocket(  # type: ignore[override]  # as above
        self, url: str, subprotocols: Sequence[str] = (), **options: Any
    ) -> AsyncIterator[WebSocketSession]:
        """Converse over a WebSocket for the length of an `async with` block; as `TestClient.websocket`."""
        session = await self._sockets.open_socket(self.build_request("GET", url, **options), subprotocols)
        try:
            yield session
        except BaseException:
            await session.leave()
            raise
        await session.end()


def _hint(client: type) -> str:
    return (
        "Raised by the application. To get its response instead: "
        f"{client.__name__}(app, raise_server_exceptions=False)"
    )
