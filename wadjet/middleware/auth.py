"""AuthenticationMiddleware: who is asking, as ``request.user`` and ``request.auth``. Found out when somebody wants to know."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import Any

from ..auth.accounts import Accounts, accounts_of
from ..auth.identity import authentication_of
from ..auth.passwords import Passwords
from ..auth.question import Backends, Question
from ..auth.users import UserSource
from ..errors import ConfigError
from ..http.exceptions import Forbidden
from ..http.request import Request
from ..server.asgi import InnerApp
from ..types import ASGIApp
from .base import BaseMiddleware
from .order import check_order, inside
from .sockets import is_own, trusted_origins

__all__ = ["AuthenticationMiddleware"]

_ON_FAILURE = ("refuse", "anonymous")


class AuthenticationMiddleware(BaseMiddleware):
    """Finds out who is asking: ``request.user``, and ``request.auth`` with its ``type``.

    A request without credentials is nobody's. What needs no waiting is found out when a handler, a permission or a hook asks for
    ``request.user``, and not before; what has to be waited for, before the handler runs.

    Args:
        app: the application inside.
        backends: ways to find out, the first that does so decides: instances, classes, dotted paths; ``AUTH_BACKENDS``.
        users: knows those who log in; ``AUTH_USERS``.
        passwords: checks theirs.
        on_failure: what becomes of requests whose credentials are not good: ``refuse`` for 401, once somebody asks who it is, or
            ``anonymous``; ``AUTH_ON_FAILURE``.

    Raises:
        ConfigError: settings that cannot be, or sessions begin inside of it.
    """

    provides = frozenset({"user"})
    uses = frozenset({"session"})

    def __init__(
        self,
        app: ASGIApp,
        *,
        backends: Iterable[Any] | None = None,
        users: UserSource | None = None,
        passwords: Passwords | None = None,
        on_failure: str | None = None,
    ) -> None:
        super().__init__(app)
        settings = self.settings
        given = settings.AUTH_BACKENDS if backends is None else backends
        if isinstance(given, str):
            raise ConfigError(f"AUTH_BACKENDS={given!r} is one text; write a tuple, as ({given!r},)")
        action = settings.AUTH_ON_FAILURE if on_failure is None else on_failure
        if action not in _ON_FAILURE:
            raise ConfigError(f"AUTH_ON_FAILURE={action!r} is not one of {', '.join(_ON_FAILURE)}")
        accounts = accounts_of(settings) if users is None else Accounts(users, passwords)
        self.backends = Backends(
            [authentication_of(each, settings, accounts) for each in given],
            refuses=action == "refuse",
            accounts=accounts,
        )
        self._trusted = trusted_origins(settings)
        check_order(list(inside(self)))

    def before(self, request: Request) -> Awaitable[None] | None:
        """Ask the question; wait for the answer where that is needed."""
        # PERF(bench: inproc_token): :attr:`identification`, written out.
        first: Any = request if request._parent is None else request._parent  # noqa: SLF001 - as above
        question = first._identification = Question(self.backends)  # noqa: SLF001 - the first is of our own class
        if self.backends.waiting and question.must_wait(request):
            return question.settle_early(request)
        return None

    async def before_app(self, request: Request) -> None:
        """Find out for what reads the scope: ``scope["user"]``, ``scope["auth"]``."""
        question = request.identification = Question(self.backends)
        await question.settle_early(request)
        # A handler of ours is told when it asks; what else there is cannot ask, and is taken to have looked at the user.
        plan = self._plan_of(request)
        if plan is None or plan.handle is None:
            question.settle(request)

    async def before_socket(self, request: Request) -> None:
        """Find out before the handshake is answered; refuse what is not good, and what another site asks in a client's name."""
        question = request.identification = Question(self.backends)
        await question.settle_early(request)
        question.tell()
        way = question.way
        if way is not None and (way.is_ambient or way.is_resent) and not is_own(request, self._trusted):
            # SECURITY: CWE-1385: no browser asks a site before it opens a WebSocket to it, with all that it sends unasked.
            raise Forbidden(
                "A WebSocket of another site is not opened with credentials that browsers send by themselves."
            )

    def _plan_of(self, request: Request) -> Any:
        """Return the plan that will answer; None where nothing of ours does."""
        plan: Any = request.plan
        for app in inside(self.app):
            if plan is not None:
                break
            find = app.dispatch if isinstance(app, InnerApp) else getattr(app, "wadjet_plan", None)
            plan = None if find is None else find(request)
        return plan

    async def close(self) -> None:
        """Let go of threads."""
        if self.backends.accounts is not None:
            self.backends.accounts.close()
