"""Code that only speaks ASGI, on the fast lane: mounted, around everything, or a whole application of another make."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.scenarios.wire import Reply, replies
from tests.server.http1.serving import Served, run, serving
from wadjet import Request, Settings, Wadjet
from wadjet.types import ASGIApp, Message, Receive, Scope, Send

CLOSE = b"Host: localhost\r\nConnection: close\r\n"
START: Message = {"type": "http.response.start", "status": 200, "headers": []}


class Alone:
    """An ASGI application with a lifespan that says yes.

    Args:
        answer: answers requests.
    """

    def __init__(self, answer: ASGIApp) -> None:
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            return await self.answer(scope, receive, send)
        await receive()
        scope["state"]["pool"] = ["shared"]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})


def mounted(answer: ASGIApp) -> Wadjet:
    app = Wadjet()
    app.mount("/", Alone(answer))
    return app


def inside(answer: ASGIApp) -> Wadjet:
    """Plain ASGI middleware that answers instead of what is inside."""
    return Wadjet(middleware=[lambda app: answer])


FORMS = pytest.mark.parametrize("form", [Alone, mounted, inside])
Form = Callable[[ASGIApp], Any]


def saying(*messages: Message) -> ASGIApp:
    async def say(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return say


def start(*fields: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": fields}


def body(data: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def asked(
    app: Any, sent: bytes = b"GET / HTTP/1.1\r\n" + CLOSE + b"\r\n"
) -> tuple[list[Reply], list[str]]:
    """Return what an application answers, and what the server then logs."""
    async with serving(app) as served:
        found = await served.ask(sent)
        return found, served.taken_errors()


# -- framing ----------------------------------------------------------------------------------------------------------------


@FORMS
def test_content_of_unknown_length_leaves_in_chunks(form: Form) -> None:
    (reply,), _ = run(asked(form(saying(start(), body(b"a", more=True), body(b"", more=True), body(b"b")))))
    assert (reply.status, reply.body, reply.field("transfer-encoding")) == (200, b"ab", "chunked")


@FORMS
def test_content_of_known_length_leaves_as_it_is(form: Form) -> None:
    app = form(saying(start((b"content-length", b"2")), body(b"a", more=True), body(b"b")))
    (reply,), _ = run(asked(app))
    assert (reply.body, reply.field("content-length"), reply.field("transfer-encoding")) == (b"ab", "2", None)


@FORMS
def test_a_coding_that_the_application_names_is_the_servers_to_apply(form: Form) -> None:
    app = form(saying(start((b"Transfer-Encoding", b"chunked")), body(b"ab")))
    (reply,), _ = run(asked(app))
    assert (reply.body, reply.field("transfer-encoding")) == (b"ab", "chunked")


@FORMS
def test_an_older_client_is_told_the_end_by_the_end_of_the_connection(form: Form) -> None:
    app = form(saying(start(), body(b"a", more=True), body(b"b")))
    (reply,), _ = run(asked(app, b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"))
    assert (reply.body, reply.field("transfer-encoding"), reply.field("connection")) == (b"ab", None, "close")


@FORMS
@pytest.mark.parametrize("fields", [(), ((b"content-length", b"2"),)], ids=["chunked", "length"])
def test_head_gets_the_fields_of_get_and_no_content(
    form: Form, fields: tuple[tuple[bytes, bytes], ...]
) -> None:
    app = form(saying(start(*fields), body(b"a", more=True), body(b"b")))

    async def test() -> None:
        async with serving(app) as served:
            head, get = [
                (await served.ask(method + b" / HTTP/1.1\r\n" + CLOSE + b"\r\n"))[0]
                for method in (b"HEAD", b"GET")
            ]
            assert [one for one in head.fields if one[0] != "date"] == [
                one for one in get.fields if one[0] != "date"
            ]
            assert (head.body, get.body) == (b"", b"ab")

    run(test())


@FORMS
@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_leaves_without_it(form: Form, status: int) -> None:
    async def test() -> None:
        async with serving(
            form(saying(start((b"content-length", b"2"), status=status), body(b"ab")))
        ) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET / HTTP/1.1\r\n" + CLOSE + b"\r\n")
            received = await peer.rest()
            assert received.count(b"HTTP/1.1 %d " % status) == 2
            assert received.endswith(b"\r\n\r\n")
            assert (b"content-length" in received) == (status == 304)
            assert b"transfer-encoding" not in received

    run(test())


def test_a_connection_stays_after_an_application_has_answered() -> None:
    async def test() -> None:
        async with serving(Alone(saying(start(), body(b"ab")))) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
            found = replies(await peer.until(b"0\r\n\r\n", 3), ["GET"] * 3)
            assert [(reply.status, reply.body) for reply in found] == [(200, b"ab")] * 3
            peer.close()

    run(test())


# -- what an application does wrong ----------------------------------------------------------------------------------------


async def raising(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError("mine")


@pytest.mark.parametrize("form", [Alone, mounted])
@pytest.mark.parametrize(
    "answer",
    [
        raising,
        saying(),
        saying(body(b"a")),
        saying({"type": "http.response.trailers"}),
        saying(start(status=103), body()),
        saying(start(status=99)),
        saying(start(status=700), body()),
        saying(start((b"a b", b"c")), body()),
        saying(start((b"a", b"b\r\nc: d")), body()),
        saying(start((b"a", b"b\0")), body()),
        saying(start((b"content-length", b"x")), body()),
        saying(start((b"content-length", b"-1")), body()),
        saying(start((b"content-length", b"1"), (b"content-length", b"2")), body(b"a")),
    ],
    ids=[
        "raises",
        "silent",
        "content first",
        "other first",
        "interim",
        "status 99",
        "status 700",
        "name",
        "line end",
        "nul",
    ]
    + ["no number", "negative", "two lengths"],
)
def test_what_goes_wrong_before_the_head_is_one_500_and_logged_once(form: Form, answer: ASGIApp) -> None:
    found, errors = run(asked(form(answer)))
    assert [reply.status for reply in found] == [500]
    assert found[0].is_whole
    (line,) = errors
    assert f"[{json.loads(found[0].body)['id']}]" in line


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    await send(body(b"a", more=True))
    raise ValueError("mine")


@pytest.mark.parametrize("form", [Alone, mounted])
@pytest.mark.parametrize(
    "answer",
    [
        failing,
        saying(start()),
        saying(start(), body(b"a", more=True)),
        saying(start(), START),
        saying(start((b"content-length", b"3")), body(b"a")),
        saying(start((b"content-length", b"3")), body(b"a", more=True), body(b"abc")),
    ],
    ids=["raises", "no content", "no end", "two heads", "too little", "too much"],
)
def test_what_goes_wrong_after_the_head_ends_the_connection_and_is_logged_once(
    form: Form, answer: ASGIApp
) -> None:
    (reply,), errors = run(asked(form(answer), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    assert (reply.status, reply.is_whole) == (200, False)
    assert len(errors) == 1


@FORMS
def test_what_goes_wrong_after_the_end_is_logged_and_the_response_stands(form: Form) -> None:
    (reply,), errors = run(asked(form(saying(start(), body(b"ab"), body(b"c")))))
    assert (reply.body, reply.is_whole) == (b"ab", True)
    assert len(errors) == 1


def test_a_server_error_has_no_content_for_head() -> None:
    async def test() -> None:
        async with serving(Alone(raising)) as served:
            peer = await served.open()
            await peer.send(b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            received = await peer.rest()
            assert received.startswith(b"HTTP/1.1 500 ")
            assert received.endswith(b"\r\n\r\n")
            served.taken_errors()

    run(test())


def test_a_server_error_says_nothing_of_its_cause() -> None:
    (reply,), _ = run(asked(Alone(raising)))
    assert b"mine" not in reply.body
    assert reply.field("content-type") == "application/problem+json"


# -- what an application receives -------------------------------------------------------------------------------------------


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start())
    is_over = False
    while not is_over:
        message = await receive()
        is_over = not message["more_body"]
        await send(body(message["body"], more=True))
    await send(body())


@FORMS
def test_content_streams_both_ways_at_once(form: Form) -> None:
    async def test() -> None:
        async with serving(form(echo)) as served:
            peer = await served.open()
            await peer.send(b"POST / HTTP/1.1\r\n" + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n")
            for word in (b"one", b"two", b"three"):
                await peer.send(b"%x\r\n%b\r\n" % (len(word), word))
                await peer.until(word)
            await peer.send(b"0\r\n\r\n")
            assert await peer.rest() == b"0\r\n\r\n"

    run(test())


@FORMS
def test_content_of_any_size_comes_whole(form: Form) -> None:
    async def test() -> None:
        async with serving(form(echo)) as served:
            for size in (0, 5, 65536, 65537, 3_000_000):
                head = b"POST / HTTP/1.1\r\n" + CLOSE + b"Content-Length: %d\r\n\r\n" % size
                peer = await served.open()
                sending = asyncio.create_task(peer.send(head + bytes(size)))
                received = await peer.rest()
                await sending
                assert received.count(b"\0") == size
                assert received.endswith(b"0\r\n\r\n")

    run(test())


def test_the_scope_says_what_uvicorn_would_say() -> None:
    scopes: list[Scope] = []

    async def keep(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(dict(scope))
        await saying(start(), body())(scope, receive, send)

    async def test() -> None:
        sent = b"GET /a%20b//c?d=%20&e HTTP/1.1\r\n" + CLOSE + b"X-Y: z\r\nx-y:\r\n\r\n"
        for http in (None, "httptools"):
            async with serving(
                Alone(keep), **({} if http is None else {"http": http}), root_path="/r"
            ) as served:
                await served.ask(sent)

    run(test())
    ours, theirs = scopes
    ours.pop("wadjet.request")
    assert (ours.pop("client")[0], theirs.pop("client")[0]) == ("127.0.0.1", "127.0.0.1")
    assert (ours.pop("server")[0], theirs.pop("server")[0]) == ("127.0.0.1", "127.0.0.1")
    assert ours == theirs


def test_each_request_has_its_own_copy_of_the_state_of_the_lifespan() -> None:
    seen: list[Any] = []

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(dict(scope["state"]))
        scope["state"]["mine"] = 1
        await saying(start(), body())(scope, receive, send)

    async def test() -> None:
        async with serving(Alone(look)) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
            await peer.until(b"0\r\n\r\n", 2)
            peer.close()

    run(test())
    assert seen == [{"pool": ["shared"]}] * 2


@FORMS
def test_a_client_that_leaves_is_a_message(form: Form) -> None:
    heard: list[str] = []

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"], (await receive())["type"]])

    async def test() -> None:
        async with serving(form(wait)) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await asyncio.sleep(0.05)
            peer.close()
            await served.until_idle()

    run(test())
    assert heard == ["http.request", "http.disconnect", "http.disconnect"]


@FORMS
def test_a_client_that_leaves_amid_its_content_is_a_message(form: Form) -> None:
    heard: list[str] = []

    async def wait(scope: Scope, receive: Receive, send: Send) -> None:
        while not heard or heard[-1] != "http.disconnect":
            heard.append((await receive())["type"])

    async def test() -> None:
        async with serving(form(wait)) as served:
            peer = await served.open()
            await peer.send(
                b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
            )
            await asyncio.sleep(0.05)
            peer.reset()
            await served.until_idle()

    run(test())
    assert heard == ["http.request", "http.disconnect"]


@FORMS
def test_sending_to_a_client_that_has_left_is_an_os_error(form: Form) -> None:
    raised: list[BaseException] = []

    async def insist(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        try:
            while True:
                await send(body(b"x" * 1000, more=True))
                await asyncio.sleep(0.001)
        except OSError as error:
            raised.append(error)
            raise

    async def test() -> None:
        async with serving(form(insist)) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await peer.some()
            peer.reset()
            await served.until_idle()

    run(test())
    assert len(raised) == 1


@FORMS
def test_after_its_response_an_application_is_told_that_nobody_waits(form: Form) -> None:
    heard: list[str] = []

    async def linger(scope: Scope, receive: Receive, send: Send) -> None:
        waiting = asyncio.ensure_future(receive()) if scope["path"] == "/early" else None
        await receive() if waiting is None else await waiting
        last = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        await send(start())
        await send(body(b"."))
        heard.extend([(await last)["type"], (await receive())["type"]])

    async def test() -> None:
        async with serving(form(linger)) as served:
            peer = await served.open()
            await peer.send(
                b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET /early HTTP/1.1\r\n" + CLOSE + b"\r\n"
            )
            assert (await peer.rest()).count(b"200 OK") == 2

    run(test())
    assert heard == ["http.disconnect"] * 4


@FORMS
def test_an_application_is_held_back_by_a_client_that_does_not_take_what_it_sends(form: Form) -> None:
    sent = 0

    async def flood(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await send(start())
        for _ in range(2000):
            await send(body(bytes(32768), more=True))
            sent += 32768
        await send(body())

    async def test() -> None:
        async with serving(form(flood)) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\n" + CLOSE + b"\r\n")
            await asyncio.sleep(0.3)
            assert sent < 16_000_000  # what the kernel takes, and a little of ours
            assert (await peer.rest()).count(b"\0") == 2000 * 32768

    run(test())


@pytest.mark.parametrize("size", [11, 100_000])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_content_beyond_the_limit_is_not_given_to_a_mounted_application(size: int, is_chunked: bool) -> None:
    app = Wadjet(Settings(MAX_BODY_SIZE=10))
    received: list[bytes] = []

    async def greedy(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            received.append(message["body"])

    app.mount("/", Alone(greedy))
    content = b"%x\r\n%b\r\n0\r\n\r\n" % (size, bytes(size)) if is_chunked else bytes(size)
    framing = b"Transfer-Encoding: chunked" if is_chunked else b"Content-Length: %d" % size
    (reply,), errors = run(asked(app, b"POST / HTTP/1.1\r\n" + CLOSE + framing + b"\r\n\r\n" + content))
    assert (reply.status, b"".join(received), errors) == (413, b"", [])


# -- middleware around everything ------------------------------------------------------------------------------------------


class Marking:
    """Plain ASGI middleware: it adds a field, and sees every message."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], (b"x-marked", b"yes")]}
            await send(message)

        await self.app(scope, receive, mark)


