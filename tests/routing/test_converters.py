import math
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.routing.converters import CONVERTERS, Converter

UUID_TEXT = "0189dc5a-2b3c-7d4e-8f90-a1b2c3d4e5f6"


class Shade(StrEnum):
    DARK = "dark"


class Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("str", "a", "a"),
        ("str", "a/b", "a/b"),
        ("str", "a;x=1", "a;x=1"),
        ("int", "0", 0),
        ("int", "007", 7),
        ("int", str(2**63 - 1), 2**63 - 1),
        ("float", "3", 3.0),
        ("float", "3.25", 3.25),
        ("float", "9" * 308, float("9" * 308)),
        ("path", "a", "a"),
        ("path", "a//b/", "a//b/"),
        ("uuid", UUID_TEXT, UUID(UUID_TEXT)),
        ("uuid", UUID_TEXT.upper(), UUID(UUID_TEXT)),
        ("slug", "A-b_9", "A-b_9"),
    ],
)
def test_a_text_of_the_kind_becomes_its_value(kind: str, text: str, value: object) -> None:
    found = CONVERTERS[kind].to_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((kind, "") for kind in CONVERTERS),
        *(("int", text) for text in ("-1", "+1", " 1", "1 ", "1\n", "1_0", "0x1", "1.0", "1e3", "٣", "²")),
        ("int", str(2**63)),
        pytest.param("int", "9" * 5000, id="URL-15 CVE-2020-10735"),
        pytest.param("int", "0" * 5000, id="URL-15 only zeros"),
        *(
            ("float", text)
            for text in ("-1", ".5", "5.", "1e3", "inf", "nan", "1_0.0", "1,5", "٣.٣", "1.5\n")
        ),
        ("float", "9" * 309),
        *(
            ("uuid", text)
            for text in (UUID_TEXT.replace("-", ""), f"{{{UUID_TEXT}}}", f"urn:uuid:{UUID_TEXT}")
        ),
        ("uuid", UUID_TEXT.replace("a", "g")),
        ("uuid", UUID_TEXT + "\n"),
        *(("slug", text) for text in ("a.b", "a b", "é", "a/b", "a\n")),
        ("path", "/etc/passwd"),
    ],
)
def test_any_other_text_is_no_match(kind: str, text: str) -> None:
    with pytest.raises(ValueError):
        CONVERTERS[kind].to_value(text)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("str", "a/b", "a/b"),
        ("str", 5, "5"),
        ("str", Decimal("1.50"), "1.50"),
        ("str", UUID(UUID_TEXT), UUID_TEXT),
        ("str", date(2026, 1, 2), "2026-01-02"),
        ("str", Shade.DARK, "dark"),
        ("int", 5, "5"),
        ("int", "5", "5"),
        ("int", Level.HIGH, "3"),
        ("float", 2.5, "2.5"),
        ("float", 2, "2"),
        ("uuid", UUID(UUID_TEXT), UUID_TEXT),
        ("uuid", UUID_TEXT, UUID_TEXT),
        ("path", "a/b", "a/b"),
    ],
)
def test_a_value_becomes_a_text_that_reads_back(kind: str, value: object, text: str) -> None:
    assert CONVERTERS[kind].to_text(value) == text


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        ("str", "", ValueError),
        ("int", -1, ValueError),
        ("int", 2**63, ValueError),
        ("int", 1.0, ValueError),
        ("int", True, ValueError),
        ("int", "one", ValueError),
        ("float", -0.5, ValueError),
        ("float", 1e300, ValueError),
        ("float", math.inf, ValueError),
        ("float", math.nan, ValueError),
        ("uuid", "x", ValueError),
        ("slug", "a b", ValueError),
        ("path", "", ValueError),
        ("path", "/a", ValueError),
        *(("str", value, TypeError) for value in (None, b"a", bytearray(b"a"), [1], (1,), {}, {1}, object())),
    ],
)
def test_a_value_that_would_not_read_back_is_refused(
    kind: str, value: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        CONVERTERS[kind].to_text(value)


def test_more_specific_kinds_are_tried_first_and_one_of_your_own_before_text() -> None:
    kinds = {**CONVERTERS, "own": Converter()}
    assert sorted(kinds, key=lambda kind: kinds[kind].rank) == [
        "uuid",
        "int",
        "float",
        "own",
        "slug",
        "str",
        "path",
    ]


def test_a_pattern_is_enough_for_a_kind_of_your_own() -> None:
    class Year(Converter):
        pattern = "[0-9]{4}"

    assert Year().to_value("2026") == "2026"
    assert Year().to_text(2026) == "2026"
    with pytest.raises(ValueError, match=r"'99' does not match \[0-9\]\{4\}"):
        Year().to_value("99")


def test_reading_alone_is_enough_too() -> None:
    class Day(Converter):
        def to_value(self, text: str) -> date:
            return date.fromisoformat(text)

    assert Day().to_value("2026-01-02") == date(2026, 1, 2)
    assert Day().to_text(date(2026, 1, 2)) == "2026-01-02"


def test_the_built_in_kinds_cannot_be_replaced_for_everyone() -> None:
    with pytest.raises(TypeError):
        CONVERTERS["int"] = Converter()  # type: ignore[index]


@given(st.sampled_from(sorted(CONVERTERS)), st.text())
def test_whatever_is_read_is_written_as_something_that_reads_the_same(kind: str, text: str) -> None:
    converter = CONVERTERS[kind]
    try:
        value = converter.to_value(text)
    except ValueError:
        return
    assert converter.to_value(converter.to_text(text)) == value


@given(st.integers(0, 2**63 - 1))
def test_every_number_that_a_column_holds_has_a_url(number: int) -> None:
    assert CONVERTERS["int"].to_value(CONVERTERS["int"].to_text(number)) == number


@given(st.floats(min_value=1e-4, max_value=1e15))
def test_a_float_of_usual_size_survives_exactly(number: float) -> None:
    assert CONVERTERS["float"].to_value(CONVERTERS["float"].to_text(number)) == number
