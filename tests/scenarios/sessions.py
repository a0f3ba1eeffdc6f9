"""Wire scenarios of sessions: what a cookie is worth, and what is said of it."""

from __future__ import annotations

from typing import Any

from tests.scenarios.scenario import Judge, Scenario, ask, has
from tests.scenarios.wire import Reply
from wadjet import Request, Router
from wadjet.middleware.session import SessionMiddleware
from wadjet.sessions import SessionPolicy

__all__ = ["REMEMBERED", "SESSIONS"]

_SEALED = (SessionMiddleware, {"store": "cookie", "secret": "of the scenarios"})
_STORED = (SessionMiddleware, {"store": "memory", "policy": SessionPolicy("stored")})


def _pages(path: str, middleware: Any) -> Router:
    router = Router(path, middleware=[middleware])

    @router.get("/untouched")
    async def untouched() -> str:
        return "untouched"

    @router.get("/get")
    async def get(request: Request) -> Any:
        return {"value": (await request.session.load()).get("value")}

    @router.get("/set")
    async def put(request: Request) -> None:
        (await request.session.load())["value"] = "kept"

    return router


REMEMBERED = (_pages("/sealed", _SEALED), _pages("/stored", _STORED))


def _begins(name: str) -> Judge:
    def judge(reply: Reply) -> bool:
        field = reply.field("set-cookie") or ""
        value, _, attributes = field.removeprefix(f"{name}=").partition(";")
        return len(value) > 42 and attributes == " Max-Age=3600; Path=/; HttpOnly; SameSite=Lax"

    return judge


def _rows(path: str, name: str) -> list[Scenario]:
    forged = {
        "SES-04 an empty cookie": f"{name}=",
        "SES-05 a cookie of dots": f"{name}=...",
        "SES-07 a cookie of bytes that are not UTF-8": f"{name}=\xff\xfe\xfd",
        "SES-09 a cookie with quotes and a semicolon": f'{name}="a;b"',
        "SES-13 a cookie without a signature": f"{name}=eyJhIjoiMSJ9.x.y",
    }
    untouched = {"set-cookie": None, "vary": None}
    return [
        Scenario(
            f"SES-22 nothing is said of a session that nobody touches {path}",
            ask(f"{path}/untouched"),
            fields=untouched,
        ),
        Scenario(
            f"SES-17 who looks makes the answer vary {path}",
            ask(f"{path}/get"),
            body=has(value=None),
            fields={"set-cookie": None, "vary": "Cookie"},
        ),
        Scenario(
            f"SES-14 the cookie says where it goes {path}",
            ask(f"{path}/set"),
            (204,),
            body=_begins(name),
            lane="wire",
        ),
        *(
            Scenario(
                f"{case} is an empty session {path}",
                ask(f"{path}/get", f"Cookie: {cookie}"),
                body=has(value=None),
                fields={"set-cookie": None},
            )
            for case, cookie in forged.items()
        ),
    ]


SESSIONS = (*_rows("/sealed", "sessionid"), *_rows("/stored", "stored"))
