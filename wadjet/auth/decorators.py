"""Decorators that ask something of whoever asks: above a handler, a method of a view, or a verb."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast, overload
from urllib.parse import quote

from ..concurrency import is_async
from ..errors import ConfigError, SealedError
from ..http.exceptions import SeeOther
from ..http.request import Request
from ..routing.checked import checked, mark
from ..routing.route import Route
from .guards import refusal_of, view_of
from .permissions import (
    BasePermission,
    HasPermission,
    HasRole,
    IsAuthenticated,
    IsStaff,
    IsSuperuser,
    answered,
    is_known,
    made,
)
from .question import question_of

__all__ = [
    "login_required",
    "permission_required",
    "requires",
    "role_required",
    "staff_required",
    "superuser_required",
]

F = TypeVar("F", bound=Callable[..., Any])


def requires(permission: Any) -> Callable[[F], F]:
    """Decorate a handler that only those may ask for whom a permission lets through.

    Args:
        permission: as ``permission_classes`` lists it; of several, all are asked.

    Raises:
        ConfigError: it is none; or the handler is a class of views, which says ``permission_classes``.
    """
    asked = made(permission)

    def decorate(function: F) -> F:
        if isinstance(function, Route):
            if function.is_sealed:
                raise SealedError(
                    f"{function.where}: a permission comes too late: the route is being served already"
                )
            function.handler = _guarded(function.handler, asked)
            return function
        return cast("F", _guarded(function, asked))

    return decorate


def _guarded(function: Callable[..., Any], permission: BasePermission) -> Callable[..., Any]:
    if isinstance(function, type):
        raise ConfigError(
            f"{function.__qualname__} is a class; write permission_classes = [...] into it instead of a decorator above it"
        )
    view, waits = view_of(function), is_async(permission.has_permission)

    def check(request: Request) -> Any:
        question = question_of(request)
        # What stands before the route has asked already. SECURITY: where a wrapper hides the mark from it, this asks.
        if question is not None and any(one is permission for one in question.passed):
            return None
        if waits:
            return _asked(permission, request, view)
        answer = permission.has_permission(request, view)
        if inspect.isawaitable(answer):
            return _answered(answer, permission, request)
        if not answer:
            raise refusal_of(permission, request)
        return None

    made_of = checked(function, check, "a permission")
    mark(made_of, permission)
    return made_of


async def _asked(permission: BasePermission, request: Request, view: Any) -> None:
    await _answered(permission.has_permission(request, view), permission, request)


async def _answered(answer: Any, permission: BasePermission, request: Request) -> None:
    if not await answered(answer):
        raise refusal_of(permission, request)


class _LoggedIn(IsAuthenticated):
    """Who is known; others are sent to a page where they log in."""

    def __init__(self, login_url: str) -> None:
        self._login_url = login_url

    def refusal(self, request: Request) -> Exception | None:
        """Send a browser that shows a page to the login, and back from there; nobody else."""
        if request.method not in {"GET", "HEAD"} or not _shows_pages(request) or is_known(request.user):
            return None
        address = self._login_url if "/" in self._login_url else request.url_for(self._login_url)
        divider = "&" if "?" in address else "?"
        # SECURITY: a path of our own; who takes it from there asks request.safe_url().
        return SeeOther(f"{address}{divider}next={quote(request.path_qs, safe='/')}")


def _shows_pages(request: Request) -> bool:
    return "text/html" in (request.headers.joined("accept") or "")


@overload
def login_required(function: F, /) -> F: ...
@overload
def login_required(*, login_url: str | None = ...) -> Callable[[F], F]: ...
def login_required(function: Any = None, /, *, login_url: str | None = None) -> Any:
    """Decorate a handler that only those may ask for who are known; with or without parentheses.

    Args:
        function: the handler.
        login_url: where browsers are sent that ask for a page: an address, or the name of a route; the address that they
            asked for is its ``next``.
    """
    decorate = requires(IsAuthenticated() if login_url is None else _LoggedIn(login_url))
    return decorate if function is None else decorate(function)


def staff_required(function: F) -> F:
    """Decorate a handler for those who have ``is_staff``."""
    return requires(IsStaff())(function)


def superuser_required(function: F) -> F:
    """Decorate a handler for those who have ``is_superuser``."""
    return requires(IsSuperuser())(function)


def role_required(*names: str) -> Callable[[F], F]:
    """Decorate a handler for those who have one of these roles.

    Raises:
        ConfigError: it stands without parentheses.
    """
    if not names or not all(isinstance(name, str) for name in names):
        raise ConfigError("role_required takes the names of roles, as @role_required('editor')")
    return requires(HasRole(*names))


def permission_required(name: str) -> Callable[[F], F]:
    """Decorate a handler for those who have a permission.

    Raises:
        ConfigError: it stands without parentheses.
    """
    if not isinstance(name, str):
        raise ConfigError(
            "permission_required takes the name of a permission, as @permission_required('book.delete')"
        )
    return requires(HasPermission(name))
