import asyncio
import contextvars
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.driving import drive, http_scope, run
from wadjet import EventSourceResponse, Request, ServerSentEvent, Wadjet
from wadjet.testing import AsyncTestClient


def parsed(text: str) -> list[dict[str, Any]]:
    """Read an event stream as a browser does (WHATWG HTML §9.2.6)."""
    events: list[dict[str, Any]] = []
    found: dict[str, Any] = {"data": []}
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if not line:
            if found["data"]:
                events.append({**found, "data": "\n".join(found["data"])})
            found = {"data": []}
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            found["data"].append(value)
        elif name in {"event", "id", "retry"}:
            found[name] = value
    return events


async def collected(response: EventSourceResponse) -> list[bytes]:
    await response.begin(head=False)
    return [chunk async for chunk in response.chunks]


# -- an event ---------------------------------------------------------------------------------------------------------------


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("event", "written"),
    [
        (ServerSentEvent("hi"), "data: hi\n\n"),
        (ServerSentEvent("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerSentEvent("a\u2028b\x0bc"), "data: a\u2028b\x0bc\n\n"),
        (ServerSentEvent(""), "data: \n\n"),
        (ServerSentEvent({"a": [1, "é"]}), 'data: {"a":[1,"é"]}\n\n'),
        (ServerSentEvent(0), "data: 0\n\n"),
        (ServerSentEvent(False), "data: false\n\n"),
        (ServerSentEvent(Point(1)), 'data: {"x":1}\n\n'),
        (
            ServerSentEvent("d", "tick", "7", 1500, "why"),
            ": why\nevent: tick\nid: 7\nretry: 1500\ndata: d\n\n",
        ),
        (ServerSentEvent(retry=timedelta(seconds=2)), "retry: 2000\n\n"),
        (ServerSentEvent(comment="a\ndata: b"), ": a\n: data: b\n\n"),
        (ServerSentEvent(id=""), "id: \n\n"),
        (ServerSentEvent("\udcff"), "data: ?\n\n"),
    ],
)
def test_an_event_is_written_field_by_field(event: ServerSentEvent, written: str) -> None:
    assert bytes(event).decode() == written


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("field", ["event", "id"])
def test_a_line_end_cannot_begin_another_field(field: str, end: str) -> None:
    fields: dict[str, Any] = {field: f"a{end}data: forged"}
    with pytest.raises(ValueError, match=rf"^{field}=.* has a line end"):
        ServerSentEvent("d", **fields)


def test_an_id_with_nul_would_be_passed_over() -> None:
    with pytest.raises(ValueError, match="has a NUL"):
        ServerSentEvent(id="a\0b")


@pytest.mark.parametrize(
    "fields",
    [{"id": 5}, {"event": b"tick"}, {"comment": 5}, {"retry": 1.5}, {"retry": True}, {"retry": "100"}],
)
def test_a_part_of_an_event_that_a_client_would_pass_over_is_refused(fields: Any) -> None:
    with pytest.raises(TypeError, match=next(iter(fields))):
        ServerSentEvent("data", **fields)


@pytest.mark.parametrize("retry", [-1, timedelta(seconds=-1)])
def test_nobody_connects_again_before_now(retry: Any) -> None:
    with pytest.raises(ValueError, match="is before now"):
        ServerSentEvent(retry=retry)


def test_data_without_a_form_is_an_error() -> None:
    with pytest.raises(TypeError):
        bytes(ServerSentEvent(object()))


_NAMES = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))


@given(st.text(st.characters(exclude_categories=["Cs"])), _NAMES, _NAMES, st.integers(0))
def test_a_client_reads_what_was_written(data: str, event: str, id: str, retry: int) -> None:
    text = bytes(ServerSentEvent(data, event, id, retry, comment=data)).decode()
    (found,) = parsed(text)
    expected = data.replace("\r\n", "\n").replace("\r", "\n")
    assert found == {"data": expected, "event": event, "id": id, "retry": str(retry)}


# -- the response -----------------------------------------------------------------------------------------------------------


async def mixed() -> AsyncIterator[Any]:
    yield ServerSentEvent("a", id="1")
    yield "b"
    yield {"c": 1}
    yield b": as it is\n\n"


def test_events_leave_one_by_one_with_the_fields_that_proxies_and_caches_need() -> None:
    app = Wadjet()

    @app.get("/")
    async def handler() -> EventSourceResponse:
        return EventSourceResponse(mixed())

    sent = run(app)
    assert sent.body == b'id: 1\ndata: a\n\ndata: b\n\ndata: {"c":1}\n\n: as it is\n\n'
    assert dict(sent.fields.keys()) == {
        b"content-type": b"text/event-stream; charset=utf-8",
        b"cache-control": b"no-store",
        b"x-accel-buffering": b"no",
    }
    assert run(app, "HEAD").body == b""
    messages = asyncio.run(drive(app, http_scope()))
    assert messages[1]["body"] == b"id: 1\ndata: a\n\n"


def test_what_is_set_by_hand_stays() -> None:
    response = EventSourceResponse(mixed(), headers={"Cache-Control": "no-cache"})
    assert response.headers["cache-control"] == "no-cache"


