import time
from uuid import UUID

import pytest

from wadjet.errors import RouteError
from wadjet.routing.converters import CONVERTERS, Converter
from wadjet.routing.pattern import Mixed, Parameter, Pattern, parameters_of


def described(pattern: Pattern) -> list[object]:
    return [
        segment if isinstance(segment, str) else tuple(parameter.name for parameter in parameters_of(segment))
        for segment in pattern.segments
    ]


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("/", [""]),
        ("/a", ["a"]),
        ("/a/", ["a", ""]),
        ("/users/{id:int}/posts/{slug}", ["users", ("id",), "posts", ("slug",)]),
        ("/{ id : int }", [("id",)]),
        ("/files/{rest:path}", ["files", ("rest",)]),
        ("/{name}.{ext}", [("name", "ext")]),
        ("/v{n:int}/x", [("n",), "x"]),
        ("/caf%C3%A9/%7Ba%7D", ["café", "{a}"]),
        ("/café", ["café"]),
        ("/a%2Fb", ["a/b"]),
        ("/a%20b", ["a b"]),
        ("/.well-known/a..b/...", [".well-known", "a..b", "..."]),
        ("/a;b=1,2:3@!$&'()+~", ["a;b=1,2:3@!$&'()+~"]),
    ],
)
def test_a_template_is_literals_and_parameters(path: str, segments: list[object]) -> None:
    pattern = Pattern.parse(path)
    assert described(pattern) == segments
    assert str(pattern) == path
    assert path in repr(pattern)


def test_a_parameter_without_kind_is_text() -> None:
    assert Pattern.parse("/{name}").segments == (Parameter("name", CONVERTERS["str"]),)


@pytest.mark.parametrize(
    ("path", "position", "advice"),
    [
        ("", 0, "begins with '/'"),
        ("users", 0, "begins with '/'"),
        ("/a?b=1", 2, "query parameters are the handler's"),
        ("/a#b", 2, "%23"),
        ("/a/{id", 3, "no partner"),
        ("/a/id}", 5, "no partner"),
        ("/{a{b}}", 1, "no partner"),
        ("/{a/b}", 1, "no partner"),
        ("/a/{}", 3, "write {name}"),
        ("/a/{:int}", 3, "write {name}"),
        ("/a/{1x}", 3, "'1x' is no parameter's name"),
        ("/a/{x-y}", 3, "'x-y' is no parameter's name"),
        ("/{a}/{a}", 5, "'a' stands here a second time"),
        ("/{a}.{a}", 5, "'a' stands here a second time"),
        ("/{a:itn}", 1, "did you mean 'int'? known: float, int, path, slug, str, uuid"),
        (r"/{a:\d+}", 1, "a Converter of your own"),
        ("/{a:path}/x", 9, "nothing can follow it"),
        ("/{a:path}/", 9, "nothing can follow it"),
        ("/x/f-{a:path}", 3, "a segment of its own"),
        ("/x/{a}{b}", 3, "'a' and 'b' touch"),
        ("/{a}-{b}-{c}-{d}", 1, "at most 3 parameters"),
        ("/a//b", 2, "write one '/'"),
        ("//", 0, "write one '/'"),
        ("/a b", 2, "%20"),
        ("/a\n", 2, "%20"),
        ("/a\x00", 2, "%20"),
        ("/a\xa0b", 2, "%20"),
        ("/.", 1, "refused before"),
        ("/a/../b", 3, "refused before"),
        ("/%2e%2E/a", 1, "refused before"),
        ("/a%0Ab", 1, "refused before"),
        ("/a%00", 1, "NUL"),
        ("/%FF", 1, "UTF-8"),
        ("/a\ud800", 1, "no request can match"),
        ("/a%zz", 2, "%25"),
        ("/<id>", 1, "written {name}"),
        ("/*rest", 1, "{name:path}"),
        ("/a\\b", 2, "written {name}"),
    ],
)
def test_a_mistake_is_shown_with_its_place_and_its_remedy(path: str, position: int, advice: str) -> None:
    with pytest.raises(RouteError) as caught:
        Pattern.parse(path)
    message = str(caught.value)
    assert message.startswith(f"the path {path!r}, position {position}: ")
    assert advice in message


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/a/{x}", "/a/{y}", True),
        ("/a/{x}", "/a/{x:str}", True),
        ("/a/{x}", "/a/{x:int}", False),
        ("/a", "/a/", False),
        ("/café", "/caf%c3%a9", True),
        ("/a/b", "/a%2Fb", False),
        ("/{a}.{b}", "/{c}.{d:str}", True),
        ("/{a}.{b}", "/{a}-{b}", False),
        ("/v{a}", "/v{a:int}", False),
    ],
)
def test_two_patterns_that_match_the_same_paths_have_one_shape(one: str, other: str, same: bool) -> None:
    shapes = Pattern.parse(one).shape, Pattern.parse(other).shape
    assert (shapes[0] == shapes[1]) is same
    assert (len(set(shapes)) == 1) is same


