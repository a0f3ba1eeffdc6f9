"""Structs of msgspec and classes of attrs: what handlers return, and what they take."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from decimal import Decimal
from typing import Annotated, Any

import attrs
import pytest
from msgspec import Meta, Struct

import wadjet.media
from tests.handlers.serving import assembling, call, serving
from wadjet import Body, Cookie, Header, Query, UploadFile
from wadjet.errors import ConfigError, MissingExtra, SignatureError
from wadjet.handlers.respond import Respond
from wadjet.handlers.returning import Makers
from wadjet.media.codecs import MOST_PROBLEMS
from wadjet.media.models import codec_for


class Item(Struct):
    name: str
    price: Annotated[float, Meta(ge=0)] = 0.0


class SecretItem(Item):
    secret: str = "hunter2"


class Order(Struct, rename="camel"):
    first_item: Item
    tags: list[str] = []
    is_gift: bool = False
    note: str | None = None


class Parcel(Struct):
    name: str
    files: list[UploadFile]


class Wish(Struct):
    name: str
    is_gift: bool = False


class Money(Struct):
    amount: Decimal = Decimal(0)
    others: list[Decimal] = []


@attrs.define
class Point:
    x: int
    y: int = attrs.field(default=0, validator=attrs.validators.ge(0))


@attrs.define
class Account:
    name: str
    _password: str = "hunter2"


JSON = {"content-type": "application/json"}


# -- returned -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "document"),
    [
        (Item("a"), {"name": "a", "price": 0.0}),
        ([Item("a"), Account("b")], [{"name": "a", "price": 0.0}, {"name": "b"}]),
        ({"one": (Item("a"),)}, {"one": [{"name": "a", "price": 0.0}]}),
        (Account("Anna"), {"name": "Anna"}),
    ],
)
def test_without_an_annotation_they_are_json(value: Any, document: Any) -> None:
    async def handler():  # type: ignore[no-untyped-def]  # what the test is about
        return value

    answer = call(handler)
    assert (answer.json(), answer.headers["content-type"]) == (document, "application/json")


def test_without_an_annotation_fields_can_be_chosen() -> None:
    async def handler():  # type: ignore[no-untyped-def]  # what the test is about
        return [Item("a"), Account("b")]

    assert call(handler, options={"response_exclude_fields": {0: {"price"}}}).json() == [
        {"name": "a"},
        {"name": "b"},
    ]

    async def order():  # type: ignore[no-untyped-def]  # what the test is about
        return {"order": Order(Item("a"))}

    answer = call(order, options={"response_exclude_none": True})
    assert answer.json()["order"] == {
        "firstItem": {"name": "a", "price": 0.0},
        "tags": [],
        "isGift": False,
    }


def returning(value: Any, annotation: Any) -> Any:
    async def handler() -> Any:
        return value

    handler.__annotations__["return"] = annotation
    return handler


@pytest.mark.parametrize(
    ("annotation", "value", "document"),
    [
        (Item, SecretItem("a"), {"name": "a", "price": 0.0}),
        (Item, {"name": "a", "price": "1.5", "secret": "s"}, {"name": "a", "price": 1.5}),
        (
            list[Item],
            [Item("a"), SecretItem("b")],
            [{"name": "a", "price": 0.0}, {"name": "b", "price": 0.0}],
        ),
        (Item | None, None, None),
        (Item | None, SecretItem("a"), {"name": "a", "price": 0.0}),
        (Order, Order(SecretItem("a")), Ellipsis),
        (Point, Point(1), {"x": 1, "y": 0}),
        (list[Account], [Account("Anna")], [{"name": "Anna"}]),
        (Account, Account("Anna"), {"name": "Anna"}),
        (Annotated[int, Meta(ge=1)], 5, 5),
    ],
)
def test_only_what_is_declared_leaves(annotation: Any, value: Any, document: Any) -> None:
    answer = call(returning(value, annotation))
    assert answer.status_code == 200
    assert "hunter2" not in answer.text
    if document is not ...:
        assert answer.json() == document


@pytest.mark.parametrize(
    ("annotation", "value", "detail"),
    [
        (Item, {"price": 1}, "/name: Object missing required field"),
        (list[Item], [{"name": 5}], "/0/name: Expected `str`"),
        (Item, "hunter2", "/: Expected `object`"),
        (Point, {"x": "hunter2"}, "/x: Expected `int`"),
        (Item, None, "/: Expected `object`"),
    ],
)
def test_what_is_wrong_with_a_result_is_in_the_log_only(
    annotation: Any, value: Any, detail: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = call(returning(value, annotation))
    assert answer.status_code == 500
    assert "Expected" not in answer.text
    assert "missing" not in answer.text
    logged = "\n".join(
        str(record.exc_info and record.exc_info[1]) + record.getMessage() for record in caplog.records
    )
    assert detail in logged
    assert "hunter2" not in logged


def test_instances_of_a_flat_class_go_straight_to_bytes() -> None:
    makers = Makers(Respond(), Item, "here")
    plain = Makers(Respond(status=201), Item, "here")
    assert makers[Item] is makers[Item]
    assert makers[Item].__code__ is plain[Item].__code__
    assert type(makers[SecretItem]) is type(makers[dict])
    assert makers[SecretItem].__code__ is makers[dict].__code__
    assert makers[Item].__code__ is not makers[dict].__code__


def test_fields_of_a_declared_struct_can_be_chosen() -> None:
    options = {"response_include_fields": {"firstItem", "note"}, "response_exclude_none": True}
    handler = returning(Order(Item("a")), Order)
    assert call(handler, options=options).json() == {"firstItem": {"name": "a", "price": 0.0}}
    encoded = {"response_custom_encoder": {float: str}}
    assert call(handler, options=encoded).json()["firstItem"] == {"name": "a", "price": "0.0"}
    assert (
        call(handler, options={"response_charset": "utf-16"})
        .content.decode("utf-16")
        .startswith('{"firstItem"')
    )


@pytest.mark.parametrize(
    ("option", "remedy"),
    [
        ({"response_exclude_unset": True}, "UnsetType"),
        ({"response_exclude_defaults": True}, "omit_defaults=True"),
        ({"response_by_alias": False}, "rename="),
    ],
)
def test_an_option_that_structs_have_not_is_found_at_assembly(option: Any, remedy: str) -> None:
    message = assembling(returning(None, Item), **option)
    assert remedy in message
    assert "is not for Structs and attrs classes" in message


def test_classes_that_cannot_be_told_apart_are_found_at_assembly() -> None:
    assert "of which no response can be made" in assembling(returning(None, Item | Order))


# -- taken --------------------------------------------------------------------------------------------------------------------


async def echo(order: Order) -> Order:
    return order


def test_a_struct_is_read_from_json_and_from_a_form() -> None:
    document = {"firstItem": {"name": "a", "price": 1.5}, "tags": ["x"]}
    answer = call(echo, method="POST", json=document)
    assert answer.json() == {**document, "isGift": False, "note": None}

    async def form(item: Item) -> Any:
        return [item.name, item.price]

    assert call(form, method="POST", data={"name": "a", "price": "2.5"}).json() == ["a", 2.5]
    assert call(form, method="POST", data={"name": "a", "price": ""}).json() == ["a", 0.0]


def test_a_form_brings_files_and_ticked_boxes() -> None:
    async def handler(parcel: Parcel) -> Any:
        return [parcel.name, [file.filename for file in parcel.files]]

    files = [("files", ("a.txt", b"a")), ("files", ("b.txt", b"b"))]
    assert call(handler, method="POST", data={"name": "n"}, files=files).json() == ["n", ["a.txt", "b.txt"]]

    async def wish(wish: Wish) -> Any:
        return [wish.name, wish.is_gift]

    assert call(wish, method="POST", data={"name": "on", "is_gift": "on"}).json() == ["on", True]
    assert call(wish, method="POST", data={"name": "a"}).json() == ["a", False]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{}", [("body", "/firstItem", "missing")]),
        (b'{"firstItem":{"name":"a","price":-1}}', [("body", "/firstItem/price", "constraint")]),
        (b'{"firstItem":{"name":"a"},"tags":["a",5]}', [("body", "/tags/1", "type")]),
    ],
)
def test_wrong_values_are_one_refusal(content: bytes, expected: Any) -> None:
    answer = call(echo, method="POST", content=content, headers=JSON)
    assert answer.status_code == 422
    assert [(each["in"], each["pointer"], each["type"]) for each in answer.json()["errors"]] == expected


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"firstItem"',
        b'{"firstItem":{"name":"a","price":NaN}}',
        b"\xff",
        b'{"firstItem":{"name":"\xff"}}',
        b'{"x":' + b"[" * 100_000,
    ],
)
def test_what_is_no_json_is_400(content: bytes) -> None:
    answer = call(echo, method="POST", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["detail"][:24]) == (400, "The content is not JSON:")


def test_classes_of_attrs_are_taken_too() -> None:
    async def handler(point: Point) -> Point:
        return point

    assert call(handler, method="POST", json={"x": 1}).json() == {"x": 1, "y": 0}
    answer = call(handler, method="POST", json={"x": 1, "y": -7000})
    assert answer.status_code == 422
    assert "7000" not in answer.text
    assert call(handler, method="POST", data={"x": "1", "y": "2"}).json() == {"x": 1, "y": 2}


def test_a_class_with_private_attributes_is_not_taken() -> None:
    async def handler(account: Account) -> None:
        return None

    message = assembling(handler, "/", "POST")
    assert "Account._password" in message
    assert "as the client sends it" in message


def test_lists_unions_and_defaults_are_taken() -> None:
    async def handler(items: list[Item] | None = None) -> Any:
        return None if items is None else [item.name for item in items]

    assert call(handler, method="POST", json=[{"name": "a"}]).json() == ["a"]
    assert call(handler, method="POST", json=None, headers={}).status_code == 204


def test_constraints_of_the_marker_hold() -> None:
    async def handler(items: Annotated[list[Item], Body(min_length=2, description="at least two")]) -> Any:
        return len(items)

    answer = call(handler, method="POST", json=[{"name": "a"}])
    assert (answer.status_code, answer.json()["errors"][0]["type"]) == (422, "constraint")
    assert call(handler, method="POST", json=[{"name": "a"}] * 2).text == "2"

    async def misspelt(items: Annotated[list[Item], Body(min_lenght=2)]) -> None:
        return None

    assert "did you mean 'min_length'?" in assembling(misspelt, "/", "POST")


def test_a_constraint_of_msgspec_holds_for_one_parameter() -> None:
    async def handler(size: Annotated[int, Meta(ge=1)] = 5) -> Any:
        return size

    assert call(handler, "/?size=3").text == "3"
    assert call(handler, "/").text == "5"
    answer = call(handler, "/?size=0")
    assert [(each["in"], each["pointer"]) for each in answer.json()["errors"]] == [("query", "/size")]


class Page(Struct, forbid_unknown_fields=True):
    number: Annotated[int, Meta(ge=1)] = 1
    tags: list[str] = []
    factor: float = 1.0
    is_long: bool = False


class Agent(Struct):
    user_agent: str
    x_ids: list[int] = []


class Crumbs(Struct, rename="kebab"):
    session_id: str = "none"


def test_a_struct_takes_many_parameters() -> None:
    async def one(
        page: Annotated[Page, Query()], agent: Annotated[Agent, Header()], crumbs: Annotated[Crumbs, Cookie()]
    ) -> Any:
        return [page.number, page.tags, page.is_long, agent.user_agent, agent.x_ids, crumbs.session_id]

    headers = [("user-agent", "me"), ("x-ids", "1"), ("x-ids", "2"), ("cookie", "session-id=s")]
    with serving(one) as client:
        answer = client.get("/?number=2&tags=a&tags=b&is_long=yes", headers=headers)
        assert answer.json() == [2, ["a", "b"], True, "me", [1, 2], "s"]
        problem = client.get("/?number=0", headers=[("user-agent", "me"), ("x-ids", "hunter2")])
        assert [(each["in"], each["pointer"]) for each in problem.json()["errors"]] == [
            ("query", "/number"),
            ("header", "/x_ids/0"),
        ]
        assert "hunter2" not in problem.text
        assert client.get("/?x=1", headers=headers).json()["errors"][0]["pointer"] == "/x"
        assert client.get("/?factor=nan").json()["errors"][0]["pointer"] == "/factor"
        assert client.get("/?other=1").json()["errors"][0]["type"] == "extra_forbidden"


def test_decimals_that_are_no_number_are_refused() -> None:
    async def handler(money: Money) -> Money:
        return money

    assert call(handler, method="POST", json={"amount": "1.10"}).json() == {"amount": "1.10", "others": []}
    assert call(handler, method="POST", json={"amount": "sNaN"}).status_code == 422


def test_many_wrong_values_are_bounded() -> None:
    async def handler(money: Money) -> None:
        return None

    answer = call(handler, method="POST", json={"others": ["NaN"] * 500})
    assert len(answer.json()["errors"]) == MOST_PROBLEMS
    assert answer.json()["unlisted"] == 400


# -- packages -----------------------------------------------------------------------------------------------------------------


def test_without_msgspec_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(wadjet.media, "structs", raising=False)
    monkeypatch.setitem(sys.modules, "wadjet.media.structs", None)
    with pytest.raises(MissingExtra, match=r'pip install "wadjet\[msgspec\]"'):
        codec_for(Point)
    assert issubclass(MissingExtra, ConfigError)
    assert not issubclass(MissingExtra, SignatureError)


_APP = """
import sys
from wadjet import Wadjet
from wadjet.testing import TestClient
app = Wadjet()
{model}
async def echo(model: Model) -> Model:
    return model
