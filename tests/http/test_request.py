import asyncio
from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet import Wadjet
from wadjet.errors import BodyNotRead
from wadjet.http.body import Replay
from wadjet.http.exceptions import BadRequest, ClientDisconnect, MalformedBody, RequestEntityTooLarge
from wadjet.http.request import Request
from wadjet.testing import TestClient
from wadjet.types import Message

FORM = {"content-type": "application/x-www-form-urlencoded", "content-length": "7"}
CHUNKED = {"transfer-encoding": "chunked"}


def request(*chunks: bytes, headers: dict[str, str] | None = None, **more: Any) -> Request:
    return Request(scope(method="POST", headers={**CHUNKED, **(headers or {})}), receiving(*chunks, **more))


def test_a_request_has_slots_only() -> None:
    found = request(b"")
    assert not hasattr(found, "__dict__")
    with pytest.raises(AttributeError):
        found.anything = 1  # type: ignore[attr-defined]


def test_the_content_is_read_in_every_form() -> None:
    async def run() -> None:
        found = request(b'{"a":', b'"\xc3\xa9"}')
        assert await found.body() == '{"a":"é"}'.encode()
        assert await found.text() == '{"a":"é"}'
        assert await found.json() == {"a": "é"}
        assert (await found.form()).mixed() == {}
        assert [chunk async for chunk in found.stream()] == ['{"a":"é"}'.encode()]
        assert (found.body_bytes, found.text_body, found.json_body) == (
            '{"a":"é"}'.encode(),
            '{"a":"é"}',
            {"a": "é"},
        )

    asyncio.run(run())


def test_the_sync_twins_of_unread_content_name_the_remedy() -> None:
    found = request(b"x")
    for name in ("body_bytes", "text_body", "json_body", "POST", "params"):
        with pytest.raises(
            BodyNotRead, match="write `await request.body\\(\\)` first, or make the handler a plain `def`"
        ):
            getattr(found, name)


def test_a_request_without_content_counts_as_read() -> None:
    found = Request(scope(), receiving())
    assert (found.body_bytes, found.text_body, found.POST.mixed()) == (b"", "", {})


def test_a_form_is_read_whatever_the_method() -> None:
    async def run() -> None:
        found = Request(scope(method="PUT", headers=FORM, query_string=b"a=0&c=3"), receiving(b"a=1&a=2"))
        form = await found.form()
        assert form.getall("a") == ["1", "2"]
        assert found.POST is form
        assert found.params.getall("a") == ["0", "1", "2"]
        assert found.params["c"] == "3"

    asyncio.run(run())


def test_a_form_beyond_the_limits_is_too_large() -> None:
    async def run() -> None:
        headers = {"content-type": FORM["content-type"]}
        with pytest.raises(RequestEntityTooLarge, match="more than 1000"):
            await request(b"&".join([b"a=1"] * 1001), headers=headers).form()

    asyncio.run(run())


@pytest.mark.parametrize("document", [b"", b"{", b"NaN", b"\xff", b"[" * 500, b"\xef\xbb\xbf{}"])
def test_what_is_no_json_is_a_bad_request(document: bytes) -> None:
    async def run() -> None:
        found = request(document)
        with pytest.raises(MalformedBody, match="The content is not JSON: ") as caught:
            await found.json()
        assert caught.value.status_code == 400
        assert isinstance(caught.value, ValueError | BadRequest)

    asyncio.run(run())


def test_json_never_looks_at_the_content_type() -> None:
    assert asyncio.run(request(b"[1]", headers={"content-type": "text/plain"}).json()) == [1]


def test_text_that_is_no_utf_8_is_a_bad_request() -> None:
    with pytest.raises(MalformedBody, match="not UTF-8"):
        asyncio.run(request(b"\xff").text())


@pytest.mark.parametrize("length", ["5", "3"])
def test_a_short_body_is_a_disconnect(length: str) -> None:
    """BODY-15, BODY-16."""

    async def run() -> None:
        found = Request(
            scope(method="POST", headers={"content-length": length}), receiving(b"ab", disconnects=True)
        )
        with pytest.raises(ClientDisconnect):
            await found.body()

    asyncio.run(run())


def test_content_beyond_ten_mebibytes_is_refused_where_no_plan_says_otherwise() -> None:
    async def run() -> None:
        headers = {"content-length": str(10 * 1024 * 1024 + 1)}
        with pytest.raises(RequestEntityTooLarge):
            await Request(scope(method="POST", headers=headers), receiving(b"")).body()

    asyncio.run(run())


