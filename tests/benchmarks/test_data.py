"""The figures of data: what they ask is answered; nothing is timed here."""

from __future__ import annotations

import asyncio
from pathlib import Path

from benchmarks.data.__main__ import FIGURES
from benchmarks.data.rows import rounds


def test_every_figure_says_what_it_does() -> None:
    assert all(figure.__doc__ for figure in FIGURES.values())


def test_a_row_is_read_both_ways_in_every_round(tmp_path: Path) -> None:
    ours, plain = asyncio.run(rounds(f"sqlite:///{tmp_path}/rows.db", 2, reads=1))
    assert len(ours) == len(plain) == 2
