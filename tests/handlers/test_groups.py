"""Models of many parameters: of the query, the header, the cookies and the path, each in one parameter."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from tests.handlers.serving import serving
from wadjet import Cookie, Form, Header, Path, Query, Wadjet, get
from wadjet.errors import SignatureError
from wadjet.testing import TestClient


class Page(BaseModel):
    number: int = Field(1, ge=1)
    size: int = 20
    tags: list[str] = []
    order: str = Field("id", alias="sort")

    @model_validator(mode="after")
    def reasonable(self) -> Page:
        if self.number * self.size > 10_000:
            raise ValueError("too far")
        return self


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int = 1


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Named(TypedDict, total=False):
    name: str


class Asked(BaseModel):
    user_agent: str
    x_ids: list[int] = []
    trace: str = Field("", alias="x-trace")


def test_a_model_takes_the_query() -> None:
    async def handler(page: Annotated[Page, Query()]) -> Any:
        return page.model_dump()

    with serving(handler) as client:
        assert client.get("/?number=3&tags=a&tags=b&sort=name&other=1").json() == {
            "number": 3,
            "size": 20,
            "tags": ["a", "b"],
            "order": "name",
        }
        assert client.get("/").json()["number"] == 1


def test_every_mistake_is_told_with_its_place() -> None:
    async def handler(page: Annotated[Page, Query()], limit: int) -> Any:
        return [page.number, limit]

    with serving(handler) as client:
        assert client.get("/?number=2&limit=5").json() == [2, 5]
        problem = client.get("/?number=0&size=x&limit=y").json()
        assert sorted((each["in"], each["pointer"]) for each in problem["errors"]) == [
            ("query", "/limit"),
            ("query", "/number"),
            ("query", "/size"),
        ]
        problem = client.get("/?number=9999&limit=1").json()
        assert problem["errors"][0]["pointer"] == ""
        assert "too far" in problem["errors"][0]["detail"]


def test_what_no_field_takes_is_refused_where_the_model_forbids_it() -> None:
    async def handler(page: Annotated[Strict, Query()], limit: int = 1) -> Any:
        return page.number

    with serving(handler) as client:
        assert client.get("/?number=2&limit=3").text == "2"
        refused = client.get("/?number=2&numbr=3")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/numbr")


def test_a_default_is_for_a_source_that_has_nothing() -> None:
    async def optional(page: Annotated[Strict | None, Query()] = None) -> Any:
        return "none" if page is None else page.number

    async def filled(page: Annotated[Strict, Query()] = Strict(number=7)) -> Any:
        return page.number

    for handler, default in ((optional, "none"), (filled, "7")):
        with serving(handler) as client:
            assert client.get("/").text == default
            assert client.get("/?number=2").text == "2"
            assert client.get("/?numbr=2").status_code == 422


def test_dataclasses_typed_dicts_and_dicts_do_too() -> None:
    async def handler(
        point: Annotated[Point, Query()],
        named: Annotated[Named, Cookie()],
        rest: Annotated[dict[str, Any], Query()],
    ) -> Any:
        return [point.x, point.y, named, rest]

    with serving(handler) as client:
        client.cookies.set("name", "ada")
        assert client.get("/?x=1&a=1&a=2").json() == [1, 0, {"name": "ada"}, {"x": "1", "a": ["1", "2"]}]
        assert client.get("/").status_code == 422


def test_header_fields_are_asked_for_by_name() -> None:
    async def handler(asked: Annotated[Asked, Header()]) -> Any:
        return asked.model_dump()

    with serving(handler) as client:
        found = client.get(
            "/", headers=[("User-Agent", "me"), ("X-Ids", "1"), ("X-Ids", "2"), ("X-Trace", "t")]
        )
        assert found.json() == {"user_agent": "me", "x_ids": [1, 2], "trace": "t"}

    async def everything(fields: Annotated[dict[str, str], Header()]) -> Any:
        return fields["x-one"]

    with serving(everything) as client:
        assert client.get("/", headers={"X-One": "1"}).text == "1"


def test_the_path_may_be_a_model() -> None:
    async def handler(point: Annotated[Point, Path()]) -> Any:
        return [point.x, point.y]

    client = TestClient(Wadjet(routes=[get("/{x:int}/{y}", handler)]))
    assert client.get("/1/2").json() == [1, 2]
    assert client.get("/1/b").json()["errors"][0]["pointer"] == "/y"


def test_a_model_that_reads_one_text_still_does() -> None:
    class Pair(BaseModel):
        a: int

        @model_validator(mode="before")
        @classmethod
        def read(cls, value: Any) -> Any:
            return {"a": value}

    async def handler(pair: Annotated[Pair, Query()]) -> Any:
        return pair.a

    handler.__annotations__["pair"] = Annotated[Pair, Query()]
    with serving(handler) as client:
        assert client.get("/?pair=3").text == "3"


def test_a_list_of_models_is_no_source_s() -> None:
    async def handler(points: Annotated[list[Point], Query()]) -> None: ...

    with pytest.raises(SignatureError, match="the query carries text, so nothing can fill it"):
        Wadjet(routes=[get("/", handler)]).seal()


# -- what was not filled in ---------------------------------------------------------------------------------------------------


class Filled(BaseModel):
    name: str = "nobody"
    age: int | None = None
    scores: list[int] = []


def test_a_blank_field_of_a_form_was_not_given_unless_it_is_text() -> None:
    async def fields(
        name: Annotated[str, Form()],
        age: Annotated[int | None, Form()] = None,
        scores: Annotated[list[int], Form()] = [],  # noqa: B006
    ) -> Any:
        return [name, age, scores]

    async def model(filled: Filled) -> Any:
        return [filled.name, filled.age, filled.scores]

    for handler in (fields, model):
        with serving(handler, "/", "POST") as client:
            blank = client.post("/", content=b"name=&age=&scores=&scores=", headers=FORM)
            assert blank.json() == ["", None, []]
            given = client.post("/", content=b"name=a&age=3&scores=&scores=4", headers=FORM)
            assert given.json() == ["a", 3, [4]]


def test_a_blank_field_that_must_be_given_is_missing() -> None:
    async def handler(age: Annotated[int, Form()]) -> Any:
        return age

    with serving(handler, "/", "POST") as client:
        refused = client.post("/", content=b"age=", headers=FORM)
        assert (refused.status_code, refused.json()["errors"][0]["type"]) == (422, "missing")


FORM = {"content-type": "application/x-www-form-urlencoded"}