@pytest.mark.parametrize("length", ["-1", "0x5", "5_0", "5;", "\u00b2", "9" * 20, ""])
def test_a_length_that_is_none_is_not_believed(length: str) -> None:
    assert Request(scope(headers={"content-length": length})).content_length is None


def test_requests_over_one_scope_share_content_state_and_callbacks() -> None:
    async def run() -> None:
        shared = scope(method="POST", headers=CHUNKED)
        receive = receiving(b"a", b"b")
        first = Request(shared, receive)
        assert await first.body() == b"ab"
        second = Request(shared, receive)
        assert await second.body() == b"ab"
        assert second.body_bytes == b"ab"
        third = Request(first.scope)
        assert third.body_bytes == b"ab"
        first.state["x"] = 1
        assert third.state["x"] == 1
        third.add_finished_callback(lambda found: None)
        assert len(first.finished_callbacks) == 1

    asyncio.run(run())


def test_a_replaying_receive_gives_the_content_to_whoever_comes_next() -> None:
    async def run() -> None:
        found = request(b"a", b"b")
        receive = found.receive
        assert isinstance(receive, Replay)
        assert (await receive())["body"] == b"a"
        assert await found.body() == b"ab"
        again = Request(scope(method="POST", headers=CHUNKED), found.receive)
        assert await again.body() == b"ab"

    asyncio.run(run())


def test_the_request_of_a_scope_is_the_one_made_before() -> None:
    first = request(b"a")
    assert Request.of(first.scope, first.receive) is first
    other = Request.of({**first.scope, "path": "/other"}, first.receive)
    assert other is not first
    assert other.content is first.content
    assert Request.of(first.scope, receiving(b"changed")) is not first


def test_finished_callbacks_all_run_and_only_once() -> None:
    async def run() -> None:
        events: list[str] = []
        found = request(b"")

        async def waiting(_: Request) -> None:
            events.append("waiting")

        def failing(_: Request) -> None:
            events.append("failing")
            raise RuntimeError

        found.add_finished_callback(failing)
        found.add_finished_callback(waiting)
        await found.finish()
        await found.finish()
        assert events == ["failing", "waiting"]

    asyncio.run(run())


def test_whether_the_client_has_left_can_be_asked() -> None:
    async def run() -> None:
        found = Request(scope(), receiving())
        await found.is_disconnected()
        await asyncio.sleep(0)
        assert await found.is_disconnected()
        await found.finish()

    asyncio.run(run())


def test_the_leaving_of_the_client_can_be_awaited() -> None:
    async def run() -> None:
        left = asyncio.Event()

        async def receive() -> Message:
            await left.wait()
            return {"type": "http.disconnect"}

        found = Request(scope(), receive)
        waiting = asyncio.ensure_future(found.disconnected())
        await asyncio.sleep(0)
        assert not waiting.done()
        left.set()
        await waiting
        assert await found.is_disconnected()
        await found.finish()

    asyncio.run(run())


def test_the_app_is_known_where_one_answers() -> None:
    from wadjet.errors import ConfigError

    app = Wadjet()

    @app.get("/")
    async def handler(request: Request) -> str:
        return repr(request.app is app)

    with TestClient(app) as client:
        assert client.get("/").text == "True"
    with pytest.raises(ConfigError, match="not being answered by an application"):
        _ = Request(scope()).app


def test_middleware_may_read_the_content_before_the_handler() -> None:
    class Reads:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                found = Request(scope, receive)
                found.state["read"] = (await found.body()).decode()
            await self.app(scope, receive, send)

    app = Wadjet(middleware=[Reads])

    @app.post("/")
    async def handler(request: Request) -> Any:
        return [request.state["read"], await request.text()]

    for served in (app, Reads(app)):
        with TestClient(served) as client:
            assert client.post("/", content=b"abc").json() == ["abc", "abc"]
            assert client.post("/", content=iter([b"a", b"bc"])).json() == ["abc", "abc"]


def test_that_nobody_is_there_any_more_hides_no_failure_before_it() -> None:
    request, first = Request.blank("/"), ValueError("first")
    request.fail(first)
    request.fail(ClientDisconnect())
    assert request.exception is first
    request.fail(LookupError("later"))
    assert isinstance(request.exception, LookupError)
    left = Request.blank("/")
    left.fail(ClientDisconnect())
    assert isinstance(left.exception, ClientDisconnect)
