"""Guards: what stands before one route. It finds out who is asking, if the route has ways of its own, and asks permissions."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any

from ..http.exceptions import PermissionDenied, Unauthorized
from ..http.request import Request
from .permissions import BasePermission, answered, is_known
from .question import Backends, Question, question_of

__all__ = ["Guard", "Identify", "check_object_permissions", "refusal_of", "view_of"]


class Identify:
    """Finds out who is asking in the ways of one route, instead of the application's.

    Args:
        backends: the ways.
    """

    __slots__ = ("backends",)

    #: It looks at no response.
    after = None

    def __init__(self, backends: Backends) -> None:
        self.backends = backends

    def before(self, request: Request) -> Awaitable[None] | None:
        """Ask the question anew; wait for the answer where that is needed."""
        question = request.identification = Question(self.backends)
        if self.backends.waiting and question.must_wait(request):
            return question.settle_early(request)
        return None


class Guard:
    """What is asked before a handler runs, and before its arguments are made.

    Args:
        view: the class of views that answers, or the function.
        permissions: all have to let a request through.
        marks: those of them that the handler would ask too.
    """

    __slots__ = ("marks", "permissions", "view")

    #: It looks at no response.
    after = None

    def __init__(
        self, view: Any, permissions: Sequence[BasePermission], marks: Sequence[BasePermission] = ()
    ) -> None:
        self.view = view
        self.permissions = tuple(permissions)
        self.marks = tuple(marks)

    def before(self, request: Request) -> Awaitable[None] | None:
        """Ask; wait where that is needed.

        Raises:
            AuthenticationFailed: the credentials are not good.
            Unauthorized: it is not known who asks.
            PermissionDenied: it is, and they may not.
        """
        # PERF(bench: inproc_stack): most permissions need no waiting, and then there is nothing to await.
        rest = iter(self.permissions)
        for permission in rest:
            answer = permission.has_permission(request, self.view)
            if answer is True:
                continue
            if inspect.isawaitable(answer):
                return self._rest(request, answer, permission, rest)
            if not answer:
                raise refusal_of(permission, request)
        if self.marks:
            self._pass(request)
        return None

    async def _rest(
        self,
        request: Request,
        answer: Awaitable[bool],
        permission: BasePermission,
        rest: Iterator[BasePermission],
    ) -> None:
        if not await answer:
            raise refusal_of(permission, request)
        for following in rest:
            if not await answered(following.has_permission(request, self.view)):
                raise refusal_of(following, request)
        self._pass(request)

    def _pass(self, request: Request) -> None:
        question = question_of(request)
        if question is not None:
            question.passed = self.marks

    async def check_object(self, request: Request, obj: Any) -> None:
        """Ask about an object; see :func:`check_object_permissions`."""
        for permission in self.permissions:
            if not await answered(permission.has_object_permission(request, self.view, obj)):
                raise refusal_of(permission, request)


def refusal_of(permission: BasePermission, request: Request) -> Exception:
    """Return what answers who may not: 401 where it is not known who asks, else 403 (RFC 9110 §15.5.2, §15.5.4)."""
    own = permission.refusal(request)
    if own is not None:
        return own
    if is_known(request.user):
        return PermissionDenied(permission.message)
    question = question_of(request)
    return (
        Unauthorized(permission.message)
        if question is None
        else question.backends.unauthorized(permission.message)
    )


def view_of(handler: Any) -> Any:
    """Return the class of views that a handler is of, or the function that it is."""
    return getattr(handler, "view", None) or inspect.unwrap(handler)


async def check_object_permissions(request: Request, obj: Any) -> None:
    """Ask the permissions of the route that answers whether a request may have to do with an object.

    Args:
        request: the request.
        obj: what it is about.

    Raises:
        Unauthorized: it is not known who asks.
        PermissionDenied: it is, and they may not.
    """
    compiled = getattr(request.plan, "compiled", None)
    for guard in getattr(compiled, "guards", ()):
        if isinstance(guard, Guard):
            await guard.check_object(request, obj)
