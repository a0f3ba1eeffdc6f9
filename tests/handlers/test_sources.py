import dataclasses
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tests.handlers.serving import assembling, call, serving
from wadjet import Cookie, Header, Path, Query, Request, Wadjet, get
from wadjet.errors import SignatureError
from wadjet.handlers.sources import default_of
from wadjet.routing import Converter
from wadjet.testing import TestClient


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Weight(Enum):
    HEAVY = 9


def shows(annotation: Any, default: Any = ...) -> Any:
    """Return a handler that answers with the repr of its one parameter."""

    async def handler(v: Any) -> str:
        return repr(v)

    handler.__annotations__["v"] = annotation
    if default is not ...:
        handler.__defaults__ = (default,)
    return handler


SCALARS = [
    (str, "a b", "a b"),
    (int, "5", 5),
    (float, "1.5", 1.5),
    (bool, "true", True),
    (bool, "0", False),
    (Decimal, "1.50", Decimal("1.50")),
    (datetime, "2020-01-02T03:04:05Z", datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)),
    (date, "2020-01-02", date(2020, 1, 2)),
    (time, "03:04", time(3, 4)),
    (timedelta, "PT1H", timedelta(hours=1)),
    (UUID, "12345678-1234-5678-1234-567812345678", UUID("12345678123456781234567812345678")),
    (Colour, "red", Colour.RED),
    (Level, "1", Level.LOW),
    (Weight, "9", Weight.HEAVY),
    (Literal["a", "b"], "b", "b"),
    (Literal[1, 2], "2", 2),
    (Literal[True], "true", True),
    (int | None, "5", 5),
    (Literal[1] | None, "1", 1),
    (int | str, "x", "x"),
    (Any, "x", "x"),
]


@pytest.mark.parametrize(("annotation", "text", "value"), SCALARS)
def test_a_scalar_is_read_from_the_query_and_the_path(annotation: Any, text: str, value: Any) -> None:
    answers = [
        call(shows(annotation), params={"v": text}),
        call(shows(annotation), f"/{text}", route="/{v}"),
        call(shows(Annotated[annotation, Header()]), headers={"v": text}),
        call(shows(Annotated[annotation, Cookie()]), headers={"cookie": f"v={text}"}),
    ]
    shown = [answer.text for answer in answers]
    expected = repr(value).replace("datetime.timezone.utc", "TzInfo(0)")
    assert [text.replace("TzInfo(UTC)", "TzInfo(0)") for text in shown] == [expected] * 4


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "x"),
        (int, ""),
        pytest.param(int, "1" * 5000, id="5000 digits"),
        (int, "\N{ARABIC-INDIC DIGIT THREE}"),
        (float, "nan"),
        (float, "Infinity"),
        (float, "1e400"),
        (Decimal, "NaN"),
        (bool, "perhaps"),
        (Colour, "blue"),
        (Level, "2"),
        (Weight, "HEAVY"),
        (Literal[1, 2], "3"),
        (date, "2020-13-01"),
        (UUID, "x"),
    ],
)
def test_text_that_is_not_of_the_type_is_a_422(annotation: Any, text: str) -> None:
    answer = call(shows(annotation), params={"v": text})
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert (problem["in"], problem["pointer"]) == ("query", "/v")
    assert set(problem) == {"in", "pointer", "detail", "type"}


@pytest.mark.parametrize(
    ("annotation", "query", "value"),
    [
        (list[int], "v=1&v=2", [1, 2]),
        (list[str], "v=a", ["a"]),
        (set[int], "v=1&v=1", {1}),
        (tuple[int, ...], "v=1&v=2", (1, 2)),
        (list[Level], "v=1", [Level.LOW]),
        (list[Weight], "v=9", [Weight.HEAVY]),
        (list[Literal[1, 2]], "v=1&v=2", [1, 2]),
        (list[int] | None, "v=3", [3]),
        (list, "v=3", ["3"]),
    ],
)
def test_a_list_takes_every_value(annotation: Any, query: str, value: Any) -> None:
    assert call(shows(annotation), f"/?{query}").text == repr(value)


def test_a_list_takes_every_header_field() -> None:
    headers = [("v", "a"), ("v", "b")]
    assert call(shows(Annotated[list[str], Header()]), headers=headers).text == "['a', 'b']"


def test_the_pointer_of_a_list_names_the_value() -> None:
    (problem,) = call(shows(list[int]), "/?v=1&v=x").json()["errors"]
    assert problem["pointer"] == "/v/1"


def test_a_default_stands_in_for_what_is_missing() -> None:
    assert call(shows(int, 7)).text == "7"
    assert call(shows(int | None, None)).text == "None"
    assert call(shows(list[int], [1])).text == "[1]"


