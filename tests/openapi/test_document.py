"""The document says what the plans do, and is valid OpenAPI 3.1."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, ClassVar, Literal, cast

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel, Field, computed_field

import wadjet
from wadjet import (
    Body,
    Cookie,
    File,
    Form,
    Header,
    HTMLResponse,
    JSONResponse,
    Path,
    Query,
    Request,
    Response,
    Router,
    Settings,
    UploadFile,
    View,
    Wadjet,
    action,
)
from wadjet.errors import ConfigError, RouteError
from wadjet.testing import TestClient


class Item(BaseModel):
    name: str = Field(min_length=2)
    price: float = 1.0
    note: str | None


class Aliased(BaseModel):
    secret: str = ""
    some_value: int = Field(alias="someValue")
    note: Item | None

    @computed_field  # type: ignore[prop-decorator]  # pydantic says to write it so
    @property
    def total(self) -> int:
        return 1


class Node(BaseModel):
    children: list[Node] = []


class Album(BaseModel):
    title: str
    pages: list[UploadFile]


def described(app: Wadjet, **info: Any) -> Any:
    """Return the document, which is valid and can be sent."""
    found = app.openapi(**info)
    OpenAPIV31SpecValidator(json.loads(json.dumps(found))).validate()
    return found


def operation(
    handler: Any, path: str = "/", method: str = "POST", /, **options: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the one operation of a handler, and the models beside it."""
    app = Wadjet()
    app.add(path, handler, methods=[method], **options)
    found = described(app)
    ((_, item),) = found["paths"].items()
    return item[method.lower()], found["components"]["schemas"]


def answer(handler: Any, **options: Any) -> dict[str, Any]:
    """Return the first response of a handler, with its status."""
    responses = operation(handler, "/", "GET", **options)[0]["responses"]
    status = next(iter(responses))
    return {"status": status, "content": responses[status].get("content", {})}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


# -- the whole --------------------------------------------------------------------------------------------------------------


def test_an_empty_application_has_a_document() -> None:
    found = described(Wadjet())
    assert (found["openapi"], found["info"], found["paths"]) == (
        "3.1.1",
        {"title": "API", "version": "1.0.0"},
        {},
    )


def test_the_api_says_who_it_is() -> None:
    found = described(Wadjet(), title="Shop", version="3", description="Sells.")
    assert found["info"] == {"title": "Shop", "version": "3", "description": "Sells."}


def test_each_call_gives_a_document_of_its_own() -> None:
    app = Wadjet()
    app.openapi()["paths"]["/x"] = "spoilt"
    assert app.openapi()["paths"] == {}


def test_two_applications_share_nothing() -> None:
    one, other = Wadjet(), Wadjet()
    one.get("/x")(lambda: 1)
    other.post("/x")(lambda: 1)
    assert [[*each.openapi()["paths"]["/x"]] for each in (one, other)] == [["get"], ["post"]]


async def nothing() -> None: ...


# -- paths and operations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/", "/"),
        ("/users/{id:int}", "/users/{id}"),
        ("/files/{name}.{ext}", "/files/{name}.{ext}"),
        ("/café/{rest:path}", "/caf%C3%A9/{rest}"),
        ("/a/", "/a/"),
    ],
)
def test_a_path_is_written_as_a_template(path: str, template: str) -> None:
    app = Wadjet()
    app.add(path, nothing)
    assert [*described(app)["paths"]] == [template]


def test_templates_that_differ_in_names_only_are_one_path() -> None:
    async def change(slug: str) -> None: ...

    app = Wadjet()
    app.add("/users/{id:int}", nothing)
    app.add("/users/{slug:slug}", change, methods=["PUT", "GET"])
    item = described(app)["paths"]["/users/{id}"]
    assert [parameter["name"] for parameter in item["put"]["parameters"]] == ["id"]
    assert item["get"]["parameters"][0]["schema"] == {"type": "integer"}


def test_methods_are_those_that_were_declared() -> None:
    app = Wadjet()
    app.route("/x", methods=["GET", "POST", "OPTIONS", "QUERY"])(nothing)
    assert [*described(app)["paths"]["/x"]] == ["get", "post", "options"]