app.add("/", echo, methods=["POST"])
assert TestClient(app).post("/", json={{"x": 1}}).json() == {{"x": 1}}
assert {absent!r} not in sys.modules, {absent!r}
"""


@pytest.mark.parametrize(
    ("model", "absent"),
    [
        pytest.param("import msgspec\nclass Model(msgspec.Struct):\n    x: int", "pydantic", id="msgspec"),
        pytest.param(
            "import pydantic\nclass Model(pydantic.BaseModel):\n    x: int", "msgspec", id="pydantic"
        ),
    ],
)
def test_one_library_does_not_load_the_other(model: str, absent: str) -> None:
    command = [sys.executable, "-c", _APP.format(model=model, absent=absent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


class Anything(Struct):
    value: Any = None


@pytest.mark.parametrize("levels", [201, 230, 253, 5000])
def test_a_document_that_nests_too_deeply_is_refused_however_deep(levels: int) -> None:
    async def handler(body: Anything) -> None:
        raise AssertionError

    document = b'{"value":' + b"[" * levels + b"]" * levels + b"}"
    refused = serving(handler, "/", "POST").post("/", content=document, headers=JSON)
    assert refused.status_code == 400
    # Of what is far too deep each library that reads it says so in its own words.
    assert re.search("nested|depth|recursion", refused.json()["detail"])
