from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import steps
from wadjet.http.conditional import (
    EntityTag,
    EntityTags,
    IfRange,
    evaluate,
    parse_if_match,
    parse_if_none_match,
    parse_if_range,
)
from wadjet.http.dates import format_date
from wadjet.http.headers import Headers
from wadjet.http.ranges import Range

E = EntityTag("v1")
MODIFIED = datetime(1994, 10, 29, 19, 43, 31, tzinfo=UTC)
LM = format_date(MODIFIED)


def shifted(seconds: int) -> str:
    return format_date(MODIFIED + timedelta(seconds=seconds))


def headers(*fields: tuple[str, str]) -> Headers:
    return Headers([(name.encode(), value.encode("latin-1")) for name, value in fields])


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        pytest.param('"xyzzy"', EntityTag("xyzzy"), id="RFC 9110 §8.8.3, strong"),
        pytest.param('W/"xyzzy"', EntityTag("xyzzy", is_weak=True), id="RFC 9110 §8.8.3, weak"),
        pytest.param('""', EntityTag(""), id="RFC 9110 §8.8.3, empty"),
        pytest.param('"a,b"', EntityTag("a,b"), id="comma"),
        pytest.param('"\\"', EntityTag("\\"), id="backslash"),
        pytest.param('"é"', EntityTag("é"), id="obs-text"),
    ],
)
def test_an_entity_tag_is_written_as_it_is_read(text: str, tag: EntityTag) -> None:
    parsed = EntityTag.parse(text)
    assert parsed == tag
    assert hash(parsed) == hash(tag)
    assert str(tag) == text
    assert repr(tag) == f"<EntityTag {text}>"
    assert tag != text


@pytest.mark.parametrize(
    "text", ["", "v1", '"v1', 'v1"', 'w/"v1"', '"a b"', '"a"b"', '"v1" ', 'W/ "v1"', "*", '"€"']
)
def test_what_is_no_entity_tag_is_none(text: str) -> None:
    assert EntityTag.parse(text) is None


@pytest.mark.parametrize("value", ["a b", 'a"b', "a\r\nX: y", "\x7f", "€"])
def test_a_value_that_cannot_be_sent_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be an entity tag"):
        EntityTag(value)


@pytest.mark.parametrize(
    ("one", "other", "is_strong", "is_weak"),
    [
        ('W/"1"', 'W/"1"', False, True),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', False, True),
        ('"1"', '"1"', True, True),
    ],
)
def test_tags_compare_as_in_the_table_of_rfc_9110(
    one: str, other: str, is_strong: bool, is_weak: bool
) -> None:
    """RFC 9110 §8.8.3.2."""
    first, second = EntityTag.parse(one), EntityTag.parse(other)
    assert first is not None
    assert second is not None
    assert first.strongly_equals(second) is second.strongly_equals(first) is is_strong
    assert first.weakly_equals(second) is second.weakly_equals(first) is is_weak


def test_a_weakened_tag_is_weak() -> None:
    assert str(E.weakened()) == str(E.weakened().weakened()) == 'W/"v1"'


@pytest.mark.parametrize(
    ("field", "tags"),
    [
        pytest.param('"xyzzy"', [EntityTag("xyzzy")], id="RFC 9110 §13.1.1, one"),
        pytest.param(
            '"xyzzy", "r2d2xxxx", "c3piozzzz"',
            [EntityTag("xyzzy"), EntityTag("r2d2xxxx"), EntityTag("c3piozzzz")],
            id="RFC 9110 §13.1.1, three",
        ),
        pytest.param(
            'W/"xyzzy", W/"r2d2xxxx", W/"c3piozzzz"',
            [EntityTag("xyzzy", True), EntityTag("r2d2xxxx", True), EntityTag("c3piozzzz", True)],
            id="RFC 9110 §13.1.2, weak",
        ),
        pytest.param(',"a" ,\t,"b,c",', [EntityTag("a"), EntityTag("b,c")], id="empty members"),
        pytest.param("", [], id="empty"),
        pytest.param('"a" "b"', [], id="no comma"),
        pytest.param('"a", b', [], id="one is no tag"),
        pytest.param('"a", *', [], id="asterisk among others"),
    ],
)
def test_a_list_of_tags_is_read(field: str, tags: list[EntityTag]) -> None:
    for parsed in (parse_if_match(field), parse_if_none_match(field)):
        assert list(parsed) == tags
        assert len(parsed) == len(tags)
        assert parsed
        assert not parsed.is_any


