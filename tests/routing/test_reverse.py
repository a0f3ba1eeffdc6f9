import re
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.routing.oracle import KINDS, LITERALS, REST, Answers, Sample
from wadjet.errors import RouteError
from wadjet.http.urls import quote_segment
from wadjet.routing.converters import CONVERTERS, Converter
from wadjet.routing.matcher import Entry, Matcher
from wadjet.routing.pattern import Pattern
from wadjet.routing.reverse import Named, NoSuchRoute, Reverse, fill

UUID_TEXT = "0189dc5a-2b3c-7d4e-8f90-a1b2c3d4e5f6"


def url(path: str, **values: object) -> str:
    return Reverse([Named("it", Pattern.parse(path))]).url_for("it", **values)


@pytest.mark.parametrize(
    ("path", "values", "answer"),
    [
        ("/", {}, "/"),
        ("/a/b/", {}, "/a/b/"),
        ("/caf%C3%A9/é x".replace(" ", "%20"), {}, "/caf%C3%A9/%C3%A9%20x"),
        ("/a%2Fb", {}, "/a%2Fb"),
        ("/users/{id:int}", {"id": 7}, "/users/7"),
        ("/users/{id:int}", {"id": "7"}, "/users/7"),
        ("/users/{id}", {"id": 7}, "/users/7"),
        ("/{name}", {"name": "a/b"}, "/a%2Fb"),
        ("/{name}", {"name": "/evil.test"}, "/%2Fevil.test"),
        ("/{name}", {"name": "a?b#c%20d é;=+"}, "/a%3Fb%23c%2520d%20%C3%A9;=+"),
        ("/{name}", {"name": "..."}, "/..."),
        ("/f/{rest:path}", {"rest": "a/b c//d/"}, "/f/a/b%20c//d/"),
        ("/{name}.{ext}", {"name": "a.tar", "ext": "gz"}, "/a.tar.gz"),
        ("/v{n:int}/{self}", {"n": 2, "self": "x"}, "/v2/x"),
        ("/{u:uuid}", {"u": UUID(UUID_TEXT)}, f"/{UUID_TEXT}"),
        ("/{x:float}", {"x": 2.5}, "/2.5"),
    ],
)
def test_a_url_is_the_path_with_its_values_encoded(path: str, values: dict[str, object], answer: str) -> None:
    assert url(path, **values) == answer


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/{id:int}", {"id": -1}),
        ("/{id:int}", {"id": "x"}),
        ("/{id:int}", {"id": 2**63}),
        ("/{name}", {"name": ""}),
        ("/{name}", {"name": "."}),
        ("/{name}", {"name": ".."}),
        ("/{name}", {"name": "a/../b"}),
        ("/{name}", {"name": "a\r\nb"}),
        ("/{name}", {"name": "a\0"}),
        ("/{name}", {"name": "\ud800"}),
        ("/.{name}", {"name": "."}),
        ("/{name}.", {"name": "."}),
        ("/{rest:path}", {"rest": "/evil.test"}),
        ("/{rest:path}", {"rest": "a/../../b"}),
        ("/{rest:path}", {"rest": ".."}),
        ("/{a}.{b}", {"a": "x", "b": "y.z"}),
        ("/{a}-{b}", {"a": "x", "b": ""}),
        ("/v{a}", {"a": "x" * 255}),
    ],
)
def test_a_value_that_would_lead_elsewhere_is_refused(path: str, values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{path}: ")):
        url(path, **values)


def test_an_empty_text_is_refused_even_if_its_kind_allows_it() -> None:
    class Any(Converter):
        pattern = ".*"

    pattern = Pattern.parse("/{x:any}/evil.test", {"any": Any()})
    with pytest.raises(ValueError, match="empty"):
        fill(pattern, {"x": ""})


def test_the_message_names_route_parameter_and_value() -> None:
    with pytest.raises(ValueError, match=r"^/users/\{id:int\}: id='x': 'x' is not an unsigned number"):
        url("/users/{id:int}", id="x")
    with pytest.raises(TypeError, match=r"^/users/\{id:int\}: id=None: NoneType has no form in a URL"):
        url("/users/{id:int}", id=None)


def test_a_kind_may_raise_any_value_error() -> None:
    class Ascii(Converter):
        def to_text(self, value: object) -> str:
            return str(value).encode("ascii").decode()

    with pytest.raises(ValueError, match=r"^/\{x:ascii\}: x='é': 'ascii' codec"):
        fill(Pattern.parse("/{x:ascii}", {"ascii": Ascii()}), {"x": "é"})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "/{a}/{b} needs a, b"),
        ({"a": 1}, "/{a}/{b} needs b"),
        ({"a": 1, "b": 2, "c": 3}, "/{a}/{b} has no c"),
        ({"a": 1, "B": 2}, "/{a}/{b} needs b and has no B"),
    ],
)
def test_values_missing_or_left_over_are_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        url("/{a}/{b}", **values)


