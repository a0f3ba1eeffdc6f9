"""Structs and attrs classes: what msgspec reads and writes."""

from __future__ import annotations

import dataclasses
import enum
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Generic, NewType, TypeVar

import attrs
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Meta, Struct, UnsetType
from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import TypeAliasType, TypedDict

from wadjet.media.codecs import PydanticCodec, problems
from wadjet.media.json import MAX_DEPTH, dumps, loads
from wadjet.media.models import codec_for, is_struct
from wadjet.media.registry import JSON, media_type_of
from wadjet.media.structs import StructCodec

T = TypeVar("T")


class Item(Struct):
    name: str
    price: Annotated[float, Meta(ge=0)] = 0.0


class SecretItem(Item):
    secret: str = "hunter2"


class Kind(enum.Enum):
    BIG = "big"


class Order(Struct, rename="camel"):
    first_item: Item
    more_items: list[Item] = []
    by_name: dict[str, Item] = {}
    spare: Item | None = None
    kind: Kind = Kind.BIG
    anything: Any = None


class Model(BaseModel):
    a: int


class MoreModel(Model):
    secret: str = "hunter2"


class Mixed(Struct):
    model: Model
    path: Path = Path("x")


class Page(Struct, Generic[T]):
    items: list[T]


class Tree(Struct):
    name: str = ""
    kids: list[Tree] = []


class Typed(TypedDict):
    item: Item


@dataclasses.dataclass
class Envelope:
    item: Item


class Cat(Struct, tag="cat"):
    lives: int = 9


class Dog(Struct, tag="dog"):
    item: Item


class Row(Struct, array_like=True, tag=True):
    item: Item
    count: int = 1


class Careful(Struct):
    number: int

    def __post_init__(self) -> None:
        if self.number == 13:
            raise ValueError("not that one - at `$.fake`")


class Money(Struct):
    amount: Decimal
    factor: float = 1.0


@attrs.define
class Point:
    x: int
    y: int = attrs.field(default=0, validator=attrs.validators.ge(0))


@attrs.define
class Account:
    name: str
    _password: str = "hunter2"


@attrs.define(slots=False)
class Open:
    name: str


def found_in(read: Any, value: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        read(value)
    assert "hunter2" not in str(problems(caught.value))
    return [(problem["pointer"], problem["type"]) for problem in problems(caught.value)]


# -- which library ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "annotation",
    [
        Item,
        list[Item],
        Item | None,
        dict[str, list[Item]],
        Annotated[Item, "words"],
        Page[int],
        Typed,
        Envelope,
        Point,
        Annotated[int, Meta(ge=1)],
        NewType("Sold", Item),
    ],
)
def test_what_holds_a_struct_is_read_by_msgspec(annotation: Any) -> None:
    assert is_struct(annotation)
    assert type(codec_for(annotation)) is StructCodec


@pytest.mark.parametrize("annotation", [int, list[Model], Model | None, Any, Annotated[int, Point(1)]])
def test_everything_else_is_read_by_pydantic(annotation: Any) -> None:
    assert not is_struct(annotation)
    assert type(codec_for(annotation)) is PydanticCodec


def test_an_alias_is_looked_into() -> None:
    assert is_struct(TypeAliasType("Items", list[Item]))


@dataclasses.dataclass
class Node:
    kids: list[Node]


def test_a_class_that_holds_itself_is_looked_at_once() -> None:
    assert not is_struct(Node)