@pytest.mark.parametrize(
    ("path", "literal"),
    [("/", "/"), ("/a/b/", "/a/b/"), ("/caf%C3%A9", "/café"), ("/{a}", ""), ("/v{a}/b", "")],
)
def test_a_path_without_parameters_is_literal(path: str, literal: str) -> None:
    pattern = Pattern.parse(path)
    assert pattern.literal == literal
    assert pattern.is_literal is bool(literal)


def test_names_are_in_the_order_of_the_path() -> None:
    assert Pattern.parse("/{b}/{a:int}/{d}.{c}/x").names == ("b", "a", "d", "c")


@pytest.mark.parametrize(
    ("path", "segments"),
    [("/", []), ("/a", ["a"]), ("/a/", ["a"]), ("/t/{tenant}", ["t", ("tenant",)])],
)
def test_a_prefix_has_no_trailing_slash(path: str, segments: list[object]) -> None:
    prefix = Pattern.prefix(path)
    assert described(prefix) == segments
    assert prefix.is_prefix
    assert prefix.shape != Pattern.parse(path).shape


def test_a_prefix_cannot_take_the_rest_of_the_path() -> None:
    with pytest.raises(RouteError, match=r"'/a/\{rest:path\}' is a prefix: \{rest\} cannot"):
        Pattern.prefix("/a/{rest:path}")


def test_a_kind_of_your_own_is_known_by_the_name_it_was_given() -> None:
    year = Converter()
    assert Pattern.parse("/{y:year}", {**CONVERTERS, "year": year}).segments == (Parameter("y", year),)


def test_a_pattern_that_is_no_regular_expression_is_the_developers_mistake() -> None:
    class Broken(Converter):
        pattern = "["

    with pytest.raises(RouteError, match=r"position 1: a converter's pattern is not a regular expression"):
        Pattern.parse("/v{n:broken}", {"broken": Broken()})


def mixed(path: str) -> Mixed:
    (segment,) = Pattern.parse(path).segments
    assert isinstance(segment, Mixed)
    return segment


@pytest.mark.parametrize(
    ("path", "text", "values"),
    [
        ("/{name}.{ext}", "a.b", ("a", "b")),
        ("/{name}.{ext}", "a.tar.gz", ("a.tar", "gz")),
        ("/{name}.{ext}", "a/b.c", ("a/b", "c")),
        ("/v{n:int}", "v12", (12,)),
        ("/{y:int}-{m:int}-{d:int}", "2026-01-02", (2026, 1, 2)),
        ("/{n:int}-{rest}", "1-2-3", (1, "2-3")),
        ("/({x})*".replace("*", "%2A"), "(a)*", ("a",)),
        ("/é{x}", "éa", ("a",)),
    ],
)
def test_a_mixed_segment_has_a_value_for_each_parameter(
    path: str, text: str, values: tuple[object, ...]
) -> None:
    assert mixed(path).to_values(text) == values


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/{name}.{ext}", "a"),
        ("/{name}.{ext}", ".b"),
        ("/{name}.{ext}", "a."),
        ("/{name}.{ext}", "a!b"),
        ("/v{n:int}", "v"),
        ("/v{n:int}", "va"),
        ("/v{n:int}", "v1\n"),
        ("/v{n:int}", "v" + "9" * 19),
        ("/v{n}", "v" + "9" * 255),
    ],
)
def test_another_segment_is_no_match(path: str, text: str) -> None:
    with pytest.raises(ValueError):
        mixed(path).to_values(text)


def test_groups_in_a_kinds_own_pattern_do_not_shift_the_values() -> None:
    class Either(Converter):
        pattern = "(a|b)(c)?"

    (segment,) = Pattern.parse("/{x:either}-{y:either}", {"either": Either()}).segments
    assert isinstance(segment, Mixed)
    assert segment.to_values("ac-b") == ("ac", "b")


@pytest.mark.parametrize("text", ["-" * 254 + "x", "a-" * 127, "1-" * 127 + "x", "a-" * 4000])
def test_a_segment_made_to_backtrack_is_refused_soon(text: str) -> None:
    segment = mixed("/{a:slug}-{b:slug}-{n:int}")
    begun = time.perf_counter()
    with pytest.raises(ValueError):
        segment.to_values(text)
    assert time.perf_counter() - begun < 0.1


def test_the_types_of_values_are_what_the_converters_say() -> None:
    class Silent(Converter):
        def to_value(self, text):  # type: ignore[no-untyped-def]  # it does not say
            return text

    class Hidden(Converter):
        def to_value(self, text: str) -> "Unimported":  # type: ignore[name-defined]  # noqa: F821 - the case
            return text

    pattern = Pattern.parse(
        "/{a}/{b:int}-{c:float}/{d:uuid}/{e:silent}-{g:hidden}/{f:path}",
        {**CONVERTERS, "silent": Silent(), "hidden": Hidden()},
    )
    assert pattern.types() == {"a": str, "b": int, "c": float, "d": UUID, "e": object, "g": object, "f": str}