def test_a_parameter_without_default_is_required_even_when_it_may_be_none() -> None:
    answer = call(shows(int | None))
    assert answer.json()["errors"] == [
        {"in": "query", "pointer": "/v", "detail": "Field required", "type": "missing"}
    ]


def test_a_default_list_is_each_request_s_own() -> None:
    async def handler(v: list[int] = []) -> str:
        v.append(1)
        return repr(v)

    with serving(handler) as client:
        assert [client.get("/").text for _ in range(2)] == ["[1]", "[1]"]


def test_a_header_is_named_like_its_parameter_with_hyphens() -> None:
    async def handler(x_request_id: Annotated[str, Header()]) -> str:
        return x_request_id

    assert call(handler, headers={"X-Request-ID": "7"}).text == "7"
    assert call(handler).json()["errors"][0]["pointer"] == "/x-request-id"


def test_an_alias_is_the_name_on_the_wire() -> None:
    async def handler(
        a: Annotated[int, Query(alias="from")],
        b: Annotated[str, Header(alias="X-B")],
        c: Annotated[str, Cookie(alias="session-id")],
        d: Annotated[int, Path(alias="number")],
    ) -> str:
        return f"{a} {b} {c} {d}"

    answer = call(handler, "/4?from=1", route="/{number}", headers={"x-b": "2", "cookie": "session-id=3"})
    assert answer.text == "1 2 3 4"


@pytest.mark.parametrize(
    ("marker", "text", "status"),
    [
        (Query(ge=1), "1", 200),
        (Query(ge=1), "0", 422),
        (Query(ge=1, le=3), "4", 422),
        (Query(multiple_of=2), "3", 422),
    ],
)
def test_constraints_are_pydantic_s(marker: Any, text: str, status: int) -> None:
    assert call(shows(Annotated[int, marker]), params={"v": text}).status_code == status


def test_a_marker_may_be_the_default_or_a_class() -> None:
    async def handler(
        a: Annotated[str, Header],
        b: str = Header(),  # type: ignore[assignment]
        c: int = Query(5, ge=1),  # type: ignore[assignment]
        d: str = Query(..., min_length=2),  # type: ignore[assignment]
    ) -> str:
        return f"{a} {b} {c} {d}"

    assert call(handler, "/?d=dd", headers={"a": "1", "b": "2"}).text == "1 2 5 dd"
    assert [problem["pointer"] for problem in call(handler, "/?c=0").json()["errors"]] == [
        "/a",
        "/b",
        "/c",
        "/d",
    ]


def test_the_last_of_several_values_counts() -> None:
    assert call(shows(int), "/?v=1&v=2").text == "2"


def test_a_path_converter_makes_the_value() -> None:
    async def handler(v) -> str:  # type: ignore[no-untyped-def]
        return repr(v)

    assert call(handler, "/5", route="/{v:int}").text == "5"
    assert call(handler, "/5", route="/{v}").text == "'5'"
    assert call(shows(int), "/5", route="/{v:int}").text == "5"
    assert call(shows(Level), "/1", route="/{v:int}").text == repr(Level.LOW)


@pytest.mark.parametrize(
    ("marker", "route"), [pytest.param(Path(), "/{v}", id="path"), pytest.param(Cookie(), "/", id="cookie")]
)
def test_a_list_where_a_name_has_one_value_fails_at_assembly(marker: Any, route: str) -> None:
    message = assembling(shows(Annotated[list[int], marker]), route)
    assert "parameter 'v' is a list" in message
    assert "annotate the type of one" in message


def test_a_type_that_nothing_can_be_read_as_fails_at_assembly() -> None:
    class Opaque:
        pass

    message = assembling(shows(Opaque))
    assert "test_sources.py" in message
    assert "parameter 'v' has a type that no text or document can be read as" in message


def test_a_plain_get_parses_no_field_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from wadjet.http import incoming, requestfields

    parsed: list[str] = []
    parsers = {
        incoming: ("Headers", "QueryParams"),
        requestfields: ("cookies_of", "media_type", "parse_parameters"),
    }
    for module, names in parsers.items():
        for name in names:
            monkeypatch.setattr(module, name, lambda *_, name=name: parsed.append(name))
    monkeypatch.setattr(requestfields.Field, "read", lambda field, _: parsed.append(field.name))

    async def nothing() -> str:
        return "x"

    async def by_path(v: int) -> str:
        return "x"

    async def whole(request: Request) -> str:
        return request.method

    with_fields: dict[str, Any] = {"headers": {"cookie": "a=1", "content-type": "text/plain"}}
    call(nothing, "/?a=1", **with_fields)
    call(by_path, "/5?a=1", route="/{v}", **with_fields)
    call(whole, "/?a=1", **with_fields)
    assert parsed == []


def test_a_str_where_the_path_makes_something_else_fails_at_assembly() -> None:
    message = assembling(shows(str), "/{v:int}")
    assert (
        "parameter 'v' is a str, but the path makes int of it; annotate that, or drop the converter"
        in message
    )


