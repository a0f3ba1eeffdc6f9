"""Fused hooks and hooks wrapped around the application by hand send the same messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.driving import Sent, exchange
from wadjet import BaseMiddleware, JSONResponse, Request, StreamingResponse, Wadjet
from wadjet.auth import MemoryTokens, TokenAuthentication
from wadjet.http.exceptions import Conflict, Forbidden, NotFound, ServiceUnavailable
from wadjet.http.response import Response
from wadjet.middleware.auth import AuthenticationMiddleware
from wadjet.middleware.compression import CompressionMiddleware
from wadjet.middleware.cors import CORSMiddleware
from wadjet.middleware.csrf import CSRFMiddleware
from wadjet.middleware.db import DatabaseMiddleware
from wadjet.middleware.error import ServerErrorMiddleware
from wadjet.middleware.ratelimit import RateLimitMiddleware
from wadjet.middleware.requestid import RequestIdMiddleware
from wadjet.middleware.security import SecurityMiddleware
from wadjet.middleware.session import SessionMiddleware
from wadjet.sessions import SealedSessions, StoredSessions
from wadjet.stores.memory import MemoryStore
from wadjet.types import ASGIApp, Message, Receive, Scope, Send

Trail = list[str]


@pytest.fixture(autouse=True, scope="module")
def time_stands_still() -> Iterator[None]:
    """Let both forms be asked at the same moment, with the same luck."""
    with pytest.MonkeyPatch.context() as patch:
        still = SimpleNamespace(monotonic_ns=lambda: 10**12, time_ns=lambda: 2 * 10**18)
        patch.setattr("wadjet.middleware.ratepolicy.time", still)
        patch.setattr("wadjet.middleware.usuallimit.time", still)
        patch.setattr("secrets.token_bytes", bytes)
        patch.setattr("secrets.token_urlsafe", lambda size: "A" * 43)
        yield


class Hook(BaseMiddleware):
    """A hook with a name, that writes down when it is called."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app)
        self.label = label
        self.trail = trail

    def note(self, what: str) -> None:
        self.trail.append(f"{what} {self.label}")


class Nothing(Hook):
    pass


class Tag(Hook):
    def after(self, request: Request, response: Any) -> None:
        self.note(f"after {response.status_code}")
        response.headers.append("x-tag", self.label)


class AsyncTag(Hook):
    async def before(self, request: Request) -> None:
        self.note("before")
        await asyncio.sleep(0)

    async def after(self, request: Request, response: Any) -> None:
        await asyncio.sleep(0)
        self.note(f"after {response.status_code}")
        response.headers.append("x-tag", self.label)


class Early(Hook):
    def before(self, request: Request) -> Response[Any]:
        self.note("before")
        return JSONResponse({"early": self.label}, headers={"x-early": self.label})

    after = Tag.after


class AsyncEarly(Hook):
    async def before(self, request: Request) -> Response[Any]:
        await asyncio.sleep(0)
        return Response("early", 203)


class EarlyStream(Hook):
    def before(self, request: Request) -> Response[Any]:
        return StreamingResponse(["one ", "two ", self.label])

    after = Tag.after


SHARED = JSONResponse({"shared": True}, 403)


class EarlyShared(Hook):
    def before(self, request: Request) -> Response[Any]:
        return SHARED

    def after(self, request: Request, response: Any) -> None:
        response.headers.append("set-cookie", f"secret={self.label}")


class Status(Hook):
    def after(self, request: Request, response: Any) -> None:
        self.note(f"after {response.status_code}")
        response.status_code = 202 if response.status_code == 200 else response.status_code


class NoContent(Hook):
    def after(self, request: Request, response: Any) -> None:
        response.status_code = 204


class Content(Hook):
    def after(self, request: Request, response: Any) -> None:
        if response.status_code == 204:
            response.status_code = 200


class BeforeForbids(Hook):
    def before(self, request: Request) -> None:
        self.note("before")
        raise Forbidden("not you", headers={"x-forbidden": self.label})

    after = Tag.after


class BeforeCrashes(Hook):
    async def before(self, request: Request) -> None:
        raise RuntimeError(self.label)

    after = Tag.after


class AfterConflicts(Hook):
    def after(self, request: Request, response: Any) -> None:
        self.note(f"after {response.status_code}")
        raise Conflict("no", headers={"x-conflict": self.label})


class AfterCrashes(Hook):
    async def after(self, request: Request, response: Any) -> None:
        self.note(f"after {response.status_code}")
        await asyncio.sleep(0)
        raise ZeroDivisionError


class Cookie(Hook):
    def after(self, request: Request, response: Any) -> None:
        response.headers.append("set-cookie", f"{self.label}=1")


class Callback(Hook):
    def before(self, request: Request) -> None:
        self.note("before")

        def callback(request: Request, response: Any) -> None:
            self.note(f"callback {response.status_code}")
            response.headers.append("x-callback", self.label)

        request.add_response_callback(callback)

    after = Tag.after


class RaisingCallback(Hook):
    def before(self, request: Request) -> None:
        async def callback(request: Request, response: Any) -> None:
            self.note("callback")
            raise ServiceUnavailable(retry_after=30)

        request.add_response_callback(callback)

    after = Tag.after


