"""Answers are forgotten when somebody says so, those included that are being made."""

from __future__ import annotations

import asyncio

import pytest

import wadjet
from wadjet import Response, Router, View, Wadjet, action, get, post
from wadjet.errors import ConfigError
from wadjet.testing import AsyncTestClient, TestClient


def test_a_handler_forgets_the_answers_of_another() -> None:
    app, notes = Wadjet(), ["first"]

    @app.get("/notes", cache_ttl=1000)
    async def listed() -> list[str]:
        return notes

    @app.post("/notes")
    async def added() -> Response[None]:
        notes.append("second")
        await listed.invalidate()
        return Response(None, 201)

    with TestClient(app) as client:
        assert client.get("/notes").json() == ["first"]
        assert client.post("/notes").status_code == 201
        assert client.get("/notes").json() == ["first", "second"]


def test_other_routes_keep_theirs() -> None:
    app = Wadjet()
    calls = iter(range(10))

    @app.get("/a", cache_ttl=1000)
    async def one() -> str:
        return str(next(calls))

    @app.get("/b", cache_ttl=1000)
    async def other() -> str:
        return str(next(calls))

    async def ask() -> list[str]:
        async with AsyncTestClient(app) as client:
            before = [(await client.get(path)).text for path in ("/a", "/b")]
            await one.invalidate()
            return before + [(await client.get(path)).text for path in ("/a", "/b")]

    assert asyncio.run(ask()) == ["0", "1", "2", "1"]


def test_an_answer_that_is_being_made_meanwhile_is_not_kept() -> None:
    app = Wadjet()
    notes = ["first"]

    @app.get("/", cache_ttl=1000)
    async def listed() -> list[str]:
        found = list(notes)
        await asyncio.sleep(0.05)
        return found

    async def ask() -> list[list[str]]:
        async with AsyncTestClient(app) as client:
            early = asyncio.ensure_future(client.get("/"))
            await asyncio.sleep(0.02)
            notes.append("second")
            await listed.invalidate()
            late = await client.get("/")  # which does not wait for the early one, either
            return [(await early).json(), late.json(), (await client.get("/")).json()]

    assert asyncio.run(ask()) == [["first"], ["first", "second"], ["first", "second"]]


def test_a_handler_that_stands_in_several_places_forgets_in_all() -> None:
    app = Wadjet()
    calls = iter(range(10))

    @app.post("/b")
    @app.get("/a", cache_ttl=1000)
    async def both() -> str:
        return str(next(calls))

    app.add("/c", both, cache_ttl=1000)

    async def ask() -> list[str]:
        async with AsyncTestClient(app) as client:
            seen = [(await client.get(path)).text for path in ("/a", "/c", "/a", "/c")]
            await both.invalidate()
            return seen + [(await client.get(path)).text for path in ("/a", "/c")]

    assert asyncio.run(ask()) == ["0", "1", "0", "1", "2", "3"]


def test_a_route_that_keeps_nothing_has_nothing_to_forget() -> None:
    app = Wadjet()
    calls = iter(range(10))

    @app.get("/")
    async def index() -> str:
        return str(next(calls))

    async def ask() -> list[str]:
        async with AsyncTestClient(app) as client:
            before = await client.get("/")
            await index.invalidate()
            return [before.text, (await client.get("/")).text]

    assert asyncio.run(ask()) == ["0", "1"]


def test_a_route_that_no_application_serves_cannot_know_which_answers_are_meant() -> None:
    @get("/", cache_ttl=60)
    async def index() -> str:
        return ""

    with pytest.raises(
        ConfigError, match=r"index\(\): invalidate\(\) needs the one application .* none does"
    ):
        asyncio.run(index.invalidate())


def test_a_route_that_several_applications_serve_is_forgotten_by_the_one_that_is_told() -> None:
    calls = iter(range(10))

    @get("/", cache_ttl=60)
    async def index() -> str:
        return str(next(calls))

    one, other = Wadjet(routes=[index]), Wadjet(routes=[index])

    async def ask() -> list[str]:
        async with AsyncTestClient(one) as mine, AsyncTestClient(other) as theirs:
            seen = [(await client.get("/")).text for client in (mine, theirs)]
            with pytest.raises(ConfigError, match="and 2 do; write `await app.invalidate"):
                await index.invalidate()
            await one.invalidate(index)
            return seen + [(await client.get("/")).text for client in (mine, theirs)]

    assert asyncio.run(ask()) == ["0", "1", "2", "1"]


def test_a_route_does_not_keep_its_application_alive() -> None:
    import gc

    @post("/")
    async def index() -> str:
        return ""

    Wadjet(routes=[index]).seal()
    gc.collect()
    assert list(index.holders) == []


def test_the_option_of_a_view_is_for_its_methods_that_read() -> None:
    calls = iter(range(10))

    class Notes(View):
        cache_ttl = 1000

        async def get(self) -> str:
            return str(next(calls))

        async def post(self) -> str:
            return str(next(calls))

        @action(detail=False)
        @wadjet.get(cache_ttl=None)
        async def count(self) -> str:
            return str(next(calls))

    router = Router()
    Notes.register(router, "/notes")
    app = Wadjet(routes=[router])
    with TestClient(app) as client:
        asked = [("GET", "/notes"), ("POST", "/notes"), ("GET", "/notes/count")] * 2
        assert [client.request(*each).text for each in asked] == ["0", "1", "2", "0", "3", "4"]


def test_a_method_of_a_view_forgets_its_own_answers() -> None:
    calls = iter(range(10))

    class Notes(View):
        @get(cache_ttl=1000)
        async def get(self) -> str:
            return str(next(calls))

        async def post(self) -> None:
            await type(self).get.invalidate()

    router = Router()
    Notes.register(router, "/notes")
    with TestClient(Wadjet(routes=[router])) as client:
        asked = ["GET", "GET", "POST", "GET"]
        assert [client.request(method, "/notes").text for method in asked] == ["0", "0", "", "1"]
