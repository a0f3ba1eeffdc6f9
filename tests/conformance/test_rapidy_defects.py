"""What is wrong with Rapidy, and not with ours. R-numbers are those of the list of weaknesses, §-numbers of the sections."""

from __future__ import annotations

import dataclasses
import gzip
import json
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import BaseModel, Field

from tests.handlers.serving import assembling, call, serving
from wadjet import (
    Body,
    ContentType,
    Header,
    HTTPException,
    Query,
    Request,
    Response,
    Router,
    View,
    Wadjet,
    get,
    jsonify,
    post,
)
from wadjet.errors import ConfigError, RouteError
from wadjet.http.exceptions import NotFound
from wadjet.testing import TestClient

JSON, TEXT, BINARY = "application/json", "text/plain; charset=utf-8", "application/octet-stream"


class Public(BaseModel):
    x: int = 1


class Private(Public):
    secret: str = "s3"


@dataclasses.dataclass
class Point:
    x: int = 1


@dataclasses.dataclass
class Point3(Point):
    secret: str = "s3"


def returning(value: Any, annotation: Any = None) -> Any:
    async def handler() -> Any:
        return value

    handler.__annotations__ = {} if annotation is None else {"return": annotation}
    return handler


def taking(annotation: Any, default: Any = ...) -> Any:
    async def handler(v: Any) -> Any:
        return {"v": v}

    handler.__annotations__ = {"v": annotation}
    if default is not ...:
        handler.__defaults__ = (default,)
    return handler


# -- R1: only what is declared leaves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        (Private(), Public),
        ([Private()], list[Public]),
        ({"a": Private()}, dict[str, Public]),
        (Private(), Public | None),
        (Point3(), Point),
        ({"x": 1, "secret": "s3"}, Public),
    ],
)
def test_r1_what_a_subclass_has_more_does_not_leave(value: Any, annotation: Any) -> None:
    found = call(returning(value, annotation))
    assert found.status_code == 200
    assert "secret" not in found.text


# -- R2, R3: types and charsets ---------------------------------------------------------------------------------------------


def test_r2_a_charset_holds_without_a_content_type() -> None:
    found = call(returning("hi"), options={"response_charset": "utf-16"})
    assert found.headers["content-type"] == "text/plain; charset=utf-16"
    assert found.content == "hi".encode("utf-16")


def test_r2_a_charset_that_is_none_fails_at_assembly() -> None:
    assert "klingon" in assembling(returning("hi"), response_charset="klingon")


def test_r2_binary_types_have_no_charset_and_the_order_of_setting_does_not_matter() -> None:
    found = call(returning(b"%PDF"), options={"response_content_type": ContentType.pdf})
    assert found.headers["content-type"] == "application/pdf"
    response = Response("x")
    response.charset = "latin-1"
    response.content_type = "text/css"
    assert response.headers["content-type"] == "text/css; charset=latin-1"


def test_r2_a_type_among_headers_is_enough() -> None:
    found = call(lambda: Response({"a": 1}, headers={"Content-Type": "application/vnd.api+json"}))
    assert (found.headers["content-type"], found.json()) == ("application/vnd.api+json", {"a": 1})


class Thing:
    def __init__(self) -> None:
        self._password = "hunter2"

    def __str__(self) -> str:
        return "a thing"


VALUES = [
    (datetime(2020, 1, 1), TEXT, b"2020-01-01T00:00:00"),  # noqa: DTZ001 - as a handler may return it
    (date(2020, 1, 1), TEXT, b"2020-01-01"),
    (UUID(int=1), TEXT, b"00000000-0000-0000-0000-000000000001"),
    (Decimal("1.0"), TEXT, b"1.0"),
    (PurePosixPath("/a"), BINARY, b"/a"),
    (Thing(), BINARY, b"a thing"),
    (Thing, BINARY, None),
    (bytearray(b"ab"), BINARY, b"ab"),
    ([1, (2,), {3}, frozenset({4})], JSON, b"[1,[2],[3],[4]]"),
    (Counter("a"), JSON, b'{"a":1}'),
    (defaultdict(int, a=1), JSON, b'{"a":1}'),
    (OrderedDict(a=1), JSON, b'{"a":1}'),
    (deque([1]), JSON, b"[1]"),
    ({"a": b"x"}, JSON, b'{"a":"x"}'),
    ({"a": datetime(2020, 1, 1)}, JSON, b'{"a":"2020-01-01T00:00:00"}'),  # noqa: DTZ001 - as above
    ({"a": "é"}, JSON, '{"a":"é"}'.encode()),
    ({(1, 2): 3}, JSON, None),
]