def test_each_field_compares_in_its_own_way() -> None:
    strong, weak = parse_if_match('"a", W/"b"'), parse_if_none_match('"a", W/"b"')
    assert "a" in strong
    assert '"a"' in strong
    assert EntityTag("a") in strong
    assert "b" not in strong
    assert 'W/"a"' not in strong
    assert "b" in weak
    assert 'W/"a"' in weak
    assert "c" not in weak
    assert "a b" not in weak
    assert 1 not in weak
    assert None not in weak


def test_any_tag_is_true_and_has_all() -> None:
    for parsed in (parse_if_match("*"), parse_if_none_match(" * ")):
        assert parsed
        assert "whatever" in parsed
        assert str(parsed) == "*"


def test_a_field_that_was_not_sent_is_false() -> None:
    assert not parse_if_match(None)
    assert "whatever" in parse_if_match(None)
    assert not parse_if_none_match(None)
    assert "whatever" not in parse_if_none_match(None)
    assert str(parse_if_match(None)) == str(parse_if_none_match(None)) == ""


def test_tags_are_written_as_they_are_read() -> None:
    assert str(EntityTags([E, E.weakened()])) == '"v1", W/"v1"'
    assert repr(EntityTags([E])) == '<EntityTags "v1">'


#: Method, fields, what comes of them, for a representation with E and LM.
TABLE = [
    pytest.param("GET", [], None, id="no condition"),
    pytest.param("GET", [("if-none-match", '"v1"')], 304, id="COND-01"),
    pytest.param("GET", [("if-none-match", 'W/"v1"')], 304, id="COND-02"),
    pytest.param("GET", [("if-none-match", '"a,b", "v1"')], 304, id="COND-05"),
    pytest.param("GET", [("if-none-match", '"v1')], None, id="COND-09"),
    pytest.param("GET", [("if-none-match", "@@,,;=")], None, id="COND-11"),
    pytest.param(
        "GET", [("if-none-match", '"v1"'), ("if-modified-since", shifted(-9999))], 304, id="COND-14"
    ),
    pytest.param(
        "GET", [("if-none-match", '"v0"'), ("if-modified-since", shifted(60))], None, id="tag before date"
    ),
    pytest.param("GET", [("if-none-match", "@"), ("if-modified-since", LM)], None, id="bad tag before date"),
    pytest.param("GET", [("if-modified-since", shifted(60))], 304, id="COND-16"),
    pytest.param("GET", [("if-modified-since", LM)], 304, id="same second"),
    pytest.param("GET", [("if-modified-since", shifted(-1))], None, id="an earlier second"),
    pytest.param("GET", [("if-modified-since", "garbage")], None, id="COND-18"),
    pytest.param("GET", [("if-modified-since", "0")], None, id="COND-20"),
    pytest.param("GET", [("if-modified-since", "9" * 100)], None, id="COND-22"),
    pytest.param("GET", [("if-modified-since", "Thu, 01 Jan 0000 00:00:00 GMT")], None, id="COND-23"),
    pytest.param("GET", [("if-modified-since", "Sun, 06 Nov 1994 08:49:37 +9999999999")], None, id="COND-25"),
    pytest.param("GET", [("if-modified-since", "Friday, 01-Jan-38 00:00:00 GMT")], 304, id="COND-27"),
    pytest.param("GET", [("if-modified-since", "Fri Jan  1 00:00:00 2038")], 304, id="COND-28"),
    pytest.param("GET", [("if-modified-since", LM), ("if-modified-since", LM)], None, id="two dates"),
    pytest.param("POST", [("if-modified-since", LM)], None, id="a date on POST"),
    pytest.param("GET", [("if-match", '"other"')], 412, id="COND-29"),
    pytest.param("GET", [("if-match", '"v1"')], None, id="If-Match, current"),
    pytest.param("GET", [("if-match", "*")], None, id="COND-31"),
    pytest.param("GET", [("if-match", 'W/"v1"')], 412, id="COND-32"),
    pytest.param("GET", [("if-match", "@@,,;=")], 412, id="If-Match, nonsense"),
    pytest.param("GET", [("if-match", "")], 412, id="If-Match, empty"),
    pytest.param("GET", [("if-unmodified-since", LM)], None, id="COND-35"),
    pytest.param("GET", [("if-unmodified-since", shifted(-1))], 412, id="If-Unmodified-Since, earlier"),
    pytest.param("GET", [("if-unmodified-since", "garbage")], None, id="COND-36"),
    pytest.param("GET", [("if-match", '"v1"'), ("if-unmodified-since", shifted(-60))], None, id="COND-37"),
    pytest.param("GET", [("if-match", '"v1"'), ("if-none-match", '"v1"')], 304, id="both"),
    pytest.param("GET", [("if-match", '"v0"'), ("if-none-match", '"v1"')], 412, id="If-Match comes first"),
    pytest.param("GET", [("if-none-match", '"v0"'), ("if-none-match", '"v1"')], 304, id="two lines"),
    pytest.param("GET", [("if-none-match", "*")], 304, id="webob 14.2.10, any tag"),
    pytest.param("HEAD", [("if-none-match", '"v1"')], 304, id="HEAD"),
    pytest.param("PUT", [("if-match", '"v0"')], 412, id="COND-49"),
    pytest.param("PUT", [("if-none-match", "*")], 412, id="COND-50"),
    pytest.param("PUT", [("if-match", '"v1"')], None, id="COND-51"),
    pytest.param("POST", [("if-none-match", '"v1"')], 412, id="COND-52"),
    pytest.param("DELETE", [("if-unmodified-since", shifted(-1))], 412, id="DELETE"),
    pytest.param("OPTIONS", [("if-match", '"v0"')], None, id="a method without representation"),
]


