"""Files on the fast lane: by the kernel where it can, else in blocks; whole or not at all."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from tests.server.http1.serving import Served, run, serving
from wadjet import FileResponse, Settings, Wadjet
from wadjet.server.http1 import sending, writing

BIG = 3_000_000
SMALL = 1000


def application(folder: Path) -> Wadjet:
    (folder / "big").write_bytes(os.urandom(BIG))
    (folder / "small").write_bytes(os.urandom(SMALL))
    (folder / "empty").write_bytes(b"")
    app = Wadjet()

    @app.get("/{name}")
    async def file(name: str) -> Any:
        return FileResponse(folder / name)

    @app.get("/as/{status:int}/{name}")
    async def with_status(status: int, name: str) -> Any:
        return FileResponse(folder / name, status)

    return app


def request(path: str, method: str = "GET", last: bool = True) -> bytes:
    end = b"Connection: close\r\n" if last else b""
    return b"%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n" % (method.encode(), path.encode(), end)


@pytest.fixture
def by_kernel(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the kernel was asked to send, in bytes."""
    asked: list[int] = []
    original = os.sendfile

    def sendfile(target: int, source: int, offset: int, count: int) -> int:
        sent = original(target, source, offset, count)
        asked.append(sent)
        return sent

    monkeypatch.setattr(os, "sendfile", sendfile)
    return asked


@pytest.mark.parametrize("on_uvloop", [True, False])
def test_a_large_file_is_sent_by_the_kernel_and_the_connection_goes_on(
    tmp_path: Path, by_kernel: list[int], on_uvloop: bool
) -> None:
    async def conversation(served: Served) -> None:
        sent = request("/big", last=False) + request("/small", last=False) + request("/big")
        first, second, third = await served.ask(sent)
        assert first.body == third.body == (tmp_path / "big").read_bytes()
        assert first.field("content-length") == str(BIG)
        assert second.body == (tmp_path / "small").read_bytes()
        assert sum(by_kernel) == 2 * BIG

    run(_served(application(tmp_path), conversation), on_uvloop=on_uvloop)


@pytest.mark.parametrize(("path", "size"), [("/small", SMALL), ("/empty", 0)])
def test_a_small_file_is_written(tmp_path: Path, by_kernel: list[int], path: str, size: int) -> None:
    async def conversation(served: Served) -> None:
        (reply,) = await served.ask(request(path))
        assert reply.body == (tmp_path / path[1:]).read_bytes()
        assert reply.field("content-length") == str(size)
        assert not by_kernel

    run(_served(application(tmp_path), conversation))


@pytest.mark.parametrize(
    ("sent", "status"),
    [(request("/big", "HEAD"), 200), (request("/as/304/big"), 304), (request("/as/204/big"), 204)],
)
def test_a_response_without_content_sends_none_of_the_file(
    tmp_path: Path, by_kernel: list[int], sent: bytes, status: int
) -> None:
    async def conversation(served: Served) -> None:
        (reply,) = await served.ask(sent, ["HEAD"])
        assert (reply.status, reply.body) == (status, b"")
        assert not by_kernel

    run(_served(application(tmp_path), conversation))


def test_the_kernel_waits_for_a_client_that_reads_slowly(tmp_path: Path, by_kernel: list[int]) -> None:
    async def conversation(served: Served) -> None:
        peer = await served.open()
        await peer.send(request("/big"))
        found = bytearray()
        while data := await peer.some(100_000):
            found += data
            await asyncio.sleep(0.001)
        assert found.endswith((tmp_path / "big").read_bytes())
        assert len(by_kernel) > 1
        peer.close()

    run(_served(application(tmp_path), conversation))


def test_a_client_that_takes_nothing_is_cut_off(tmp_path: Path) -> None:
    async def conversation(served: Served) -> None:
        peer = await served.open()
        await peer.send(request("/more-than-sockets-hold"))
        await served.until_idle()
        assert 0 < len(await peer.rest()) < size
        peer.close()

    app, size = application(tmp_path), 1 << 28
    (tmp_path / "more-than-sockets-hold").touch()
    os.truncate(tmp_path / "more-than-sockets-hold", size)
    app.settings = Settings(SEND_TIMEOUT=0.2)
    run(_served(app, conversation))


def test_a_file_that_shrinks_breaks_the_connection_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.sendfile

    def sendfile(target: int, source: int, offset: int, count: int) -> int:
        os.truncate(tmp_path / "big", 1_000_000)
        return original(target, source, offset, count)

    monkeypatch.setattr(os, "sendfile", sendfile)

    async def conversation(served: Served) -> None:
        (reply,) = await served.ask(request("/big"))
        assert not reply.is_whole
        assert len(reply.body) == 1_000_000
        (error,) = served.taken_errors()
        assert "became shorter" in error

    run(_served(application(tmp_path), conversation))


def test_a_client_that_leaves_ends_the_sending(tmp_path: Path) -> None:
    async def conversation(served: Served) -> None:
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            peer = await served.open()
            await peer.send(request("/big"))
            await peer.some(1000)
            peer.reset()
        await served.until_idle()
        assert len(os.listdir("/proc/self/fd")) <= before

    run(_served(application(tmp_path), conversation))


def test_without_sendfile_files_are_read_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "can_send", lambda transport, file: False)

    async def conversation(served: Served) -> None:
        (reply,) = await served.ask(request("/big"))
        assert reply.body == (tmp_path / "big").read_bytes()

    run(_served(application(tmp_path), conversation))


def test_the_kernel_does_not_send_through_tls(tmp_path: Path) -> None:
    class Tls:
        @staticmethod
        def get_extra_info(name: str) -> object:
            return name == "sslcontext"

    class File:
        count = BIG

    assert not sending.can_send(Tls(), File())  # type: ignore[arg-type]  # it has what is asked for


async def _served(app: Wadjet, conversation: Any) -> None:
    async with serving(app) as served:
        await conversation(served)
        await served.until_idle()
        assert not served.errors