def test_plain_middleware_stands_around_every_answer_of_the_application() -> None:
    app = Wadjet(middleware=[Marking])
    finished: list[str] = []

    @app.get("/text")
    async def text(request: Request) -> str:
        request.add_finished_callback(lambda _: finished.append("text"))
        return "text"

    @app.post("/echo")
    async def again(request: Request) -> bytes:
        return await request.body()

    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError

    async def test(served: Served) -> dict[str, tuple[int, bytes]]:
        found = {}
        for line in ("GET /text", "HEAD /text", "POST /echo", "GET /stream", "GET /nowhere", "GET /boom"):
            more = b"Content-Length: 2\r\n\r\nab" if line.startswith("POST") else b"\r\n"
            (reply,) = await served.ask(line.encode() + b" HTTP/1.1\r\n" + CLOSE + more)
            assert reply.field("x-marked") == "yes"
            found[line] = reply.status, reply.body
        served.taken_errors()
        return found

    async def both() -> None:
        async with serving(app) as served:
            found = await test(served)
            assert [status for status, _ in found.values()] == [200, 200, 200, 200, 404, 500]
            assert [body for _, body in found.values()][:4] == [b"text", b"", b"ab", b"ab"]

    run(both())
    assert finished == ["text"] * 2


@FORMS
def test_a_request_in_asgi_leaves_no_cycles_behind(form: Form) -> None:
    async def test() -> int:
        async with serving(form(echo)) as served:
            peer = await served.open()

            async def ask(times: int) -> None:
                for _ in range(times):
                    await peer.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab")
                    await peer.until(b"0\r\n\r\n")

            await ask(3)
            gc.collect()
            gc.disable()
            try:
                await ask(20)
                found = gc.collect()
            finally:
                gc.enable()
            peer.close()
            return found

    assert run(test()) < 20