def test_a_route_can_be_left_out() -> None:
    app, hidden = Wadjet(), Router("/hidden", include_in_schema=False)
    hidden.get("/x")(nothing)
    hidden.get("/shown", include_in_schema=True)(nothing)
    app.include(hidden)
    app.mount("/mounted", Wadjet())
    assert [*described(app)["paths"]] == ["/hidden/shown"]


def test_tags_are_a_routers_and_a_routes_own_go_before() -> None:
    app, router = Wadjet(), Router("/r", tags=["users"])
    router.get("/a")(nothing)
    router.get("/b", tags=("admin", "users"))(nothing)
    app.include(router)
    app.get("/c")(nothing)
    found = described(app)
    assert [item["get"].get("tags") for item in found["paths"].values()] == [
        ["users"],
        ["admin", "users"],
        None,
    ]
    assert found["tags"] == [{"name": "users"}, {"name": "admin"}]


def test_a_docstring_is_summary_and_description() -> None:
    async def documented() -> None:
        """Show what
        there is.

        In *CommonMark*.

        Args:
            none: for who reads the code.
        """

    found, _ = operation(documented, "/", "GET")
    assert (found["summary"], found["description"]) == ("Show what there is.", "In *CommonMark*.")
    assert {"summary", "description"}.isdisjoint(operation(nothing, "/", "GET")[0])


def test_a_host_is_a_server() -> None:
    app = Wadjet()
    app.include(Router("/a", host="api.example.com", routes=[wadjet.get("", nothing)]))
    app.include(Router("/b", host="*.example.com", routes=[wadjet.get("", nothing)]))
    paths = described(app)["paths"]
    assert paths["/a"]["get"]["servers"] == [{"url": "//api.example.com"}]
    assert paths["/b"]["get"]["servers"] == [
        {"url": "//{subdomain}.example.com", "variables": {"subdomain": {"default": "www"}}}
    ]


def test_operation_ids_are_unique() -> None:
    class Users(View):
        async def get(self) -> None: ...
        async def post(self) -> None: ...
        @action
        async def search(self) -> None: ...

    async def index() -> None: ...

    app = Wadjet()
    app.get("/a")(index)
    app.get("/b/{x}")(index)
    app.get("/c", name="named")(index)
    app.get("/d", operation_id="mine")(index)
    app.get("/e", name="mine")(index)
    app.route("/f", methods=["GET", "PUT"])(nothing)
    app.get("/")(index)
    Users.register(app, "/users")
    ids = [each["operationId"] for item in described(app)["paths"].values() for each in item.values()]
    assert ids == [
        "get_a",
        "get_b_x",
        "named",
        "mine",
        "get_e",
        "nothing_get",
        "nothing_put",
        "get_root",
        "Users_get",
        "Users_post",
        "Users_search",
    ]


def test_an_operation_id_that_is_given_twice_is_refused() -> None:
    app = Wadjet()
    app.route("/x", methods=["GET", "PUT"], operation_id="mine")(nothing)
    with pytest.raises(ConfigError, match="operation_id='mine' is given to 2 operations"):
        app.openapi()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tags": "users"}, "tags='users' is not a list of texts"),
        ({"operation_id": ""}, "operation_id='' is not a text"),
        ({"include_in_schema": 1}, "include_in_schema=1 is not True or False"),
    ],
)
def test_an_option_that_cannot_be_is_refused(options: Any, message: str) -> None:
    app = Wadjet()
    app.add("/", nothing, **options)
    with pytest.raises(ConfigError, match=message):
        app.seal()


def test_an_operation_id_is_no_routers() -> None:
    with pytest.raises(RouteError, match="operation_id is one route's"):
        Router("/x", operation_id="mine")


# -- what is taken ----------------------------------------------------------------------------------------------------------


