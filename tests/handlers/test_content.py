import dataclasses
from typing import Annotated, Any, Literal, NotRequired

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json, JsonValue
from typing_extensions import TypedDict

from tests.handlers.serving import assembling, call, serving
from wadjet import Body, Request, Settings, Wadjet
from wadjet.testing import TestClient

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


class Item(BaseModel):
    name: str
    price: float = 0


@dataclasses.dataclass
class Point:
    x: int
    tags: list[str] = dataclasses.field(default_factory=list)


class Pair(TypedDict):
    a: int
    b: NotRequired[list[int]]


class Search(BaseModel):
    words: list[str] = Field([], alias="w")
    page: int = 1
    level: int | None = None


async def loose(value: dict[str, Any]) -> Any:
    return {"echo": value}


async def anything(value: Annotated[Any, Body()]) -> Any:
    return [value]


async def model(value: Item) -> Any:
    return value


class Free(BaseModel):
    model_config = ConfigDict(extra="allow")


async def free(value: Free) -> Free:
    return value


async def by_hand(request: Request) -> Any:
    return {"echo": await request.json()}


def by_hand_blocking(request: Request) -> Any:
    return {"echo": request.json_body}


def post(handler: Any, body: bytes, **headers: str) -> Any:
    return call(handler, method="POST", content=body, headers=headers or JSON)


@pytest.mark.parametrize(
    ("annotation", "document", "shown"),
    [
        (Item, b'{"name":"tea","price":"1.5"}', "name='tea' price=1.5"),
        (Item | None, b"null", "None"),
        (list[Item], b'[{"name":"a"}]', "[Item(name='a', price=0)]"),
        (Point, b'{"x":"1"}', "Point(x=1, tags=[])"),
        (Pair, b'{"a":1}', "{'a': 1}"),
        (dict, b'{"a":[1]}', "{'a': [1]}"),
        (dict[str, int], b'{"a":"1"}', "{'a': 1}"),
        (bytes, b"\x00\xff", repr(b"\x00\xff")),
        (Annotated[Literal[1, 2], Body()], b"2", "2"),
        (Annotated[list[int], Body()], b" [1]\t\n", "[1]"),
    ],
)
def test_the_content_is_read_by_annotation(annotation: Any, document: bytes, shown: str) -> None:
    async def handler(value: Any) -> str:
        return str(value)

    handler.__annotations__["value"] = annotation
    assert post(handler, document).text == shown


BROKEN = [
    pytest.param(b"", id="empty"),
    pytest.param(b" \n", id="JSON-05"),
    pytest.param(b"{} x", id="JSON-09"),
    pytest.param(b"{}{}", id="JSON-10"),
    pytest.param(b"hello", id="JSON-11"),
    pytest.param(b"01", id="JSON-12"),
    pytest.param(b"+1", id="JSON-13"),
    pytest.param(b"1.", id="JSON-15"),
    pytest.param(rb'"\x41"', id="JSON-17"),
    pytest.param(b'{"a" 1}', id="JSON-19"),
    pytest.param(b"{a:1}", id="JSON-20"),
    pytest.param(b'{"a":1,}', id="trailing comma"),
    pytest.param(b"{'a':1}", id="single quotes"),
    pytest.param(b'"a\nb"', id="raw control"),
    pytest.param(b"{}/**/", id="JSON-24"),
    pytest.param(b'"\xff\xfe"', id="JSON-25"),
    pytest.param(b'"\xed\xa0\x80"', id="JSON-26"),
    pytest.param(b"\xef\xbb\xbf{}", id="JSON-28"),
    pytest.param(b"NaN", id="JSON-30"),
    pytest.param(b"[Infinity]", id="JSON-31"),
    pytest.param(b'{"a":-Infinity}', id="JSON-32"),
    pytest.param(rb'"\ud800"', id="lone surrogate"),
    pytest.param(rb'{"\udfff":1}', id="JSON-36"),
    pytest.param(b"[" * 100_000 + b"]" * 100_000, id="JSON-40"),
    pytest.param(b"[" * 500_000, id="JSON-42"),
    pytest.param(b'{"a":' * 900 + b"1" + b"}" * 900, id="JSON-43"),
    pytest.param("{}".encode("utf-16"), id="UTF-16"),
]


@pytest.mark.parametrize("handler", [loose, anything, model, free, by_hand, by_hand_blocking])
@pytest.mark.parametrize("document", BROKEN)
def test_broken_json_is_a_400(document: bytes, handler: Any) -> None:
    answer = post(handler, document)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The content is not JSON: ")