class Finished(Hook):
    def before(self, request: Request) -> None:
        async def finished(request: Request) -> None:
            self.note(f"finished {type(request.exception).__name__}")

        request.add_finished_callback(finished)


class Knows(Hook):
    def before(self, request: Request) -> None:
        request.user = self.label
        request.state["label"] = self.label
        request.auth = {"type": "token"}


class Reads(Hook):
    async def before(self, request: Request) -> None:
        self.note(f"read {len(await request.body())}")


class Wrong(Hook):
    def before(self, request: Request) -> Any:
        return {"not": "a response"}


class WrongAfter(Hook):
    def after(self, request: Request, response: Any) -> Any:
        return JSONResponse({})


class Plain:
    """Middleware that only speaks ASGI."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        self.app = app
        self.label = label
        self.trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-plain", self.label.encode())]}
            await send(message)

        await self.app(scope, receive, sending)


class PlainCopy(Plain):
    """The same, with a scope of its own."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__({**scope, "scheme": "https"}, receive, send)


class Limited(RateLimitMiddleware):
    """The built-in, so narrow that some requests are refused."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, 12, 60)


class Shared(CORSMiddleware):
    """The built-in, for one origin."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, ["https://app.test"], allow_credentials=True)


class Secured(SecurityMiddleware):
    """The built-in, with a nonce that nobody asks for."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, csp={"script-src": "'nonce'"}, csp_report_only="default-src 'none'")


class Identified(RequestIdMiddleware):
    """The built-in, with the same id in both forms."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app)

    def before(self, request: Request) -> None:
        request.state["request_id"] = "known"


class Compressed(CompressionMiddleware):
    """The built-in, for everything that a client takes."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, 0, ["gzip"])


class Stored(DatabaseMiddleware):
    """The built-in, around a database that writes down what is asked of it."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, database=_Database(label, trail))


class _Database:
    def __init__(self, label: str, trail: Trail) -> None:
        self.label = label
        self.trail = trail

    def begin(self, *, writes: bool) -> _Database:
        self.trail.append(f"begin {self.label}")
        return self

    def end(self, *, commits: bool) -> Awaitable[None]:
        async def end() -> None:
            await asyncio.sleep(0)
            self.trail.append(f"end {self.label} {commits}")

        return end()


class Remembering(SessionMiddleware):
    """The built-in, with an id that is the same in both forms; a session begins, and is looked at later."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, "cookie", secret="secret")
        self.sessions = SealedSessions(self.sessions.policy, "secret", lambda: 2e9)

    def before(self, request: Request) -> Any:
        pending = super().before(request)
        request.session["a"] = 1
        return pending


class Storing(SessionMiddleware):
    """The same on the server."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, "memory")
        self.sessions = StoredSessions(MemoryStore(1_000_000), self.sessions.policy, lambda: 2e9)

    async def before(self, request: Request) -> None:
        pending = super().before(request)
        assert pending is None
        (await request.session.load()).bind_user("7")


class Guarded(CSRFMiddleware):
    """The built-in, which refuses what is posted here."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, "secret", exempt_paths=["/echo", "/echo/stream"])


TOKENS = MemoryTokens()
TOKEN = TOKENS.issue("ann")


class Authenticated(AuthenticationMiddleware):
    """The built-in, for which the token that is sent is good."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, backends=[TokenAuthentication(TOKENS)])


class Refusing(AuthenticationMiddleware):
    """The built-in, for which it is not."""

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app, backends=[TokenAuthentication(MemoryTokens())])


class Net(ServerErrorMiddleware):
    """The built-in, which fused is not there at all."""

    __slots__ = ()

    def __init__(self, app: ASGIApp, label: str, trail: Trail) -> None:
        super().__init__(app)


KINDS: list[Callable[..., Any]] = [
    Nothing,
    Tag,
    AsyncTag,
    Early,
    AsyncEarly,
    EarlyStream,
    EarlyShared,
    Status,
    NoContent,
    Content,
    BeforeForbids,
    BeforeCrashes,
    AfterConflicts,
    AfterCrashes,
    Cookie,
    Callback,
    RaisingCallback,
    Finished,
    Knows,
    Reads,
    Wrong,
    WrongAfter,
    Plain,
    PlainCopy,
    Limited,
    Shared,
    Secured,
    Identified,
    Guarded,
    Compressed,
    Stored,
    Remembering,
    Storing,
    Authenticated,
    Refusing,
    Net,
]

_SESSIONS = {Remembering, Storing}
ORIGIN = [
    ("origin", "https://app.test"),
    ("accept-encoding", "gzip"),
    ("authorization", f"Bearer {TOKEN}"),
]

