"""Middleware that only speaks ASGI stands in the same list."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.driving import drive, http_scope, run
from wadjet import BaseMiddleware, Request, Wadjet
from wadjet.http.response import PlainTextResponse
from wadjet.types import ASGIApp, Message, Receive, Scope, Send


class Plain:
    """Passes on, unless a subclass does something."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Tag(BaseMiddleware):
    """Shows the order."""

    def __init__(self, app: ASGIApp, tag: str = "tag") -> None:
        super().__init__(app)
        self.tag = tag

    def before(self, request: Request) -> None:
        request.state.setdefault("tags", []).append(self.tag)

    def after(self, request: Request, response: Any) -> None:
        response.headers.append("x-tag", f"{self.tag} {response.status_code}")


def app_of(*entries: Any) -> Wadjet:
    app = Wadjet(middleware=entries)

    @app.route("/show/{name}", methods=["GET", "POST"])
    async def show(request: Request, name: str) -> Any:
        body = (await request.body()).decode()
        return {
            "name": name,
            "body": body,
            "tags": request.state.get("tags", []),
            "path": request.path,
            "query": request.query_params.get("q"),
            "probe": request.headers.get("x-probe"),
            "user": str(request.user),
            "scheme": request.scheme,
        }

    @app.post("/small", max_body_size=5)
    async def small(request: Request) -> bytes:
        return await request.body()

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError

    return app


@pytest.mark.parametrize("place", [0, 1, 2])
def test_it_stands_where_it_is_written(place: int) -> None:
    entries: list[Any] = [(Tag, {"tag": "a"}), (Tag, {"tag": "b"})]
    entries.insert(place, Plain)
    sent = run(app_of(*entries), target="/show/x")
    assert sent.getall(b"x-tag") == [b"b 200", b"a 200"]
    assert b'"tags":["a","b"]' in sent.body


@pytest.mark.parametrize("entries", [[Plain, Tag], [Tag, Plain], [Tag, Plain, Tag]])
@pytest.mark.parametrize("target", ["/crash", "/nowhere"])
def test_hooks_on_both_sides_see_errors(entries: list[Any], target: str) -> None:
    sent = run(app_of(*entries), target=target)
    status = 500 if target == "/crash" else 404
    assert sent.status == status
    assert sent.getall(b"x-tag") == [b"tag %d" % status] * entries.count(Tag)


