"""Request ids: in the state, the response and the log; from outside only by trusted proxies."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse
from starlette.routing import Route as StarletteRoute

from tests.driving import Sent, exchange, run
from tests.middleware.test_sockets import accepting, handshake
from wadjet import Request, Response, Settings, Wadjet
from wadjet.errors import PolicyError
from wadjet.logs import RequestIdFilter
from wadjet.middleware import RequestIdMiddleware
from wadjet.types import ASGIApp

PROXY, CLIENT = ("10.0.0.1", 1), ("192.0.2.1", 1)
TRUSTING = Settings(TRUSTED_PROXIES=("10.0.0.1",))
_log = logging.getLogger("tests.requestid")


def _routes(app: Wadjet) -> Wadjet:
    @app.get("/id")
    async def show(request: Request) -> str:
        _log.warning("async")
        return str(request.state["request_id"])

    @app.get("/threaded")
    def threaded(request: Request) -> str:
        _log.warning("threaded")
        return str(request.state["request_id"])

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError

    @app.get("/own")
    async def own() -> Any:
        return Response("own", headers={"x-request-id": "own"})

    return app


def _in_list() -> ASGIApp:
    return _routes(Wadjet(settings=TRUSTING, middleware=[RequestIdMiddleware]))


def _wrapped() -> ASGIApp:
    return RequestIdMiddleware(_routes(Wadjet(settings=TRUSTING)))


async def _show(request: StarletteRequest) -> PlainTextResponse:
    return PlainTextResponse(request.state.request_id)


def _foreign() -> ASGIApp:
    return RequestIdMiddleware(Starlette(routes=[StarletteRoute("/id", _show)]))


EVERYWHERE = pytest.mark.parametrize("make", [_in_list, _wrapped, _foreign])


@pytest.fixture(autouse=True)
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_TRUSTED_PROXIES", "10.0.0.1")


def ask(app: ASGIApp, path: str = "/id", given: str | None = None, client: Any = CLIENT) -> Sent:
    return run(app, "GET", path, headers=[] if given is None else [("x-request-id", given)], client=client)


def id_of(sent: Sent) -> str:
    value = sent.field(b"x-request-id")
    assert value is not None
    return value.decode()


@EVERYWHERE
def test_every_request_has_an_id_of_its_own(make: Any) -> None:
    app = make()
    seen = set()
    for _ in range(3):
        sent = ask(app)
        assert sent.body.decode() == id_of(sent)
        assert len(id_of(sent)) == 32
        seen.add(id_of(sent))
    assert len(seen) == 3
    assert id_of(ask(app, "/nowhere"))


@EVERYWHERE
def test_an_id_is_taken_from_a_trusted_proxy_only(make: Any) -> None:
    app = make()
    assert id_of(ask(app, given="abc-123", client=PROXY)) == "abc-123"
    assert id_of(ask(app, given="abc-123", client=CLIENT)) != "abc-123"


@pytest.mark.parametrize("given", ["", "a b", "<script>", "a" * 129, "é", "-a", "a\tb", "a,b", "%0d%0a"])
def test_what_does_not_look_like_an_id_is_replaced(given: str) -> None:
    assert len(id_of(ask(_in_list(), given=given, client=PROXY))) == 32


@pytest.mark.parametrize(
    "given", ["a", "A" * 128, "Root=1-67891233-abcdef012345678912345678", "a/b+c==", "1@x:y"]
)
def test_ids_of_the_usual_forms_are_kept(given: str) -> None:
    assert id_of(ask(_in_list(), given=given, client=PROXY)) == given


def test_without_trusted_proxies_nobody_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WADJET_TRUSTED_PROXIES")
    app = _routes(Wadjet(middleware=[RequestIdMiddleware]))
    assert id_of(ask(app, given="abc", client=PROXY)) != "abc"


@pytest.mark.parametrize("make", [_in_list, _wrapped])
def test_a_crash_has_the_id_in_response_and_log(make: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "wadjet.error"):
        sent = ask(make(), "/boom")
    assert sent.status == 500
    (record,) = caplog.records
    assert record.__dict__["request_id"] == id_of(sent)


@pytest.mark.parametrize("path", ["/id", "/threaded"])
def test_a_filter_gives_the_id_to_records_of_all_loggers(path: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(filter_ := RequestIdFilter())
    try:
        sent = ask(_in_list(), path)
        asyncio.run(asyncio.sleep(0))
        _log.warning("outside")
    finally:
        caplog.handler.removeFilter(filter_)
    assert [record.__dict__["request_id"] for record in caplog.records if record.name == _log.name] == [
        id_of(sent),
        "-",
    ]


def test_what_the_handler_says_stays() -> None:
    assert id_of(ask(_in_list(), "/own")) == "own"


def test_requests_at_once_do_not_share_ids() -> None:
    app = _in_list()

    async def both() -> tuple[Sent, Sent]:
        return await asyncio.gather(exchange(app, "GET", "/id"), exchange(app, "GET", "/threaded"))

    one, other = asyncio.run(both())
    assert id_of(one) == one.body.decode() != id_of(other) == other.body.decode()


def test_another_field_may_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = run(RequestIdMiddleware(_routes(Wadjet()), header="X-Correlation-ID"), "GET", "/id")
    assert sent.field(b"x-correlation-id") == sent.body
    app = Wadjet(
        settings=Settings(
            REQUEST_ID_HEADER="X-Trace",
            MIDDLEWARE=("wadjet.middleware.requestid.RequestIdMiddleware",),
        )
    )
    assert run(_routes(app), "GET", "/id").field(b"x-trace")
    with pytest.raises(PolicyError, match="no name of a field"):
        RequestIdMiddleware(Wadjet(), header="X Y")


def test_a_websocket_has_one_too() -> None:
    states = []

    async def remembering(scope: Any, receive: Any, send: Any) -> None:
        states.append(scope["state"]["request_id"])
        await accepting(scope, receive, send)

    handshake(RequestIdMiddleware(remembering))
    assert len(states[0]) == 32
