"""Which plan answers this request. Generic over what it finds."""

from __future__ import annotations

from .converters import Converter
from .route import Route, RouteOptions, delete, get, head, options, patch, post, put, query, route
from .router import Mount, Router

__all__ = [
    "Converter",
    "Mount",
    "Route",
    "RouteOptions",
    "Router",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "query",
    "route",
]
