"""Arguments by their type: made once for each request or life, let go in order, whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, NewType

import httpx2
import pytest

from wadjet import Error, Request, Wadjet
from wadjet.errors import ConfigError, SealedError, SignatureError
from wadjet.testing import TestClient

Tenant = NewType("Tenant", str)


class Clock:
    def __init__(self) -> None:
        self.ticks = 0


class Session:
    def __init__(self, log: list[str] | None = None) -> None:
        self.log: list[str] = [] if log is None else log


class Repository:
    def __init__(self, session: Session, request: Request) -> None:
        self.session = session
        self.path = request.path


def test_a_class_a_function_and_what_they_need_are_found_by_type() -> None:
    app = Wadjet()
    app.provide(Session, lambda: Session(["made"]))
    app.provide(Repository, Repository)

    @app.provide(Tenant)
    async def tenant(request: Request) -> str:
        return request.headers.get("x-tenant", "nobody")

    @app.get("/{id:int}")
    async def index(id: int, repository: Repository, who: Tenant, session: Session) -> Any:
        return [id, repository.path, who, repository.session is session, session.log]

    with TestClient(app) as client:
        assert client.get("/7", headers={"x-tenant": "acme"}).json() == [7, "/7", "acme", True, ["made"]]


@pytest.mark.parametrize("is_async", [True, False])
def test_a_generator_is_ended_when_the_handler_has_returned(is_async: bool) -> None:
    app, log = Wadjet(), list[str]()

    async def asynchronous() -> AsyncIterator[Session]:
        log.append("opened")
        yield Session()
        log.append("closed")

    def synchronous() -> Iterator[Session]:
        log.append("opened")
        yield Session()
        log.append("closed")

    app.provide(Session, asynchronous if is_async else synchronous)

    @app.get("/")
    async def index(session: Session) -> str:
        log.append("handler")
        return "done"

    @app.get("/plain")
    def plain(session: Session) -> str:
        return "done"

    with TestClient(app) as client:
        assert client.get("/").text == client.get("/plain").text == "done"
    assert log == ["opened", "handler", "closed", "opened", "closed"]


def test_a_generator_is_told_what_the_handler_raised() -> None:
    app, log = Wadjet(), list[str]()

    @app.provide(Session)
    async def session() -> AsyncIterator[Session]:
        try:
            yield Session()
        except Exception as error:
            log.append(type(error).__name__)
            raise

    @app.get("/crash")
    async def crash(session: Session) -> str:
        raise ValueError("x")

    @app.get("/refuse")
    async def refuse(session: Session) -> str:
        raise Error(409)

    with TestClient(app, raise_server_exceptions=False) as client:
        assert (client.get("/crash").status_code, client.get("/refuse").status_code) == (500, 409)
    assert log == ["ValueError", "Error"]


@pytest.mark.parametrize("is_async", [True, False])
def test_a_generator_that_swallows_the_failure_hides_it_neither_from_the_client_nor_from_others(
    is_async: bool,
) -> None:
    app, log = Wadjet(), list[str]()

    async def asynchronous() -> AsyncIterator[Session]:
        with contextlib.suppress(Exception):
            yield Session()

    def synchronous() -> Iterator[Session]:
        with contextlib.suppress(Exception):
            yield Session()

    app.provide(Session, asynchronous if is_async else synchronous)

    @app.provide(Clock)
    def clock() -> Iterator[Clock]:
        try:
            yield Clock()
        except Exception as error:
            log.append(type(error).__name__)
            raise

    @app.get("/crash")
    async def crash(clock: Clock, session: Session) -> None:
        raise ValueError("x")

    @app.get("/refuse")
    async def refuse(clock: Clock, session: Session) -> None:
        raise Error(409)

    with TestClient(app, raise_server_exceptions=False) as client:
        assert (client.get("/crash").status_code, client.get("/refuse").status_code) == (500, 409)
    assert log == ["ValueError", "Error"]


@pytest.mark.parametrize("path", ["/asynchronous", "/blocking"])
def test_what_a_stream_asked_for_outlives_a_stream_that_is_not_read_to_its_end(path: str) -> None:
    app, log = Wadjet(), list[str]()

    @app.provide(Session)
    def session() -> Iterator[Session]:
        yield Session()
        log.append("let go")

    @app.get("/asynchronous")
    async def asynchronous(session: Session) -> AsyncIterator[str]:
        try:
            while True:
                yield "x"
        finally:
            log.append("closed")

    @app.get("/blocking")
    def blocking(session: Session) -> Iterator[str]:
        try:
            while True:
                yield "x"
        finally:
            log.append("closed")

    with TestClient(app) as client:
        assert client.head(path).status_code == 200
    assert log == ["closed", "let go"]


@pytest.mark.parametrize("path", ["/asynchronous", "/blocking"])
def test_what_a_stream_asked_for_is_told_that_the_stream_has_failed(path: str) -> None:
    app, log = Wadjet(), list[str]()

    @app.provide(Session)
    async def session() -> AsyncIterator[Session]:
        try:
            yield Session()
        except ValueError as error:
            log.append(f"rolled back: {error}")
            raise
        log.append("committed")

    @app.get("/asynchronous")
    async def asynchronous(session: Session, rows: int) -> AsyncIterator[str]:
        for row in range(rows):
            yield str(row)
        if rows > 1:
            raise ValueError("half of it")

    @app.get("/blocking")
    def blocking(session: Session, rows: int) -> Iterator[str]:
        for row in range(rows):
            yield str(row)
        if rows > 1:
            raise ValueError("half of it")

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get(path, params={"rows": 1}).text == "0"
        assert log == ["committed"]
        with pytest.raises(httpx2.RemoteProtocolError):
            client.get(path, params={"rows": 2})
    assert log == ["committed", "rolled back: half of it"]


def test_what_is_made_first_is_let_go_last_and_one_that_fails_keeps_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app, log = Wadjet(), list[str]()

    @app.provide(Session)
    def session() -> Iterator[Session]:
        try:
            yield Session()
        finally:
            log.append("session")

    @app.provide(Repository)
    def repository(session: Session, request: Request) -> Iterator[Repository]:
        yield Repository(session, request)
        log.append("repository")
        raise RuntimeError("cannot close")

    @app.get("/")
    async def index(repository: Repository, session: Session) -> str:
        return "x"

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 500
    assert log == ["repository", "session"]
    assert "cannot close" in caplog.text


def test_it_is_let_go_before_a_stream_starts_unless_the_stream_asked_for_it() -> None:
    app, log = Wadjet(), list[str]()

    @app.provide(Session)
    async def session() -> AsyncIterator[Session]:
        log.append("opened")
        yield Session()
        log.append("closed")

    async def numbers() -> AsyncIterator[str]:
        log.append("streamed")
        yield "x"

    @app.get("/returned")
    async def returned(session: Session) -> Any:
        return numbers()

    @app.get("/asked")
    async def asked(session: Session) -> AsyncIterator[str]:
        log.append("streamed")
        yield "x"

    @app.get("/blocking")
    def blocking(session: Session) -> Iterator[str]:
        log.append("streamed")
        yield "x"

    with TestClient(app) as client:
        assert client.get("/returned").text == "x"
        assert log == ["opened", "closed", "streamed"]
        for path in ("/asked", "/blocking"):
            log.clear()
            assert client.get(path).text == "x"
            assert log == ["opened", "streamed", "closed"]


def test_what_lives_as_long_as_the_application_is_made_at_startup() -> None:
    app, log = Wadjet(), list[str]()

    @app.provide(Clock, lifetime="app")
    async def clock() -> AsyncIterator[Clock]:
        log.append("started")
        yield Clock()
        log.append("stopped")

    app.on_startup(lambda: log.append("hook"))

    @app.get("/")
    async def index(clock: Clock) -> Any:
        clock.ticks += 1
        return clock.ticks

    for _ in range(2):
        with TestClient(app) as client:
            assert [client.get("/").text, client.get("/").text] == ["1", "2"]
        assert log == ["started", "hook", "stopped"]
        log.clear()


def test_requests_do_not_share_what_is_made_for_each() -> None:
    app, seen = Wadjet(), set[int]()
    app.provide(Clock, Clock)

    @app.get("/")
    async def index(clock: Clock) -> str:
        assert clock.ticks == 0
        clock.ticks += 1
        await asyncio.sleep(0)
        seen.add(id(clock))
        return "x"

    with TestClient(app) as client:
        assert client.get("/").text == client.get("/").text == "x"


def test_route_middleware_may_ask_for_it() -> None:
    app = Wadjet()
    app.provide(Clock, Clock)

    @app.get("/")
    async def index(clock: Clock) -> Any:
        return clock.ticks

    @index.middleware
    async def tick(clock: Clock) -> None:
        clock.ticks += 5

    with TestClient(app) as client:
        assert client.get("/").text == "5"


def test_an_annotation_of_ones_own_tells_two_of_a_class_apart() -> None:
    app = Wadjet()
    first, second = Annotated[Clock, "first"], Annotated[Clock, "second"]
    one, other = Clock(), Clock()
    other.ticks = 9
    app.provide(first, lambda: one, lifetime="app")
    app.provide(second, lambda: other, lifetime="app")

    async def index(a, b):  # type: ignore[no-untyped-def]
        return [a.ticks, b.ticks]

    index.__annotations__ = {"a": first, "b": second}
    app.add_get("/", index)
    with TestClient(app) as client:
        assert client.get("/").json() == [0, 9]


def test_a_factory_that_fails_is_a_500_and_what_was_made_before_it_is_let_go() -> None:
    app, log = Wadjet(), list[str]()

    @app.provide(Session)
    def session() -> Iterator[Session]:
        try:
            yield Session()
        finally:
            log.append("closed")

    @app.provide(Repository)
    def repository(session: Session) -> Repository:
        raise RuntimeError("no database")

    @app.get("/")
    async def index(repository: Repository) -> str:
        return "x"

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 500
    assert log == ["closed"]


def test_mistakes_fail_at_assembly_or_before() -> None:
    app = Wadjet()
    with pytest.raises(ConfigError, match="it is 'request' or 'app'"):
        app.provide(Clock, Clock, lifetime="session")  # type: ignore[call-overload]
    with pytest.raises(ConfigError, match="is no factory"):
        app.provide(Clock, 7)  # type: ignore[call-overload]
    app.provide(Clock, Clock)
    with pytest.raises(ConfigError, match="is taken by"):
        app.provide(Clock, Clock)
    app.seal()
    with pytest.raises(SealedError, match="provide comes too late"):
        app.provide(Session, Session)


def a_needs_b(b: Session) -> Clock:
    raise AssertionError(b)


def b_needs_a(a: Clock) -> Session:
    raise AssertionError(a)


def test_factories_that_cannot_work_fail_at_assembly() -> None:
    circle = Wadjet()
    circle.provide(Clock, a_needs_b)
    circle.provide(Session, b_needs_a)
    with pytest.raises(ConfigError, match="need each other: Clock, Session, Clock"):
        circle.seal()

    unknown = Wadjet()
    unknown.provide(Clock, a_needs_b)
    with pytest.raises(
        SignatureError, match=r"a_needs_b\(\): parameter 'b' is neither .* the types are Clock"
    ):
        unknown.seal()

    unhashable: Any = Annotated[int, []]
    with pytest.raises(ConfigError, match="nothing could look it up, for a part of it has no hash"):
        unknown.provide(unhashable, Clock)

    def asks(number: Any) -> Clock:
        raise AssertionError

    asks.__annotations__["number"] = unhashable
    asking = Wadjet()
    asking.provide(Clock, asks)
    with pytest.raises(SignatureError, match=r"parameter 'number' is neither"):
        asking.seal()

    lasting = Wadjet()
    lasting.provide(Clock, a_needs_b, lifetime="app")
    lasting.provide(Session, lambda: Session())
    with pytest.raises(
        ConfigError, match="lives as long as the application, but Session only as long as a request"
    ):
        lasting.seal()
