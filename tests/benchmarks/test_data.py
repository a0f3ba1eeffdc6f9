"""The figures of data: what they ask is answered; nothing is timed here."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.data.__main__ import FIGURES
from benchmarks.data.fortunes import PEERS, are_fortunes, entries, fill
from benchmarks.data.page import application
from benchmarks.data.rows import rounds
from benchmarks.data.sockets import opened, serving, told
from benchmarks.environments import ROOT, pinned
from wadjet.testing import TestClient


def test_every_figure_says_what_it_does() -> None:
    assert all(figure.__doc__ for figure in FIGURES.values())


def test_a_row_is_read_both_ways_in_every_round(tmp_path: Path) -> None:
    ours, plain = asyncio.run(rounds(f"sqlite:///{tmp_path}/rows.db", 2, reads=1))
    assert len(ours) == len(plain) == 2


@pytest.mark.parametrize("name", ["wadjet", "websockets"])
def test_all_who_listen_are_told(name: str) -> None:
    with serving(name) as (port, _), ExitStack() as stack:
        listeners = opened(stack, port, "/", 3)
        (speaker,) = opened(stack, port, "/tell", 1)
        told(speaker, listeners)
        told(speaker, listeners)
        for listener in listeners:
            listener.setblocking(False)
            with pytest.raises(BlockingIOError):
                listener.recv(1)  # nobody was told more


def test_the_page_of_fortunes_is_whole_in_order_and_escaped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"sqlite:///{tmp_path}/fortunes.db"
    for name, value in dict(entries(address)[0].settings).items():
        monkeypatch.setenv(name, value)
    asyncio.run(fill(address))
    asyncio.run(fill(address))
    page = TestClient(application()).get("/fortunes").content
    assert are_fortunes(page)
    assert not are_fortunes(page.replace(b"&lt;", b"<"))
    assert not are_fortunes(page.replace(b"<td>3</td>", b""))


def test_every_peer_has_a_page_and_the_same_versions_of_what_makes_it() -> None:
    shared = pinned("fortunes")
    written = {path.stem for path in (ROOT / "benchmarks/peers").glob("fortunes_*.py")}
    assert written == {f"fortunes_{name}" for name in PEERS}
    for entry in entries("postgresql://a"):
        assert shared.items() <= pinned(entry.environment).items()
        assert entry.is_peer == (entry.app.partition(":")[0] == f"benchmarks.peers.fortunes_{entry.name}")
