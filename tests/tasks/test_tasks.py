"""Tasks: what is sent and when, what a worker does with it, and what becomes of failures; with taskiq's broker in memory."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from taskiq import AsyncBroker, InMemoryBroker
from taskiq.kicker import AsyncKicker
from taskiq.message import BrokerMessage

import wadjet.tasks
from wadjet import Request, Settings, Wadjet
from wadjet.db import Mapped, Model, create_all, database_of, mapped_column, transaction
from wadjet.errors import ConfigError, MissingExtra
from wadjet.logs import REQUEST_ID
from wadjet.middleware import DatabaseMiddleware, RequestIdMiddleware
from wadjet.tasks import TaskNotSent, Tasks
from wadjet.testing import TestClient


class Base(Model):
    """Models of these tests, in a schema of their own."""

    __abstract__ = True
    metadata = type(Model.metadata)()


class Order(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    thing: Mapped[str]
    state: Mapped[str] = mapped_column(default="new")


class Broken(InMemoryBroker):
    """A broker that takes nothing from now on, or hangs."""

    fault: Exception | None = None
    hangs = False

    async def kick(self, message: BrokerMessage) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fault is not None:
            raise self.fault
        await super().kick(message)


class Shop:
    """An application with tasks, and what its tasks have seen."""

    def __init__(self, folder: Path, broker: AsyncBroker | None = None, **options: Any) -> None:
        self.seen: list[Any] = []
        self.broker = Broken(await_inplace=True) if broker is None else broker
        self.app = Wadjet(
            Settings(DATABASE_URL=f"sqlite:///{folder}/shop.db"),
            middleware=[RequestIdMiddleware, DatabaseMiddleware],
        )
        self.tasks = Tasks(self.app, self.broker, **options)
        self.app.on_startup(lambda: create_all(database_of(self.app.settings), metadata=Base.metadata))

        @self.tasks.task
        async def ship(number: int, how: str = "") -> str:
            order = await Order.objects.get(id=number)
            order.state = "shipped"
            await order.save()
            self.seen.append((order.thing, REQUEST_ID.get()))
            if how == "fails":
                raise LookupError(how)
            return order.thing

        @self.tasks.task("plain", retries="2")
        def plain(text: str) -> None:
            self.seen.append(text)

        self.ship, self.plain = ship, plain

        @self.app.post("/orders/{how}")
        async def order(request: Request, how: str) -> dict[str, object]:
            made = await Order.objects.create(thing=how)
            await self.tasks.enqueue(self.ship, made.id, "fails" if how == "fails" else "")
            assert self.seen == []
            if how == "raises":
                raise LookupError(how)
            if how == "undone":
                try:
                    async with transaction():
                        await self.tasks.enqueue(self.plain, "of the savepoint")
                        raise LookupError
                except LookupError:
                    await self.tasks.enqueue(self.plain, "after it")
            if how == "answers 500":
                request.response.status_code = 500
            return {"id": made.id}

        @self.app.get("/states")
        async def states() -> list[str]:
            return [order.state for order in await Order.objects.order_by("id").all()]

    def client(self) -> TestClient:
        return TestClient(self.app, raise_server_exceptions=False)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    asyncio.run(made.app.shutdown())  # which also lets go of the database of one that has never started


def test_a_task_is_sent_after_the_commit_and_carries_the_id_of_the_request(shop: Shop) -> None:
    with shop.client() as client:
        answer = client.post("/orders/lamp", headers={"x-request-id": "5f0c5f0c5f0c5f0c5f0c5f0c5f0c5f0c"})
        assert answer.status_code == 200
        assert shop.seen == [("lamp", answer.headers["x-request-id"])]
        assert client.get("/states").json() == ["shipped"]


@pytest.mark.parametrize("how", ["raises", "answers 500"])
def test_a_request_that_is_undone_sends_nothing(shop: Shop, how: str) -> None:
    with shop.client() as client:
        assert client.post(f"/orders/{how}").status_code == 500
        assert client.get("/states").json() == []
    assert shop.seen == []


def test_a_savepoint_that_is_undone_takes_its_tasks_with_it(shop: Shop) -> None:
    with shop.client() as client:
        assert client.post("/orders/undone").status_code == 200
    assert [each if isinstance(each, str) else each[0] for each in shop.seen] == ["undone", "after it"]


def test_a_commit_that_fails_sends_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import Connection

    def fail(_: object) -> None:
        raise OSError("the disk is full")

    with shop.client() as client:
        with monkeypatch.context() as patched:
            patched.setattr(Connection, "commit", fail)
            assert client.post("/orders/lamp").status_code == 500
        assert client.get("/states").json() == []
    assert shop.seen == []


@pytest.mark.parametrize("fault", ["away", "hangs"])
def test_a_broker_that_takes_nothing_is_a_500_that_names_the_task_and_keeps_the_rows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    broker = Broken(await_inplace=True)
    shop = Shop(tmp_path, broker, timeout=0.05 if fault == "hangs" else 5.0)
    with shop.client() as client, caplog.at_level(logging.ERROR, "wadjet"):
        broker.fault, broker.hangs = ConnectionError("connection refused"), fault == "hangs"
        assert client.post("/orders/undone").status_code == 500
        broker.fault, broker.hangs = None, False
        assert client.get("/states").json() == ["new"]
    said = [record.getMessage() for record in caplog.records if "was not sent" in record.getMessage()]
    assert len(said) == 2  # the second one was tried, too
    assert ":ship [" in said[0]
    assert "plain [" in said[1]
    assert shop.seen == []


def test_without_a_transaction_it_is_sent_at_once_and_a_failure_raised_at_once(shop: Shop) -> None:
    async def work() -> None:
        await shop.app.startup()
        try:
            sent = await shop.tasks.enqueue(shop.plain, "now")
            assert shop.seen == ["now"]
            assert (await sent.wait_result(timeout=5)).return_value is None
            shop.broker.fault = ConnectionError("connection refused")  # type: ignore[attr-defined]  # of Broken
            with pytest.raises(TaskNotSent, match=r"plain \[\w+\] was not sent") as caught:
                await shop.tasks.enqueue(shop.plain, "later")
            assert caught.value.message.task_name == "plain"
        finally:
            await shop.app.shutdown()

    asyncio.run(work())


def test_what_a_task_writes_is_kept_if_it_returns_and_undone_if_it_raises(shop: Shop) -> None:
    with shop.client() as client:
        assert client.post("/orders/fails").status_code == 200
        assert [thing for thing, _ in shop.seen] == ["fails"]
        assert client.get("/states").json() == ["new"]


def test_a_commit_of_a_task_that_fails_is_a_failure_of_the_task(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import Connection

    def fail(_: object) -> None:
        raise OSError("the disk is full")

    async def work() -> None:
        await shop.app.startup()
        try:
            with database_of(shop.app.settings).chosen():
                made = await Order.objects.create(thing="lamp")
            with monkeypatch.context() as patched:
                patched.setattr(Connection, "commit", fail)
                sent = await shop.tasks.enqueue(shop.ship, made.id)
            result = await sent.get_result()
            assert result.is_err
            assert isinstance(result.error, OSError)
            with database_of(shop.app.settings).chosen():
                assert (await made.refresh()).state == "new"
        finally:
            await shop.app.shutdown()

    asyncio.run(work())


def test_arguments_are_checked_and_written_down_when_they_are_given(shop: Shop) -> None:
    enqueue: Any = shop.tasks.enqueue

    async def work() -> None:
        for arguments, message in [
            ((shop.plain, object()), "the arguments of plain cannot be sent"),
            ((shop.plain, "a", "b"), "too many positional arguments"),
        ]:
            with pytest.raises(TypeError, match=message):
                await enqueue(*arguments)
        with pytest.raises(ConfigError, match="write `@tasks.task` above its `def`"):
            await enqueue(print, "a")

    asyncio.run(work())
    assert shop.seen == []


def test_a_task_of_another_program_is_sent_by_its_name(shop: Shop) -> None:
    async def work() -> None:
        elsewhere: Any = AsyncKicker("elsewhere:work", shop.broker, {})
        with pytest.raises(
            TaskNotSent, match="elsewhere:work"
        ) as caught:  # the broker in memory does what it knows
            await shop.tasks.enqueue(elsewhere, 1)
        assert caught.value.message.task_name == "elsewhere:work"

    asyncio.run(work())


def test_a_message_may_have_labels_of_its_own(shop: Shop) -> None:
    async def work() -> None:
        sent = await shop.tasks.enqueue(shop.plain.kicker().with_labels(retries=5), "labelled")
        assert (await sent.get_result()).labels["retries"] == 5

    asyncio.run(work())
    assert shop.seen == ["labelled"]


def test_a_broker_that_is_not_there_does_not_let_the_application_start(shop: Shop) -> None:
    async def refuse(_: object) -> None:
        raise ConnectionError("no broker")

    from taskiq import TaskiqEvents

    shop.broker.add_event_handler(TaskiqEvents.CLIENT_STARTUP, refuse)
    with pytest.raises(ConnectionError, match="no broker"), shop.client():
        pass


def test_the_broker_lives_as_long_as_the_application(tmp_path: Path) -> None:
    said: list[str] = []

    class Telling(InMemoryBroker):
        async def startup(self) -> None:
            said.append("startup")
            await super().startup()

        async def shutdown(self) -> None:
            said.append(f"shutdown after {here.seen}")
            await super().shutdown()

    here = Shop(tmp_path, Telling())
    with here.client() as client:
        client.post("/orders/lamp")
    assert said == ["startup", f"shutdown after {here.seen}"]
    assert len(here.seen) == 1  # the task that ran beside the request was waited for


def test_in_a_worker_the_application_lives_as_long_as_the_broker(shop: Shop) -> None:
    said: list[str] = []
    shop.app.on_startup(lambda: said.append("startup"))
    shop.app.on_shutdown(lambda: said.append("shutdown"))
    shop.broker.is_worker_process = True

    async def work() -> None:
        await shop.broker.startup()
        assert said == ["startup"]
        await shop.broker.shutdown()
        assert said == ["startup", "shutdown"]

    asyncio.run(work())


class Units:
    """A database of somebody else's."""

    def __init__(self) -> None:
        self.ended: list[bool] = []

    def begin(self, *, writes: bool) -> Units:
        assert writes
        return self

    def end(self, *, commits: bool) -> None:
        self.ended.append(commits)


