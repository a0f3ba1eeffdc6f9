"""Tasks over taskiq's broker in Redis: an application here, a worker in a process of its own."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

import pytest

from tests.redisserver import RedisServer
from tests.running import PATIENCE, Running, running
from wadjet.testing import TestClient

SHOP = """
import os

from taskiq_redis import RedisStreamBroker

from wadjet import Request, Settings, Wadjet
from wadjet.db import Mapped, Model, create_all, mapped_column
from wadjet.logs import REQUEST_ID
from wadjet.middleware import DatabaseMiddleware, RequestIdMiddleware
from wadjet.tasks import Tasks


class Base(Model):
    __abstract__ = True
    metadata = type(Model.metadata)()


class Parcel(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]


broker = RedisStreamBroker(os.environ["SHOP_REDIS"], queue_name="wadjet:tasks:shop", consumer_id="0", xread_block=100)
app = Wadjet(Settings(DATABASE_URL=os.environ["SHOP_DATABASE"]), middleware=[RequestIdMiddleware, DatabaseMiddleware])
tasks = Tasks(app, broker)
ready: list[str] = []


@app.on_startup
async def start():
    await create_all(metadata=Base.metadata)
    ready.append("resources")


@tasks.task
async def ship(number: int, fails: bool = False) -> None:
    parcel = await Parcel.objects.get(id=number)
    parcel.state = f"shipped with {ready} for {REQUEST_ID.get()} by {os.getpid()}"
    await parcel.save()
    if fails:
        raise LookupError("the van is broken")


@app.post("/parcels")
async def parcel(request: Request, fails: bool = False, undone: bool = False) -> dict[str, int]:
    made = await Parcel.objects.create(state="new")
    await tasks.enqueue(ship, made.id, fails)
    if undone:
        raise LookupError("no")
    return {"id": made.id}


@app.get("/parcels/{id:int}")
async def state(id: int) -> str:
    return (await Parcel.objects.get(id=id)).state
"""


def test_a_worker_does_what_a_request_has_committed(
    shared_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shop_of_tasks.py").write_text(SHOP)
    place = {"SHOP_REDIS": shared_redis.url, "SHOP_DATABASE": f"sqlite:///{tmp_path}/shop.db"}
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(tmp_path))
    shop = importlib.import_module("shop_of_tasks")
    command = [sys.executable, "-m", "taskiq", "worker", "shop_of_tasks:broker", "--workers", "1"]
    with (
        TestClient(shop.app, raise_server_exceptions=False) as client,
        running(command, tmp_path, place) as worker,
    ):
        assert client.post("/parcels?undone=true").status_code == 500
        failing = client.post("/parcels?fails=true").json()["id"]
        answer = client.post("/parcels")
        state = until_shipped(client, worker, answer.json()["id"])
        assert state.startswith(f"shipped with ['resources'] for {answer.headers['x-request-id']} by ")
        worker.until(lambda: "the van is broken" in worker.output)
        assert client.get(f"/parcels/{failing}").text == "new"  # its unit of work was undone
        assert "DoesNotExist" not in worker.output  # nothing was sent for what was undone


def until_shipped(client: TestClient, worker: Running, number: int) -> str:
    deadline = time.monotonic() + PATIENCE
    while (state := client.get(f"/parcels/{number}").text) == "new":
        assert worker.process.poll() is None, worker.output
        assert time.monotonic() < deadline, worker.output
        time.sleep(0.05)  # the worker is another process
    return str(state)