class Loose(BaseModel):
    value: Any = None
    price: float = 0


async def loosely(value: Loose) -> Any:
    return {}


async def as_json_value(value: Annotated[JsonValue, Body()]) -> Any:
    return {}


@pytest.mark.parametrize(
    "handler", [loose, anything, free, by_hand, by_hand_blocking, loosely, as_json_value]
)
@pytest.mark.parametrize("number", [b"1e400", b"-1e999", b"1" * 400])
@pytest.mark.parametrize("place", [b'{"value":%b}', b'{"value":[{"a":%b}]}', b'{"value":{"a":[1,%b]}}'])
def test_json_33_a_number_that_would_be_infinite_is_refused(
    handler: Any, number: bytes, place: bytes
) -> None:
    answer = post(handler, place % number)
    is_whole = b"e" not in number  # of those there are larger ones than any float
    assert answer.status_code in ({200, 400} if is_whole else {400})
    assert is_whole or answer.json()["detail"].startswith("The content is not JSON: ")


@pytest.mark.parametrize("handler", [loose, anything, free, by_hand])
@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b'{"a":' + b"1" * 5000 + b"}", id="JSON-37"),
        pytest.param(b'{"a":123456789012345678901234567890}', id="JSON-39"),
        pytest.param(b'{"a":[-123456789012345678901234567890]}', id="JSON-39 in a list"),
        pytest.param(b'{"a":' + b"[" * 197 + b"]" * 197 + b"}", id="nested as deep as may be"),
        pytest.param(b'{"a":"NaN Infinity"}', id="NaN in a text"),
        pytest.param(b'{"a":"' + b"\\n" * 450_000 + b'"}', id="JSON-45"),
        pytest.param(b'{"a":[' + b"1," * 450_000 + b"1]}", id="JSON-44"),
        pytest.param(b'{"a":1,"a":2}', id="JSON-51"),
        pytest.param(b'{"a":"\\u0000"}', id="NUL"),
    ],
)
def test_an_echo_of_strange_json_is_json_or_a_400(document: bytes, handler: Any) -> None:
    answer = post(handler, document)
    assert answer.status_code in {200, 400}
    import json

    json.loads(answer.content, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


@given(
    document=st.binary(max_size=64)
    | st.text('[]{}"\\u0123456789eE+-.,: NaInfity\ud83d\x00', max_size=64).map(
        lambda text: text.encode("utf-8", "surrogatepass")
    )
)
def test_no_document_whatever_crashes_a_handler(document: bytes) -> None:
    with client_of_echoes() as client:
        for path in ("/loose", "/anything", "/free", "/by_hand"):
            assert client.post(path, content=document, headers=JSON).status_code in {200, 400, 422}


def client_of_echoes() -> TestClient:
    app = Wadjet()
    for handler in (loose, anything, free, by_hand):
        app.add(f"/{handler.__name__}", handler, methods=["POST"])
    return TestClient(app, raise_server_exceptions=False)


def test_of_two_equal_keys_the_last_counts_in_every_parser() -> None:
    """JSON-51."""
    for handler in (loose, by_hand):
        assert post(handler, b'{"a":1,"a":2}').json() == {"echo": {"a": 2}}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param("APPLICATION/JSON", 200, id="JSON-49"),
        pytest.param("application/json; charset=utf-8", 200, id="charset"),
        pytest.param("application/vnd.api+json", 200, id="+json"),
        pytest.param("text/plain", 415, id="text"),
        pytest.param("multipart/form-data; boundary=x", 400, id="a form that is none"),
        pytest.param("multipart/mixed; boundary=x", 415, id="multipart"),
        pytest.param("application/jsonp", 415, id="nearly JSON"),
        pytest.param("text/json+x", 415, id="not +json"),
    ],
)
def test_the_content_type_says_how_to_read(kind: str, status: int) -> None:
    assert post(model, b'{"name":"x"}', **{"content-type": kind}).status_code == status


def test_content_without_type_is_a_415() -> None:
    """FORM-15."""
    answer = call(model, method="POST", content=b'{"name":"x"}')
    assert answer.status_code == 415
    assert "of no type" in answer.json()["detail"]