def test_parameters_have_their_places_constraints_and_defaults() -> None:
    async def handler(
        request: Request,
        id: int,
        q: Annotated[str, Query(min_length=2, alias="query")],
        page: Annotated[int, Query(ge=1, description="From 1.")] = 1,
        tags: list[str] = [],
        order: Literal["new", "old"] = "new",
        since: dt.date | None = None,
        x_trace: Annotated[str, Header()] = "-",
        accept: Annotated[str, Header()] = "",
        theme: Annotated[str, Cookie()] = "light",
        odd: Any = Query(object()),
    ) -> None: ...

    found, _ = operation(handler, "/{id}/{rest:int}", "GET")
    integer, text = {"type": "integer"}, {"type": "string"}
    assert found["parameters"] == [
        {"name": "id", "in": "path", "required": True, "schema": integer},
        {"name": "rest", "in": "path", "required": True, "schema": integer},
        {"name": "query", "in": "query", "required": True, "schema": {**text, "minLength": 2}},
        {
            "name": "page",
            "in": "query",
            "description": "From 1.",
            "schema": {**integer, "minimum": 1, "default": 1, "description": "From 1."},
        },
        {"name": "tags", "in": "query", "schema": {"type": "array", "items": text, "default": []}},
        {"name": "order", "in": "query", "schema": {**text, "enum": ["new", "old"], "default": "new"}},
        {
            "name": "since",
            "in": "query",
            "schema": {"anyOf": [{**text, "format": "date"}, {"type": "null"}]},
        },
        {"name": "x-trace", "in": "header", "schema": {**text, "default": "-"}},
        {"name": "theme", "in": "cookie", "schema": {**text, "default": "light"}},
        {"name": "odd", "in": "query", "schema": {}},
    ]
    assert "requestBody" not in found
    assert found["responses"]["422"]["content"]["application/problem+json"] == {
        "schema": ref("wadjet.WrongValues")
    }


def test_a_parameter_without_an_annotation_is_what_its_converter_makes() -> None:
    async def handler(id, name, given: Annotated[Any, Path(alias="n")]) -> None: ...  # type: ignore[no-untyped-def]

    found, _ = operation(handler, "/{id:uuid}/{name}/{n:float}", "GET")
    assert [each["schema"] for each in found["parameters"]] == [
        {"type": "string", "format": "uuid"},
        {"type": "string"},
        {},
    ]


def test_what_cannot_be_wrong_is_no_422() -> None:
    async def handler(name: str, other) -> None: ...  # type: ignore[no-untyped-def]

    assert [*operation(handler, "/{name}/{other}", "GET")[0]["responses"]] == ["204", "default"]


class Filters(BaseModel):
    page: int = Field(1, ge=1)
    x_trace: str
    item: Item | None = None


class Place(BaseModel):
    shop: int


def test_a_model_of_many_parameters_is_these_parameters() -> None:
    async def handler(
        place: Annotated[Place, Path()],
        query: Annotated[Filters, Query()],
        header: Annotated[Filters, Header()] = Filters(page=1, x_trace="-"),
        cookie: Annotated[dict[str, str], Cookie()] = {},
        id: Annotated[int, Path()] = 0,
    ) -> None: ...

    found, models = operation(handler, "/{id}/{shop}", "GET")
    shown = [(each["in"], each["name"], each.get("required", False)) for each in found["parameters"]]
    assert shown == [
        ("path", "id", True),
        ("path", "shop", True),
        ("query", "page", False),
        ("query", "x_trace", True),
        ("query", "item", False),
        ("header", "page", False),
        ("header", "x-trace", False),
        ("header", "item", False),
    ]
    assert found["parameters"][2]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "title": "Page",
    }
    assert "handler.Item" in models


def test_a_dict_of_the_query_is_a_free_form() -> None:
    async def handler(query: Annotated[dict[str, int], Query()]) -> None: ...

    (parameter,) = operation(handler, "/", "GET")[0]["parameters"]
    assert (parameter["style"], parameter["schema"]["type"]) == ("form", "object")


FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"]


def takes_model(item: Item) -> None: ...
def may_take_model(item: Item | None = None) -> None: ...
def takes_bytes(data: bytes) -> None: ...
def takes_list(items: list[Item]) -> None: ...
def takes_any(data: Annotated[Any, Body()]) -> None: ...
def takes_unsaid(data=Body()) -> None: ...  # type: ignore[no-untyped-def]  # noqa: B008 - a marker
def takes_files(album: Album) -> None: ...
def takes_fields(a: Annotated[int, Form(ge=1)], b: Annotated[list[str], Form()] = []) -> None: ...
def may_take_fields(b: Annotated[str, Form()] = "") -> None: ...
def takes_file(f: UploadFile, g: Annotated[UploadFile | None, File(alias="h")] = None) -> None: ...
def takes_both(item: Item, extra: Annotated[str, Form()] = "") -> None: ...


