"""Drive an application from outside, without a server."""

from __future__ import annotations

from ..errors import MissingExtra
from .lint import LintError, lint

try:
    from .client import AsyncTestClient, TestClient
    from .websocket import WebSocketDenied
except ModuleNotFoundError as missing:
    if missing.name != "httpx2":
        raise
    raise MissingExtra('wadjet.testing needs httpx2: pip install "wadjet[test]"') from missing

__all__ = ["AsyncTestClient", "LintError", "TestClient", "WebSocketDenied", "lint"]
