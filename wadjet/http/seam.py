"""The one seam: what fits it composes without a framework. Applications, fused hooks and test doubles are handles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .outgoing import Response
from .request import Request
from .response import Template

__all__ = ["AtOnce", "Finalise", "Handle", "Recover", "Render"]

#: A request becomes a response.
Handle = Callable[[Request], Awaitable[Response[Any]]]
#: A request becomes a response that is ready, where nothing has to be waited for and no code of the application runs; else None.
AtOnce = Callable[[Request], Response[Any] | None]
#: A response becomes final.
Finalise = Callable[[Request, Response[Any]], Awaitable[Response[Any]]]
#: An exception becomes a final response.
Recover = Callable[[Request, Exception], Awaitable[Response[Any]]]
#: A template becomes text.
Render = Callable[[Request, Template], Awaitable[str]]