class InPlace(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"], scope["raw_path"] = "/show/rewritten", b"/show/rewritten"
        scope["method"] = "GET"
        await self.app(scope, receive, send)


class Copied(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope = {**scope, "path": "/show/rewritten", "raw_path": b"/show/rewritten", "method": "GET"}
        await self.app(scope, receive, send)


@pytest.mark.parametrize("rewrite", [InPlace, Copied])
@pytest.mark.parametrize("target", ["/nowhere", "/show/first", "/crash"])
@pytest.mark.parametrize("others", [[], [Tag], [Plain]])
def test_another_path_or_method_is_matched_again(
    rewrite: type[Plain], target: str, others: list[Any]
) -> None:
    for entries in ([rewrite, *others], [*others, rewrite], [*others, rewrite, *others]):
        sent = run(app_of(*entries), "DELETE", target)
        assert sent.status == 200, entries
        assert b'"name":"rewritten"' in sent.body


class OtherHead(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*scope["headers"], (b"x-probe", b"added")]
        scope = {**scope, "headers": headers, "query_string": b"q=added", "scheme": "https", "user": "jo"}
        await self.app(scope, receive, send)


@pytest.mark.parametrize("entries", [[OtherHead], [Tag, OtherHead], [OtherHead, Tag], [Plain, OtherHead]])
def test_a_scope_of_its_own_is_what_the_handler_sees(entries: list[Any]) -> None:
    sent = run(app_of(*entries), target="/show/x?q=sent")
    for expected in (b'"probe":"added"', b'"query":"added"', b'"scheme":"https"', b'"user":"jo"'):
        assert expected in sent.body


class ReadsAll(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.seen = b""
            while True:
                message = await receive()
                self.seen += message.get("body", b"")
                if not message.get("more_body"):
                    break
            assert self.seen == b"the content"
        await self.app(scope, receive, send)


class ReadsARequest(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            assert await Request(scope, receive).body() == b"the content"
        await self.app(scope, receive, send)


class ReadsAPart(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await receive()
        await self.app(scope, receive, send)


class ReadsInAHook(BaseMiddleware):
    async def before(self, request: Request) -> None:
        assert await request.body() == b"the content"


READERS = [ReadsAll, ReadsARequest, ReadsAPart, ReadsInAHook]


@pytest.mark.parametrize("outer", READERS)
@pytest.mark.parametrize("inner", READERS)
def test_whoever_reads_the_content_the_next_gets_it_whole(outer: Any, inner: Any) -> None:
    sent = run(app_of(outer, inner), "POST", "/show/x", content=b"the content")
    assert b'"body":"the content"' in sent.body


@pytest.mark.parametrize("reader", [ReadsARequest, ReadsInAHook])
def test_whoever_stands_around_the_application_by_hand_reads_too(reader: Any) -> None:
    sent = run(reader(app_of()), "POST", "/show/x", content=b"the content")
    assert b'"body":"the content"' in sent.body


def test_a_request_made_around_the_application_does_not_lose_its_finished_callbacks() -> None:
    finished = []

    class Looks(Plain):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                request = Request(scope, receive)
                assert request.scope["wadjet.request"] is request
            await self.app(scope, receive, send)

    app = app_of()

    @app.get("/")
    async def index(request: Request) -> None:
        request.add_finished_callback(lambda request: finished.append("handler"))

    run(Looks(app))
    run(Looks(app_of(Looks)), target="/show/x")
    assert finished == ["handler"]


class Upper(Plain):
    """Replaces receive."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def receiving() -> Message:
            message = await receive()
            if "body" in message:
                message = {**message, "body": message["body"].upper()}
            return message

        await self.app(scope, receiving, send)


@pytest.mark.parametrize(
    "entries", [[Upper], [Tag, Upper, Tag], [ReadsAll, Upper, Plain], [ReadsInAHook, Upper]]
)
def test_receive_can_be_replaced(entries: list[Any]) -> None:
    sent = run(app_of(*entries), "POST", "/show/x", content=b"the content")
    assert b'"body":"THE CONTENT"' in sent.body


@pytest.mark.parametrize("entries", [[], [Plain], [Tag, Plain], [Upper], [ReadsAll], [InPlace]])
def test_the_limit_of_the_route_holds_whatever_stands_around_it(entries: list[Any]) -> None:
    if InPlace in entries:

        class ToSmall(Plain):
            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                await self.app({**scope, "path": "/small", "raw_path": b"/small"}, receive, send)

        assert run(app_of(ToSmall), "POST", "/show/x", content=b"the content").status == 413
    else:
        assert run(app_of(*entries), "POST", "/small", content=b"the content").status == 413


@pytest.mark.parametrize("wrap", [Plain, Tag, lambda app: Tag(Tag(app)), ReadsInAHook])
def test_the_limit_of_the_route_holds_inside_what_is_wrapped_by_hand(wrap: Any) -> None:
    assert run(wrap(app_of()), "POST", "/small", content=b"the content").status == 413


class Answers(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("answered", 203)(scope, receive, send)


def test_it_may_answer_itself() -> None:
    sent = run(app_of(Tag, Answers, (Tag, {"tag": "inner"})), target="/show/x")
    assert (sent.status, sent.body) == (203, b"answered")
    assert sent.getall(b"x-tag") == [b"tag 203"]


class Crashes(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError


def test_its_crash_is_a_response() -> None:
    assert run(app_of(Crashes), target="/show/x").status == 500
    assert run(app_of(Plain, Crashes), target="/show/x").status == 500


class CrashesLate(Plain):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
        raise RuntimeError("late")


def test_a_crash_after_the_head_is_the_servers() -> None:
    finished = []

    class Finished(BaseMiddleware):
        def before(self, request: Request) -> None:
            request.add_finished_callback(lambda request: finished.append(request.exception))

    with pytest.raises(RuntimeError, match="late"):
        run(app_of(Finished, CrashesLate), target="/show/x")
    assert [str(error) for error in finished] == ["late"]


# -- mounts -----------------------------------------------------------------------------------------------------------------


async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].endswith("/crash"):
        raise RuntimeError
    text = f"{scope['root_path']} {scope['path']} {scope.get('state', {}).get('tags')}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text})


@pytest.mark.parametrize("entries", [[Tag], [Tag, Plain], [Plain, Tag]])
def test_hooks_stand_around_mounts(entries: list[Any]) -> None:
    app = app_of(*entries)
    app.mount("/mounted", foreign)
    sent = run(app, target="/mounted/below")
    assert sent.body == b"/mounted /mounted/below ['tag']"
    assert sent.getall(b"x-tag") == [b"tag 200"]
    crashed = run(app, target="/mounted/crash")
    assert crashed.status == 500
    assert crashed.getall(b"x-tag") == [b"tag 500"]


def test_a_mounted_wadjet_has_hooks_limits_and_handlers_of_its_own() -> None:
    inner = app_of((Tag, {"tag": "inner"}))
    app = app_of((Tag, {"tag": "outer"}))
    app.mount("/inner", inner)
    sent = run(app, "POST", "/inner/show/x", content=b"the content")
    assert sent.getall(b"x-tag") == [b"inner 200", b"outer 200"]
    assert b'"body":"the content"' in sent.body
    assert b'"tags":["outer","inner"]' in sent.body
    assert run(app, "POST", "/inner/small", content=b"the content").status == 413
    assert run(app, target="/inner/nowhere").getall(b"x-tag") == [b"inner 404", b"outer 404"]


def test_a_socket_passes_asgi_middleware_on_its_way_to_a_mount() -> None:
    seen = []

    class Sees(Plain):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(scope["type"])
            await self.app(scope, receive, send)

    async def socket(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 1000})

    async def talk(target: str) -> list[str]:
        app = app_of(Sees, Tag)
        app.mount("/socket", socket)
        sent: list[str] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message["type"])

        scope = http_scope(target=target, type="websocket", scheme="ws", subprotocols=[])
        del scope["method"]
        await app(scope, receive, send)
        return sent

    assert asyncio.run(talk("/socket/x")) == ["websocket.accept", "websocket.close"]
    assert asyncio.run(talk("/elsewhere")) == ["websocket.close"]
    assert seen == ["websocket", "websocket"]


def test_the_parts_of_a_content_arrive_as_they_were_sent() -> None:
    chunks: list[bytes] = []

    class Chunks(Plain):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            while True:
                message = await receive()
                chunks.append(message["body"])
                if not message["more_body"]:
                    break
            await self.app(scope, receive, send)

    scope = http_scope("POST", "/show/x", [("transfer-encoding", "chunked")])
    asyncio.run(drive(app_of(Chunks), scope, [b"one", b"two", b"three"]))
    assert chunks == [b"one", b"two", b"three"]
