"""The figures of data: what they ask is answered; nothing is timed here."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.data.__main__ import FIGURES
from benchmarks.data.rows import rounds
from benchmarks.data.sockets import opened, serving, told


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