@pytest.mark.parametrize(("method", "fields", "status"), TABLE)
def test_preconditions_come_out_in_the_order_of_rfc_9110(
    method: str, fields: list[tuple[str, str]], status: int | None
) -> None:
    assert evaluate(method, headers(*fields), etag=E, last_modified=MODIFIED).status == status


@pytest.mark.parametrize("status_code", [199, 300, 404, 416, 500])
def test_preconditions_count_only_where_all_would_be_well(status_code: int) -> None:
    """webob 14.2.10: a 404 with a matching tag stays a 404."""
    fields = headers(("if-none-match", '"v1"'), ("if-match", '"v0"'), ("range", "bytes=0-1"))
    assert evaluate("GET", fields, etag=E, last_modified=MODIFIED, status_code=status_code) == (None, None)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([("if-match", "*")], 412),
        ([("if-match", '"v1"')], 412),
        ([("if-none-match", "*")], None),
        ([("if-none-match", '"v1"')], None),
        ([("if-unmodified-since", LM)], None),
    ],
)
def test_what_does_not_exist_matches_nothing(fields: list[tuple[str, str]], status: int | None) -> None:
    assert evaluate("PUT", headers(*fields), exists=False).status == status


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        pytest.param([("if-none-match", "*")], 304, id="any"),
        pytest.param(
            [("if-none-match", '"v1"'), ("if-modified-since", LM)], None, id="webob 14.2.10, no fall back"
        ),
        pytest.param([("if-match", '"v1"')], 412, id="If-Match"),
        pytest.param([("if-modified-since", LM)], 304, id="If-Modified-Since"),
    ],
)
def test_what_has_no_tag_matches_none(fields: list[tuple[str, str]], status: int | None) -> None:
    assert evaluate("GET", headers(*fields), last_modified=MODIFIED).status == status


@pytest.mark.parametrize("name", ["if-modified-since", "if-unmodified-since"])
def test_what_has_no_date_is_not_compared_with_one(name: str) -> None:
    assert evaluate("GET", headers((name, LM)), etag=E).status is None


@pytest.mark.parametrize(
    "moment",
    [
        MODIFIED.replace(microsecond=999_999),
        MODIFIED.replace(tzinfo=None),
        MODIFIED.astimezone(timezone(timedelta(hours=5))),
    ],
    ids=["fraction", "naive", "webob 14.2.11, other zone"],
)
def test_a_moment_is_compared_as_it_is_written(moment: datetime) -> None:
    for name in ("if-modified-since", "if-unmodified-since"):
        verdict = evaluate("GET", headers((name, format_date(moment))), last_modified=moment)
        assert verdict.status == (304 if name == "if-modified-since" else None)