def test_a_model_that_holds_one_by_its_own_rules_stays_with_pydantic() -> None:
    class Loose(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        item: Item

    assert type(codec_for(list[Loose])) is PydanticCodec


@pytest.mark.parametrize("annotation", [Item | Order, Item | Point, Annotated[Item, Meta(ge=1)]])
def test_what_msgspec_cannot_tell_apart_is_a_type_error(annotation: Any) -> None:
    with pytest.raises(TypeError):
        codec_for(annotation)


def test_an_annotation_that_names_nothing_is_a_type_error() -> None:
    broken = msgspec.defstruct("Broken", [("item", "Nowhere")])
    with pytest.raises(TypeError, match="'Nowhere' is not defined; define or import it"):
        codec_for(broken)


@pytest.mark.parametrize("cls", [Item, Point])
def test_both_are_documents(cls: type) -> None:
    assert media_type_of(cls) == JSON


def test_without_a_type_private_attributes_of_attrs_stay() -> None:
    assert dumps({"list": [Account("Anna")]}) == b'{"list":[{"name":"Anna"}]}'
    opened = Open("Anna")
    opened.extra = 1  # type: ignore[attr-defined]  # what the test is about
    assert dumps(opened) == b'{"name":"Anna"}'


# -- written ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "value", "document"),
    [
        (Item, SecretItem("a"), {"name": "a", "price": 0.0}),
        (
            list[Item],
            [Item("a"), SecretItem("b")],
            [{"name": "a", "price": 0.0}, {"name": "b", "price": 0.0}],
        ),
        (Item | None, SecretItem("a"), {"name": "a", "price": 0.0}),
        (tuple[int, Item], (1, SecretItem("a")), [1, {"name": "a", "price": 0.0}]),
        (set[str] | list[Item], [SecretItem("a")], None),
        (dict[str, Item], {"k": SecretItem("a")}, {"k": {"name": "a", "price": 0.0}}),
        (Page[Item], Page([SecretItem("a")]), {"items": [{"name": "a", "price": 0.0}]}),
        (Tree, Tree("a", [Tree("b")]), {"name": "a", "kids": [{"name": "b", "kids": []}]}),
        (Typed, {"item": SecretItem("a"), "more": 1}, {"item": {"name": "a", "price": 0.0}}),
        (Envelope, Envelope(SecretItem("a")), {"item": {"name": "a", "price": 0.0}}),
        (Cat | Dog, Dog(SecretItem("a")), {"type": "dog", "item": {"name": "a", "price": 0.0}}),
        (Row, Row(SecretItem("a")), ["Row", {"name": "a", "price": 0.0}, 1]),
        (Mixed, Mixed(MoreModel(a=1)), {"model": {"a": 1}, "path": "x"}),
        (Mixed, {"model": {"a": "1"}, "path": "y"}, {"model": {"a": 1}, "path": "y"}),
        (Point, Point(1), {"x": 1, "y": 0}),
        (Account, Account("Anna"), {"name": "Anna"}),
        (Item, {"name": "a", "price": "2", "secret": "s"}, {"name": "a", "price": 2.0}),
        (Kind | Item, Kind.BIG, "big"),
    ],
)
def test_only_declared_fields_leave(annotation: Any, value: Any, document: Any) -> None:
    if document is None:
        with pytest.raises(TypeError, match="more than one array-like"):
            codec_for(annotation)
        return
    codec = codec_for(annotation)
    checks = codec.sure()
    is_sure = type(value) in checks and (checks[type(value)] or (lambda _: True))(value)
    written = codec.write(value if is_sure else codec.validate(value, from_attributes=True))
    assert loads(written) == document


def test_fields_of_fields_are_looked_at_too() -> None:
    codec = codec_for(Order)
    check = codec.sure()[Order]
    assert check is not None
    item = Item("a")
    assert check(Order(item))
    assert check(Order(item, [item], {"k": item}, item))
    secret = SecretItem("s")
    for order in (
        Order(secret),
        Order(item, [item, secret]),
        Order(item, by_name={"k": secret}),
        Order(item, spare=secret),
    ):
        assert not check(order)
        written = codec.write(codec.validate(order, from_attributes=True))
        assert b"hunter2" not in written
        assert b'"firstItem"' in written


def test_instances_that_hold_nothing_else_are_not_looked_at() -> None:
    assert codec_for(Item).sure() == {Item: None}
    assert codec_for(Item | None).sure() == {Item: None}
    assert codec_for(list[int] | Annotated[int, Meta(ge=1)]).sure() == {}


def test_what_was_only_set_on_an_instance_of_attrs_stays() -> None:
    codec = codec_for(Open)
    check = codec.sure()[Open]
    assert check is not None
    value = Open("Anna")
    assert check(value)
    value.secret = "hunter2"  # type: ignore[attr-defined]  # what the test is about
    assert not check(value)
    assert codec.write(codec.validate(value, from_attributes=True)) == b'{"name":"Anna"}'
    every = codec_for(list[Open]).sure()[list]
    assert every is not None
    assert every([Open("a")])
    assert not every([Open("a"), value])


def test_what_is_unset_is_not_written() -> None:
    class Partial(Struct):
        item: Item | UnsetType = UNSET
        name: str | UnsetType = UNSET

    codec = codec_for(Partial)
    assert codec.write(codec.validate(Partial(name="a"), from_attributes=True)) == b'{"name":"a"}'