def test_a_database_may_be_named_and_none_is_needed() -> None:
    units, said = Units(), list[str]()
    for database in (units, None):
        tasks = Tasks(Wadjet(), InMemoryBroker(await_inplace=True), database=database)

        @tasks.task
        def say(text: str) -> None:
            said.append(text)

        asyncio.run(_enqueued(tasks, say))
    assert said == ["a", "a"]
    assert units.ended == [True]


async def _enqueued(tasks: Tasks, work: Any) -> None:
    await tasks.enqueue(work, "a")


@pytest.fixture
def without_taskiq(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delitem(sys.modules, "wadjet.tasks.tasks")
    monkeypatch.setitem(sys.modules, "taskiq", None)
    yield
    monkeypatch.undo()


@pytest.mark.usefixtures("without_taskiq")
def test_without_taskiq_it_says_what_to_install() -> None:
    with pytest.raises(MissingExtra, match=r'pip install "wadjet\[tasks\]"'):
        wadjet.tasks.Tasks  # noqa: B018 - to ask for it is to load it
    with pytest.raises(AttributeError, match="nothing"):
        wadjet.tasks.nothing  # noqa: B018 - likewise


def test_what_taskiq_itself_misses_is_said_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "wadjet.tasks.tasks")
    monkeypatch.setitem(sys.modules, "taskiq.kicker", None)
    with pytest.raises(ModuleNotFoundError, match="taskiq.kicker") as caught:
        wadjet.tasks.Tasks  # noqa: B018 - to ask for it is to load it
    assert not isinstance(caught.value, MissingExtra)