FILE = {"type": "string", "format": "binary"}


@pytest.mark.parametrize(
    ("handler", "required", "kinds", "schema"),
    [
        (takes_model, True, ["application/json", *FORMS], ref("Item")),
        (may_take_model, None, ["application/json"], {"anyOf": [ref("Item"), {"type": "null"}]}),
        (takes_bytes, True, ["application/octet-stream"], None),
        (takes_list, True, ["application/json"], {"type": "array", "items": ref("Item")}),
        (takes_any, True, ["application/json"], {}),
        (takes_unsaid, True, ["application/json"], {}),
        (takes_files, True, FORMS[1:], ref("Album")),
        (
            takes_fields,
            True,
            FORMS,
            {
                "type": "object",
                "properties": {
                    "a": {"type": "integer", "minimum": 1},
                    "b": {"type": "array", "items": {"type": "string"}, "default": []},
                },
                "required": ["a"],
            },
        ),
        (
            may_take_fields,
            None,
            FORMS,
            {"type": "object", "properties": {"b": {"type": "string", "default": ""}}},
        ),
        (
            takes_file,
            True,
            FORMS[1:],
            {
                "type": "object",
                "properties": {"f": FILE, "h": {"anyOf": [FILE, {"type": "null"}]}},
                "required": ["f"],
            },
        ),
        (
            takes_both,
            True,
            FORMS,
            {
                "allOf": [
                    {"type": "object", "properties": {"extra": {"type": "string", "default": ""}}},
                    ref("Item"),
                ]
            },
        ),
    ],
)
def test_content_has_its_types_and_schema(handler: Any, required: Any, kinds: Any, schema: Any) -> None:
    body = operation(handler)[0]["requestBody"]
    assert (body.get("required"), [*body["content"]]) == (required, kinds)
    assert [each.get("schema") for each in body["content"].values()] == [schema] * len(kinds)


def test_a_serializer_class_documents_what_no_parameter_does() -> None:
    class Users(View):
        serializer_class: ClassVar = Item

        async def get(self) -> None: ...
        async def put(self, request: Request) -> None: ...
        async def post(self, album: Album) -> None: ...
        async def delete(self) -> None: ...

    app = Wadjet()
    Users.register(app, "/a")
    Users.register(app, "/b", serializer_class=Node)
    paths = described(app)["paths"]
    body = {"required": True, "content": {"application/json": {"schema": ref("Item")}}}
    assert paths["/a"]["put"]["requestBody"] == body
    assert paths["/b"]["put"]["requestBody"]["content"]["application/json"]["schema"] == ref("Node")
    assert paths["/a"]["post"]["requestBody"]["content"] == {"multipart/form-data": {"schema": ref("Album")}}
    assert ["requestBody" in paths["/a"][method] for method in ("get", "delete")] == [False, False]


# -- what is answered -------------------------------------------------------------------------------------------------------


def gives_model() -> Item: ...  # type: ignore[empty-body]
def gives_maybe() -> Item | None: ...
def gives_list() -> list[Item]: ...  # type: ignore[empty-body]
def gives_none() -> None: ...
def gives_text() -> str: ...  # type: ignore[empty-body]
def gives_bytes() -> bytes: ...  # type: ignore[empty-body]
def gives_number() -> Annotated[int, Field(ge=1)]: ...  # type: ignore[empty-body]
def gives_either() -> Item | str | dict[str, int]: ...  # type: ignore[empty-body]
def gives_response() -> JSONResponse | HTMLResponse: ...  # type: ignore[empty-body]
def gives_any_response() -> Response[Any]: ...  # type: ignore[empty-body]
def gives_page_or_item() -> HTMLResponse | Item: ...  # type: ignore[empty-body]
def gives_stream() -> AsyncIterator[str]: ...  # type: ignore[empty-body]
def gives_literal() -> Literal["a"]: ...  # type: ignore[empty-body]
def gives_literals() -> Literal["a", "b", 1] | None: ...
def gives_unsaid(): ...  # type: ignore[no-untyped-def]
def gives_aliased() -> Aliased: ...  # type: ignore[empty-body]
def gives_aliased_list() -> list[Aliased]: ...  # type: ignore[empty-body]
def gives_node() -> Node: ...  # type: ignore[empty-body]