@pytest.mark.parametrize("value", ["abc", 5, None, [1], {"price": 1}, object(), Path])
def test_what_is_no_instance_and_no_document_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        codec_for(Item).validate(value, from_attributes=True)


# -- options ------------------------------------------------------------------------------------------------------------------


def test_fields_are_chosen_by_their_names_on_the_wire() -> None:
    codec = codec_for(Order)
    order = Order(Item("a", 1.0), spare=None)
    write = codec.writer(by_alias=True, include={"firstItem": {"name"}, "spare": True})
    assert write(order) == b'{"firstItem":{"name":"a"},"spare":null}'
    assert (
        codec.writer(by_alias=True, exclude_none=True, include={"spare", "kind"})(order) == b'{"kind":"big"}'
    )
    assert codec.simplify(order, exclude={"firstItem", "anything"}) == {
        "moreItems": [],
        "byName": {},
        "spare": None,
        "kind": "big",
    }
    assert codec.writer(by_alias=True) is codec.write


def test_unfolding_keeps_what_is_no_object() -> None:
    class Event(Struct):
        at: datetime
        item: Item
        path: Path

    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert codec_for(Event).unfold(Event(now, Item("a"), Path("x"))) == {
        "at": now,
        "item": {"name": "a", "price": 0.0},
        "path": "x",
    }


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"by_alias": False}, "rename="),
        ({"exclude_unset": True}, "UNSET"),
        ({"exclude_defaults": True}, "omit_defaults=True"),
    ],
)
def test_options_that_msgspec_has_not_say_what_to_do(options: Any, remedy: str) -> None:
    codec = codec_for(Item)
    with pytest.raises(TypeError, match=remedy):
        codec.writer(**options)


# -- read ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "document", "expected"),
    [
        (Order, b"{}", [("/firstItem", "missing")]),
        (Order, b'{"firstItem":{"name":1}}', [("/firstItem/name", "type")]),
        (Order, b'{"firstItem":{"name":"a","price":-1}}', [("/firstItem/price", "constraint")]),
        (
            Order,
            b'{"firstItem":{"name":"a"},"moreItems":[{"name":"a"},{}]}',
            [("/moreItems/1/name", "missing")],
        ),
        (Order, b'{"firstItem":{"name":"a"},"byName":{"hunter2":{}}}', [("/byName", "missing")]),
        (Order, b'{"firstItem":{"name":"a"},"kind":"hunter2"}', [("/kind", "enum")]),
        (Order, b"[]", [("", "type")]),
        (Cat | Dog, b'{"type":"hunter2"}', [("/type", "enum")]),
        (Cat | Dog, b"{}", [("/type", "missing")]),
        (dict[int, Item], b'{"x":{"name":"a"}}', [("", "type")]),
        (list[Careful], b'[{"number":13}]', [("/0", "value_error")]),
        (list[Mixed], b'[{"model":{"a":"hunter2"}}]', [("/0/model/a", "int_parsing")]),
        (Point, b'{"x":1,"y":-7}', [("", "value_error")]),
        (Money, b'{"amount":"NaN"}', [("/amount", "finite_number")]),
        (Money, b'{"amount":"-Infinity"}', [("/amount", "finite_number")]),
        (Money, b'{"amount":"sNaN"}', [("/amount", "finite_number")]),
        (Item, b'{"name":"\\ud800"}', [("", "json_invalid")]),
        (Item, b'{"name":"a"', [("", "json_invalid")]),
        (Item, b"", [("", "json_invalid")]),
        (Item, b'{"name":"\xff"}', [("", "json_invalid")]),
        (Item, b'{"name":"a","price":NaN}', [("", "json_invalid")]),
        (Item, b'{"name":"a","price":1e999}', [("/price", "value_error")]),
        (Item, b'{"name":"a","more":' + b"[" * 100_000, [("", "json_invalid")]),
    ],
)
def test_what_is_wrong_has_a_place_and_a_name(annotation: Any, document: bytes, expected: Any) -> None:
    assert found_in(codec_for(annotation, finite=True).validate_json, document) == expected


def test_a_large_decimal_is_a_number() -> None:
    assert codec_for(Money, finite=True).validate_json(b'{"amount":"1e999999"}').amount.is_finite()