@pytest.mark.parametrize(("value", "kind", "body"), VALUES, ids=[str(row[0])[:20] for row in VALUES])
def test_r3_any_value_leaves(value: Any, kind: str, body: bytes | None) -> None:
    found = call(returning(value))
    assert found.status_code in ({200} if body is not None else {200, 500})
    if body is not None:
        assert (found.headers["content-type"], found.content) == (kind, body)
    assert b"hunter2" not in found.content


def test_r3_a_generator_is_a_stream() -> None:
    def numbers() -> Any:
        yield "1"
        yield "2"

    assert call(numbers).text == "12"


# -- R4: what is sent is what arrives ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "value"), [("0", 0), ("[]", []), ("{}", {}), ('""', ""), ("false", False), ("null", None)]
)
def test_r4_what_is_false_is_no_reason_for_the_default(document: str, value: Any) -> None:
    handler = taking(Annotated[Any, Body()], "default")
    assert call(handler, method="POST", content=document, headers={"content-type": JSON}).json() == {
        "v": value
    }


@pytest.mark.parametrize(
    ("annotation", "query", "value"), [(str, "v=", ""), (int, "v=0", 0), (bool, "v=false", False)]
)
def test_r4_a_query_may_say_nothing_and_nought(annotation: Any, query: str, value: Any) -> None:
    assert call(taking(annotation, None if annotation is str else 7), f"/?{query}").json() == {"v": value}


# -- R5, R6, R7: errors -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"a":"\xff"}', JSON, 400),
        (b"[" * 2000 + b"]" * 2000, JSON, 400),
        (b"{", JSON, 400),
        (b"NaN", JSON, 400),
        (b"x", "", 415),
        (b"x", "text/plain", 415),
        (b"a=1", "multipart/form-data", 400),
    ],
)
def test_r5_r6_content_that_cannot_be_read_says_why(content: bytes, kind: str, status: int) -> None:
    headers = {"content-type": kind} if kind else {}
    found = call(taking(Annotated[Any, Body()]), method="POST", content=content, headers=headers)
    assert (found.status_code, found.headers["content-type"]) == (status, "application/problem+json")
    assert found.json()["detail"]


def test_r5_a_charset_of_text_that_is_unknown_is_a_415() -> None:
    async def read(request: Request) -> str:
        return await request.text()

    headers = {"content-type": "text/plain; charset=klingon"}
    assert call(read, method="POST", content=b"x", headers=headers).status_code == 415


def test_r5_what_a_parser_of_the_application_raises_is_a_400() -> None:
    app = Wadjet()

    @app.post("/")
    async def take(v: Annotated[Any, Body()]) -> Any:
        return v

    app.add_body_parser("a/b", lambda data: [][int(data)])
    app.add_body_parser("a/c", lambda data: data.decode("ascii"))
    client = TestClient(app)
    assert client.post("/", content=b"x", headers={"content-type": "a/b"}).status_code == 400
    assert client.post("/", content=b"\xff", headers={"content-type": "a/c"}).status_code == 400


def test_r6_json_of_other_types_is_json() -> None:
    handler = taking(Annotated[Any, Body()])
    headers = {"content-type": "application/vnd.api+json; charset=utf-8"}
    assert call(handler, method="POST", content=b"[1]", headers=headers).json() == {"v": [1]}


def test_r7_every_error_has_one_shape_and_a_crash_an_id() -> None:
    app = Wadjet()

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("secret")

    @app.get("/missing")
    async def missing() -> None:
        raise NotFound("No such thing.")

    @app.get("/number")
    async def number(n: int) -> int:
        return n

    client = TestClient(app, raise_server_exceptions=False)
    for target, status in (("/crash", 500), ("/missing", 404), ("/number", 422), ("/nowhere", 404)):
        found = client.get(target)
        assert found.headers["content-type"] == "application/problem+json"
        assert found.json()["status"] == found.status_code == status
    assert client.get("/crash").json()["id"]
    assert "secret" not in client.get("/crash").text


def test_r7_exceptions_can_be_handled() -> None:
    app = Wadjet()
    app.exception_handler(KeyError)(lambda request, error: ("no such key", 404))

    @app.get("/")
    async def index() -> None:
        raise KeyError("x")

    found = TestClient(app).get("/")
    assert (found.status_code, found.text) == (404, "no such key")


def test_r8_no_answer_names_the_software() -> None:
    async def stream() -> AsyncIterator[str]:
        yield "x"

    for handler in (returning("x"), stream, returning(HTTPException(404))):
        assert "server" not in call(handler).headers


