"""The arithmetic of the benchmark, and what it reads from wrk."""

from __future__ import annotations

import pytest

from benchmarks.figures import Round, Wrk, column, parse_wrk, ratio

PRINTED = """\
Running 2s test @ http://127.0.0.1:8000/plaintext
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.90ms  310.11us   9.14ms   91.02%
    Req/Sec    33.77k     1.61k   36.92k    70.00%
  Latency Distribution
     50%    1.83ms
     75%    1.95ms
     90%    2.11ms
     99%  950.00us
  67240 requests in 2.00s, 9.94MB read
Requests/sec:  33614.21
Transfer/sec:      4.97MB
"""


def test_wrk_is_read() -> None:
    assert parse_wrk(PRINTED) == Wrk(67240, 2.0, 0.00183, 0.00095, 0)


def test_units_of_time_are_read() -> None:
    printed = PRINTED.replace("in 2.00s", "in 1.50m").replace("1.83ms", "1.10s")
    assert parse_wrk(printed)[1:3] == (90.0, 1.1)


def test_failures_are_summed() -> None:
    trouble = "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n"
    assert parse_wrk(PRINTED.replace("Requests/sec", trouble + "Requests/sec")).failures == 15


@pytest.mark.parametrize(
    "printed",
    ["", "unable to connect to 127.0.0.1:1", PRINTED.replace("67240 requests", "0 requests")],
)
def test_what_measured_nothing_is_refused(printed: str) -> None:
    with pytest.raises(ValueError, match="wrk did not measure"):
        parse_wrk(printed)


def test_a_round_divides_by_its_requests() -> None:
    one = Round(0.5, Wrk(20_000, 2.0, 0.001, 0.002, 0))
    assert column([one]) == [pytest.approx(25.0)]
    assert one.rate == 10_000


def test_a_ratio_is_taken_round_by_round() -> None:
    # A disturbance that doubles both figures of a round leaves its ratio alone.
    assert ratio([11, 24, 12], [10, 20, 10]) == pytest.approx((1.2, 1.1, 1.2))


def test_an_even_number_of_rounds_has_a_median_between_two() -> None:
    assert ratio([1, 2], [1, 1]).median == 1.5


@pytest.mark.parametrize(("ours", "theirs"), [([], []), ([1.0], []), ([1.0], [1.0, 2.0])])
def test_rounds_have_to_be_pairs(ours: list[float], theirs: list[float]) -> None:
    with pytest.raises(ValueError):
        ratio(ours, theirs)
