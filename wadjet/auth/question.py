"""The question of one request: who is asking? Asked once, when somebody wants to know."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from ..concurrency import is_async
from ..http.authorization import Challenge, write_challenges
from ..http.constantfields import ConstantFields
from ..http.exceptions import AuthenticationFailed, Unauthorized
from ..http.identity import AnonymousUser
from ..http.request import Request
from ..logs import authentication as _log
from .accounts import Accounts
from .identity import Authentication, Found, Identity

__all__ = ["Backends", "Question", "question_of"]


class Backends:
    """Ways to find out who is asking, the first that does so decides.

    Args:
        ways: in their order.
        refuses: whether credentials that are not good are answered 401, once somebody asks; else they are nobody's.
        accounts: users that log in; None where nobody does.
    """

    __slots__ = ("accounts", "are_ambient", "at_once", "challenges", "refuses", "vary", "waiting", "ways")

    def __init__(
        self, ways: Iterable[Authentication], *, refuses: bool, accounts: Accounts | None = None
    ) -> None:
        self.accounts = accounts
        self.ways = tuple(ways)
        self.refuses = refuses
        self.are_ambient = any(way.is_ambient for way in self.ways)
        #: Those that may have to be awaited.
        self.waiting = tuple(way for way in self.ways if way.waits)
        #: Those that can be asked where none has to be: the others see no credentials there.
        self.at_once = tuple(way for way in self.ways if not is_async(way.authenticate))
        named = dict.fromkeys(field for way in self.ways for field in way.vary)
        #: What answers say that depend on who is asking; None where no cache has to be told.
        self.vary = ConstantFields(vary=named) if named else None
        # What clients can show comes first: some read one challenge only.
        shown = sorted(self.ways, key=lambda way: way.is_ambient)
        found = [challenge for way in shown if (challenge := way.challenge()) is not None]
        #: What a 401 asks for, each once.
        self.challenges = tuple({str(challenge): challenge for challenge in found}.values())

    def unauthorized(self, detail: str | None = None) -> Unauthorized:
        """Return what answers who has no credentials."""
        return self.challenging(Unauthorized(detail))

    def challenging(self, error: Unauthorized) -> Unauthorized:
        """Let a 401 ask for what helps (RFC 9110 §11.6.1); of bearer tokens that are not good it says so (RFC 6750 §3.1)."""
        is_failure = isinstance(error, AuthenticationFailed)
        asked = [_failed(one) if is_failure and one.uses("bearer") else one for one in self.challenges]
        if asked:
            error.headers.set("www-authenticate", write_challenges(asked))
        return error


def _failed(challenge: Challenge) -> Challenge:
    return Challenge(challenge.scheme, {**challenge.parameters, "error": "invalid_token"})


class Question:
    """Who is asking, for one request.

    Args:
        backends: how to find out.
    """

    __slots__ = ("_depends", "_vary", "backends", "is_over", "is_settled", "passed", "problem", "way")

    def __init__(self, backends: Backends) -> None:
        self.backends = backends
        #: Whether it has been answered; and whether whoever is to be told of it has been.
        self.is_settled = self.is_over = False
        #: What has found out; None where nothing has.
        self.way: Authentication | None = None
        #: Why the credentials are not good, until somebody was told.
        self.problem: AuthenticationFailed | None = None
        #: What was asked of the user, and found.
        self.passed: tuple[object, ...] = ()
        #: The session that the answer will depend on, once somebody asks.
        self._depends: Any = None
        #: What the answer has to say, once somebody asks.
        self._vary = backends.vary

    def settle(self, request: Request) -> None:
        """Find out, at once; see :meth:`~wadjet.http.identity.Identification.settle`.

        Raises:
            AuthenticationFailed: the credentials are not good. Raised once: who asks again, as an error page does, meets nobody.
        """
        if not self.is_settled:
            # What is answered depends on the cookie, even where there is none.
            if self.backends.are_ambient:
                self._depends = request.opened_session(opens=True)
            self._keep(request, self._first(request))
        if self._depends is not None:
            self._depends.is_touched, self._depends = True, None
        if self._vary is not None:
            vary, self._vary = self._vary, None
            request.add_response_callback(lambda _, response: response.add_constant(vary))
        self.is_over = True
        if self.problem is not None:
            self.tell()

    async def settle_early(self, request: Request) -> None:
        """Find out, waiting where that is needed. Nobody is told yet that the credentials are not good."""
        session = request.opened_session(opens=True) if self.backends.are_ambient else None
        was_touched = getattr(session, "is_touched", False)
        self._keep(request, await self._first_to_come(request))
        if session is not None and not was_touched:
            # Nobody has asked yet: the answer does not depend on it so far.
            session.is_touched, self._depends = False, session

    def dismiss(self) -> None:
        """Find out nothing any more, and tell nobody of credentials that are not good: somebody has said who it is."""
        self.is_settled, self.problem = True, None

    def must_wait(self, request: Request) -> bool:
        """Tell whether finding out has to be awaited: there are credentials for what has to be."""
        return any(way.must_wait(request) for way in self.backends.waiting)

    def tell(self) -> None:
        """Tell, if it has not been told, that the credentials are not good.

        Raises:
            AuthenticationFailed: they are not.
        """
        problem, self.problem = self.problem, None
        if problem is not None and self.backends.refuses:
            raise self.backends.challenging(problem)

    def answer(self, request: Request, user: Any, auth: dict[str, Any]) -> None:
        """Say who is asking, whatever the credentials were."""
        self.passed = ()
        self._keep(request, Identity(user, auth))

    def _first(self, request: Request) -> Found:
        for way in self.backends.at_once:
            if self.problem is not None and way.is_ambient:
                continue  # what was shown has failed: what comes by itself does not stand in for it
            try:
                found = way.authenticate(request)
            except AuthenticationFailed as problem:
                self._note(way, problem)
                continue
            if found is not None:
                # What waits has been waited for.
                assert isinstance(found, tuple) or not inspect.isawaitable(found)
                self.way = way
                return found
        return None

    async def _first_to_come(self, request: Request) -> Found:
        for way in self.backends.ways:
            if self.problem is not None and way.is_ambient:
                continue  # as above
            try:
                found = way.authenticate(request)
                found = await found if inspect.isawaitable(found) else found
            except AuthenticationFailed as problem:
                self._note(way, problem)
                continue
            if found is not None:
                self.way = way
                return found
        return None

    def _note(self, way: Authentication, problem: AuthenticationFailed) -> None:
        _log.info("%s: %s", type(way).__name__, problem.detail or problem.explanation)
        if self.problem is None and not way.is_ambient:
            self.problem = problem

    def _keep(self, request: Request, found: Found) -> None:
        self.is_settled = True
        if found is None:
            found = Identity(AnonymousUser(), {"type": "none"})
        else:
            self.problem = None
        user, auth = found
        request.keep_identity(user, auth)


def question_of(request: Request) -> Question | None:
    """Return the question of a request; None where nothing asks it."""
    found = request.identification
    return found if isinstance(found, Question) else None