def test_a_plain_generator_of_events_is_pulled_in_a_thread() -> None:
    def content() -> Iterator[Any]:
        yield ServerSentEvent("a")
        yield [1]

    assert asyncio.run(collected(EventSourceResponse(content))) == [b"data: a\n\n", b"data: [1]\n\n"]


@pytest.mark.parametrize("keep_alive", [0, -1])
def test_a_time_of_silence_is_more_than_none(keep_alive: float) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        EventSourceResponse(mixed(), keep_alive=keep_alive)


def test_silence_is_filled_with_comments_and_the_content_does_not_notice() -> None:
    async def exchange() -> tuple[list[bytes], list[str]]:
        seen: list[str] = []
        go_on = asyncio.Event()

        async def content() -> AsyncIterator[str]:
            task = asyncio.current_task()
            try:
                yield "first"
                await go_on.wait()
                seen.append("went on")
                yield "second"
                seen.append("same task" if asyncio.current_task() is task else "another task")
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        response = EventSourceResponse(content(), keep_alive=0.001)
        found = []
        async for chunk in response.chunks:
            found.append(chunk)
            if found.count(b": keep-alive\n\n") == 3:
                go_on.set()
        return found, seen

    found, seen = asyncio.run(exchange())
    assert [chunk for chunk in found if chunk.startswith(b"data")] == [
        b"data: first\n\n",
        b"data: second\n\n",
    ]
    assert found.count(b": keep-alive\n\n") >= 3
    assert seen == ["went on", "same task"]


def test_the_maker_of_events_waits_for_a_client_that_does_not_take_them() -> None:
    made: list[int] = []

    async def content() -> AsyncIterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    async def take_one() -> None:
        response = EventSourceResponse(content())
        chunks = aiter(response.chunks)
        assert await anext(chunks) == b"data: 0\n\n"
        for _ in range(10):
            await asyncio.sleep(0)
        await response.close()

    asyncio.run(take_one())
    assert len(made) < 30


def test_the_content_sees_the_context_of_its_request() -> None:
    who = contextvars.ContextVar("who", default="nobody")

    async def content() -> AsyncIterator[str]:
        yield who.get()

    async def exchange() -> list[bytes]:
        who.set("ada")
        return await collected(EventSourceResponse(content()))

    assert asyncio.run(exchange()) == [b"data: ada\n\n"]


def test_a_failure_of_the_content_is_that_of_the_stream() -> None:
    async def content() -> AsyncIterator[str]:
        yield "a"
        raise KeyError("boom")

    async def exchange() -> None:
        chunks = aiter(EventSourceResponse(content()).chunks)
        assert await anext(chunks) == b"data: a\n\n"
        with pytest.raises(KeyError, match="boom"):
            await anext(chunks)

    asyncio.run(exchange())


def test_a_failure_while_the_content_is_closed_is_not_lost() -> None:
    async def content() -> AsyncIterator[str]:
        try:
            yield "a"
            await asyncio.sleep(60)
        finally:
            raise KeyError("while closing")

    async def exchange() -> None:
        response = EventSourceResponse(content())
        await anext(aiter(response.chunks))
        with pytest.raises(KeyError, match="while closing"):
            await response.close()

    asyncio.run(exchange())


@pytest.mark.parametrize("keep_alive", [15.0, None])
def test_the_content_is_closed_when_the_client_leaves(keep_alive: float | None) -> None:
    async def visit() -> None:
        closed = asyncio.Event()

        async def content() -> AsyncIterator[str]:
            try:
                yield "a"
                await asyncio.sleep(60)
            finally:
                closed.set()

        app = Wadjet()

        @app.get("/")
        async def handler() -> EventSourceResponse:
            return EventSourceResponse(content(), keep_alive=keep_alive)

        async with AsyncTestClient(app) as client, client.stream("GET", "/") as response:
            async for _ in response.aiter_raw():
                break
        async with asyncio.timeout(60):
            assert await closed.wait()

    asyncio.run(visit())


def test_a_stream_of_another_response_may_give_events_too() -> None:
    app = Wadjet()

    @app.get("/", response_content_type="text/event-stream")
    async def handler() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("a", "tick")

    assert run(app).body == b"event: tick\ndata: a\n\n"


# -- what the client has had last -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "expected"), [([], None), (["7"], "7"), (["\xc3\xa9"], "é"), (["\xff"], "\ufffd"), ([""], "")]
)
def test_a_client_that_connects_again_says_what_it_has_had_last(
    sent: list[str], expected: str | None
) -> None:
    request = Request(http_scope(headers=[("Last-Event-ID", value) for value in sent]))
    assert request.last_event_id == expected


def test_a_stream_goes_on_where_the_client_left_it() -> None:
    app = Wadjet()

    @app.get("/")
    async def handler(request: Request) -> EventSourceResponse:
        start = int(request.last_event_id or -1) + 1
        return EventSourceResponse([ServerSentEvent({"n": n}, id=str(n)) for n in range(start, 3)])

    found = parsed(run(app, headers=[("Last-Event-ID", "0")]).body.decode())
    assert [(event["id"], json.loads(event["data"])["n"]) for event in found] == [("1", 1), ("2", 2)]
