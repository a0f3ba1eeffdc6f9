import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import TOKENS, steps
from wadjet.http.enums import ContentType
from wadjet.http.negotiation import (
    Accept,
    AcceptCharset,
    AcceptEncoding,
    Preferences,
    Weighted,
    parse_weighted,
)

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


#: RFC 9110 §12.5.1.
RFC_ACCEPT = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
)


@pytest.mark.parametrize(
    ("offer", "weight"),
    [
        ("text/plain;format=flowed", 1),
        ("text/plain", 0.7),
        ("text/html", 0.3),
        ("image/jpeg", 0.5),
        ("text/plain;format=fixed", 0.4),
        ("text/html;level=3", 0.3),
        ("text/*", 0),
        ("*/*", 0),
        ("text", 0),
        ("a/b/c", 0),
        ("", 0),
    ],
)
def test_the_weights_are_those_of_rfc_9110(offer: str, weight: float) -> None:
    assert Accept(RFC_ACCEPT).quality(offer) == weight


@pytest.mark.parametrize(
    ("accept", "offers", "best"),
    [
        pytest.param(
            "audio/*; q=0.2, audio/basic", ["audio/mp3", "audio/basic"], "audio/basic", id="RFC 9110"
        ),
        pytest.param(
            "text/plain; q=0.5, text/html, text/x-dvi; q=0.8, text/x-c",
            ["text/plain", "text/x-dvi", "text/x-c", "text/html"],
            "text/x-c",
            id="RFC 9110, elaborate",
        ),
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
        ("text/html;q=0.1, text/html", ["text/html", "a/b"], "text/html"),
        (None, ["a/b", "c/d"], "a/b"),
        (None, ["nonsense", "c/d"], "c/d"),
        ("", ["a/b", "c/d"], None),
        (" , ", ["a/b", "c/d"], None),
        ("*;q=0.2, c/d", ["a/b", "c/d"], "a/b"),
        ("c/d;q=x", ["a/b", "c/d"], "a/b"),
        ("c/d/e", ["a/b"], "a/b"),
        ("*/d", ["a/b", "c/d"], "a/b"),
        (",".join(["c/d"] * 101), ["a/b", "c/d"], "a/b"),
        ("*/*", [], None),
        (None, [], None),
    ],
)
def test_the_heaviest_acceptable_type_wins(accept: str | None, offers: list[str], best: str | None) -> None:
    assert Accept(accept).best_of(offers) == best
    assert Accept(accept).best_of(offers, "x/y") == (best or "x/y")


def test_offers_keep_their_type() -> None:
    assert Accept("text/html").best_of([ContentType.json, ContentType.text_html]) is ContentType.text_html


@pytest.mark.parametrize(
    ("kind", "field", "offers", "best"),
    [
        (AcceptEncoding, "gzip, deflate, br", ["br", "gzip"], "br"),
        (AcceptEncoding, "gzip;q=1.0, br;q=0.5", ["br", "gzip"], "gzip"),
        (AcceptEncoding, "gzip;q=0, *", ["gzip"], None),
        (AcceptEncoding, "gzip;q=0, *;q=0.1", ["gzip", "br"], "br"),
        pytest.param(AcceptEncoding, "GZIP", ["gzip", "identity"], "gzip", id="GZ-08"),
        pytest.param(AcceptEncoding, "gzip;q=0", ["gzip", "identity"], "identity", id="GZ-03"),
        pytest.param(AcceptEncoding, "identity", ["gzip", "identity"], "identity", id="GZ-05"),
        pytest.param(AcceptEncoding, "notgzip", ["gzip", "identity"], "identity", id="GZ-06"),
        pytest.param(AcceptEncoding, "gzipped, br;q=0", ["gzip", "br", "identity"], "identity", id="GZ-07"),
        pytest.param(AcceptEncoding, "gzip, deflate, br, zstd", ["br", "gzip"], "br", id="GZ-09"),
        (AcceptEncoding, "x-gzip", ["gzip"], "gzip"),
        (AcceptEncoding, "gzip;q=0.5", ["gzip", "identity"], "gzip"),
        (AcceptEncoding, "gzip;q=0.5, br", ["identity", "gzip", "br"], "br"),
        (AcceptEncoding, "gzip;q=0.5, br", ["identity", "gzip"], "identity"),
        (AcceptEncoding, "gzip;q=0.5, identity;q=0.1", ["identity", "gzip"], "gzip"),
        (AcceptEncoding, "gzip;q=0.5, *;q=0.1", ["identity", "gzip"], "gzip"),
        (AcceptEncoding, "*;q=0", ["gzip", "identity"], None),
        (AcceptEncoding, "*;q=0, identity;q=0.1", ["gzip", "identity"], "identity"),
        (AcceptEncoding, "identity;q=0", ["identity"], None),
        (AcceptEncoding, "gzip;q=0.2, gzip", ["gzip", "br"], "gzip"),
        (AcceptEncoding, None, ["gzip"], "gzip"),
        (AcceptEncoding, "", ["gzip", "identity"], "identity"),
        (AcceptEncoding, "gzip;q=2", ["br"], "br"),
        (AcceptEncoding, "gz ip", ["br"], "br"),
        (AcceptCharset, "iso-8859-5, unicode-1-1;q=0.8", ["utf-8", "unicode-1-1"], "unicode-1-1"),
        (AcceptCharset, "utf-8;q=0.5, *;q=0.7", ["UTF-8", "latin-1"], "latin-1"),
        (AcceptCharset, "utf-8;q=0, *", ["UTF-8"], None),
        (AcceptCharset, "", ["utf-8"], None),
        (AcceptCharset, None, ["utf-8"], "utf-8"),
    ],
)
def test_the_heaviest_acceptable_token_wins(
    kind: type[Preferences], field: str | None, offers: list[str], best: str | None
) -> None:
    assert kind(field).best_of(offers) == best


