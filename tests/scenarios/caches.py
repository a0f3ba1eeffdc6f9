"""Wire scenarios of kept answers: what is the same for everybody, and what is one client's own."""

from __future__ import annotations

from typing import Annotated, Any

from tests.scenarios.scenario import Scenario, ask, kept
from tests.scenarios.wire import Reply
from wadjet import Header, Request, Response, Router

__all__ = ["CACHED", "CACHES"]

CACHED = Router("/kept", cache_ttl=1000)


@CACHED.get("/text")
async def text() -> str:
    return "kept"


@CACHED.get("/fresh")
async def fresh() -> Response[str]:
    return Response("fresh", headers={"cache-control": "max-age=60"})


@CACHED.get("/divided")
async def divided() -> Response[bytes]:
    return Response(b"abcdef", etag="v1", conditional_response=True)


@CACHED.get("/who")
async def who(request: Request) -> str:
    return request.headers.get("authorization") or "nobody"


@CACHED.get("/language", cache_vary="accept-language")
async def language(accept_language: Annotated[str, Header()] = "none") -> str:
    return accept_language


@CACHED.get("/echo")
async def echo(request: Request, q: str = "") -> str:
    return q + await request.text()


def _is(body: bytes, **fields: str | None) -> Any:
    def judge(reply: Reply) -> bool:
        wanted = {name.replace("_", "-"): value for name, value in fields.items()}
        found = {name: reply.field(name) for name in wanted}
        return (reply.status, reply.body, found) == (200, body, wanted)

    return judge


CACHES = (
    Scenario(
        "CACHE a kept answer is whole, and as it was",
        kept("GET /kept/text HTTP/1.1") + ask("/kept/text"),
        body=b"kept",
        fields={"content-type": "text/plain; charset=utf-8", "content-length": "4", "age": None},
        after=(_is(b"kept", content_type="text/plain; charset=utf-8", content_length="4", age=None),),
        lane="wire",
    ),
    Scenario(
        "CACHE-11 nobody gets what was made for credentials",
        kept("GET /kept/who HTTP/1.1", "Authorization: Bearer alice")
        + ask("/kept/who", "Authorization: Bearer bob"),
        body=b"Bearer alice",
        after=(_is(b"Bearer bob"),),
        lane="wire",
    ),
    Scenario(
        "CACHE-14 each language has its own",
        kept("GET /kept/language HTTP/1.1", "Accept-Language: de")
        + ask("/kept/language", "Accept-Language: en"),
        body=b"de",
        fields={"vary": "accept-language"},
        after=(_is(b"en", vary="accept-language"),),
        lane="wire",
    ),
    Scenario(
        "CACHE-15 empty and absent differ",
        kept("GET /kept/language HTTP/1.1", "Accept-Language:") + ask("/kept/language"),
        body=b"",
        after=(_is(b"none"),),
        lane="wire",
    ),
    Scenario(
        "CACHE-17 what GET has left answers HEAD without a body",
        kept("GET /kept/text HTTP/1.1") + ask("/kept/text", method="HEAD"),
        body=b"kept",
        after=(_is(b"", content_length="4"),),
        lane="wire",
    ),
    Scenario(
        "CACHE-21 the query is part of the key",
        kept("GET /kept/echo?q=1 HTTP/1.1") + ask("/kept/echo?q=2"),
        body=b"1",
        after=(_is(b"2"),),
        lane="wire",
    ),
    Scenario(
        "CACHE-23 a fresh answer says its age",
        kept("GET /kept/fresh HTTP/1.1") + ask("/kept/fresh"),
        body=b"fresh",
        after=(lambda reply: reply.body == b"fresh" and (reply.field("age") or "").isdigit(),),
        lane="wire",
    ),
    Scenario(
        "CACHE-24 a part is cut of what is kept, and not kept itself",
        kept("GET /kept/divided HTTP/1.1", "Range: bytes=0-1") + ask("/kept/divided"),
        (206,),
        b"ab",
        after=(_is(b"abcdef"),),
        lane="wire",
    ),
    Scenario(
        "CACHE a condition is asked of what is kept",
        kept("GET /kept/divided HTTP/1.1") + ask("/kept/divided", 'If-None-Match: "v1"'),
        body=b"abcdef",
        after=(lambda reply: (reply.status, reply.body) == (304, b""),),
        lane="wire",
    ),
    Scenario(
        "CACHE a request with content is answered for itself",
        kept("GET /kept/echo?q=1 HTTP/1.1") + ask("/kept/echo?q=1", content=b"2"),
        body=b"1",
        after=(_is(b"12"),),
        lane="wire",
    ),
)