# -- R9, R10, R11 -----------------------------------------------------------------------------------------------------------


def test_r9_names_may_have_several_values() -> None:
    assert call(taking(list[int]), "/?v=1&v=2").json() == {"v": [1, 2]}
    headers = [("v", "a"), ("v", "b")]
    assert call(taking(Annotated[list[str], Header()]), headers=headers).json() == {"v": ["a", "b"]}
    assert call(taking(Annotated[dict[str, Any], Query()]), "/?a=1&a=2").json() == {"v": {"a": ["1", "2"]}}


def test_r9_a_single_value_is_the_last_and_defaults_are_not_shared() -> None:
    assert call(taking(int), "/?v=1&v=2").json() == {"v": 2}

    async def grows(v: list[int] = []) -> Any:  # noqa: B006 - what is asked
        v.append(1)
        return len(v)

    client = serving(grows)
    assert [client.get("/").text for _ in range(2)] == ["1", "1"]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_r10_what_is_no_json_is_not_sent_as_json(value: float) -> None:
    found = call(returning({"a": value}))
    assert found.status_code == 200
    assert json.loads(found.content, parse_constant=lambda name: pytest.fail(name)) == {"a": None}


def test_r10_json_is_compact_and_says_letters_as_they_are() -> None:
    assert call(returning({"a": ["é", 1]})).content == '{"a":["é",1]}'.encode()


@pytest.mark.parametrize(
    "value", [Thing(), lambda: 1, ValueError("secret")], ids=["object", "function", "error"]
)
def test_r10_no_attribute_of_an_object_leaves_by_itself(value: Any) -> None:
    try:
        found = jsonify(value)
    except (TypeError, ValueError):
        return
    assert "hunter2" not in str(found)
    assert found != {}


def test_r11_an_instance_of_the_declared_model_is_not_validated_again() -> None:
    validated = []

    class Watched(BaseModel):
        x: int = 1

        def model_post_init(self, _: Any) -> None:
            validated.append(self.x)

    value = Watched(x=5)
    assert call(returning(value, Watched)).json() == {"x": 5}
    assert validated == [5]


# -- R12, R13, R18: views, limits, methods ----------------------------------------------------------------------------------


class Counting(View):
    def __init__(self) -> None:
        self.n = 0

    async def get(self) -> int:
        self.n += 1
        return self.n


def test_r12_each_request_has_an_instance_and_a_view_stands_in_two_places() -> None:
    one, other = Router(prefix="/one"), Router(prefix="/other")
    Counting.register(one, "/n")
    Counting.register(other, "/n")
    app = Wadjet(routes=[one, other])
    client = TestClient(app)
    assert [client.get("/one/n").text, client.get("/one/n").text, client.get("/other/n").text] == ["1"] * 3


@pytest.mark.parametrize("holder", ["app", "router", "route"])
def test_r13_a_limit_holds_wherever_it_is_said(holder: str) -> None:
    async def take(request: Request) -> int:
        return len(await request.body())

    said: dict[str, Any] = {"max_body_size": 5}
    route = post("/", take, **(said if holder == "route" else {}))
    router = Router(routes=[route], **(said if holder == "router" else {}))
    client = TestClient(Wadjet(routes=[router], **(said if holder == "app" else {})))
    assert (client.post("/", content=b"12345").text, client.post("/", content=b"123456").status_code) == (
        "5",
        413,
    )


def test_r18_head_and_options_are_there_for_views_too() -> None:
    app = Wadjet()
    Counting.register(app.router, "/n")
    client = TestClient(app)
    found = client.head("/n")
    assert (found.status_code, found.content, found.headers["content-length"]) == (200, b"", "1")
    assert client.options("/n").headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.post("/n").headers["allow"] == "GET, HEAD, OPTIONS"


def test_r18_a_route_twice_names_both() -> None:
    app = Wadjet(routes=[get("/a", returning("x")), get("/a", returning("y"))])
    with pytest.raises(RouteError, match="GET"):
        app.seal()