def test_the_examples_of_accept_encoding_are_read() -> None:
    """RFC 9110 §12.5.3."""
    for field in ("compress, gzip", "*", "compress;q=0.5, gzip;q=1.0", "gzip;q=1.0, identity; q=0.5, *;q=0"):
        assert "gzip" in AcceptEncoding(field)
    assert AcceptEncoding("gzip;q=1.0, identity; q=0.5, *;q=0").acceptable_offers(
        ["br", "identity", "gzip"]
    ) == [
        ("gzip", 1.0),
        ("identity", 0.5),
    ]


def test_an_offer_is_asked_for_by_in() -> None:
    """webob 14.2.18: the natural spelling warned, and was wrong."""
    accept = Accept("text/html;q=0.5, text/plain;q=0")
    assert "text/html" in accept
    assert "text/plain" not in accept
    assert object() not in accept


def test_what_is_named_comes_the_heaviest_first() -> None:
    assert list(Accept("a/b;q=0.1, c/d;x=Y, e/f;q=0, g/h")) == ["c/d; x=Y", "g/h", "a/b"]
    assert list(Accept(None)) == []


@pytest.mark.parametrize(
    ("field", "answer"),
    [(None, False), ("", True), ("text/html", True), ("nonsense", False), ("a/b;q=7", False)],
)
def test_preferences_are_true_when_the_client_has_some(field: str | None, answer: bool) -> None:
    assert bool(Accept(field)) is answer
    assert str(Accept(field)) == (field or "")


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("text/html", True),
        ("application/xhtml+xml;q=0.1", True),
        ("application/json, text/*;q=0.1", True),
        (None, True),
        ("application/json", False),
    ],
)
def test_pages_are_asked_for_in_several_ways(field: str | None, answer: bool) -> None:
    assert Accept(field).accepts_html is answer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("a/b;q=0.5", "a/b;q=0.5"),
        ({"a/b": 0.5, "c/d": 1, "e/f": 0}, "a/b;q=0.5, c/d, e/f;q=0"),
        (["a/b", ("c/d", 0.1234)], "a/b, c/d;q=0.123"),
        (Accept("a/b"), "a/b"),
        ([], ""),
    ],
)
def test_a_field_is_made_of_whatever_describes_it(value: Weighted | None, text: str | None) -> None:
    assert Accept.text_of(value) == text


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_field_is_made_of_weights(weight: float) -> None:
    with pytest.raises(ValueError, match="is not a weight"):
        Accept.text_of({"a/b": weight})


def test_preferences_are_added_up() -> None:
    assert str(Accept("a/b") + "c/d;q=0.5") == "a/b, c/d;q=0.5"
    assert str("c/d" + Accept("a/b")) == "c/d, a/b"
    assert str({"c/d": 0.5} + Accept("a/b")) == "c/d;q=0.5, a/b"
    assert Accept("a/b") + Accept("nonsense") == Accept("a/b")
    assert not Accept("nonsense") + None
    assert str(Accept("") + "a/b") == "a/b"


def test_preferences_are_equal_when_they_say_the_same() -> None:
    assert Accept("a/b;q=0.50") == Accept("A/B; q=0.5")
    assert hash(Accept("a/b;q=0.50")) == hash(Accept("A/B; q=0.5"))
    assert Accept("a/b") != Accept("a/c")
    assert AcceptCharset("a") != AcceptEncoding("a")
    assert repr(Accept("a/b")) == "<Accept a/b>"


@given(ACCEPTISH)
def test_only_value_errors_come_out(field: str) -> None:
    try:
        assert all(0 <= weight <= 1 for _, weight in parse_weighted(field))
    except ValueError:
        pass


@given(st.one_of(st.none(), st.text(), ACCEPTISH), st.lists(st.one_of(st.text(), ACCEPTISH)))
def test_choosing_never_raises(field: str | None, offers: list[str]) -> None:
    for kind in (Accept, AcceptCharset, AcceptEncoding):
        preferences = kind(field)
        best = preferences.best_of(offers)
        assert (best is None) is not any(offer in preferences for offer in offers)
        assert best is None or best in offers


WEIGHTS = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


@given(st.dictionaries(TOKENS.map(str.lower), WEIGHTS, max_size=20))
def test_what_is_written_is_read_back(weighted: dict[str, float]) -> None:
    assert dict(AcceptCharset(AcceptCharset.text_of(weighted)).members or ()) == weighted


def test_a_field_of_unfinished_quotes_is_read_in_one_pass() -> None:
    assert Accept('a/b;x="' + '\\"' * 100_000).best_of(["c/d"]) is None


@pytest.mark.parametrize(
    "hostile", [",", "a/b,", ";q=1", ";", '"', 'a="', '\\"', ";a=b", "*/*;q=0.1,"], ids=repr
)
def test_the_work_grows_with_the_length(hostile: str) -> None:
    def choose(field: str) -> None:
        Accept(field).best_of(["c/d"])

    choose('a/b;x="y"')
    assert steps(choose, "a/b" + hostile * 400) <= 2.1 * steps(choose, "a/b" + hostile * 200) + 20
