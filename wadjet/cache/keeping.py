"""Keeping: which answers may be kept, and which are one client's own (RFC 9111 §3)."""

from __future__ import annotations

from typing import Any

from ..http.caching import CacheControl
from ..http.exceptions import HTTPException
from ..http.parameters import split_list
from ..http.response import GZipResponse, Response
from .policy import Policy

__all__ = ["hindrance", "is_for_keeping"]


def is_for_keeping(response: Response[Any], policy: Policy) -> bool:
    """Tell whether a response is one that its handler means to be kept: a success, and no Cache-Control that forbids it."""
    if response.status_code != 200 or isinstance(response, HTTPException):
        return False
    said = CacheControl.parse(", ".join(response.field_values(b"cache-control")))
    is_own = said.private and not policy.is_private
    return not (said.no_store or said.no_cache or is_own)


def hindrance(response: Response[Any], policy: Policy) -> str:
    """Say why a response cannot be kept, whatever its handler means; nothing if it can."""
    if isinstance(response, GZipResponse) or response.encoder is not None:
        return "it is compressed for one client; leave that to CompressionMiddleware"
    if response.chunks is not None or response.is_unread:
        return "it is a stream or a file"
    if response.field_values(b"set-cookie"):
        return "it sets a cookie"
    varies = {name.lower() for field in response.field_values(b"vary") for name in split_list(field)}
    unknown = sorted(varies.difference(policy.vary))
    if unknown:
        return f"its Vary names {unknown[0]!r}, and cache_vary does not"
    return ""