@given(
    kind=st.sampled_from([annotation for annotation, _, _ in SCALARS] + [list[int], set[Level]]),
    text=st.text()
    | st.from_regex(r"-?[0-9]{1,40}([.eE][0-9+-]{0,8})?", fullmatch=True)
    | st.from_regex(r"P[0-9]{1,25}[DWYMTHS]", fullmatch=True)
    | st.from_regex(r"[0-9]{1,6}-[0-9]{1,2}-[0-9]{1,2}(T[0-9]{2}:[0-9]{2}Z)?", fullmatch=True),
)
def test_no_text_whatever_crashes_a_handler(kind: Any, text: str) -> None:
    with serving(shows(kind)) as client:
        assert client.get("/", params={"v": text}).status_code in {200, 422}


@pytest.mark.parametrize(
    ("annotation", "status"), [(str, 200), (Annotated[str, Path(min_length=3)], 422), (Literal["ab"], 200)]
)
def test_a_converter_that_does_not_say_what_it_makes_may_make_text(annotation: Any, status: int) -> None:
    class Lower(Converter):
        pattern = "[a-z]+"

        def to_value(self, text: str) -> object:
            return super().to_value(text)

    app = Wadjet()
    app.add_converter("lower", Lower())
    app.add("/{v:lower}", shows(annotation))
    assert TestClient(app).get("/ab").status_code == status


def test_a_str_where_a_converter_turns_out_to_make_something_else_says_what() -> None:
    class Code(Converter):
        def to_value(self, text: str) -> object:
            return UUID(text)

    app = Wadjet()
    app.add_converter("code", Code())
    app.add("/{v:code}", shows(str))
    with pytest.raises(
        SignatureError, match="parameter 'v' is a str, but the path makes UUID of it; annotate"
    ):
        TestClient(app).get(f"/{UUID(int=1)}")


def test_a_uuid_of_the_path_is_a_uuid() -> None:
    assert call(shows(UUID), f"/{UUID(int=1)}", route="/{v:uuid}").text == repr(UUID(int=1))


def test_problems_of_many_query_parameters_are_the_first_and_a_number() -> None:
    async def handler(a: list[int], b: list[int], c: list[int], d: int) -> None: ...

    problem = call(handler, "/?" + "&".join(["a=x", "b=x", "c=x"] * 60)).json()
    assert problem["detail"] == "181 values are not what this address takes."
    assert (len(problem["errors"]), problem["unlisted"]) == (100, 81)


@dataclasses.dataclass
class Filters:
    xs: list[int] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(eq=False)
class Tags:
    xs: list[int] = dataclasses.field(default_factory=list)


class Model(BaseModel):
    xs: list[int] = []


class Nested(BaseModel):
    inner: Filters = Filters()

    @property
    def xs(self) -> list[int]:
        return self.inner.xs


@pytest.mark.parametrize("default", [Filters(), Tags(), Model(), Nested()])
def test_no_request_changes_the_default_of_the_next(default: Any) -> None:
    async def handler(f: Any) -> str:
        f.xs.append(1)
        return repr(f.xs)

    handler.__annotations__["f"] = type(default)
    handler.__defaults__ = (default,)
    with serving(handler, "/", "POST") as client:
        assert [client.post("/").text for _ in range(2)] == ["[1]", "[1]"]


@pytest.mark.parametrize(
    ("default", "is_shared"),
    [
        (5, True),
        (None, True),
        (Colour.RED, True),
        (date(2020, 1, 2), True),
        ((1, "a"), True),
        pytest.param(object(), True, id="sentinel"),
        ([[1]], False),
        (([1],), False),
        ({"a": {1}}, False),
    ],
)
def test_a_default_is_copied_only_when_it_can_change(default: Any, is_shared: bool) -> None:
    given = default_of(default)()
    assert (given is default) is is_shared
    if not is_shared:
        assert given == default
        assert given[next(iter(given)) if isinstance(given, dict) else 0] is not next(
            iter(default.values() if isinstance(default, dict) else default)
        )


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (
            Annotated[str, Query(max_lenght=3)],
            "parameter 'x' has no constraint 'max_lenght'; did you mean 'max_length'?",
        ),
        (Annotated[str, Query(ge=1)], "parameter 'x'"),
        (Annotated[int, Query(pattern="a")], "parameter 'x'"),
        (Annotated[str, Query(pattern="(")], "parameter 'x'"),
    ],
)
def test_a_constraint_that_cannot_apply_fails_at_assembly(annotation: object, message: str) -> None:
    async def handler(x: object) -> None: ...

    handler.__annotations__["x"] = annotation
    app = Wadjet(routes=[get("/", handler)])
    with pytest.raises(SignatureError, match=re.escape(message)) as caught:
        app.seal()
    assert "test_sources.py" in str(caught.value)
