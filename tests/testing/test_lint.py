"""The linter lets correct ASGI pass and names each fault, on both sides of the application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from wadjet.testing import LintError, lint
from wadjet.types import Message, Receive, Scope, Send

HTTP: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.5"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/a/b",
    "raw_path": b"/a/b",
    "query_string": b"",
    "root_path": "/a",
    "headers": [(b"host", b"localhost")],
    "client": ("127.0.0.1", 1),
    "server": ("localhost", 80),
    "state": {},
    "extensions": {},
}
WEBSOCKET: dict[str, Any] = {**HTTP, "type": "websocket", "scheme": "ws", "subprotocols": ["chat"]}
LIFESPAN: dict[str, Any] = {
    "type": "lifespan",
    "asgi": {"version": "3.0", "spec_version": "2.0"},
    "state": {},
}

REQUEST = {"type": "http.request", "body": b"", "more_body": False}
DISCONNECT = {"type": "http.disconnect"}
START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = {"type": "http.response.body", "body": b"hello"}
PART = {**BODY, "more_body": True}
END = {"type": "http.response.body"}


class Script:
    """An application and its server in one list: "receive" takes the next event, all else is sent."""

    def __init__(self, steps: Iterable[Any], events: Iterable[Any] = ()) -> None:
        self.steps = steps
        self.events = iter(events)
        self.passed: list[Message] = []
        self.settings = "mine"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for step in self.steps:
            await (receive() if step == "receive" else send(step))

    async def receive(self) -> Message:
        event: Message = next(self.events)
        return event

    async def send(self, message: Message) -> None:
        self.passed.append(message)

    def run(self, scope: Scope) -> list[Message]:
        asyncio.run(lint(self)(scope, self.receive, self.send))
        return self.passed

    def passes(self, scope: Scope) -> bool:
        """Tell whether each message arrives with what it was sent with."""
        sent = [step for step in self.steps if step != "receive"]
        return [
            {**step, **message} for step, message in zip(sent, self.run(scope), strict=True)
        ] == self.passed


def respond(
    *headers: tuple[Any, Any], status: Any = 200, body: Any = b"", method: str = "GET"
) -> list[Message]:
    steps = [{**START, "status": status, "headers": headers}, {**END, "body": body}]
    return Script(steps).run({**HTTP, "method": method})


@pytest.mark.parametrize("scope", [HTTP, LIFESPAN])
def test_a_correct_scope_passes(scope: Scope) -> None:
    assert Script([START, BODY] if scope is HTTP else []).passes(scope)


@pytest.mark.parametrize(
    "changes",
    [
        {"asgi": {"version": "3.0"}},
        {"http_version": "2"},
        {"method": "PROPFIND"},
        {"scheme": "https"},
        {"path": "/", "root_path": ""},
        {"path": "", "root_path": ""},
        {"path": "*", "method": "OPTIONS"},
        {"raw_path": None},
        {"headers": [[b"x-a", b"\xff\t "]]},
        {"headers": ()},
        {"client": None},
        {"server": None},
        {"server": ["/run/socket", None]},
        {"extensions": None},
        {"extensions": {"tls": {}}},
    ],
)
def test_a_scope_may_also_have(changes: dict[str, Any]) -> None:
    assert Script([START, BODY]).run({**HTTP, **changes}) == [START, BODY]


@pytest.mark.parametrize(
    ("changes", "demand"),
    [
        ({"type": "smtp"}, "type must be one of http, websocket, lifespan; got 'smtp'"),
        ({"asgi": None}, "'asgi'"),
        ({"asgi": {"version": 3}}, "'asgi'"),
        ({"http_version": 1.1}, "'http_version'"),
        ({"http_version": "1.2"}, "'http_version'"),
        ({"method": "get"}, "upper-case"),
        ({"method": b"GET"}, "upper-case"),
        ({"scheme": ""}, "'scheme'"),
        ({"path": b"/a"}, "'path'"),
        ({"path": "a/b", "root_path": ""}, "begin with a slash"),
        ({"path": "*"}, "only OPTIONS"),
        ({"path": "/b"}, "begin with its root_path '/a'; got '/b'"),
        ({"raw_path": "/a/b"}, "'raw_path'"),
        ({"raw_path": b"/a/b?c"}, "without the query"),
        ({"query_string": "a=b"}, "'query_string'"),
        ({"root_path": None}, "'root_path'"),
        ({"headers": {}}, "'headers'"),
        ({"headers": [(b"a",)]}, "a name and a value"),
        ({"headers": [("host", b"x")]}, "lower-case bytes"),
        ({"headers": [(b"Host", b"x")]}, "lower-case bytes"),
        ({"headers": [(b"host", "x")]}, "must be bytes"),
        ({"headers": [(b"host", b"a\r\nb: c")]}, "without CR, LF, NUL"),
        ({"client": "127.0.0.1"}, "'client'"),
        ({"client": ("127.0.0.1", None)}, "'client'"),
        ({"server": (b"localhost", 80)}, "'server'"),
        ({"state": None}, "'state'"),
        ({"extensions": ["tls"]}, "'extensions'"),
    ],
)
def test_a_scope_must_not_have(changes: dict[str, Any], demand: str) -> None:
    with pytest.raises(LintError) as raised:
        Script([]).run({**HTTP, **changes})
    assert demand in str(raised.value)


@pytest.mark.parametrize("key", ["asgi", "http_version", "method", "path", "query_string", "headers"])
def test_a_scope_must_have(key: str) -> None:
    scope = {name: value for name, value in HTTP.items() if name != key}
    with pytest.raises(LintError, match=f"scope must have '{key}'"):
        Script([]).run(scope)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-type", b"text/plain")],
        [[b"x-a", b""]],
        [(b"x-a", b"a\tb c\xff")],
        [(b"content-length", b"5")],
        [(b"vary", b"a"), (b"vary", b"b")],
        [(b"set-cookie", b"a=b; Path=/; HttpOnly; SameSite=lax; Max-Age=0")],
        [(b"set-cookie", b'a="b"'), (b"set-cookie", b"b=")],
        [(b"set-cookie", b"__Host-a=b; Secure; Path=/")],
        [(b"set-cookie", b"a=b; SameSite=None; Secure")],
    ],
)
def test_a_response_may_have(headers: list[tuple[bytes, bytes]]) -> None:
    assert respond(*headers, body=b"hello")[0]["headers"] == [tuple(pair) for pair in headers]


@pytest.mark.parametrize(
    ("headers", "demand"),
    [
        ([("x-a", b"b")], "lower-case bytes"),
        ([(b"X-A", b"b")], "lower-case bytes; got b'X-A'"),
        ([(b"x a", b"b")], "token"),
        ([(b"", b"b")], "token"),
        ([(b"x-a", "b")], "must be bytes"),
        ([(b"x-a", b"b\r\nc: d")], "without control characters"),
        ([(b"x-a", b"b\0")], "without control characters"),
        ([(b"x-a", b" b")], "white space"),
        ([(b"x-a", b"b ")], "white space"),
        ([b"x-a"], "a name and a value"),
        ([(b"transfer-encoding", b"chunked")], "the server's to send"),
        ([(b"content-type", b"a/b"), (b"content-type", b"a/b")], "content-type must stand once"),
        ([(b"content-length", b"5"), (b"content-length", b"5")], "content-length must stand once"),
        ([(b"content-length", b"+5")], "must be digits"),
        ([(b"content-length", b"4")], "as long as its content-length, 4 bytes; got 5"),
        ([(b"content-length", b"6")], "as long as its content-length, 6 bytes; got 5"),
        ([(b"set-cookie", b"a b=c")], "set-cookie must begin"),
        ([(b"set-cookie", b"a=b c")], "set-cookie must begin"),
        ([(b"set-cookie", b"Secure")], "set-cookie must begin"),
        ([(b"set-cookie", b"a=b; SameSite=None")], "must be Secure"),
        ([(b"set-cookie", b"__Secure-a=b")], "must be Secure"),
        ([(b"set-cookie", b"__Host-a=b; Secure")], "Path=/ and no Domain"),
        ([(b"set-cookie", b"a=b; Max-Age=soon")], "must be an integer"),
    ],
)
def test_a_response_must_not_have(headers: list[Any], demand: str) -> None:
    with pytest.raises(LintError) as raised:
        respond(*headers, body=b"hello")
    assert demand in str(raised.value)


@pytest.mark.parametrize("status", [100, 200, 204, 205, 304, 404, 599])
def test_a_response_may_be_empty(status: int) -> None:
    start, end = respond(status=status)
    assert (start["status"], end["type"]) == (status, "http.response.body")


@pytest.mark.parametrize("status", [99, 600, "200", True, None, 200.0])
def test_a_status_is_an_integer_of_three_digits(status: Any) -> None:
    with pytest.raises(LintError, match="an int from 100 to 599"):
        respond(status=status)


@pytest.mark.parametrize("status", [100, 204, 205, 304])
def test_some_statuses_have_no_body(status: int) -> None:
    with pytest.raises(LintError, match=f"a {status} must have no body"):
        respond(status=status, body=b"x")


@pytest.mark.parametrize(("status", "length"), [(204, b"0"), (101, b"0"), (205, b"1")])
def test_some_statuses_have_no_length(status: int, length: bytes) -> None:
    with pytest.raises(LintError, match=f"a {status} must have no"):
        respond((b"content-length", length), status=status)


def test_the_length_of_a_body_that_stays_away_is_not_counted() -> None:
    length = (b"content-length", b"5")
    for start, end in (respond(length, method="HEAD"), respond(length, status=304)):
        assert (list(start["headers"]), end.get("body", b"")) == ([length], b"")


def test_the_response_to_head_has_no_body() -> None:
    with pytest.raises(LintError, match="response to HEAD"):
        respond(body=b"x", method="HEAD")


OFFER: dict[str, Any] = {
    "extensions": {f"http.response.{name}": {} for name in ("trailers", "pathsend", "zerocopysend", "debug")}
}
TRAILERS = {"type": "http.response.trailers", "headers": []}


@pytest.mark.parametrize(
    ("scope", "steps", "events"),
    [
        (HTTP, [START, END], []),
        (HTTP, [START, PART, PART, BODY], []),
        (
            HTTP,
            ["receive", "receive", START, END, "receive"],
            [{**REQUEST, "more_body": True}, REQUEST, DISCONNECT],
        ),
        (HTTP, ["receive", "receive"], [DISCONNECT, DISCONNECT]),
        (HTTP, ["receive", START], [DISCONNECT]),
        (
            {**HTTP, **OFFER},
            [{**START, "trailers": True}, BODY, {**TRAILERS, "more_trailers": True}, TRAILERS],
            [],
        ),
        ({**HTTP, **OFFER}, [START, {"type": "http.response.pathsend", "path": "/tmp/x"}], []),
        ({**HTTP, **OFFER}, [START, {"type": "http.response.zerocopysend", "file": 1}], []),
        ({**HTTP, **OFFER}, [{"type": "http.response.debug", "info": {}}, START, END], []),
        (
            WEBSOCKET,
            ["receive", {"type": "websocket.accept", "subprotocol": "chat"}],
            [{"type": "websocket.connect"}],
        ),
        (WEBSOCKET, [{"type": "websocket.close", "code": 1000, "reason": None}], []),
        (LIFESPAN, [{"type": "http.response.start"}], []),
    ],
)
def test_messages_may_come_in_this_order(scope: Scope, steps: list[Any], events: list[Any]) -> None:
    assert Script(steps, events).passes(scope)


@pytest.mark.parametrize(
    ("steps", "demand"),
    [
        ([], "must send the whole response"),
        ([START], "must send the whole response"),
        ([START, PART], "must send the whole response"),
        ([BODY], "http.response.body is out of order: the application has sent nothing"),
        ([START, START], "http.response.start is out of order: the application has sent the head"),
        ([START, PART, START], "the application has sent a part of the body"),
        ([START, BODY, END], "the application has sent all there was to send"),
        (["start"], "a message must be a dict"),
        ([{}], "a message must have a type that ASGI knows; got None"),
        ([{"type": "http.response.end"}], "a message must have a type that ASGI knows"),
        ([REQUEST], "the application may send none but"),
        ([{"type": "websocket.accept"}], "the application may send none but"),
        ([{"type": "http.response.start"}], "must have 'status'"),
        ([{**START, "headers": None}], "['headers'] must be an iterable"),
        ([START, {**BODY, "body": "text"}], "['body'] must be bytes; got 'text'"),
        ([START, {**BODY, "body": bytearray()}], "['body'] must be bytes"),
        ([START, {**BODY, "more_body": 1}], "['more_body'] must be a bool"),
        ([TRAILERS], "http.response.trailers must be offered by the scope"),
    ],
)
def test_a_faulty_response_is_refused(steps: list[Any], demand: str) -> None:
    with pytest.raises(LintError) as raised:
        Script(steps).run(HTTP)
    assert demand in str(raised.value)


@pytest.mark.parametrize(
    ("events", "demand"),
    [
        ([REQUEST, REQUEST], "http.request is out of order: the server has sent all there was to send"),
        ([DISCONNECT, REQUEST], "http.request is out of order: the server has sent good-bye"),
        ([{"type": "websocket.connect"}], "the server may send none but http.request, http.disconnect"),
        ([{**REQUEST, "body": ""}], "['body'] must be bytes"),
    ],
)
def test_a_faulty_server_is_refused(events: list[Any], demand: str) -> None:
    with pytest.raises(LintError) as raised:
        Script(["receive"] * len(events), events).run(HTTP)
    assert demand in str(raised.value)


def ws(name: str, **values: Any) -> Message:
    return {"type": f"websocket.{name}", **values}


ACCEPT = ws("accept")
DENIAL: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}


@pytest.mark.parametrize(
    ("steps", "events"),
    [
        (
            ["receive", ACCEPT, "receive", ws("send", text="a"), ws("close")],
            [ws("connect"), ws("receive", bytes=b"")],
        ),
        (["receive", ACCEPT, "receive"], [ws("connect"), ws("disconnect", code=1001, reason="")]),
        ([{**ACCEPT, "headers": [(b"x-a", b"b")]}], []),
        ([ws("http.response.start", status=403, headers=[]), ws("http.response.body", body=b"no")], []),
    ],
)
def test_a_websocket_may_go_this_way(steps: list[Any], events: list[Any]) -> None:
    assert Script(steps, events).passes({**WEBSOCKET, **DENIAL})


@pytest.mark.parametrize(
    ("steps", "events", "demand"),
    [
        ([], [], "must accept, close or deny"),
        ([ws("send", text="a")], [], "websocket.send is out of order"),
        ([ACCEPT, ACCEPT], [], "websocket.accept is out of order"),
        ([ACCEPT, ws("close"), ws("send", text="a")], [], "websocket.send is out of order"),
        ([ACCEPT, ws("send")], [], "either bytes or text"),
        ([ACCEPT, ws("send", text="a", bytes=b"a")], [], "either bytes or text"),
        ([ACCEPT, ws("send", text=b"a")], [], "['text'] must be a str"),
        ([{**ACCEPT, "subprotocol": "other"}], [], "one of ['chat']; got 'other'"),
        ([{**ACCEPT, "headers": [(b"sec-websocket-protocol", b"chat")]}], [], "given as subprotocol"),
        ([ws("close", code="1000")], [], "['code'] must be an int"),
        ([ws("http.response.start", status=403)], [], "must be offered by the scope"),
        (["receive"], [ws("receive", text="a")], "websocket.receive is out of order"),
        (["receive", "receive"], [ws("connect"), ws("receive", text="a")], "must wait for the acceptance"),
    ],
)
def test_a_faulty_websocket_is_refused(steps: list[Any], events: list[Any], demand: str) -> None:
    with pytest.raises(LintError) as raised:
        Script(steps, events).run(WEBSOCKET)
    assert demand in str(raised.value)


def life(name: str, **values: Any) -> Message:
    return {"type": f"lifespan.{name}", **values}


STARTED, STOPPED = life("startup.complete"), life("shutdown.complete")
ASK = [life("startup"), life("shutdown")]


@pytest.mark.parametrize(
    "steps",
    [
        ["receive", STARTED, "receive", STOPPED],
        ["receive", STARTED, "receive", life("shutdown.failed", message="x")],
        ["receive", life("startup.failed")],
    ],
)
def test_a_lifespan_may_go_this_way(steps: list[Any]) -> None:
    assert Script(steps, ASK).passes(LIFESPAN)


@pytest.mark.parametrize(
    ("steps", "demand"),
    [
        (["receive"], "must stay until"),
        (["receive", STARTED], "must stay until"),
        (["receive", STARTED, "receive"], "must stay until"),
        ([STARTED], "must answer lifespan.startup, which the application has not received"),
        (["receive", STARTED, STARTED], "lifespan.startup.complete is out of order"),
        (["receive", STARTED, STOPPED], "must answer lifespan.shutdown"),
        (["receive", STOPPED], "lifespan.shutdown.complete is out of order"),
        (["receive", life("startup.failed"), STARTED], "lifespan.startup.complete is out of order"),
        (["receive", life("startup.failed", message=b"x")], "['message'] must be a str"),
        (["receive", life("startup.done")], "a type that ASGI knows"),
        (["receive", "receive"], "must wait until the application has started"),
    ],
)
def test_a_faulty_lifespan_is_refused(steps: list[Any], demand: str) -> None:
    with pytest.raises(LintError) as raised:
        Script(steps, ASK).run(LIFESPAN)
    assert demand in str(raised.value)


def test_one_task_at_a_time_may_receive() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(receive())  # type: ignore[arg-type]  # a coroutine
            group.create_task(receive())  # type: ignore[arg-type]  # a coroutine

    async def receive() -> Message:
        await asyncio.sleep(0)
        return REQUEST

    async def send(message: Message) -> None:
        pass

    with pytest.raises(LintError, match="one task at a time"):
        asyncio.run(lint(app)(HTTP, receive, send))


def test_a_fault_that_the_application_hides_is_raised_at_the_end() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(BODY)
        except AssertionError:
            await send(START)
            raise ValueError from None

    script = Script([])
    with pytest.raises(LintError) as raised:
        asyncio.run(lint(app)(HTTP, script.receive, script.send))
    assert isinstance(raised.value.__cause__, ValueError)
    assert script.passed == [START]


def test_the_applications_own_errors_pass() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError

    script = Script([])
    with pytest.raises(ValueError):
        asyncio.run(lint(app)(HTTP, script.receive, script.send))


def test_a_client_that_left_is_owed_no_response() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(START)
        except OSError:
            return

    tried: list[Message] = []

    async def send(message: Message) -> None:
        tried.append(message)
        raise OSError

    asyncio.run(lint(app)(HTTP, Script([]).receive, send))
    assert tried == [START]


def test_the_attributes_are_the_applications() -> None:
    assert lint(Script([])).settings == "mine"  # type: ignore[attr-defined]  # found at run time