@pytest.mark.parametrize(
    ("field", "is_same"),
    [
        pytest.param(None, True, id="absent"),
        pytest.param('"v1"', True, id="same tag"),
        pytest.param('"v0"', False, id="other tag"),
        pytest.param('W/"v1"', False, id="RNG-54"),
        pytest.param(LM, True, id="same date"),
        pytest.param(shifted(-60), False, id="RNG-57"),
        pytest.param(shifted(60), False, id="a later date"),
        pytest.param("nonsense", False, id="RNG-58"),
        pytest.param("", False, id="empty"),
        pytest.param('"v1", "v1"', False, id="two tags"),
    ],
)
def test_a_part_is_sent_only_of_the_version_that_the_client_has(field: str | None, is_same: bool) -> None:
    fields = headers(("range", "bytes=0-4"), *([("if-range", field)] if field is not None else []))
    verdict = evaluate("GET", fields, etag=E, last_modified=MODIFIED, now=MODIFIED + timedelta(seconds=1))
    assert verdict == (None, Range(0, 5) if is_same else None)


def test_a_part_of_what_has_no_validator_is_not_the_same() -> None:
    for validator in ('"v1"', LM):
        assert evaluate("GET", headers(("range", "bytes=0-4"), ("if-range", validator))).range is None


def test_a_date_of_this_second_is_no_strong_validator() -> None:
    """RFC 9110 §8.8.2.2."""
    fresh = MODIFIED.replace(microsecond=500_000)
    verdict = evaluate(
        "GET", headers(("range", "bytes=0-4"), ("if-range", LM)), last_modified=fresh, now=fresh
    )
    assert verdict.range is None


@pytest.mark.parametrize(
    ("method", "status_code", "is_asked"),
    [
        ("GET", 200, True),
        ("HEAD", 200, False),
        ("POST", 200, False),
        ("GET", 206, False),
        ("GET", 201, False),
    ],
    ids=["GET", "RNG-35", "POST", "206", "201"],
)
def test_a_range_is_for_a_whole_answer_to_get(method: str, status_code: int, is_asked: bool) -> None:
    verdict = evaluate(method, headers(("range", "bytes=0-4")), etag=E, status_code=status_code)
    assert (verdict.range is not None) is is_asked


def test_a_precondition_comes_before_a_range() -> None:
    assert evaluate("GET", headers(("range", "bytes=0-4"), ("if-none-match", '"v1"')), etag=E) == (304, None)


def test_a_malformed_range_is_passed_over() -> None:
    assert evaluate("GET", headers(("range", "bytes=-")), etag=E) == (None, None)


def test_if_range_is_written_as_it_is_read() -> None:
    assert str(parse_if_range('"v1"')) == '"v1"'
    assert str(parse_if_range(LM)) == LM
    assert str(parse_if_range("nonsense")) == str(parse_if_range(None)) == ""
    assert parse_if_range(LM) == IfRange(date=MODIFIED)
    assert bool(parse_if_range("nonsense")) is True
    assert bool(parse_if_range(None)) is False


OPAQUE = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_categories=["Cc"], exclude_characters='"')
)
TAGS = st.builds(EntityTag, OPAQUE, st.booleans())


@given(st.lists(TAGS))
def test_what_is_written_is_read_back(tags: list[EntityTag]) -> None:
    field = str(EntityTags(tags))
    assert list(parse_if_match(field)) == list(parse_if_none_match(field)) == tags
    for tag in tags:
        assert EntityTag.parse(str(tag)) == parse_if_range(str(tag)).etag == tag


FIELDISH = st.one_of(
    st.text(st.characters(max_codepoint=0xFF)), st.text(st.sampled_from('W/"a1,* \t-=bytes'))
)
NAMES = st.sampled_from(
    ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range", "host"]
)


@given(st.sampled_from(["GET", "HEAD", "PUT"]), st.lists(st.tuples(NAMES, FIELDISH), max_size=6))
def test_nothing_that_a_client_sends_raises(method: str, fields: list[tuple[str, str]]) -> None:
    verdict = evaluate(method, headers(*fields), etag=E, last_modified=MODIFIED)
    assert verdict.status in {None, 304, 412}
    assert verdict.range is None or verdict.status is None


@pytest.mark.parametrize("hostile", [",", '"a",', '"', 'W/"a" ', "*", "\t", "W/"], ids=repr)
def test_the_work_grows_with_the_length(hostile: str) -> None:
    def read(field: str) -> None:
        parse_if_match(field)
        parse_if_none_match(field)
        parse_if_range(field)

    read('"a"')
    assert steps(read, '"a",' + hostile * 400) <= 2.1 * steps(read, '"a",' + hostile * 200) + 40


def test_the_work_grows_with_the_number_of_lines() -> None:
    def answer(count: int) -> int:
        sent = headers(*[("if-none-match", '"a"')] * count)
        return steps(lambda _: evaluate("GET", sent, etag=E), "")

    answer(1)
    assert answer(400) <= 2.1 * answer(200) + 40
