"""What happens around the life of an application and of a request."""

from __future__ import annotations

from .registry import Registry
from .signals import (
    ApplicationCreated,
    BeforeRender,
    BeforeTraversal,
    ContextFound,
    NewRequest,
    NewResponse,
    RequestEvent,
)
from .subscribers import subscriber

__all__ = [
    "ApplicationCreated",
    "BeforeRender",
    "BeforeTraversal",
    "ContextFound",
    "NewRequest",
    "NewResponse",
    "Registry",
    "RequestEvent",
    "subscriber",
]
