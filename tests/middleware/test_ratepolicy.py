"""What limits say of themselves."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.middleware.ratepolicy import Limit, RatePolicy
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


@given(st.builds(Verdict, st.booleans(), st.integers(0, 10**7), _TIMES, _TIMES, _TIMES), _TIMES)
def test_one_limit_says_what_several_say(verdict: Verdict, now: int) -> None:
    limit = Limit([RatePolicy(10)], None, name="one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wadjet.middleware.ratepolicy.time", SimpleNamespace(time_ns=lambda: now))
        assert limit._one(verdict) == limit._several([verdict], 0)


@pytest.mark.parametrize(("status", "waits"), [(200, True), (302, False), (404, True)])
def test_a_redirect_says_no_time_to_wait(status: int, *, waits: bool) -> None:
    head = Head(status)
    Limit([RatePolicy(10)], None, name="one").tell({}, [Verdict(True, 9, 0, SECOND, SECOND)], head)
    assert (b"retry-after" in head.told) is waits
    assert head.told[b"ratelimit"] == b'"default";r=9;t=1'


def test_what_was_told_is_not_told_again() -> None:
    limit, state, outer = Limit([RatePolicy(10)], None, name="one"), dict[str, object](), Head(200)
    limit.tell(state, [Verdict(True, 9, 0, 0, 0)], Head(200))
    limit.tell(state, [Verdict(True, 5, 0, 0, 0)], outer)
    assert outer.told == {}
