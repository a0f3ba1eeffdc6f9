from enum import IntEnum
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.status import NO_CONTENT, REASONS, check_status, reason


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (200, "OK"),
        (413, "Content Too Large"),
        (418, "I'm a teapot"),
        (422, "Unprocessable Content"),
        (451, "Unavailable For Legal Reasons"),
        (100, "Continue"),
        (511, "Network Authentication Required"),
    ],
)
def test_a_registered_code_has_its_registered_name(code: int, name: str) -> None:
    assert reason(code) == name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (199, "Informational"),
        (299, "Success"),
        (399, "Redirection"),
        (499, "Client Error"),
        (599, "Server Error"),
        (600, "Unknown"),
    ],
)
def test_a_code_without_a_name_has_the_name_of_its_class(code: int, name: str) -> None:
    assert reason(code) == name


def test_every_code_the_standard_library_knows_is_known() -> None:
    assert {int(code) for code in HTTPStatus} <= set(REASONS)


@pytest.mark.parametrize("code", [100, 103, 199, 204, 205, 304])
def test_some_codes_carry_no_content(code: int) -> None:
    assert code in NO_CONTENT


@pytest.mark.parametrize("code", [200, 206, 301, 400, 500])
def test_other_codes_may_carry_content(code: int) -> None:
    assert code not in NO_CONTENT


class Own(IntEnum):
    TEAPOT = 418


@pytest.mark.parametrize("code", [100, 200, 299, 599, HTTPStatus.NOT_FOUND, Own.TEAPOT])
def test_a_status_is_an_int_from_100_to_599(code: int) -> None:
    assert check_status(code) == int(code)
    assert type(check_status(code)) is int


@pytest.mark.parametrize(
    "code", [True, False, 0, 99, 600, -200, 10**40, "200", "200 OK", 200.0, None, b"200"]
)
def test_anything_else_is_refused(code: object) -> None:
    with pytest.raises(ValueError, match="an int from 100 to 599"):
        check_status(code)


@given(st.integers())
def test_reason_answers_for_every_int(code: int) -> None:
    assert reason(code)
