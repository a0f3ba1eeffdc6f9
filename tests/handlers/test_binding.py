import dataclasses
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from tests.handlers.serving import assembling, call
from wadjet import Body, Cookie, Header, Path, Query, Request, Wadjet, get
from wadjet.errors import SignatureError


class Order(BaseModel):
    item: str
    count: int = 1


class Mine(Request):
    __slots__ = ()


def test_every_source_may_fill_one_handler() -> None:
    async def handler(
        shop: str,
        order: Order,
        request: Request,
        page: int = 1,
        x_trace: Annotated[str, Header()] = "-",
        sid: Annotated[str, Cookie()] = "-",
    ) -> str:
        return f"{shop} {order.item} {order.count} {request.method} {page} {x_trace} {sid}"

    answer = call(
        handler,
        "/north?page=2",
        method="POST",
        route="/{shop}",
        json={"item": "tea"},
        headers={"x-trace": "t", "cookie": "sid=s"},
    )
    assert answer.text == "north tea 1 POST 2 t s"


def test_the_errors_of_all_sources_are_in_one_answer() -> None:
    async def handler(
        shop: int, order: Order, page: int, x_trace: Annotated[int, Header()], sid: Annotated[int, Cookie()]
    ) -> None:
        raise AssertionError

    answer = call(
        handler,
        "/north?page=hunter2",
        method="POST",
        route="/{shop}",
        json={"count": "hunter2"},
        headers={"x-trace": "hunter2", "cookie": "sid=hunter2"},
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["title"] == "Unprocessable Content"
    assert document["detail"] == "6 values are not what this address takes."
    assert [(problem["in"], problem["pointer"], problem["type"]) for problem in document["errors"]] == [
        ("path", "/shop", "int_parsing"),
        ("query", "/page", "int_parsing"),
        ("header", "/x-trace", "int_parsing"),
        ("cookie", "/sid", "int_parsing"),
        ("body", "/item", "missing"),
        ("body", "/count", "int_parsing"),
    ]
    assert "hunter2" not in answer.text


def test_a_body_that_is_no_json_is_a_400_whatever_else_is_wrong() -> None:
    async def handler(order: Order, page: int) -> None:
        raise AssertionError

    answer = call(
        handler, "/?page=x", method="POST", content=b"{", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("annotation", [Request, Mine, Annotated[Request, "the request"]])
def test_the_request_is_known_by_its_annotation(annotation: Any) -> None:
    async def handler(r: Any) -> str:
        return r.path  # type: ignore[no-any-return]

    handler.__annotations__["r"] = annotation
    assert call(handler).text == "/"


def test_the_request_is_known_by_its_name_unless_the_path_has_it() -> None:
    async def handler(request) -> str:  # type: ignore[no-untyped-def]
        return repr(request)

    assert call(handler).text == "<Request GET />"
    assert call(handler, "/x", route="/{request}").text == "'x'"


def test_a_parameter_that_nothing_can_fill_fails_at_assembly() -> None:
    async def handler(page) -> None:  # type: ignore[no-untyped-def]
        ...

    message = assembling(handler)
    line = handler.__code__.co_firstlineno
    assert f"test_binding.py:{line}: " in message
    assert "handler(): parameter 'page' is not in the path and has no annotation" in message
    assert "annotate it, as in `page: int`, to read it from the query" in message


def test_two_bodies_fail_at_assembly() -> None:
    async def handler(one: Order, two: Order) -> None: ...

    message = assembling(handler, "/", "POST")
    assert "parameter 'two' takes the content, but 'one' does already" in message
    assert "put both into one model, or mark one with Query()" in message


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_body_on_a_method_without_one_fails_at_assembly(method: str) -> None:
    async def handler(order: Order) -> None: ...

    message = assembling(handler, "/", method)
    assert f"parameter 'order' takes the content, but {method} requests bring none" in message
    assert "use POST or QUERY, or mark it with Query()" in message


def test_a_body_is_taken_by_query_and_delete() -> None:
    async def handler(order: Order) -> str:
        return order.item

    for method in ("QUERY", "DELETE", "PUT", "PATCH"):
        assert call(handler, method=method, json={"item": "tea"}).text == "tea"


def test_a_misspelt_path_parameter_fails_at_assembly() -> None:
    async def handler(user_ids: int) -> None: ...

    message = assembling(handler, "/{user_id}")
    assert "the path captures 'user_id', the handler asks for 'user_ids'; give both the same name" in message


def test_the_message_about_a_misspelling_names_the_parameter_that_is_near() -> None:
    async def handler(page: int, user_ids: int) -> None: ...

    assert "asks for 'user_ids'" in assembling(handler, "/{user_id}")


def test_a_handler_need_not_take_what_the_path_captures() -> None:
    async def handler(page: int = 1) -> str:
        return str(page)

    assert call(handler, "/7?page=2", route="/{id}").text == "2"


def test_a_path_marker_without_its_parameter_fails_at_assembly() -> None:
    async def handler(n: Annotated[int, Path()]) -> None: ...

    message = assembling(handler, "/{number}")
    assert "parameter 'n' is marked Path(), but the path does not capture it; it captures: number" in message
    assert "it captures: none" in assembling(handler, "/x")


def test_markers_overrule_the_annotation() -> None:
    async def handler(n: Annotated[int, Body()]) -> str:
        return repr(n)

    assert call(handler, method="POST", json=5).text == "5"


def test_a_dataclass_is_a_body_unless_it_is_marked() -> None:
    @dataclasses.dataclass
    class Point:
        x: int

    async def handler(v: Any) -> str:
        return repr(v)

    handler.__annotations__["v"] = Point
    assert call(handler, method="POST", json={"x": 1}).text.endswith("Point(x=1)")
    handler.__annotations__["v"] = Annotated[int, Query()]
    assert call(handler, "/?v=1", method="POST", json={"x": 1}).text == "1"


def test_blocking_handlers_are_bound_alike() -> None:
    def handler(order: Order, page: int = 1) -> str:
        return f"{order.item} {page}"

    assert call(handler, "/?page=3", method="POST", json={"item": "tea"}).text == "tea 3"
    assert call(handler, "/?page=x", method="POST", json={"item": 1}).status_code == 422
    assert call(handler, method="POST", options={"inline": True}, json={"item": "tea"}).text == "tea 1"


class _Filter(BaseModel):
    name: str


@pytest.mark.parametrize(
    ("path", "annotation", "place"),
    [
        ("/", Annotated[list[_Filter], Query()], "query"),
        ("/{x}", _Filter, "path"),
        ("/{x}", Annotated[_Filter, Path()], "path"),
    ],
)
def test_a_document_where_only_text_comes_fails_at_assembly(
    path: str, annotation: object, place: str
) -> None:
    async def handler(x: object) -> None: ...

    handler.__annotations__["x"] = annotation
    with pytest.raises(
        SignatureError, match=f"parameter 'x' is a document, but the {place} carries text"
    ) as caught:
        Wadjet(routes=[get(path, handler)]).seal()
    assert "mark it with Body()" in str(caught.value)
    assert "test_binding.py" in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "default", "remedy"),
    [
        (Annotated[int, Query(), Header()], None, "is marked Query() and Header(); a parameter comes from one place"),
        (Annotated[int, Query], Cookie(), "is marked Query() and Cookie(); a parameter comes from one place"),
        (Annotated[int, Query(5)], 6, "has two defaults, 5 and 6; keep the second"),
        (Annotated[int, Query(ge=1)] | None, None, "write it around the whole, as in `Annotated[int | None, Query()]`"),
        (list[Annotated[int, Header(ge=1)]], None, "has Header() within its type, where it says nothing"),
    ],
)  # fmt: skip
def test_markers_that_contradict_each_other_or_say_nothing_fail_at_assembly(
    annotation: object, default: object, remedy: str
) -> None:
    async def handler(x: object) -> None: ...

    handler.__annotations__["x"] = annotation
    handler.__defaults__ = None if default is None else (default,)
    message = assembling(handler)
    assert "test_binding.py" in message
    assert "parameter 'x'" in message
    assert remedy in message


def test_the_class_of_a_marker_stands_for_one_that_says_nothing_else() -> None:
    async def handler(x: Any = Header, y: Annotated[int, Query] = 1) -> Any:
        return [x, y]

    assert call(handler, "/?y=2", headers={"x": "a"}).json() == ["a", 2]
    assert call(handler).status_code == 422
