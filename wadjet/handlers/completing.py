"""``request.response``: what was put on it leaves with what the handler returns (Pyramid)."""

from __future__ import annotations

from typing import Any

from ..http.request import Request
from ..http.response import Response

__all__ = ["completed", "said"]


def completed(request: Request, value: object, response: Response[Any]) -> Response[Any]:
    """Return a response with what was put on ``request.response``.

    Args:
        request: the request.
        value: what the handler returned.
        response: what was made of that.
    """
    own = request.own_response
    if own is None or (isinstance(value, Response | BaseException) and not response.is_rendered):
        return response
    if value is not None:
        return own.wrap(response)
    return response if said(own) == said(Response()) else own


def said(response: Response[Any]) -> tuple[object, ...]:
    """Return what a response says: two that say the same are alike."""
    return response.status_code, tuple(response.raw_headers), response.content, response.body
