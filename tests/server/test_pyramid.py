"""An application of Pyramid, after its tutorial, below a path of ours."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet import Wadjet
from wadjet.server.wsgi import WSGI
from wadjet.testing import TestClient

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:pkg_resources:UserWarning")


@pytest.fixture(scope="module")
def client() -> TestClient:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pyramid.config import Configurator  # type: ignore[import-untyped]  # it has no types
        from pyramid.httpexceptions import HTTPFound  # type: ignore[import-untyped]  # it has no types
        from pyramid.response import Response  # type: ignore[import-untyped]  # it has no types

    def home(request: Any) -> Any:
        return Response(f'<a href="{request.route_url("hello", name="ada")}">{request.path}</a>')

    def hello(request: Any) -> Any:
        if request.method == "POST":
            return HTTPFound(location=request.route_url("hello", name=request.POST["name"]))
        return {"name": request.matchdict["name"], "from": request.client_addr}

    with Configurator() as config:
        config.add_route("home", "/")
        config.add_route("hello", "/howdy/{name}")
        config.add_view(home, route_name="home")
        config.add_view(hello, route_name="hello", renderer="json")
        pyramid = config.make_wsgi_app()
    app = Wadjet()
    app.mount("/legacy", WSGI(pyramid))
    app.get("/new")(lambda: "new")
    return TestClient(app, follow_redirects=False)


def test_its_addresses_are_below_the_mount(client: TestClient) -> None:
    assert client.get("/legacy/").text == '<a href="http://localhost/legacy/howdy/ada">/legacy/</a>'


def test_its_views_answer(client: TestClient) -> None:
    assert client.get("/legacy/howdy/Z%C3%BC").json() == {"name": "Zü", "from": "127.0.0.1"}


def test_its_forms_and_redirects_work(client: TestClient) -> None:
    response = client.post("/legacy/howdy/x", data={"name": "bob"})
    assert (response.status_code, response.headers["location"]) == (302, "http://localhost/legacy/howdy/bob")


def test_what_it_does_not_know_is_its_own_404(client: TestClient) -> None:
    assert client.get("/legacy/nowhere").status_code == 404
    assert client.get("/new").text == "new"
