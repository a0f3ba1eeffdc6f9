"""What an application tells its subscribers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..http.request import Request
    from ..http.response import Head

__all__ = [
    "ApplicationCreated",
    "BeforeRender",
    "BeforeTraversal",
    "ContextFound",
    "NewRequest",
    "NewResponse",
    "RequestEvent",
]


class RequestEvent:
    """An event of one request.

    Args:
        request: the request.
    """

    __slots__ = ("request",)

    def __init__(self, request: Request) -> None:
        self.request = request


class NewRequest(RequestEvent):
    """A request has passed the application's middleware (Pyramid); an exception of a subscriber answers it."""

    __slots__ = ()


class BeforeTraversal(RequestEvent):
    """It is known which route answers, and not yet which object the request is about (Pyramid)."""

    __slots__ = ()


class ContextFound(RequestEvent):
    """``request.context`` is there, and the view has not been called (Pyramid)."""

    __slots__ = ()


class NewResponse(RequestEvent):
    """There is a response, and its callbacks have run (Pyramid).

    Args:
        request: the request.
        response: the response; of what is mounted, the head of it. Its status, fields and cookies can be changed.
    """

    __slots__ = ("response",)

    def __init__(self, request: Request, response: Head) -> None:
        super().__init__(request)
        self.response = response


class ApplicationCreated:
    """An application has been assembled and starts for the first time (Pyramid); nothing can be recorded any more.

    Args:
        app: the application.
    """

    __slots__ = ("app",)

    def __init__(self, app: Any) -> None:
        self.app = app

    @property
    def object(self) -> Any:
        """The application, under its older name."""
        return self.app


class BeforeRender(dict[str, Any]):
    """A renderer is about to make a response of a handler's result (Pyramid).

    It is the values that a template gets beside the result; what subscribers add is there for it, unless the result says
    otherwise.

    Args:
        system: ``request`` and ``renderer_name``.
        rendering_val: what the handler returned; subscribers may change it, if it can be changed.
    """

    def __init__(self, system: dict[str, Any], rendering_val: Any) -> None:
        super().__init__(system)
        self.rendering_val = rendering_val