#: Method, path, content.
REQUESTS = [
    ("GET", "/plain", b""),
    ("HEAD", "/plain", b""),
    ("GET", "/json", b""),
    ("GET", "/stream", b""),
    ("HEAD", "/stream", b""),
    ("GET", "/pulled", b""),
    ("GET", "/stream/fails", b""),
    ("GET", "/nothing", b""),
    ("GET", "/missing", b""),
    ("GET", "/crash", b""),
    ("HEAD", "/crash", b""),
    ("GET", "/user", b""),
    ("POST", "/echo", b"the whole content"),
    ("POST", "/echo/small", b"the whole content"),
    ("POST", "/echo/stream", b"the whole content"),
    ("GET", "/nowhere", b""),
    ("DELETE", "/plain", b""),
    ("OPTIONS", "/plain", b""),
    ("GET", "/plain/", b""),
    ("GET", "/mounted/below", b""),
]


def application(middleware: Sequence[Any] = ()) -> Wadjet:
    app = Wadjet(middleware=middleware)
    _add_answers(app)
    _add_streams(app)
    app.mount("/mounted", foreign)
    return app


def _add_answers(app: Wadjet) -> None:

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    @app.get("/json")
    def document() -> Any:
        return {"a": 1}, 200, {"x-own": "yes"}

    @app.get("/nothing")
    async def nothing() -> None:
        return None

    @app.get("/missing")
    async def missing() -> None:
        raise NotFound("nothing here", headers={"x-missing": "1"})

    @app.get("/crash")
    async def crash() -> None:
        raise ValueError("secret")

    @app.get("/user")
    async def user(request: Request) -> Any:
        return {"user": str(request.user), "auth": request.auth, "state": request.state.get("label")}

    @app.post("/echo")
    async def echo(request: Request) -> bytes:
        return await request.body()

    @app.post("/echo/small", max_body_size=5)
    async def small(request: Request) -> bytes:
        return await request.body()


def _add_streams(app: Wadjet) -> None:
    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        yield "one "
        await asyncio.sleep(0)
        yield "two"

    @app.get("/pulled")
    def pulled() -> Iterator[bytes]:
        yield from (b"1", b"", b"2")

    @app.get("/stream/fails")
    async def fails(n: int = 0) -> AsyncIterator[str]:
        if not n:
            raise NotFound("no stream")
        yield ""

    @app.post("/echo/stream")
    async def echo_stream(request: Request) -> AsyncIterator[bytes]:
        async for chunk in request.stream():
            yield chunk


START = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"7")]}


async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends the same message to everyone, as small ASGI applications do."""
    assert scope["type"] == "http"
    await send(START)
    await send({"type": "http.response.body", "body": b"foreign"})


def both(stack: Sequence[Callable[..., Any]]) -> tuple[ASGIApp, Trail, ASGIApp, Trail]:
    fused_trail: Trail = []
    entries = [
        (kind, {"label": f"{place}{kind.__name__}", "trail": fused_trail}) for place, kind in enumerate(stack)
    ]
    by_hand_trail: Trail = []
    wrapped: Any = application()
    for kind, options in reversed(entries):
        wrapped = kind(wrapped, label=options["label"], trail=by_hand_trail)
    return application(entries), fused_trail, wrapped, by_hand_trail


async def assert_same(
    stack: Sequence[Callable[..., Any]], requests: Sequence[tuple[str, str, bytes]]
) -> None:
    if Content in stack and NoContent in stack:
        return  # what a 204 has let go of on the wire, an outer hook brings back only where there is no wire between
    for kind in (Guarded, Authenticated, Refusing):
        if kind in stack and _SESSIONS & {*stack[stack.index(kind) :]}:
            return  # which is refused before anything is served
    fused, fused_trail, by_hand, by_hand_trail = both(stack)
    for method, target, content in requests:
        if target == "/echo/small" and Reads in stack:
            continue  # before a plan is found, a hook that reads keeps to the limit of no plan
        fused_trail.clear()
        by_hand_trail.clear()
        one: Sent = await exchange(fused, method, target, ORIGIN, content)
        other: Sent = await exchange(by_hand, method, target, ORIGIN, content)
        case = f"{[kind.__name__ for kind in stack]} {method} {target}"
        assert one == other, case
        assert fused_trail == by_hand_trail, case


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_hook(kind: Callable[..., Any]) -> None:
    asyncio.run(assert_same([kind], REQUESTS))


@pytest.mark.parametrize("first", KINDS, ids=lambda kind: kind.__name__)
def test_every_ordered_pair(first: Callable[..., Any]) -> None:
    async def pairs() -> None:
        for second in KINDS:
            await assert_same([first, second], REQUESTS)

    asyncio.run(pairs())


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(stack=st.lists(st.sampled_from(KINDS), min_size=4, max_size=4))
def test_sampled_fours(stack: list[Callable[..., Any]]) -> None:
    asyncio.run(assert_same(stack, REQUESTS))


def test_a_failure_is_known_around_a_copied_scope_too() -> None:
    asyncio.run(assert_same([Nothing, PlainCopy, Stored], REQUESTS))


def test_no_stack_changes_what_is_shared() -> None:
    asyncio.run(assert_same([EarlyShared], REQUESTS))
    asyncio.run(assert_same([Cookie], REQUESTS))
    assert not SHARED.raw_headers or all(name != b"set-cookie" for name, _ in SHARED.raw_headers)
    assert START["headers"] == [(b"content-length", b"7")]