OBJECT = {"type": "object", "additionalProperties": {"type": "integer"}}


@pytest.mark.parametrize(
    ("handler", "options", "status", "content"),
    [
        (gives_model, {}, "200", {"application/json": ref("Item")}),
        (gives_model, {"status_code": 201}, "201", {"application/json": ref("Item")}),
        (gives_model, {"status_code": 204}, "204", {}),
        (gives_maybe, {}, "200", {"application/json": {"anyOf": [ref("Item"), {"type": "null"}]}}),
        (gives_list, {}, "200", {"application/json": {"type": "array", "items": ref("Item")}}),
        (gives_none, {}, "204", {}),
        (gives_none, {"status_code": 202}, "202", {}),
        (gives_text, {}, "200", {"text/plain": {"type": "string"}}),
        (gives_text, {"response_content_type": "text/html"}, "200", {"text/html": {"type": "string"}}),
        (gives_bytes, {}, "200", {"application/octet-stream": {"type": "string", "format": "binary"}}),
        (gives_number, {}, "200", {"text/plain": {"type": "integer", "minimum": 1}}),
        (
            gives_either,
            {},
            "200",
            {"application/json": {"anyOf": [ref("Item"), OBJECT]}, "text/plain": {"type": "string"}},
        ),
        (gives_response, {}, "200", {"application/json": None, "text/html": None}),
        (gives_any_response, {}, "200", {}),
        (gives_page_or_item, {}, "200", {"text/html": None, "application/json": ref("Item")}),
        (gives_stream, {}, "200", {}),
        (
            gives_stream,
            {"response_content_type": "text/event-stream"},
            "200",
            {"text/event-stream": None},
        ),
        (gives_literal, {}, "200", {"text/plain": {"const": "a", "type": "string"}}),
        (
            gives_literals,
            {},
            "200",
            {
                "text/plain": {
                    "anyOf": [{"enum": ["a", "b"], "type": "string"}, {"const": 1, "type": "integer"}]
                },
                "application/json": {"type": "null"},
            },
        ),
        (gives_unsaid, {}, "200", {}),
        (gives_unsaid, {"response_content_type": "text/*"}, "200", {"text/plain": None}),
        (gives_model, {"response_type": str}, "200", {"text/plain": {"type": "string"}}),
        (gives_model, {"response_validate": False}, "200", {}),
        (gives_model, {"response_exclude_unset": True}, "200", {"application/json": ref("Item")}),
        (gives_aliased_list, {"response_include_fields": {"note"}}, "200", {"application/json": {}}),
        (gives_aliased, {"response_exclude_fields": {"note": {"x"}}}, "200", {"application/json": {}}),
        (gives_node, {}, "200", {"application/json": ref("Node")}),
    ],
)
def test_a_response_has_its_status_type_and_schema(
    handler: Any, options: Any, status: str, content: Any
) -> None:
    found = answer(handler, **options)
    schemas = {kind: each.get("schema") for kind, each in found["content"].items()}
    assert (found["status"], schemas) == (status, content)


def as_csv(value: Any, request: Request) -> str:
    return str(value)


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        ({"renderer": "json"}, {"application/json": True}),
        ({"renderer": "string"}, {"text/plain": False}),
        ({"renderer": "page.html"}, {"text/html": False}),
        ({"renderer": as_csv}, None),
        (
            {"produces": {"application/vnd.item+json": "json", "text/csv": as_csv}},
            {"application/vnd.item+json": True, "text/csv": False},
        ),
        (
            {"produces": ["text/plain", "application/json"]},
            {"text/plain": False, "application/json": True},
        ),
    ],
)
def test_what_is_rendered_is_described_as_what_it_is_rendered_to(options: Any, kinds: Any) -> None:
    async def item() -> Node: ...  # type: ignore[empty-body]  # nobody calls it

    app = Wadjet(routes=[wadjet.get("/", item, **options)])
    app.template_renderer(lambda request, template: "")
    answers = described(app)["paths"]["/"]["get"]["responses"]
    schema = {"schema": {"$ref": "#/components/schemas/Node"}}
    is_said = None if kinds is None else {kind: schema if known else {} for kind, known in kinds.items()}
    assert answers["200"].get("content") == is_said
    assert ("406" in answers) == ("produces" in options)


