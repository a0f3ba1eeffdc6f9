"""Wire scenarios of the built-in middleware: around a router, its hooks fused, and around an application that is mounted."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

from tests.scenarios.scenario import CLOSE, Scenario, ask, has, kept
from tests.scenarios.wire import Reply
from wadjet import EventSourceResponse, Request, Response, Router, ServerSentEvent, Settings, Wadjet
from wadjet.middleware import (
    CompressionMiddleware,
    CORSMiddleware,
    CSRFMiddleware,
    RateLimitMiddleware,
    RequestIdMiddleware,
    SecurityMiddleware,
)
from wadjet.security.tokens import SALT_BYTES, CsrfTokens

__all__ = ["GUARDED", "GUARDS", "MOUNTED"]

SECRET = "a secret of the scenarios"
TEXT = "again and again, " * 100
APP = "https://app.test"
COOKIE = CsrfTokens(SECRET).cookie("", bytes(SALT_BYTES))
TOKEN = CsrfTokens(SECRET).token(COOKIE, bytes(SALT_BYTES))

STACK: list[Any] = [
    RequestIdMiddleware,
    (CompressionMiddleware, {"codings": ["gzip"]}),
    (
        SecurityMiddleware,
        {"allowed_hosts": ["own.test"], "csp": "default-src 'none'", "permissions_policy": "usb=()"},
    ),
    (
        CORSMiddleware,
        {
            "allowed_origins": [APP, "https://*.apps.test"],
            "allow_credentials": True,
            "allowed_methods": ["GET", "PUT"],
            "allowed_headers": ["X-Asked"],
            "expose_headers": ["X-Request-ID"],
            "max_age": 60,
        },
    ),
    (RateLimitMiddleware, {"max_requests": 10**9}),
    (CSRFMiddleware, {"secret": SECRET}),
]

GUARDED = Router("/guarded", middleware=STACK)
MOUNTED = Wadjet(Settings(MAX_BODY_SIZE=1 << 20), middleware=STACK)


def add(routes: Router | Wadjet) -> None:
    """Record the same routes here and there."""

    @routes.route("/text", methods=["GET", "POST", "PUT"])
    async def text(request: Request) -> Any:
        return {"id": request.state["request_id"], "content": await request.text()}

    @routes.get("/divided")
    async def divided() -> Response[str]:
        return Response(TEXT, etag="v1", conditional_response=True)

    @routes.get("/fixed")
    async def fixed() -> Any:
        return TEXT, {"cache-control": "no-transform", "x-frame-options": "SAMEORIGIN"}

    @routes.get("/crash")
    async def crash() -> None:
        raise LookupError("secret")

    @routes.post("/small", max_body_size=4)
    async def small(request: Request) -> bytes:
        return await request.body()

    @routes.get("/events")
    async def events() -> EventSourceResponse:
        async def ticks() -> AsyncIterator[ServerSentEvent]:
            yield ServerSentEvent("tick")

        return EventSourceResponse(ticks())

    @routes.get("/none", middleware=[(RateLimitMiddleware, {"max_requests": 0, "window_seconds": 1000})])
    async def none() -> str:
        return "never"


add(GUARDED)
add(MOUNTED)

SECURE = {
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "usb=()",
}
NOTHING_SAID = {"access-control-allow-origin": None, "access-control-allow-credentials": None}
TOLD = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "X-Request-ID",
}
ZIP = "Accept-Encoding: gzip"
MINE = f"Cookie: csrftoken={COOKIE}"
SAME = "Sec-Fetch-Site: same-origin"


def _has_own_id(reply: Reply) -> bool:
    """Judge that the id is one of ours, everywhere the same, and not the one that was sent."""
    found = reply.field("x-request-id") or ""
    return re.fullmatch("[0-9a-f]{32}", found) is not None and has(id=found)(reply)


def _unzipped(content: str) -> Any:
    return lambda reply: gzip.decompress(reply.body) == content.encode()


def _preflight(path: str, *fields: str, method: str = "PUT") -> bytes:
    return ask(f"{path}/text", *fields, f"Access-Control-Request-Method: {method}", method="OPTIONS")


def _post(path: str, *fields: str, content: bytes = b"a=1") -> bytes:
    return ask(path, *fields, MINE, method="POST", content=content)


def _security(path: str) -> Iterator[Scenario]:
    refused = {**SECURE, "content-type": "application/problem+json"}
    yield Scenario(f"SEC {path} fields of a 200", ask(f"{path}/text", MINE), fields=SECURE)
    yield Scenario(
        f"SEC {path} a field of the handler's is not doubled",
        ask(f"{path}/fixed", MINE),
        body=TEXT.encode(),
        fields={**SECURE, "x-frame-options": "SAMEORIGIN"},
    )
    yield Scenario(
        f"SEC {path} fields of a 304",
        ask(f"{path}/divided", MINE, 'If-None-Match: "v1"'),
        (304,),
        b"",
        fields={**SECURE, "etag": '"v1"'},
    )
    yield Scenario(f"SEC {path} fields of a 500", ask(f"{path}/crash", MINE), (500,), fields=refused)
    yield Scenario(
        f"SEC {path} fields of a 413",
        _post(f"{path}/small", SAME, content=b"12345"),
        (413,),
        fields=refused,
        lane="wire",
        may_close=True,
    )
    yield Scenario(
        f"HOST {path} another host is refused, with the fields",
        ask(f"{path}/text", MINE, host="Host: evil.test"),
        (400,),
        lambda reply: b"Invalid Host header." in reply.body and b"evil" not in reply.body,
        fields=SECURE,
    )


def _cors(path: str) -> Iterator[Scenario]:
    yield Scenario(
        f"CORS {path} a preflight is granted",
        _preflight(path, f"Origin: {APP}", "Access-Control-Request-Headers: x-asked"),
        (204,),
        b"",
        fields={
            **SECURE,
            "access-control-allow-origin": APP,
            "access-control-allow-credentials": "true",
            "access-control-allow-methods": "GET, PUT",
            "access-control-allow-headers": "x-asked",
            "access-control-max-age": "60",
            "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        },
    )
    for why, fields, method in (
        ("origin", ["Origin: https://evil.test"], "PUT"),
        ("null", ["Origin: null"], "PUT"),
        ("pattern", ["Origin: https://evil-apps.test"], "PUT"),
        ("port", [f"Origin: {APP}:8443"], "PUT"),
        ("method", [f"Origin: {APP}"], "DELETE"),
        ("header", [f"Origin: {APP}", "Access-Control-Request-Headers: x-other"], "PUT"),
    ):
        sent = _preflight(path, *fields, method=method)
        yield Scenario(
            f"CORS {path} a preflight is refused for its {why}",
            sent,
            (403,),
            fields={**SECURE, "access-control-allow-methods": None},
        )
    yield Scenario(
        f"CORS {path} OPTIONS that is no preflight is the application's",
        ask(f"{path}/text", f"Origin: {APP}", MINE, method="OPTIONS"),
        (204,),
        b"",
        fields={**TOLD, "allow": "GET, HEAD, OPTIONS, POST, PUT"},
    )
    yield Scenario(
        f"CORS {path} who may read is told", ask(f"{path}/text", f"Origin: {APP}", MINE), fields=TOLD
    )
    yield Scenario(
        f"CORS {path} a pattern is of hosts below",
        ask(f"{path}/text", "Origin: https://one.apps.test", MINE),
        fields={**TOLD, "access-control-allow-origin": "https://one.apps.test", "vary": "Origin"},
    )
    yield Scenario(
        f"CORS {path} who may not read is told nothing",
        ask(f"{path}/text", "Origin: https://evil.test", MINE),
        fields={**NOTHING_SAID, "vary": "Origin"},
    )
    yield Scenario(
        f"CORS {path} a crash can be read", ask(f"{path}/crash", f"Origin: {APP}", MINE), (500,), fields=TOLD
    )


def _csrf(path: str) -> Iterator[Scenario]:
    form = f"csrfmiddlewaretoken={TOKEN}&a=1".encode()
    for name, fields, status in (
        ("another site is refused", ["Sec-Fetch-Site: cross-site"], 403),
        ("a sister site is refused", ["Sec-Fetch-Site: same-site"], 403),
        ("the site itself passes", [SAME], 200),
        ("another origin is refused", ["Origin: https://evil.test"], 403),
        ("no origin at all is refused", ["Origin: null"], 403),
        ("the origin itself passes", ["Origin: http://own.test"], 200),
        ("neither, and no token, is refused", [], 403),
        ("the cookie as a token passes", [f"X-CSRFToken: {COOKIE}"], 200),
        ("a masked token passes", [f"X-CSRFToken: {TOKEN}"], 200),
        ("a token that is none is refused", ["X-CSRFToken: " + "a" * 64], 403),
    ):
        body = has(content="a=1") if status == 200 else has(detail="CSRF verification failed.")
        yield Scenario(f"CSRF {path} {name}", _post(f"{path}/text", *fields), (status,), body, fields=SECURE)
    yield Scenario(
        f"CSRF {path} a form has its token, and reaches the handler whole",
        _post(f"{path}/text", "Content-Type: application/x-www-form-urlencoded", content=form),
        body=has(content=form.decode()),
    )


def _others(path: str) -> Iterator[Scenario]:
    yield Scenario(
        f"RL {path} one too many is refused, and told when to come again",
        ask(f"{path}/none", f"Origin: {APP}", MINE),
        (429,),
        has(status=429, retry_after=1000),
        fields={
            **SECURE,
            **TOLD,
            "retry-after": "1000",
            "x-ratelimit-limit": "0",
            "x-ratelimit-remaining": "0",
        },
    )
    yield Scenario(
        f"RL {path} what is left is told",
        ask(f"{path}/text", MINE),
        fields={
            "x-ratelimit-limit": str(10**9),
            "retry-after": "0",
            "ratelimit-policy": '"default";q=1000000000;w=60',
        },
    )
    yield Scenario(
        f"RID {path} the id is ours", ask(f"{path}/text", MINE, "X-Request-ID: theirs"), body=_has_own_id
    )
    yield Scenario(
        f"RID {path} two requests have two ids",
        kept(f"GET {path}/text HTTP/1.1", MINE) + kept(f"GET {path}/text HTTP/1.1", MINE, CLOSE),
        body=_has_own_id,
        after=(_has_own_id,),
        every=True,
        lane="wire",
    )
    zipped = {"content-encoding": "gzip", "etag": 'W/"v1"', "vary": "Origin, Accept-Encoding"}
    sent = ask(f"{path}/divided", MINE, ZIP)
    yield Scenario(f"GZ {path} text", sent, body=_unzipped(TEXT), fields=zipped, lane="wire")
    yield Scenario(
        f"GZ-18 GZ-20 {path} HEAD",
        kept(f"HEAD {path}/divided HTTP/1.1", MINE, ZIP) + ask(f"{path}/text", MINE),
        body=b"",
        fields={**zipped, "content-length": None},
        after=(lambda reply: reply.status == 200 and has(content="")(reply),),
        every=True,
        lane="wire",
        methods=("HEAD", "GET"),
    )
    yield Scenario(
        f"GZ-21 {path} a part leaves as it is",
        ask(f"{path}/divided", MINE, ZIP, "Range: bytes=0-4"),
        (206,),
        b"again",
        fields={"content-encoding": None, "content-length": "5"},
    )
    yield Scenario(
        f"GZ {path} no-transform",
        ask(f"{path}/fixed", MINE, ZIP),
        body=TEXT.encode(),
        fields={"content-encoding": None, "content-length": str(len(TEXT))},
    )
    yield Scenario(
        f"GZ {path} events",
        ask(f"{path}/events", MINE, ZIP),
        body=_unzipped("data: tick\n\n"),
        fields={"content-encoding": "gzip", "content-length": None},
        lane="wire",
    )


GUARDS = (
    *(
        scenario
        for path in ("/guarded", "/behind")
        for rows in (_security, _cors, _csrf, _others)
        for scenario in rows(path)
    ),
    Scenario("SEC /behind fields of a 404", ask("/behind/nowhere", MINE), (404,), fields=SECURE),
    Scenario(
        "SEC /behind fields of a 405",
        ask("/behind/crash", MINE, SAME, method="DELETE"),
        (405,),
        fields={**SECURE, "allow": "GET, HEAD, OPTIONS"},
    ),
)
