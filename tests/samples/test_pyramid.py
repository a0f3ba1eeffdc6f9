"""The samples of "Request and Response Objects" (Pyramid), on the wire."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.request
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

from tests.samples.catalogue import FOLDER
from tests.samples.loader import load
from wadjet import Request, Response, Wadjet
from wadjet.http.exceptions import ClientDisconnect
from wadjet.testing import TestClient


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/json"])
def test_json_body(content_type: str) -> None:
    app = Wadjet()
    found: list[Any] = []

    @app.post("/")
    def view(request: Request) -> None:
        load("pyramid/01_json_body.py", {"request": request})
        found.append((request.json_body, json.loads(request.body_bytes.decode(request.charset))))

    TestClient(app).post("/", content='{"a": "é"}'.encode(), headers={"content-type": content_type})
    assert found == [({"a": "é"}, {"a": "é"})]


def test_a_body_that_is_no_json_is_the_clients_fault() -> None:
    app = Wadjet()

    @app.post("/")
    def view(request: Request) -> Any:
        return request.json_body

    client = TestClient(app)
    for content in (b"", b"{'a': 1}", b"\xff", b"NaN"):
        assert client.post("/", content=content).status_code == 400


def test_jquery_ajax() -> None:
    """What jQuery sends for ``02_jquery_ajax.js``, read from the sample."""
    text = (FOLDER / "pyramid/02_jquery_ajax.js").read_text("utf-8")
    sent = dict(re.findall(r"(type|url|contentType): ?'([^']*)'", text))
    app = Wadjet()

    @app.post("/")
    def view(request: Request) -> str:
        assert request.json_body == {"a": 1}
        assert request.content_type == "application/json"
        return "OK"

    headers = {"content-type": sent["contentType"], "accept": "*/*", "x-requested-with": "XMLHttpRequest"}
    response = TestClient(app).request(sent["type"], sent["url"], content=b'{"a":1}', headers=headers)
    assert (response.status_code, response.content) == (200, b"OK")


def served(response: object) -> TestClient:
    app = Wadjet()

    @app.get("/")
    async def view() -> Any:
        return response

    return TestClient(app, follow_redirects=False)


def scanned() -> TestClient:
    app = Wadjet()
    app.scan(load("pyramid/03_view_config.py"))
    return TestClient(app)


def test_view_config(capsys: pytest.CaptureFixture[str]) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    response = scanned().post("/", content=b'{"a": 1}', headers=headers)
    assert (response.status_code, response.content) == (200, b"OK")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert capsys.readouterr().out == "{'a': 1}\n"


def test_urllib2_client(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The client talks to the sample before it; urllib2 is a shim over its successor, whose content is bytes."""
    client = scanned()

    def urlopen(request: urllib.request.Request) -> Any:
        assert isinstance(request.data, bytes)
        return client.request(
            request.get_method(), request.full_url, content=request.data, headers=dict(request.header_items())
        )

    shim: Any = ModuleType("urllib2")
    shim.Request = lambda url, data, headers: urllib.request.Request(url, data.encode(), headers)
    shim.urlopen = urlopen
    monkeypatch.setitem(sys.modules, "urllib2", shim)
    response = load("pyramid/04_urllib2_client.py").resp
    assert (response.status_code, response.content) == (200, b"OK")
    assert capsys.readouterr().out == "{'a': 1}\n"


def test_cleanup_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    DBSession = scoped_session(sessionmaker(engine))  # as Pyramid's projects have it, one for each thread
    asked: list[object] = []

    models: Any = ModuleType("mypackage.models")
    models.DBSession = DBSession
    monkeypatch.setitem(sys.modules, "mypackage", ModuleType("mypackage"))
    monkeypatch.setitem(sys.modules, "mypackage.models", models)
    app = Wadjet()
    app.scan(load("pyramid/05_cleanup_callback.py"))

    @app.get("/{how}")
    async def view(how: str) -> str:
        asked.append(DBSession.scalar(text("SELECT 1")))
        assert DBSession.registry.has()
        if how == "crash":
            raise RuntimeError(how)
        if how == "leave":
            raise ClientDisconnect
        return how

    @app.get("/left/over", inline=True)
    def left() -> str:
        return str(DBSession.registry.has())

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/work").status_code == 200
        assert client.get("/left/over").text == "False"
        assert client.get("/crash").status_code == 500
        assert client.get("/left/over").text == "False"
        with pytest.raises(Exception):
            client.get("/leave")
        assert client.get("/left/over").text == "False"
    assert asked == [1, 1, 1]
    engine.dispose()


def test_response_attributes() -> None:
    response = served(load("pyramid/06_response_attributes.py").response).get("/")
    assert (response.status_code, response.content) == (200, b"hello world!")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_exceptions() -> None:
    missing, moved = load("pyramid/07_exceptions.py", {"new_url": "/new"}).every("response")
    response = served(missing).get("/", headers={"accept": "text/plain"})
    assert (response.status_code, response.content) == (404, b"404 Not Found\n\nThere is no such resource")
    response = served(moved).get("/")
    assert (response.status_code, response.headers["location"]) == (301, "/new")


#: What the document says of ``http://localhost/app/blog?id=10``, mounted at ``/app``, and of ``?pref=red&pref=blue``.
EXPRESSIONS = {
    "request.url": "http://localhost/app/blog?id=10",
    "request.host": "localhost",
    "request.host_url": "http://localhost",
    "request.path_url": "http://localhost/app/blog",
    "request.path": "/app/blog",
    "request.query_string": "id=10",
    "request.method": "GET",
    "request.GET['id']": "10",
    "request.headers['HOST']": "localhost",
    "request.content_length": None,
}


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS.items())
def test_an_expression_of_a_request(expression: str, value: object) -> None:
    app = Wadjet()
    found: list[object] = []

    @app.get("/blog")
    async def view(request: Request) -> None:
        found.append(eval(expression, {"request": request}))

    TestClient(app, root_path="/app").get("/blog?id=10")
    assert found == [value]


def test_a_multidict_keeps_every_value_in_order() -> None:
    request = Request({"type": "http", "path": "/", "query_string": b"pref=red&pref=blue", "headers": []})
    assert request.GET["pref"] == "blue"
    assert request.GET.getall("pref") == ["red", "blue"]
    with pytest.raises(KeyError):
        request.GET.getone("pref")
    assert list(request.GET.items()) == [("pref", "red"), ("pref", "blue")]
    assert list(request.GET.keys()) == ["pref", "pref"]


def test_status_and_type_can_be_set() -> None:
    response = Response[str]("x")
    response.status_int = 202
    response.content_type = "text/html"
    assert (response.status, response.content_type) == ("202 Accepted", "text/html")


def test_last_modified_takes_what_a_file_says() -> None:
    response = Response[str]("x")
    response.last_modified = os.path.getmtime(__file__)
    assert response.last_modified == datetime.fromtimestamp(int(os.path.getmtime(__file__)), UTC)
    assert served(response).get("/").headers["last-modified"].endswith(" GMT")