# -- R14: compression -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{"response_zlib_executor_size": 10}, {"executor": True}])
def test_r14_what_speaks_of_compression_compresses_and_says_so(options: dict[str, Any]) -> None:
    with ThreadPoolExecutor(1) as executor:
        said = {"response_zlib_executor": executor} if "executor" in options else options
        client = serving(returning("x" * 5000), **said)
        found = client.get("/", headers={"accept-encoding": "gzip"})
        assert (found.headers["content-encoding"], found.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert found.text == "x" * 5000
        assert gzip.compress(b"x") is not None
        plain = client.get("/", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.headers["vary"] == "Accept-Encoding"


# -- R15, R20: what is wrong is said at startup -----------------------------------------------------------------------------


def two_responses(one: Response[Any], other: Response[Any]) -> None: ...


def two_bodies(one: Public, other: Private) -> None: ...


ASSEMBLY = [
    ("an option that is none", returning("x"), {"status_cod": 201}, "has no option 'status_cod'"),
    ("status 9999", returning("x"), {"status_code": 9999}, "9999"),
    ("status 0", returning("x"), {"status_code": 0}, "0"),
    ("a status that is text", returning("x"), {"status_code": "201"}, "201"),
    ("a parameter without annotation", lambda v: v, {}, "annotate it"),
    ("two responses", two_responses, {}, "one response is enough"),
    ("a content type", returning("x"), {"response_content_type": "a\r\nb"}, "is not a media type"),
    ("an encoder", returning("x"), {"response_custom_encoder": 5}, "response_custom_encoder"),
    ("an annotation", returning("x", "Nowhere"), {}, "Nowhere"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("handler", "options", "reason"), [row[1:] for row in ASSEMBLY], ids=[row[0] for row in ASSEMBLY]
)
def test_r15_r20_a_mistake_fails_at_startup_and_names_its_place(
    handler: Any, options: Any, reason: str
) -> None:
    message = assembling(handler, **options)
    assert reason in message
    assert "test_rapidy_defects.py" in message or "route '/'" in message


def test_r15_two_bodies_and_a_path_that_is_none_fail_at_startup() -> None:
    assert "does already" in assembling(two_bodies, "/", "POST")
    for path in ("x", "/{", "/{a}/{a}", "/{a:nothing}"):
        assert path in assembling(returning("x"), path)


def test_r15_middleware_that_is_none_fails_at_startup() -> None:
    async def plain(request: Any, call_next: Any) -> Any:
        return await call_next(request)

    with pytest.raises(ConfigError):
        Wadjet(middleware=[5]).seal()
    with pytest.raises(ConfigError):
        Wadjet(middleware=[plain]).seal()


@pytest.mark.parametrize("status", [204, 205, 304])
def test_r20_a_status_without_content_has_no_type_either(status: int) -> None:
    found = call(returning({"a": 1}), options={"status_code": status})
    assert (found.status_code, found.content) == (status, b"")
    assert "content-type" not in found.headers


# -- R16, R19, R21, R22 -----------------------------------------------------------------------------------------------------


def test_r16_one_content_is_read_as_json_as_bytes_and_as_text() -> None:
    async def take(request: Request, v: Annotated[Any, Body()]) -> Any:
        return [v, (await request.body()).decode(), await request.text(), await request.json()]

    app = Wadjet()
    route = app.post("/")(take)

    @route.middleware
    async def first(request: Request) -> None:
        await request.json()

    found = TestClient(app).post("/", content=b"[1]", headers={"content-type": JSON})
    assert found.json() == [[1], "[1]", "[1]", [1]]


class Aliased(BaseModel):
    value: str = Field("v", alias="someValue")
    inner: dict[str, int] = {"a": 1, "b": 2}


#: Without pydantic's plugin a type checker takes aliases for the only names.
aliased: Any = Aliased


def test_r19_fields_are_chosen_by_name_also_within_dicts() -> None:
    options = {"response_include_fields": {"value": True, "inner": {"a"}}}
    assert call(returning(aliased(), Aliased), options=options).json() == {
        "someValue": "v",
        "inner": {"a": 1},
    }
    options = {"response_exclude_fields": {"a": {"b"}}}
    assert call(returning({"a": {"b": 1, "c": 2}}), options=options).json() == {"a": {"c": 2}}


def test_r19_an_alias_where_a_name_is_asked_for_fails_at_startup() -> None:
    handler = returning(aliased(), Aliased)
    message = assembling(handler, response_include_fields={"someValue"})
    assert "'someValue'" in message
    assert "'value'" in message


def test_r22_the_types_are_an_openapi_document() -> None:
    app = Wadjet(routes=[post("/", taking(Public))])
    assert "Public" in app.openapi()["components"]["schemas"]


# -- §6: jsonify ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "document"),
    [
        (Decimal("1.0"), "1.0"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (timedelta(seconds=1), None),
        (Public(), {"x": 1}),
        (Point(), {"x": 1}),
        ((1, {2}, deque([3])), [1, [2], [3]]),
        (range(2), [0, 1]),
        (PurePosixPath("/a"), "/a"),
    ],
)
def test_6_jsonify_simplifies(value: Any, document: Any) -> None:
    found = jsonify(value)
    assert document is None or found == document
