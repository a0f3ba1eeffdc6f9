"""``remember`` and ``forget``: Pyramid's views log in and out as they were written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.site import SlowUsers, people, site
from wadjet import Request, Response, Wadjet
from wadjet.auth import MemoryUsers, SessionAuthentication, forget, remember
from wadjet.errors import ConfigError
from wadjet.httpexceptions import HTTPForbidden, HTTPFound
from wadjet.middleware import AuthenticationMiddleware
from wadjet.testing import TestClient


def pyramid_site(kind: type[MemoryUsers], store: str) -> Wadjet:
    app = site(people(kind), store=store)

    @app.post("/enter/{userid}")
    def enter(request: Request, userid: int) -> Any:
        headers = remember(request, userid)
        return HTTPFound(location="/me", headers=headers)

    @app.post("/raise/{userid}")
    async def raises(request: Request, userid: int) -> Any:
        raise HTTPFound(location="/me", headers=remember(request, userid))

    @app.post("/refuse/{userid}")
    async def refuse(request: Request, userid: int) -> Any:
        raise HTTPForbidden(headers=remember(request, userid))

    @app.post("/filled/{userid}")
    async def filled(request: Request, userid: int) -> str:
        request.response.headerlist.extend(remember(request, userid))
        return f"{request.is_authenticated}"

    @app.post("/leave")
    def leave(request: Request) -> Response[None]:
        return HTTPFound(location="/open", headers=forget(request))

    @app.post("/stay")
    def stay(request: Request) -> Response[None]:
        raise HTTPForbidden(headers=forget(request))

    return app


@pytest.mark.parametrize("store", ["cookie", "memory"])
@pytest.mark.parametrize("kind", [MemoryUsers, SlowUsers])
@pytest.mark.parametrize("way", ["enter", "raise"])
def test_a_view_remembers_and_forgets(kind: type[MemoryUsers], store: str, way: str) -> None:
    with TestClient(pyramid_site(kind, store), follow_redirects=False) as client:
        sent = client.post(f"/{way}/1")
        assert (sent.status_code, sent.headers["location"]) == (302, "/me")
        assert client.get("/me").text == "ann session"
        before = client.cookies["sessionid"]
        assert client.post(f"/{way}/2").status_code == 302
        assert client.cookies["sessionid"] != before
        assert client.get("/me").text == "bob session"
        assert client.post("/leave").status_code == 302
        assert client.get("/me").status_code == 401


def test_in_the_same_request_nobody_is_remembered_yet() -> None:
    with TestClient(pyramid_site(MemoryUsers, "cookie")) as client:
        assert client.post("/filled/1").text == "False"
        assert client.get("/me").text == "ann session"


def test_an_error_remembers_and_forgets_nobody() -> None:
    with TestClient(pyramid_site(MemoryUsers, "cookie"), follow_redirects=False) as client:
        assert client.post("/refuse/1").status_code == 403
        assert client.get("/me").status_code == 401
        client.post("/enter/1")
        assert client.post("/stay").status_code == 403
        assert client.get("/me").text == "ann session"


def test_a_user_that_nobody_knows_is_a_mistake() -> None:
    with TestClient(pyramid_site(MemoryUsers, "cookie")) as client:
        with pytest.raises(
            ConfigError, match=r"remember\(request, 7\): by_id\(\) of AUTH_USERS knows no such"
        ):
            client.post("/enter/7")
        assert client.get("/me").status_code == 401


def test_without_users_and_without_the_middleware_it_says_what_is_missing() -> None:
    bare = Wadjet()
    silent = Wadjet(middleware=[(AuthenticationMiddleware, {"backends": [SessionAuthentication]})])
    for app, message in (
        (bare, "add AuthenticationMiddleware"),
        (silent, "nothing knows users; set AUTH_USERS"),
    ):
        app.get("/remember")(lambda request: remember(request, 1))
        app.get("/forget")(lambda request: forget(request))
        for word in ("remember", "forget"):
            with pytest.raises(ConfigError, match=rf"{word}\(\): .*{message}"):
                TestClient(app).get(f"/{word}")