def test_unknown_fields_are_refused_where_the_class_says_so() -> None:
    strict = msgspec.defstruct("strict", [("x", int, 0)], forbid_unknown_fields=True)
    assert found_in(codec_for(strict).validate_json, b'{"y":1}') == [("/y", "extra_forbidden")]
    assert codec_for(Item).validate_json(b'{"name":"a","y":1}') == Item("a")


def test_what_a_class_says_is_told_and_what_attrs_says_is_not() -> None:
    with pytest.raises(ValidationError) as caught:
        codec_for(Careful).validate_json(b'{"number":13}')
    assert "not that one" in problems(caught.value)[0]["detail"]
    with pytest.raises(ValidationError) as caught:
        codec_for(Point).validate_json(b'{"x":1,"y":-7000}')
    assert "7000" not in problems(caught.value)[0]["detail"]


@pytest.mark.parametrize("annotation", [Order, Tree, Any, list[Any]])
def test_a_document_is_as_shallow_as_what_can_be_written(annotation: Any) -> None:
    codec = codec_for(
        annotation if annotation in (Order, Tree) else Annotated[annotation, Meta(title="t")], finite=True
    )
    if annotation is Order:
        nest: Any = lambda depth: b'{"firstItem":{"name":"a"},"anything":%s%s}' % (b"[" * depth, b"]" * depth)  # noqa: E731
    elif annotation is Tree:
        nest = lambda depth: b'{"kids":[' * (depth // 2) + b"{}" + b"]}" * (depth // 2)  # noqa: E731
    else:
        nest = lambda depth: b"[" * depth + b"]" * depth  # noqa: E731
    codec.validate_json(nest(MAX_DEPTH - 4))
    with pytest.raises(ValueError, match="nested"):
        codec.validate_json(nest(MAX_DEPTH + 60))


@pytest.mark.parametrize("text", ["nan", "-inf", "Infinity", "1e999"])
def test_text_cannot_spell_what_is_no_number(text: str) -> None:
    codec = codec_for(Money, finite=True)
    for name in ("amount", "factor"):
        if (name, text) == ("amount", "1e999"):
            continue
        given = {"amount": "1", name: text}
        assert found_in(codec.validate, given)[0][0] == f"/{name}"
    assert codec.validate({"amount": "1", "factor": "2"}) == Money(Decimal(1), 2.0)


@pytest.mark.parametrize(("text", "value"), [("on", True), ("Yes", True), ("0", False), ("off", False)])
def test_text_spells_booleans_as_browsers_do(text: str, value: object) -> None:
    class Flags(Struct):
        flag: bool
        word: str | bool = ""

    codec = codec_for(Flags | None, finite=True)
    assert codec.validate({"flag": text, "word": text}) == Flags(value, text)  # type: ignore[arg-type]  # as parametrized


@pytest.mark.parametrize(
    "cls",
    [
        Account,
        attrs.make_class("Made", {"total": attrs.field(type=int, init=False, default=0)}),
        attrs.make_class("Converted", {"total": attrs.field(type=int, converter=int)}),
    ],
)
def test_a_client_cannot_set_what_no_caller_can(cls: Any) -> None:
    with pytest.raises(TypeError, match="msgspec would set it as the client sends it"):
        codec_for(list[cls], finite=True)
    codec_for(list[cls])


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "price", "firstItem", "moreItems", "byName", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(_VALUES, st.binary(max_size=3), st.integers(0, 200))
def test_reading_raises_nothing_but_what_it_promises(value: Any, noise: bytes, cut: int) -> None:
    document = dumps(value)
    for data in (document, document[:cut] + noise + document[cut:]):
        for codec in (codec_for(Order, finite=True), codec_for(list[Item] | None, finite=True)):
            for read, given_ in ((codec.validate_json, data), (codec.validate, value)):
                try:
                    read(given_)
                except ValidationError:
                    continue


@settings(max_examples=100)
@given(
    st.builds(
        Order,
        st.builds(Item, st.text(), st.floats(0, 1e9)),
        st.lists(st.builds(SecretItem, st.text(), st.floats(0, 1e9)), max_size=2),
    )
)
def test_what_is_written_can_be_read_again(order: Order) -> None:
    codec = codec_for(Order)
    written = codec.write(codec.validate(order, from_attributes=True))
    assert codec.write(codec.validate_json(written)) == written
    assert b"hunter2" not in written
