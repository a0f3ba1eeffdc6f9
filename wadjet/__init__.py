"""Wadjet: return anything; what leaves is correct HTTP.

The front door. Each name is loaded from its room when it is first asked for, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .app import Wadjet, new_app
    from .conf.settings import Settings
    from .handlers.jsonify import jsonify
    from .handlers.markers import Body, Cookie, File, Form, Header, Path, Query
    from .http.enums import Charset, ContentType
    from .http.exceptions import Error, HTTPException
    from .http.request import Request
    from .http.response import (
        HTML,
        JSON,
        EventSourceResponse,
        FileResponse,
        GZipResponse,
        HTMLResponse,
        JSONLinesResponse,
        JSONResponse,
        PlainTextResponse,
        RedirectResponse,
        Response,
        ServerSentEvent,
        StreamingResponse,
        json_response,
    )
    from .http.uploads import UploadFile
    from .middleware.base import BaseMiddleware
    from .routing.route import Route, delete, get, head, options, patch, post, put, query, route
    from .routing.router import Mount, Router
    from .routing.socketroute import websocket
    from .views.actions import action
    from .views.view import View
    from .websockets.closing import WebSocketDisconnect, WebSocketException
    from .websockets.socket import WebSocket

__version__ = "0.1.0"

_ROOMS = {
    "app": ("Wadjet", "new_app"),
    "conf.settings": ("Settings",),
    "handlers.jsonify": ("jsonify",),
    "handlers.markers": ("Body", "Cookie", "File", "Form", "Header", "Path", "Query"),
    "http.enums": ("Charset", "ContentType"),
    "http.exceptions": ("Error", "HTTPException"),
    "http.request": ("Request",),
    "http.uploads": ("UploadFile",),
    "http.response": (
        "HTML",
        "JSON",
        "EventSourceResponse",
        "FileResponse",
        "GZipResponse",
        "HTMLResponse",
        "JSONLinesResponse",
        "JSONResponse",
        "PlainTextResponse",
        "RedirectResponse",
        "Response",
        "ServerSentEvent",
        "StreamingResponse",
        "json_response",
    ),
    "middleware.base": ("BaseMiddleware",),
    "routing.route": ("Route", "delete", "get", "head", "options", "patch", "post", "put", "query", "route"),
    "routing.router": ("Mount", "Router"),
    "routing.socketroute": ("websocket",),
    "views.actions": ("action",),
    "views.view": ("View",),
    "websockets.closing": ("WebSocketDisconnect", "WebSocketException"),
    "websockets.socket": ("WebSocket",),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "HTML",
    "JSON",
    "BaseMiddleware",
    "Body",
    "Charset",
    "ContentType",
    "Cookie",
    "Error",
    "EventSourceResponse",
    "File",
    "FileResponse",
    "Form",
    "GZipResponse",
    "HTMLResponse",
    "HTTPException",
    "Header",
    "JSONLinesResponse",
    "JSONResponse",
    "Mount",
    "Path",
    "PlainTextResponse",
    "Query",
    "RedirectResponse",
    "Request",
    "Response",
    "Route",
    "Router",
    "ServerSentEvent",
    "Settings",
    "StreamingResponse",
    "UploadFile",
    "View",
    "Wadjet",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "action",
    "delete",
    "get",
    "head",
    "json_response",
    "jsonify",
    "new_app",
    "options",
    "patch",
    "post",
    "put",
    "query",
    "route",
    "websocket",
]


def __getattr__(name: str) -> object:
    """Load a name from its room (PEP 562)."""
    room = _HOME.get(name)
    if room is None:
        raise AttributeError(f"module 'wadjet' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{room}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted({*globals(), *__all__})
