import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.negotiation import best_media_type, best_token, parse_weighted

ACCEPTISH = st.text(st.sampled_from('ab*/;,q=01.5" \\é'))


@pytest.mark.parametrize(
    ("field", "weighted"),
    [
        ("", []),
        ("gzip", [("gzip", 1.0)]),
        ("GZIP;q=0.5, br ;Q=0", [("gzip", 0.5), ("br", 0.0)]),
        (", ,gzip,,", [("gzip", 1.0)]),
        ("text/html;level=1;q=0.5;ext=2", [("text/html; level=1", 0.5)]),
        ("text/html;level=1;q=0.25", [("text/html; level=1", 0.25)]),
        ('a;x="b,c";q=0.1, d', [('a; x="b,c"', 0.1), ("d", 1.0)]),
        ('a;x="open, d', [('a; x="open, d"', 1.0)]),
        ("a;q=1.000, b;q=0.999, c;q=0., d;q=1", [("a", 1.0), ("b", 0.999), ("c", 0.0), ("d", 1.0)]),
    ],
)
def test_members_come_in_order_with_their_weights(field: str, weighted: list[tuple[str, float]]) -> None:
    assert parse_weighted(field) == weighted


@pytest.mark.parametrize(
    "weight", ["", "2", "1.1", "-0", "0.1234", ".5", "nan", "inf", "1e0", "0,5", "٠", "0x1", " 1", "1_0"]
)
def test_a_weight_is_a_number_from_0_to_1(weight: str) -> None:
    with pytest.raises(ValueError, match="is not a weight"):
        parse_weighted(f'gzip;q="{weight}"')


def test_the_number_of_members_is_limited() -> None:
    assert len(parse_weighted(",".join(["a"] * 100))) == 100
    with pytest.raises(ValueError, match="more than 100 members"):
        parse_weighted(",".join(["a"] * 101))


RFC_ACCEPT = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
)


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [
        ("text/plain;format=flowed", "text/plain"),
        ("text/plain", "image/jpeg"),
        ("image/jpeg", "text/plain;format=fixed"),
        ("text/plain;format=fixed", "text/html"),
        ("text/html;level=3", "application/unknown;x=1"),
    ],
)
def test_the_weights_are_those_of_rfc_9110(heavier: str, lighter: str) -> None:
    """RFC 9110 §12.5.1: 1, 0.7, 0.5, 0.4, 0.3."""
    if lighter == "application/unknown;x=1":
        heavier, lighter = lighter, heavier
    assert best_media_type(RFC_ACCEPT, [lighter, heavier]) == heavier


@pytest.mark.parametrize(
    ("accept", "offers", "best"),
    [
        ("text/html;q=0.5, application/json", ["application/json", "text/html"], "application/json"),
        ("*/*", ["application/json", "text/html"], "application/json"),
        ("image/png", ["application/json"], None),
        ("text/html;q=0, */*", ["text/html"], None),
        ("text/html;q=0, */*", ["text/html", "text/plain"], "text/plain"),
        ("TEXT/HTML", ["Text/html"], "Text/html"),
        ("text/html", ["text/html; charset=utf-8"], "text/html; charset=utf-8"),
        ("text/html;charset=UTF-8", ["text/html;charset=utf-8"], "text/html;charset=utf-8"),
        ("text/html;level=1", ["text/html"], None),
        (
            "text/html;level=1, text/html;q=0.3",
            ["text/html;level=2", "text/html;level=1"],
            "text/html;level=1",
        ),
        (None, ["a/b", "c/d"], "a/b"),
        ("", ["a/b", "c/d"], "a/b"),
        (" , ", ["a/b", "c/d"], "a/b"),
        ("*;q=0.2, c/d", ["a/b", "c/d"], "a/b"),
        ("c/d;q=x", ["a/b", "c/d"], "a/b"),
        ("c/d/e", ["a/b"], "a/b"),
        ("*/d", ["a/b", "c/d"], "a/b"),
        ("*/*", [], None),
        (None, [], None),
    ],
)
def test_the_heaviest_acceptable_type_wins(accept: str | None, offers: list[str], best: str | None) -> None:
    assert best_media_type(accept, offers) == best


@pytest.mark.parametrize(
    ("field", "offers", "best"),
    [
        ("gzip, deflate, br", ["br", "gzip"], "br"),
        ("gzip;q=1.0, br;q=0.5", ["br", "gzip"], "gzip"),
        ("gzip;q=0, *", ["gzip"], None),
        ("gzip;q=0, *;q=0.1", ["gzip", "br"], "br"),
        ("GZIP", ["gzip"], "gzip"),
        ("identity", ["gzip"], None),
        ("*;q=0", ["gzip", "identity"], None),
        ("gzip;q=0.2, gzip", ["gzip", "br"], "gzip"),
        (None, ["gzip"], "gzip"),
        ("", ["gzip"], "gzip"),
        ("gzip;q=2", ["br"], "br"),
        ("iso-8859-5, unicode-1-1;q=0.8", ["utf-8", "unicode-1-1"], "unicode-1-1"),
    ],
)
def test_the_heaviest_acceptable_token_wins(field: str | None, offers: list[str], best: str | None) -> None:
    assert best_token(field, offers) == best


@given(ACCEPTISH)
def test_only_value_errors_come_out(field: str) -> None:
    try:
        assert all(0 <= weight <= 1 for _, weight in parse_weighted(field))
    except ValueError:
        pass


@given(st.one_of(st.none(), st.text(), ACCEPTISH), st.lists(st.one_of(st.text(), ACCEPTISH)))
def test_choosing_never_raises(field: str | None, offers: list[str]) -> None:
    for choose in (best_media_type, best_token):
        best = choose(field, offers)
        assert best is None or best in offers


def test_a_field_of_unfinished_quotes_is_read_in_one_pass() -> None:
    assert best_media_type('a/b;x="' + '\\"' * 100_000, ["c/d"]) is None
