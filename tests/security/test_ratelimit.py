"""The sliding window, by the nanosecond, and against the `limits` package."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from wadjet.security.ratelimit import SECOND, Sliding, Verdict, network_of, short_key


def test_exactly_the_limit_fits_into_any_window() -> None:
    window = Sliding(3, 10)
    assert [window.use("a", 1, now).is_allowed for now in (1, 2, 3, 4, 10)] == [True] * 3 + [False] * 2


def test_a_use_counts_up_to_the_last_nanosecond_of_its_window_and_no_longer() -> None:
    window = Sliding(1, SECOND)
    assert window.use("a", 1, 5).is_allowed
    assert not window.use("a", 1, 5 + SECOND - 1).is_allowed
    assert window.use("a", 1, 5 + SECOND).is_allowed


def test_what_is_refused_does_not_count() -> None:
    window = Sliding(1, 10)
    window.use("a", 1, 1)
    for now in range(2, 11):
        assert not window.use("a", 1, now).is_allowed
    assert window.use("a", 1, 11).is_allowed


def test_what_is_said_is_true() -> None:
    window = Sliding(2, 100)
    assert window.use("a", 1, 10) == Verdict(True, 1, 0, 100, 100)
    assert window.use("a", 1, 30) == Verdict(True, 0, 80, 80, 100)
    assert window.use("a", 1, 40) == Verdict(False, 0, 70, 70, 90)
    assert window.use("a", 1, 110) == Verdict(True, 0, 20, 20, 100)


def test_looking_uses_nothing() -> None:
    window = Sliding(1, 100)
    assert window.use("a", 1, 1, only_looks=True) == Verdict(True, 1, 0, 0, 0)
    assert window.use("a", 1, 1).is_allowed
    assert not window.use("a", 1, 1, only_looks=True).is_allowed


def test_a_cost_is_used_whole_or_not_at_all() -> None:
    window = Sliding(10, 100)
    assert window.use("a", 7, 1).remaining == 3
    refused = window.use("a", 4, 2)
    assert (refused.is_allowed, refused.remaining, refused.wait) == (False, 3, 99)
    assert window.use("a", 3, 3).remaining == 0
    assert window.use("a", 0, 4).is_allowed


def test_what_costs_more_than_the_limit_is_never_allowed() -> None:
    window = Sliding(2, 100)
    assert window.use("a", 3, 1) == Verdict(False, 2, 100, 0, 0)
    assert not Sliding(0, 100).use("a", 1, 1).is_allowed


def test_each_key_has_its_own_limit() -> None:
    window = Sliding(1, 100)
    assert all(window.use(f"{number}", 1, 1).is_allowed for number in range(1000))
    assert not any(window.use(f"{number}", 1, 2).is_allowed for number in range(1000))


def test_keys_are_forgotten_when_nobody_uses_them_any_more() -> None:
    window = Sliding(5, 100)
    for number in range(1000):
        window.use(f"{number}", 1, 1)
    assert len(window) == 1000
    for now in range(301, 301 + 256):  # others are asked for, not these
        window.use("other", 1, now)
    assert len(window) == 1


def test_what_still_counts_is_not_forgotten() -> None:
    window = Sliding(1, 100)
    for now in range(1, 1000, 7):
        key = f"{now}"
        assert window.use(key, 1, now).is_allowed
        window.forget(now + 99)
        assert not window.use(key, 1, now + 99).is_allowed


def test_rl_15_a_million_keys_fit_and_are_gone_after_a_window() -> None:
    window = Sliding(2000, 1000 * SECOND)
    for number in range(1_100_000):
        window.use(f"ip 10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1, number + 1)
    assert len(window) <= 2 * 256 * 2048
    window.forget(3000 * SECOND)
    assert len(window) == 0


def test_threads_do_not_let_more_through() -> None:
    window = Sliding(500, SECOND)
    allowed: list[int] = []

    def use() -> None:
        allowed.extend(1 for _ in range(250) if window.use("a", 1, 1).is_allowed)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == 500


@given(
    limit=st.integers(1, 6),
    uses=st.lists(st.tuples(st.integers(0, 900), st.sampled_from("ab"), st.integers(1, 3)), max_size=40),
)
def test_the_limits_package_decides_the_same(limit: int, uses: list[tuple[int, str, int]]) -> None:
    # To `limits` a use still counts when it is exactly as old as the window: for this comparison a nanosecond more.
    window = Sliding(limit, 2 * SECOND + 1)
    storage = MemoryStorage()
    oracle, item = MovingWindowRateLimiter(storage), RateLimitItemPerSecond(limit, 2)
    clock = pytest.MonkeyPatch()
    # Its thread that tidies up would forget, at a moment of its own, a use that is exactly as old as the window.
    storage.timer.cancel()
    clock.setattr(storage.timer, "is_alive", lambda: True)
    now = 1024 * 1000
    try:
        for gap, key, cost in uses:
            now += gap
            seconds = now / 1024  # what a float holds exactly
            clock.setattr("limits.storage.memory.time.time", lambda seconds=seconds: seconds)
            moment = now * SECOND // 1024
            assert window.use(key, cost, moment).is_allowed is oracle.hit(item, key, cost=cost)
            left = window.use(key, 1, moment, only_looks=True).remaining
            assert left == oracle.get_window_stats(item, key).remaining
    finally:
        clock.undo()


@given(
    limit=st.integers(0, 5),
    length=st.integers(1, 50),
    uses=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3)), max_size=50),
)
def test_no_window_ever_has_more_than_the_limit(limit: int, length: int, uses: list[tuple[int, int]]) -> None:
    window, now = Sliding(limit, length), 1
    allowed: list[int] = []
    for gap, cost in uses:
        now += gap
        found = window.use("a", cost, now)
        if found.is_allowed:
            allowed += [now] * cost
        counting = [moment for moment in allowed if moment > now - length]
        assert len(counting) <= limit
        assert found.remaining == limit - len(counting)
        assert found.is_allowed or len(counting) + cost > limit


@given(st.integers(1, 5), st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_who_waits_as_told_is_let_in_and_not_before(limit: int, gaps: list[int]) -> None:
    window, now = Sliding(limit, 20), 1
    for gap in gaps:
        now += gap
        found = window.use("a", 1, now)
        if not found.is_allowed:
            assert not window.use("a", 1, now + found.wait - 1, only_looks=True).is_allowed
            now += found.wait
            assert window.use("a", 1, now).is_allowed


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unix:socket", "unix:socket"),
    ],
)
def test_rl_20_an_ipv6_client_is_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_long_key_takes_no_more_room_than_a_short_one() -> None:
    assert short_key("ip 192.0.2.1") == "ip 192.0.2.1"
    long = [short_key("a" * 1000 + str(number)) for number in range(100)]
    assert max(map(len, long)) <= 64
    assert len(set(long)) == 100
    assert short_key("\udc80" * 100)


@given(st.integers(0, 5), st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 60)), max_size=60))
def test_the_quick_way_says_the_same(limit: int, uses: list[tuple[str, int]]) -> None:
    plain, quick, now = Sliding(limit, 100), Sliding(limit, 100), 1
    for key, gap in uses:
        now += gap
        assert quick.use_one(key, now) == plain.use(key, 1, now)