def test_an_unknown_name_is_answered_with_those_that_are_known() -> None:
    reverse = Reverse([Named("users", Pattern.parse("/users")), Named("posts", Pattern.parse("/posts"))])
    with pytest.raises(
        NoSuchRoute, match=r"no route is called 'user'; did you mean 'users'\? known: posts, users"
    ):
        reverse.url_for("user")
    with pytest.raises(NoSuchRoute, match="known: none"):
        Reverse([]).url_for("user")
    assert issubclass(NoSuchRoute, LookupError)


def test_a_parameter_may_be_called_name() -> None:
    assert url("/{name}", name="x") == "/x"


def test_a_name_for_two_paths_is_refused_with_both_origins() -> None:
    routes = [Named("it", Pattern.parse("/a"), "one.py:1"), Named("it", Pattern.parse("/b"), "two.py:2")]
    with pytest.raises(RouteError, match=r"two routes are called 'it': one.py:1 \(/a\) and two.py:2 \(/b\)"):
        Reverse(routes)


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [("/a/{x}", "/a/{x:str}", True), ("/a/{x}", "/a/{y}", False), ("/a/{x}", "/a/{x:int}", False)],
)
def test_routes_of_one_path_may_share_a_name(one: str, other: str, fits: bool) -> None:
    routes = [Named("it", Pattern.parse(one)), Named("it", Pattern.parse(other))]
    if fits:
        assert Reverse(routes).url_for("it", x="y") == "/a/y"
    else:
        with pytest.raises(RouteError):
            Reverse(routes)


def test_a_mount_has_a_url_too() -> None:
    routes = [Named("root", Pattern.prefix("/")), Named("it", Pattern.prefix("/t/{tenant}/"))]
    assert Reverse(routes).url_for("root") == "/"
    assert Reverse(routes).url_for("it", tenant="é") == "/t/%C3%A9"


# Properties

PARTS = st.sampled_from([*LITERALS, *KINDS, "{:float}", "{:uuid}"])
SAMPLES = st.builds(
    lambda front, last: Sample((*front, last), "GET"),
    st.lists(PARTS, max_size=3),
    PARTS | st.sampled_from(["", REST]),
)
VALUES = {
    "str": st.text(min_size=1),
    "int": st.integers(0, 2**63 - 1),
    "float": st.floats(min_value=1e-4, max_value=1e15),
    "uuid": st.uuids(),
    "slug": st.from_regex(CONVERTERS["slug"].pattern, fullmatch=True),
    "path": st.text("ab/. é%", min_size=1),
}


@given(SAMPLES, st.data())
@settings(max_examples=300, deadline=None)
def test_what_is_reversed_is_matched_with_the_same_values(sample: Sample, data: st.DataObject) -> None:
    pattern = sample.entry().pattern
    kinds = re.findall(r"\{p\d+:?(\w*)\}", str(pattern))
    drawn = (data.draw(VALUES[kind or "str"]) for kind in kinds)
    values: dict[str, object] = dict(zip(pattern.names, drawn, strict=True))
    try:
        path = fill(pattern, values)
    except ValueError:
        assume(False)
    assert path.isascii()
    assert urlsplit(path)[:] == ("", "", path, "", "")
    found = Matcher([Entry(pattern, {"GET": "it"})], Answers()).match("GET", unquote(path), path.encode())
    assert found == ("it", values)


SPELLINGS: dict[str, list[str]] = {
    **{literal: [quote_segment(literal)] for literal in LITERALS},
    "": [""],
    "{}": ["a", "a%2Fb", "%41", "é", "a;b", "a%zz"],
    "{:int}": ["7", "07", "%37"],
    "{:float}": ["2", "2.50", "02.5"],
    "{:slug}": ["a-b", "%61"],
    "{:uuid}": [UUID_TEXT, UUID_TEXT.upper()],
    "v-{:int}": ["v-7", "v-07", "%76-7"],
    "{}.{:slug}": ["a.b", "a.b.c", "%C3%A9%2Eb"],
    REST: ["a", "a/b", "a%2Fb", "a//b/", "é/~"],
}


@given(SAMPLES, st.data())
def test_what_is_matched_is_reversed_to_a_path_that_matches_the_same(
    sample: Sample, data: st.DataObject
) -> None:
    pattern = sample.entry().pattern
    path = "/" + "/".join(data.draw(st.sampled_from(SPELLINGS[part])) for part in sample.parts)
    found = Matcher([Entry(pattern, {"GET": "it"})], Answers())
    answer, values = found.match("GET", unquote(path), path.encode())
    assert answer == "it"
    again = fill(pattern, values)
    assert found.match("GET", unquote(again), again.encode()) == (answer, values)


@given(st.text(), st.text())
def test_no_value_makes_a_url_of_another_host(one: str, other: str) -> None:
    for path in ("/{a}/{b}", "/{a}-{b}", "/{a}/{b:path}"):
        try:
            made = url(path, a=one, b=other)
        except ValueError:
            continue
        assert made[0] == "/"
        assert made[1] != "/"
        assert "\\" not in made