def test_bytes_take_content_of_any_type() -> None:
    async def handler(value: bytes) -> int:
        return len(value)

    assert call(handler, method="POST", content=b"\x00" * 3).text == "3"
    assert post(handler, b"{", **JSON).text == "1"


def test_no_content_is_the_default_or_missing() -> None:
    async def optional(value: Item | None = None) -> str:
        return repr(value)

    assert call(optional, method="POST").text == "None"
    assert call(model, method="POST").json()["errors"] == [
        {"in": "body", "pointer": "", "detail": "Field required", "type": "missing"}
    ]


def test_a_default_document_is_each_request_s_own() -> None:
    async def handler(value: dict = {}) -> str:  # type: ignore[type-arg]
        value["seen"] = len(value)
        return repr(value)

    with serving(handler, "/", "POST") as client:
        assert [client.post("/").text for _ in range(2)] == ["{'seen': 0}"] * 2


def test_a_wrong_document_is_a_422_with_a_pointer() -> None:
    async def handler(value: list[Item]) -> None: ...

    answer = post(handler, b'[{"name":"a"},{"name":1,"price":"hunter2"}]')
    assert [(problem["pointer"], problem["type"]) for problem in answer.json()["errors"]] == [
        ("/1/name", "string_type"),
        ("/1/price", "float_parsing"),
    ]
    assert "hunter2" not in answer.text


def test_a_pointer_escapes_what_json_pointer_wants_escaped() -> None:
    async def handler(value: dict[str, int]) -> None: ...

    (problem,) = post(handler, b'{"a/b~c":"x"}').json()["errors"]
    assert problem["pointer"] == "/a~1b~0c"


def test_broken_json_inside_a_field_is_a_422() -> None:
    class Wrapped(BaseModel):
        inner: Json[Any]

    async def handler(value: Any) -> None: ...

    handler.__annotations__["value"] = Wrapped
    answer = post(handler, b'{"inner":"{"}')
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/inner"


@pytest.mark.parametrize(
    ("annotation", "form", "shown"),
    [
        pytest.param(dict, b"a=1&b=2", "{'a': '1', 'b': '2'}", id="FORM-01"),
        pytest.param(dict, b"a+b=c%2Bd", "{'a b': 'c+d'}", id="FORM-03"),
        pytest.param(dict, b"%C3%A9=%E2%82%AC", "{'é': '€'}", id="FORM-04"),
        pytest.param(dict, "é=€".encode(), "{'é': '€'}", id="FORM-05"),
        pytest.param(dict, b"a=%zz&b=%", "{'a': '%zz', 'b': '%'}", id="FORM-07"),
        pytest.param(dict, b"a=1%002", "{'a': '1\\x002'}", id="FORM-10"),
        pytest.param(dict, b"a=&=b&&c", "{'a': '', '': 'b', 'c': ''}", id="FORM-11"),
        pytest.param(
            dict, b"_charset_=utf-7&a=%2BADw-", "{'_charset_': 'utf-7', 'a': '+ADw-'}", id="FORM-36"
        ),
        pytest.param(dict, b"a=1&a=2", "{'a': ['1', '2']}", id="several values"),
        pytest.param(Item, b"name=tea&price=1.5", "name='tea' price=1.5", id="model"),
        pytest.param(Item | None, b"name=tea", "name='tea' price=0", id="optional model"),
        pytest.param(Item, b"name=a&name=b", "name='b' price=0", id="the last counts"),
        pytest.param(Search, b"w=a", "words=['a'] page=1 level=None", id="a list of one"),
        pytest.param(Search, b"w=a&w=b&page=2", "words=['a', 'b'] page=2 level=None", id="a list of two"),
        pytest.param(Point, b"x=1&tags=t", "Point(x=1, tags=['t'])", id="dataclass"),
        pytest.param(Pair, b"a=1&b=2", "{'a': 1, 'b': [2]}", id="TypedDict"),
    ],
)
def test_a_form_is_read_into_the_same_types(annotation: Any, form: bytes, shown: str) -> None:
    async def handler(value: Any) -> str:
        return str(value)

    handler.__annotations__["value"] = annotation
    assert post(handler, form, **FORM).text == shown


