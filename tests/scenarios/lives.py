"""Wire scenarios of a life: what a request writes, tells others and asks itself; resources; handshakes that are refused."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.scenarios.scenario import HOST, Scenario, answers, ask, has, kept, without
from wadjet import Error, Request, Response, Router, StreamingResponse, Wadjet, WebSocket
from wadjet.db import Database, ForeignKey, Mapped, Model, create_all, mapped_column
from wadjet.events import BeforeRender, BeforeTraversal, ContextFound, NewRequest, NewResponse
from wadjet.http.exceptions import Forbidden, SeeOther, ServiceUnavailable, Unauthorized
from wadjet.middleware import DatabaseMiddleware
from wadjet.server.wsgi import WSGI
from wadjet.traversal import Allow, Everyone

__all__ = ["LIVES", "NOTES", "RECORDED", "SOCKETS", "TOLD"]

# -- what a request writes --------------------------------------------------------------------------------------------------


class Base(Model):
    """Models of the scenarios, in a schema of their own."""

    __abstract__ = True
    metadata = type(Model.metadata)()


class Note(Base):
    """A name that was kept."""

    name: Mapped[str] = mapped_column(primary_key=True)


class Claim(Base):
    """What refers to a note; whether that is there is asked by the commit."""

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(ForeignKey("note.name", deferrable=True, initially="DEFERRED"))


_DATABASE = Database(f"sqlite:///{Path(tempfile.mkdtemp())}/notes.db")
NOTES = Router("/notes", middleware=[(DatabaseMiddleware, {"database": _DATABASE})])


async def prepare() -> None:
    """Make the tables."""
    await create_all(_DATABASE, Base.metadata)


@NOTES.get("/{name}")
async def note(name: str) -> Any:
    return (await Note.objects.get(name=name)).name


@NOTES.post("/{name}/{ending}", status_code=201)
async def write(name: str, ending: str) -> Any:
    await Note.objects.filter(name=name).delete()
    await Note.objects.create(name=name)
    match ending:
        case "refused":
            raise Error(400, "no")
        case "crashes":
            raise RuntimeError("secret")
        case "sees-other":
            raise SeeOther("/ping")
        case "says-500":
            return Response("broken", 500)
        case "cannot-commit":
            await Claim.objects.create(note="nobody")
        case "is-there":
            await Note.objects.create(name=name)
    return "kept"


@NOTES.get("/{name}/streamed")
async def streamed(name: str) -> StreamingResponse:
    async def content() -> AsyncIterator[str]:
        for _ in range(2):
            yield f"{await Note.objects.filter(name=name).count()} "

    return StreamingResponse(content(), media_type="text/plain")


def ends(name: str, ending: str, status: int, then: int) -> Scenario:
    """Write, end like that, and ask on the same connection what is there, as soon as the head has come."""
    sent = kept(f"POST /notes/{name}/{ending} HTTP/1.1", "Content-Length: 0") + ask(f"/notes/{name}")
    return Scenario(
        f"W1 a request that {ending} is a {status}, and what it wrote is {'there' if then == 200 else 'not'}",
        sent,
        (status,),
        without(b"secret"),
        after=(answers(then),),
        every=True,
        lane="wire",
    )


# -- what it tells others, and asks itself ----------------------------------------------------------------------------------


class Folder(dict[str, Any]):
    """A resource with others below it."""

    __acl__ = ((Allow, Everyone, "view"), (Allow, "role:editor", "edit"))

    def __init__(self, name: str, parent: Folder | None = None) -> None:
        self.__name__, self.__parent__ = name, parent
        if parent is not None:
            parent[name] = self


ROOT = Folder("")
for _name in ("docs", "a/b", "_hidden"):
    Folder(_name, ROOT)
TOLD = Wadjet(root_factory=lambda _: ROOT)


def _tell(event: Any) -> None:
    request = event["request"] if isinstance(event, BeforeRender) else event.request
    request.state.setdefault("told", []).append(type(event).__name__)
    if isinstance(event, NewResponse):
        event.response.headers["x-told"] = " ".join(request.state["told"])


TOLD.add_subscriber(_tell, (NewRequest, BeforeTraversal, ContextFound, BeforeRender, NewResponse))
TOLD.add_view(
    lambda context, request: {"at": context.__name__, "path": request.resource_path(context)},
    context=Folder,
    renderer="json",
    request_method="GET",
    permission="view",
)
TOLD.add_view(lambda request: "edited", context=Folder, name="edit", permission="edit")
TOLD.add_view(lambda request: list(request.subpath), context=Folder, name="list", renderer="json")


@TOLD.get("/rendered", renderer="json")
async def rendered() -> Any:
    return {"a": 1}


@TOLD.get("/callbacks/{kind}")
async def callbacks(request: Request, kind: str) -> str:
    def note(name: str) -> None:
        request.state.setdefault("order", []).append(name)

    def first(_: Request, response: Any) -> None:
        note("first")
        request.add_response_callback(last)

    def last(_: Request, response: Any) -> None:
        note("last")
        response.headers["x-order"] = " ".join(request.state["order"])

    def fails(*_: object) -> None:
        raise {"refuse": Forbidden("no")}.get(kind, RuntimeError("secret"))

    request.add_response_callback(first)
    request.add_response_callback(lambda *_: note("second"))
    if kind in {"refuse", "crash"}:
        request.add_response_callback(fails)
    if kind == "finish":
        request.add_finished_callback(fails)
    if kind == "work":
        request.background(fails)
    if kind == "raise":
        raise Error(409)
    return "whole"


@TOLD.get("/merged", status_code=201)
async def merged(request: Request) -> Any:
    request.response.headers["x-merged"] = "yes"
    request.response.set_cookie("seen", "1")
    return {"a": 1}


@TOLD.get("/asks")
async def asks(request: Request, target: str) -> Any:
    answer = await request.app.handle(Request.blank(target))
    return {"status": answer.status_code, "text": answer.text, "told": answer.headers.get("x-told")}


def _legacy(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    path = environ["PATH_INFO"]
    if path == "/crash":
        raise RuntimeError("secret")
    field = "a\r\nSet-Cookie: b=c" if path == "/split" else "x"
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-A", field), ("Connection", "close")])
    return [environ["SCRIPT_NAME"].encode(), b" ", path.encode("latin-1")]


TOLD.mount("/wsgi", WSGI(_legacy))


def told(name: str, target: str, *fields: str, method: str = "GET", **expected: Any) -> Scenario:
    return Scenario(f"LIFE {name}", ask(f"/told/{target}", *fields, method=method), **expected)


# -- handshakes that are refused --------------------------------------------------------------------------------------------

SOCKETS = Router("/sockets")


@SOCKETS.websocket("/{kind}")
async def converse(socket: WebSocket, kind: str, count: int = 1) -> Any:
    if kind == "busy":
        return Response("later", 503, {"retry-after": "7"})
    raise {"who": Unauthorized(), "away": ServiceUnavailable(retry_after=9)}.get(kind, RuntimeError("secret"))


HANDSHAKE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def refused(
    name: str, target: str, status: int, *fields: str, expected: dict[str, str] | None = None
) -> Scenario:
    """Refuse a handshake with a response, and end the connection."""
    sent = "\r\n".join([f"GET {target} HTTP/1.1", HOST, *HANDSHAKE, *fields, "", ""]).encode("latin-1")
    return Scenario(
        f"SOCKET {name}", sent, (status,), without(b"secret"), expected or {}, lane="wire", may_close=False
    )


RECORDED = (NOTES, SOCKETS)
LIVES = (
    ends("one", "works", 201, 200),
    ends("two", "refused", 400, 404),
    ends("three", "crashes", 500, 404),
    ends("four", "sees-other", 303, 200),
    ends("five", "says-500", 500, 404),
    ends("six", "cannot-commit", 500, 404),
    ends("seven", "is-there", 409, 404),
    Scenario("W1 a row that is not there", ask("/notes/none"), (404,), has(title="Not Found")),
    Scenario(
        "W1 a commit that fails is a problem like any other",
        ask("/notes/eight/cannot-commit", method="POST"),
        (500,),
        has(status=500, detail="The server has failed."),
        {"content-type": "application/problem+json"},
    ),
    Scenario("CONC-20 a stream asks by itself", ask("/notes/none/streamed"), body=b"0 0 "),
    told(
        "events come in their order",
        "rendered",
        body=b'{"a":1}',
        fields={"x-told": "NewRequest BeforeTraversal ContextFound BeforeRender NewResponse"},
    ),
    told(
        "response callbacks in the order added, those of callbacks too",
        "callbacks/plain",
        fields={"x-order": "first second last"},
    ),
    told("a callback that refuses", "callbacks/refuse", status=(403,), body=has(detail="no")),
    told("a callback that fails", "callbacks/crash", status=(500,), body=without(b"secret")),
    told("a finished callback that fails costs no answer", "callbacks/finish", body=b"whole"),
    told("work after the response that fails costs no answer", "callbacks/work", body=b"whole"),
    told(
        "callbacks of what is raised",
        "callbacks/raise",
        status=(409,),
        fields={"x-order": "first second last"},
    ),
    told(
        "what stands on request.response leaves with the result",
        "merged",
        status=(201,),
        body=b'{"a":1}',
        fields={"x-merged": "yes", "set-cookie": "seen=1; Path=/; SameSite=Lax"},
    ),
    told(
        "a request asks another",
        "asks?target=/docs",
        body=has(status=200, text='{"at":"docs","path":"/docs/"}'),
    ),
    told("a request asks for nothing", "asks?target=/x/y", body=has(status=404)),
    told(
        "a resource",
        "docs",
        body=b'{"at":"docs","path":"/told/docs/"}',
        fields={"x-told": "NewRequest BeforeTraversal ContextFound BeforeRender NewResponse"},
    ),
    told("HEAD of a resource", "docs", method="HEAD", body=b""),
    told(
        "a wrong method is 405 and not 404",
        "docs",
        method="POST",
        status=(405,),
        fields={"allow": "GET, HEAD, OPTIONS"},
    ),
    told(
        "OPTIONS of a resource",
        "docs",
        method="OPTIONS",
        status=(204,),
        fields={"allow": "GET, HEAD, OPTIONS"},
    ),
    told("what no view has is 404 by every method", "docs/none", method="POST", status=(404,)),
    told("a permission that nobody has given", "docs/edit", status=(401,)),
    told("a view by its name", "docs/@@list/x/y%2Fz", body=b'["x","y/z"]'),
    told("an escaped slash is part of its segment", "a%2Fb", body=has(at="a/b")),
    told("a plain slash is none", "a/b", status=(404,)),
    told("a hidden resource", "_hidden", status=(404,)),
    told("an attribute is no resource", "docs/__class__", status=(404,)),
    told("a way that climbs", "docs/%2e%2e/docs", status=(400,)),
    told("a way that is not UTF-8", "docs/%ff", status=(400,)),
    told("a virtual root that a stranger names", "", "X-Vhm-Root: /docs", body=has(at="")),
    told("an application of WSGI", "wsgi/a%20b", body=b"/told/wsgi /a b", fields={"x-a": "x"}),
    told("an application of WSGI that fails", "wsgi/crash", status=(500,), body=without(b"secret")),
    told(
        "an application of WSGI that splits its answer",
        "wsgi/split",
        status=(500,),
        fields={"set-cookie": None},
    ),
    Scenario("WS-31", ask("/sockets/echo"), (426,), fields={"upgrade": "websocket"}),
    refused("a page of another site", "/sockets/busy", 403, "Origin: https://evil.test"),
    refused("a page of nowhere", "/sockets/busy", 403, "Origin: null"),
    refused("a response of the handler", "/sockets/busy", 503, expected={"retry-after": "7"}),
    refused(
        "an HTTP exception", "/sockets/away", 503, "Origin: http://own.test", expected={"retry-after": "9"}
    ),
    refused("who is nobody", "/sockets/who", 401),
    refused("a crash", "/sockets/crash", 500),
    refused("an argument that is none", "/sockets/busy?count=many", 422),
    refused("WS-32", "/sockets", 404),
    refused("WS-33", "/ping", 404),
)
