"""What limits say of themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.exceptions import TooManyRequests
from wadjet.http.request import Request
from wadjet.http.response import Response
from wadjet.middleware.ratepolicy import Limit, RatePolicy
from wadjet.middleware.usuallimit import UsualLimit
from wadjet.security.ratelimit import SECOND, Verdict

_TIMES = st.integers(0, 3 * SECOND)


class Head:
    """The head of a response, as far as limits know it."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        self.told: dict[bytes, bytes] = {}

    def add_constant(self, fields: object) -> None:
        """Limits and policies stand in every answer; they are asserted elsewhere."""

    def add_fields(self, fields: tuple[tuple[bytes, bytes], ...]) -> None:
        self.told = dict(fields)


@given(
    st.integers(0, 10**7),
    _TIMES,
    _TIMES,
    st.integers(0, 10**7),
    st.sampled_from([200, 302, 429]),
    st.sampled_from(["default", "50% off"]),
)
def test_the_usual_limit_says_what_others_say(
    remaining: int, renewal: int, wait: int, now: int, status: int, name: str
) -> None:
    limit, verdict = (
        Limit([RatePolicy(10, name=name)], None, name="one"),
        Verdict(True, remaining, wait, renewal, now),
    )
    usual = UsualLimit.of(limit)
    assert usual is not None
    request = Request.blank("/")
    request.rate_counted = usual, verdict, None
    found, expected = Response[Any]("", status), Response[Any]("", status)
    with pytest.MonkeyPatch.context() as patch:
        clock = SimpleNamespace(time_ns=lambda: now)
        patch.setattr("wadjet.middleware.ratepolicy.time", clock)
        patch.setattr("wadjet.middleware.usuallimit.time", clock)
        usual.after(request, found)
        limit.tell([verdict], expected)
    assert found.raw_headers == expected.raw_headers
    assert request.rate_counted is None


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, SECOND)), max_size=12))
def test_the_usual_limit_counts_as_others_do(asked: list[tuple[str, int]]) -> None:
    limits = [Limit([RatePolicy(3, 1, lambda scope: str(scope["path"]))], None, name="one") for _ in range(2)]
    usual, other, now = UsualLimit.of(limits[0]), limits[1], SECOND
    assert usual is not None
    clock = SimpleNamespace(monotonic_ns=lambda: now)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wadjet.middleware.ratepolicy.time", clock)
        patch.setattr("wadjet.middleware.usuallimit.time", clock)
        patch.setattr("wadjet.middleware.ratecounters.MemoryCounter.tidy_later", lambda *_: None)
        for path, passed in asked:
            now += passed
            request = Request.blank(f"/{path}")
            expected = other.use(request)
            assert isinstance(expected, list)
            refused = False
            try:
                usual.before(request)
            except TooManyRequests:
                refused = True
            assert request.rate_counted == (usual, expected[0], None)
            assert refused is not expected[0].is_allowed


@pytest.mark.parametrize(("status", "waits"), [(200, True), (302, False), (404, True)])
def test_a_redirect_says_no_time_to_wait(status: int, *, waits: bool) -> None:
    head = Head(status)
    Limit([RatePolicy(10)], None, name="one").tell([Verdict(True, 9, 0, SECOND, SECOND)], head)
    assert (b"retry-after" in head.told) is waits
    assert head.told[b"ratelimit"] == b'"default";r=9;t=1'


def test_what_was_told_is_not_told_again() -> None:
    limit, response = Limit([RatePolicy(10)], None, name="one"), Response("")
    limit.tell([Verdict(True, 9, 0, 0, 0)], response)
    before = list(response.raw_headers)
    limit.tell([Verdict(True, 5, SECOND, 0, 0)], response)
    assert response.raw_headers == before