@pytest.mark.parametrize(
    ("options", "properties", "required"),
    [
        (
            {"response_by_alias": False},
            ["secret", "some_value", "note", "total"],
            ["some_value", "note", "total"],
        ),
        ({"response_include_fields": {"some_value"}}, ["someValue"], ["someValue"]),
        ({"response_exclude_fields": {"some_value", "note"}}, ["secret", "total"], ["total"]),
        ({"response_exclude_none": True}, ["secret", "someValue", "note", "total"], ["someValue", "total"]),
        (
            {"response_include_fields": {"note"}, "response_exclude_none": True},
            ["note"],
            [],
        ),
    ],
)
def test_the_schema_of_chosen_fields_has_these(options: Any, properties: Any, required: Any) -> None:
    found, models = operation(gives_aliased, "/", "GET", **options)
    schema = found["responses"]["200"]["content"]["application/json"]["schema"]
    assert ([*schema["properties"]], schema.get("required", [])) == (properties, required)
    if "note" in properties:
        assert {"anyOf": [ref("gives_aliased.Item"), {"type": "null"}]}.items() <= schema["properties"][
            "note"
        ].items()
        assert "gives_aliased.Item" in models


def test_a_model_is_described_once_unless_its_two_sides_differ() -> None:
    async def same(item: Item) -> Item:
        return item

    async def twins(pair: Aliased) -> Aliased:
        return pair

    app = Wadjet()
    app.post("/same")(same)
    app.post("/twins")(twins)
    models = described(app)["components"]["schemas"]
    assert [*models] == ["Aliased-Input", "Aliased-Output", "Item", "wadjet.Problem", "wadjet.WrongValues"]


def test_what_has_no_schema_is_anything() -> None:
    class Odd(BaseModel):
        model_config = {"arbitrary_types_allowed": True}
        call: Any = Field(default_factory=object)
        socket: BaseException | None = None

    async def odd() -> Odd:
        return Odd()

    # A class that is defined in a function is not known to the module.
    odd.__annotations__["return"] = Odd
    _, models = operation(odd, "/", "GET")
    assert models["Odd"]["properties"]["socket"]["anyOf"] == [{}, {"type": "null"}]


def test_the_problem_that_is_sent_is_the_one_that_is_described() -> None:
    async def handler(page: int) -> None: ...

    app = Wadjet()
    app.get("/")(handler)
    schemas = described(app)["components"]["schemas"]
    sent = TestClient(app).get("/?page=x").json()
    assert set(sent) - {"errors"} <= set(schemas["wadjet.Problem"]["properties"])
    (error,) = sent["errors"]
    listed = schemas["wadjet.WrongValues"]["allOf"][1]["properties"]["errors"]["items"]
    assert set(error) == set(listed["required"]) == set(listed["properties"])


def test_the_api_is_called_as_the_settings_say_unless_it_is_said() -> None:
    app = Wadjet(Settings(PROJECT_NAME="Library", VERSION="2.1.0"))
    assert described(app)["info"] == {"title": "Library", "version": "2.1.0"}
    assert described(app, title="Books", version="3")["info"] == {"title": "Books", "version": "3"}
    assert described(Wadjet())["info"] == {"title": "API", "version": "1.0.0"}


@pytest.mark.parametrize("value", ["a", 1, None])
def test_a_literal_leaves_as_it_is_described(value: Any) -> None:
    async def literal() -> Literal["a", 1] | None:
        return cast("Literal['a', 1] | None", value)

    app = Wadjet(routes=[wadjet.get("/", literal)])
    (kind,) = [
        each
        for each in described(app)["paths"]["/"]["get"]["responses"]["200"]["content"]
        if (each == "application/json") == (value is None)
    ]
    assert TestClient(app).get("/").headers["content-type"].partition(";")[0] == kind
