"""The names by which a route chooses fields are there, or it does not start."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pydantic import BaseModel, Field, computed_field

from tests.handlers.serving import assembling, call
from wadjet import Router, View, Wadjet, get


class Book(BaseModel):
    title: str = "t"
    page_count: int = Field(5, serialization_alias="pageCount")

    @computed_field(alias="isLong")  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def is_long(self) -> bool:
        return False


#: Without pydantic's plugin a type checker takes aliases for the only names.
book: Any = Book


@dataclasses.dataclass
class Author:
    name: str = "a"


def returning(annotation: Any, value: Any = None) -> Any:
    async def handler() -> Any:
        return value

    handler.__annotations__["return"] = annotation
    return handler


@pytest.mark.parametrize("option", ["response_include_fields", "response_exclude_fields"])
@pytest.mark.parametrize(
    ("annotation", "names", "remedy"),
    [
        (Book, {"pageCount"}, "which is an alias; fields are chosen by their names, and this one is 'page_count'"),
        (Book, {"isLong"}, "this one is 'is_long'"),
        (Book, {"titel"}, "which is no field of the result; did you mean 'title'?"),
        (Book, {"x": True}, "it has title, page_count, is_long"),
        (list[Book], {"x"}, "no field of the result"),
        (Book | None, {"x"}, "no field of the result"),
        (Author, {"nome"}, "did you mean 'name'?"),
        (Author | list[Book], {"x"}, "it has name, title, page_count, is_long"),
    ],
)  # fmt: skip
def test_a_name_that_no_model_has_is_refused(option: str, annotation: Any, names: Any, remedy: str) -> None:
    message = assembling(returning(annotation), **{option: names})
    assert "test_fieldnames.py" in message
    assert option in message
    assert remedy in message


@pytest.mark.parametrize(
    ("annotation", "names", "value", "sent"),
    [
        (Book, {"title", "is_long"}, book(), '{"title":"t","isLong":false}'),
        (Author | Book, {"name", "title"}, Author(), '{"name":"a"}'),
        (Author | Book, {"name", "title"}, book(), '{"title":"t"}'),
        (dict[str, int], {"x"}, {"x": 1, "y": 2}, '{"x":1}'),
        (Book | dict[str, int], {"x"}, {"x": 1, "y": 2}, '{"x":1}'),
        (Any, {"x"}, {"x": 1, "y": 2}, '{"x":1}'),
        (list[Book], {0: {"title"}}, [book()], '[{"title":"t"}]'),
        (None, {"x"}, None, ""),
        (str, {"x"}, "text", "text"),
    ],
)
def test_a_name_that_may_be_there_is_taken(annotation: Any, names: Any, value: Any, sent: str) -> None:
    assert call(returning(annotation, value), options={"response_include_fields": names}).text == sent


def test_what_a_route_inherits_is_meant_for_many_models() -> None:
    router = Router(response_exclude_fields={"password"}, routes=[get("/", returning(Book, book()))])
    app = Wadjet(routes=[router])
    app.seal()
    assert call(returning(Book, book()), options={"response_exclude_fields": {"title"}}).json() == {
        "pageCount": 5,
        "isLong": False,
    }


def test_the_methods_of_views_are_looked_at_too() -> None:
    class Books(View):
        @get(response_include_fields={"titel"})
        async def get(self) -> Book:
            raise NotImplementedError

    app = Wadjet()
    Books.register(app.router, "/")
    with pytest.raises(Exception, match="did you mean 'title'"):
        app.seal()
