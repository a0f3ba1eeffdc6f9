"""The fast lane: HTTP/1.1 straight from the socket to requests, under uvicorn's server."""

from __future__ import annotations

from .connection import Connection

__all__ = ["Connection"]