def test_a_wrong_form_is_a_422_with_a_pointer() -> None:
    (problem,) = post(model, b"name=a&price=x", **FORM).json()["errors"]
    assert (problem["in"], problem["pointer"]) == ("body", "/price")


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("Application/X-WWW-Form-Urlencoded; charset=UTF-8", id="FORM-13"),
        pytest.param("application/x-www-form-urlencoded; charset=bogus", id="FORM-17"),
        pytest.param("application/x-www-form-urlencoded; charset=zlib", id="FORM-19"),
        pytest.param("application/x-www-form-urlencoded; charset=idna", id="FORM-21"),
        pytest.param('application/x-www-form-urlencoded; charset="', id="FORM-23"),
        pytest.param("application/x-www-form-urlencoded; charset=" + "a" * 9000, id="FORM-25"),
        pytest.param('application/x-www-form-urlencoded; !="' + "\\" * 9000, id="FORM-33"),
    ],
)
def test_a_form_is_a_form_whatever_its_parameters_say(kind: str) -> None:
    assert post(loose, b"a=%C3%A9", **{"content-type": kind}).json() == {"echo": {"a": "é"}}


@pytest.mark.parametrize("handler", [loose, model])
@pytest.mark.parametrize(
    "form",
    [
        pytest.param(b"&".join(b"a=1" for _ in range(1001)), id="too many fields"),
        pytest.param(b"x" * (2 << 20), id="FORM-31"),
    ],
)
def test_a_form_beyond_the_limits_is_a_413(form: bytes, handler: Any) -> None:
    assert post(handler, form, **FORM).status_code == 413


def test_content_beyond_the_limit_of_the_route_is_a_413() -> None:
    for options, status in (({"max_body_size": 15}, 413), ({"max_body_size": 16}, 200)):
        answer = call(loose, method="POST", options=options, content=b'{"a":"abcdefgh"}', headers=JSON)
        assert answer.status_code == status


def test_content_beyond_the_limit_of_the_settings_is_a_413() -> None:
    app = Wadjet(Settings(MAX_BODY_SIZE=4))
    app.add("/", by_hand, methods=["POST"])
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/", content=b"[1]").status_code == 200
        assert client.post("/", content=b"[1,2]").status_code == 413
        assert client.post("/", content=iter([b"[1,", b"2]"])).status_code == 413


def test_two_ways_to_read_give_the_same() -> None:
    async def handler(request: Request, value: Item) -> Any:
        return [value.name, (await request.json())["name"], request.json_body["name"]]

    assert post(handler, b'{"name":"x"}').json() == ["x", "x", "x"]


def test_a_body_that_nothing_can_be_read_as_fails_at_assembly() -> None:
    class Opaque:
        pass

    async def handler(value: Any) -> None: ...

    handler.__annotations__["value"] = Annotated[Opaque, Body()]
    assert "parameter 'value' has a type that no text or document" in assembling(handler, "/", "POST")


def test_a_document_with_too_many_problems_gets_a_short_answer() -> None:
    async def handler(value: list[Item]) -> None: ...

    answer = post(handler, b"[" + b",".join([b"{}"] * 100_000) + b"]")
    problem = answer.json()
    assert answer.status_code == 422
    assert len(answer.content) < 32 * 1024
    assert problem["detail"] == "100000 values are not what this address takes."
    assert [problem["errors"][place]["pointer"] for place in (0, 99)] == ["/0/name", "/99/name"]
    assert (len(problem["errors"]), problem["unlisted"]) == (100, 99_900)


def test_wrong_content_is_validated_once() -> None:
    seen: list[object] = []

    class Counted(BaseModel):
        a: Annotated[int, BeforeValidator(lambda value: seen.append(value) or value)]

    async def handler(value: Any, page: int = 1) -> None: ...

    handler.__annotations__["value"] = Counted
    assert post(handler, b'{"a":"x"}').json()["errors"][0]["pointer"] == "/a"
    assert seen == ["x"]


def test_a_wrong_query_and_a_wrong_document_are_told_together() -> None:
    async def handler(value: Item, page: int) -> None: ...

    with serving(handler, "/", "POST") as client:
        found = client.post("/?page=x", content=b"{}", headers=JSON).json()["errors"]
    assert [(problem["in"], problem["pointer"]) for problem in found] == [
        ("query", "/page"),
        ("body", "/name"),
    ]


def test_a_form_is_walked_once_however_often_a_name_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    from wadjet.http.request import ImmutableMultiDict

    async def handler(value: Search) -> int:
        return len(value.words)

    monkeypatch.setattr(ImmutableMultiDict, "getall", lambda *_: pytest.fail("walked again"))
    assert post(handler, b"&".join([b"w=a"] * 1000), **FORM).text == "1000"
