import asyncio
from typing import Annotated, Any

from wadjet import Header, Query, Request, Wadjet
from wadjet.testing import TestClient


def asked(app: Wadjet, address: str, **fields: str) -> Any:
    with TestClient(app) as client:
        answer = client.get(address, headers=fields)
        return answer.status_code, answer.json()


def test_all_sources_fill_one_signature() -> None:
    app = Wadjet()

    @app.get("/{id:int}/{name}")
    async def show(
        request: Request,
        id: int,
        name: str,
        page: int = 1,
        tags: list[str] = [],
        x_a: Annotated[str, Header()] = "-",  # noqa: B006
    ) -> list[object]:
        return [request.path, id, name, page, tags, x_a]

    assert asked(app, "/7/b?page=2&tags=a&page=3&tags=b", x_a="h") == (
        200,
        ["/7/b", 7, "b", 3, ["a", "b"], "-"],
    )
    assert asked(app, "/7/b", **{"x-a": "h"}) == (200, ["/7/b", 7, "b", 1, [], "h"])


def test_a_value_of_the_path_may_have_another_type_than_its_converter_gives() -> None:
    app = Wadjet()

    @app.get("/{id:int}/{level}")
    async def show(id: int, level: int, page: int = 1) -> list[int]:
        return [id, level, page]

    assert asked(app, "/7/8?page=9") == (200, [7, 8, 9])
    assert asked(app, "/7/x")[0] == 422


def test_values_of_the_path_that_nobody_takes_stay_on_the_request() -> None:
    app = Wadjet()

    @app.get("/{id:int}/{name}")
    async def show(request: Request, name: str, page: int = 1) -> list[object]:
        return [request.path_params, name, page]

    assert asked(app, "/7/b?page=2") == (200, [{"id": 7, "name": "b"}, "b", 2])


def test_a_query_that_was_looked_at_before_gives_the_same_values() -> None:
    app = Wadjet()

    @app.get("/")
    async def show(page: int, tags: list[str], q: Annotated[str, Query(alias="search")]) -> list[object]:
        return [page, tags, q]

    async def ask(*, looks: bool) -> Any:
        request = Request.blank("/?page=1&tags=a&tags=%C3%A9&search=x+y&search=z")
        if looks:
            assert len(request.query_params) == 5
        return (await request.get_response(app)).json

    assert asyncio.run(ask(looks=True)) == asyncio.run(ask(looks=False)) == [1, ["a", "é"], "z"]


def test_a_query_with_more_parameters_than_any_client_sends_is_refused_where_arguments_are_made_of_it() -> (
    None
):
    app = Wadjet()

    @app.get("/")
    async def show(page: int = 1) -> int:
        return page

    assert asked(app, "/?" + "a&" * 1001)[0] == 400
