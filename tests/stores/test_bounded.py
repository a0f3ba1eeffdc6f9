"""Bounded keeps what fits, forgets what is old, and counts every byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import Clock
from wadjet.stores.bounded import OVERHEAD, Bounded


def bounded(entries: int, each: int = 100) -> tuple[Bounded[str], Clock]:
    clock = Clock()
    return Bounded(entries * (OVERHEAD + each), clock), clock


def test_what_was_kept_is_there_and_what_was_not_is_none() -> None:
    kept, _ = bounded(2)
    kept.put("a", "A", 100)
    assert (kept.get("a"), kept.get("b"), len(kept)) == ("A", None, 1)


def test_a_second_value_takes_the_place_of_the_first() -> None:
    kept, _ = bounded(2)
    kept.put("a", "A", 100)
    kept.put("a", "B", 50)
    assert (kept.get("a"), len(kept), kept.size) == ("B", 1, OVERHEAD + 50)


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    kept, _ = bounded(2)
    kept.put("a", "A", 100)
    kept.put("b", "B", 100)
    kept.get("a")
    kept.put("c", "C", 100)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("A", None, "C")


def test_what_is_larger_than_everything_is_not_kept_and_drives_nothing_out() -> None:
    kept, _ = bounded(2)
    kept.put("a", "A", 100)
    kept.put("b", "B", 3 * (OVERHEAD + 100))
    assert (kept.get("a"), kept.get("b")) == ("A", None)


def test_what_no_longer_fits_is_gone_and_not_the_old_value() -> None:
    kept, _ = bounded(1)
    kept.put("a", "A", 100)
    kept.put("a", "B", 10_000)
    assert (kept.get("a"), kept.size) == (None, 0)


def test_a_value_ends_when_its_time_is_over() -> None:
    kept, clock = bounded(2)
    kept.put("a", "A", 100, ttl=5)
    clock.now += 4.9
    assert kept.get("a") == "A"
    clock.now += 0.1
    assert (kept.get("a"), len(kept), kept.size) == (None, 0, 0)


def test_what_replaces_a_value_ends_with_it() -> None:
    kept, clock = bounded(2)
    kept.put("a", "A", 100, ttl=5)
    clock.now += 4
    kept.replace("a", "B", 100)
    assert kept.get("a") == "B"
    clock.now += 1
    assert kept.get("a") is None


def test_what_is_forgotten_takes_no_room() -> None:
    kept, _ = bounded(2)
    kept.put("a", "A", 100)
    kept.put("b", "B", 100)
    kept.discard("a")
    kept.discard("never there")
    assert kept.size == OVERHEAD + 100
    kept.clear()
    assert (kept.size, len(kept)) == (0, 0)


@pytest.mark.parametrize("count", [100, 10_000], ids=["few", "CACHE-26: many"])
def test_its_size_does_not_depend_on_how_much_was_put_in(count: int) -> None:
    kept, _ = bounded(10)
    for number in range(count):
        kept.put(number, str(number), 100)
    assert len(kept) == 10


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 900), st.sampled_from([None, 1.0, 3.0]))))
def test_it_never_holds_more_than_its_limit(puts: list[tuple[int, int, float | None]]) -> None:
    clock = Clock()
    kept: Bounded[int] = Bounded(2000, clock)
    for key, size, ttl in puts:
        kept.put(key, size, size, ttl)
        clock.now += 0.5
        assert kept.size <= 2000
    left = sum(OVERHEAD + value for key in range(6) if (value := kept.get(key)) is not None)
    assert kept.size == left
