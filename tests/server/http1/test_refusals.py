"""Refusals of the connection itself: they have the fields that every response has, and run nothing of the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.scenarios.wire import replies
from tests.server.http1.serving import run, serving
from wadjet import Request, Settings, Wadjet
from wadjet.http.constantfields import ConstantFields
from wadjet.middleware import BaseMiddleware, SecurityMiddleware, ServerErrorMiddleware
from wadjet.types import ASGIApp, Receive, Scope, Send

LIMITS: Any = {"MAX_REQUEST_LINE": 200, "MAX_HEADER_BYTES": 400, "MAX_HEADER_COUNT": 5, "HEADER_TIMEOUT": 0.1}
OPTIONS: Any = {
    "hsts_seconds": 60,
    "csp": {"default-src": "'self'", "script-src": ["'self'", "'nonce'"]},
    "permissions_policy": "camera=()",
}
FIELDS = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("permissions-policy", "camera=()"),
    ("content-security-policy", "default-src 'self'; script-src 'self'"),
]

REFUSED = [
    pytest.param(b"GET / HTTP/1.1\r\nHost\r\n\r\n", 400, id="no field"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\nA", 408, id="a head that does not come to its end"),
    pytest.param(b"GET /" + b"a" * 300 + b" HTTP/1.1\r\n\r\n", 414, id="a long line"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 1000, 431, id="a long head"),
    pytest.param(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 6 + b"\r\n", 431, id="many fields"),
    pytest.param(b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", 505, id="another version"),
    pytest.param(b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501, id="a tunnel"),
    pytest.param(b"BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, id="no method"),
]


class Seen(BaseMiddleware):
    """Counts what reaches the application."""

    requests = 0

    def before(self, request: Request) -> None:
        Seen.requests += 1


def inside(**settings: Any) -> ASGIApp:
    app = Wadjet(Settings(**{**LIMITS, **settings}), middleware=[Seen, (SecurityMiddleware, OPTIONS)])
    app.get("/")(lambda: "served")
    return app


def around() -> ASGIApp:
    app = Wadjet(Settings(**LIMITS), middleware=[Seen])
    app.get("/")(lambda: "served")
    return ServerErrorMiddleware(SecurityMiddleware(app, **OPTIONS))


class Foreign:
    """An application that is not ours, with limits."""

    settings = Settings(**LIMITS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


def around_another() -> ASGIApp:
    return SecurityMiddleware(Foreign(), **OPTIONS)


@pytest.mark.parametrize("made", [inside, around, around_another])
@pytest.mark.parametrize(("sent", "status"), REFUSED)
def test_what_is_no_request_is_refused_with_the_fields_of_every_response(
    made: Callable[[], ASGIApp], sent: bytes, status: int
) -> None:
    async def test() -> None:
        Seen.requests = 0
        async with serving(made()) as served:
            (reply,) = await served.ask(sent)
            assert reply.status == status
            names = {name for name, _ in FIELDS}
            assert [field for field in reply.fields if field[0] in names] == FIELDS
            assert (reply.field("connection"), reply.field("strict-transport-security")) == ("close", None)
            assert reply.field("content-type") == "application/problem+json"
        assert Seen.requests == 0

    run(test())


def test_the_bytes_of_a_refusal() -> None:
    async def test() -> None:
        async with serving(inside()) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\nA\r\n\r\n")
            head, _, content = (await peer.rest()).partition(b"\r\n\r\n")
            peer.close()
            lines = [line for line in head.split(b"\r\n") if not line.startswith((b"date: ", b"server: "))]
            assert lines == [
                b"HTTP/1.1 400 Bad Request",
                b"content-type: application/problem+json",
                b"vary: Accept",
                b"content-length: %d" % len(content),
                *(f"{name}: {value}".encode() for name, value in FIELDS),
                b"connection: close",
            ]

    run(test())


def test_a_refusal_in_its_turn_has_the_fields_of_the_answer_before_it() -> None:
    async def test() -> None:
        async with serving(inside()) as served:
            sent = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\nA\r\n\r\n"
            answer, refusal = await served.ask(sent, ["GET", "GET"])
            assert (answer.status, refusal.status) == (200, 400)
            for name, value in FIELDS:
                assert answer.field(name) == refusal.field(name) == value

    run(test())


def test_a_connection_too_many_is_refused_with_the_fields() -> None:
    async def test() -> None:
        async with serving(inside(MAX_CONNECTIONS=1)) as served:
            first = await served.open()
            second = await served.open()
            await second.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            (reply,) = replies(await second.rest(), ["GET"])
            assert (reply.status, reply.field("x-frame-options")) == (503, "DENY")
            first.close()

    run(test())


def test_over_tls_a_refusal_says_that_https_is_to_stay() -> None:
    middleware = SecurityMiddleware(Foreign(), **OPTIONS)
    told = {
        scheme: [field for each in middleware.constant_fields(scheme) for field in each.merged(())]
        for scheme in ("http", "https")
    }
    assert set(told["https"]) - set(told["http"]) == {(b"strict-transport-security", b"max-age=60")}


def test_middleware_of_ones_own_says_what_refusals_have() -> None:
    class Named(BaseMiddleware):
        def constant_fields(self, scheme: str) -> list[ConstantFields]:
            return [ConstantFields([("x-named", scheme), ("x-frame-options", "SAMEORIGIN")])]

    async def test() -> None:
        app = Wadjet(middleware=[SecurityMiddleware, Named])
        async with serving(app) as served:
            (reply,) = await served.ask(b"GET / HTTP/1.1\r\nA\r\n\r\n")
            assert (reply.field("x-named"), reply.field("x-frame-options")) == ("http", "SAMEORIGIN")
            assert reply.field("x-content-type-options") == "nosniff"

    run(test())
