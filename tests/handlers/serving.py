"""One handler, served: what its answer to one request is."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from wadjet import Wadjet
from wadjet.errors import ConfigError
from wadjet.testing import TestClient

__all__ = ["assembling", "call", "serving"]


def serving(handler: Any, path: str = "/", method: str = "GET", /, **options: Any) -> TestClient:
    """Return a client of an application with this one handler."""
    app = Wadjet()
    app.add(path, handler, methods=[method], **options)
    return TestClient(app, raise_server_exceptions=False)


def call(
    handler: Any,
    target: str = "/",
    /,
    *,
    method: str = "GET",
    route: str = "/",
    options: Any = None,
    **request: Any,
) -> httpx2.Response:
    """Serve a handler and send it one request.

    Args:
        handler: what answers.
        target: path and query.
        method: of the route and of the request.
        route: the path template.
        options: the route's.
        **request: what httpx2 takes.
    """
    with serving(handler, route, method, **(options or {})) as client:
        return client.request(method, target, **request)


def assembling(handler: Any, path: str = "/", method: str = "GET", /, **options: Any) -> str:
    """Return the message of the error that this route is at assembly."""
    app = Wadjet()
    with pytest.raises(ConfigError) as caught:
        app.add(path, handler, methods=[method], **options)
        app.seal()
    return str(caught.value)
