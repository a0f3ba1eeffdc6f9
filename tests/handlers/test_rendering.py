"""Renderers: named, of a template, of the developer's own; one for a route, or several to choose from."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from pydantic import BaseModel, Field

from tests.handlers.serving import serving
from wadjet import Request, Response, Router, Settings, Wadjet, get
from wadjet.errors import ConfigError, SealedError
from wadjet.events import BeforeRender
from wadjet.http.exceptions import NotFound
from wadjet.testing import TestClient


def of(value: Any, **options: Any) -> TestClient:
    async def handler():  # type: ignore[no-untyped-def]
        if isinstance(value, Exception):
            raise value
        return value

    return serving(handler, **options)


@pytest.fixture
def pages(tmp_path: Path) -> str:
    (tmp_path / "page.html").write_text("<p>{{ name }} {{ extra }} {{ request.path }}</p>")
    return str(tmp_path)


@pytest.mark.parametrize(
    ("renderer", "value", "kind", "body"),
    [
        ("json", {"a": 1}, "application/json", b'{"a":1}'),
        ("json", "text", "application/json", b'"text"'),
        ("json", None, "application/json", b"null"),
        ("string", 7, "text/plain; charset=utf-8", b"7"),
        ("string", {"a": 1}, "text/plain; charset=utf-8", b"{'a': 1}"),
        (lambda value, request: f"{request.path} {value}", 7, "text/plain; charset=utf-8", b"/ 7"),
        (lambda value, request: Response(b"x", media_type="image/png"), 7, "image/png", b"x"),
    ],
)
def test_a_renderer_makes_the_response(renderer: Any, value: Any, kind: str, body: bytes) -> None:
    found = of(value, renderer=renderer, status_code=201).get("/")
    assert (found.status_code, found.headers["content-type"], found.content) == (201, kind, body)


def test_a_renderer_may_be_asynchronous() -> None:
    async def render(value: int, request: Request) -> str:
        return f"async {value}"

    assert of(7, renderer=render).get("/").text == "async 7"


def test_a_template_gets_the_result_and_what_subscribers_add(pages: str) -> None:
    app = Wadjet(Settings(TEMPLATES_DIR=pages))
    seen: list[Any] = []

    def first(event: BeforeRender) -> None:
        seen.append((event["renderer_name"], event.rendering_val))
        event["extra"] = "added"

    async def second(event: BeforeRender) -> None:
        event.rendering_val["name"] += "!"

    app.add_subscriber(first, BeforeRender)
    app.add_subscriber(second, BeforeRender)

    @app.get("/x", renderer="page.html")
    async def page() -> dict[str, str]:
        return {"name": "<ada>"}

    with TestClient(app) as client:
        found = client.get("/x")
    assert found.text == "<p>&lt;ada&gt;! added /x</p>"
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert seen[0][0] == "page.html"


def test_what_is_no_dict_cannot_go_into_a_template(pages: str, caplog: pytest.LogCaptureFixture) -> None:
    app = Wadjet(Settings(TEMPLATES_DIR=pages), routes=[get("/", lambda: 7, renderer="page.html")])
    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
    assert "the template 'page.html' takes a dict of names and values" in caplog.text


@pytest.mark.parametrize("value", [Response("own", 203), NotFound()])
def test_a_response_and_an_error_pass_as_they_are(value: Any) -> None:
    found = of(value, renderer="json").get("/")
    assert found.status_code in (203, 404)
    assert "own" in found.text or found.json()["status"] == 404


def test_a_response_to_fill_is_merged_with_what_is_rendered() -> None:
    async def handler(response: Response[Any]) -> Any:
        response.status_code = 202
        response.set_cookie("a", "b")
        return {"a": 1}

    found = serving(handler, renderer="json").get("/")
    assert (found.status_code, found.json(), found.cookies["a"]) == (202, {"a": 1}, "b")


class Public(BaseModel):
    name: str = Field(serialization_alias="called")
    note: str | None = None


class Account(Public):
    password: str = "secret"


async def account() -> Public:
    return Account(name="ada")


async def accounts() -> list[Public]:
    return [Account(name="ada")]


async def undeclared() -> Any:
    return Account(name="ada")


@pytest.mark.parametrize(
    ("handler", "options", "body"),
    [
        (account, {}, {"called": "ada", "note": None}),
        (accounts, {}, [{"called": "ada", "note": None}]),
        (account, {"response_by_alias": False, "response_exclude_none": True}, {"name": "ada"}),
        (undeclared, {"response_exclude_fields": {"password"}}, {"called": "ada", "note": None}),
        (undeclared, {"response_type": Public}, {"called": "ada", "note": None}),
    ],
)
def test_what_is_rendered_as_json_is_what_the_route_declares(handler: Any, options: Any, body: Any) -> None:
    assert serving(handler, renderer="json", **options).get("/").json() == body
    several = serving(handler, produces=["application/json", "text/plain"], **options)
    assert several.get("/", headers={"accept": "application/json"}).json() == body


def test_what_is_rendered_as_json_and_is_not_what_is_declared_is_a_failure() -> None:
    async def handler() -> int:
        return "seven"  # type: ignore[return-value]  # that is the mistake

    assert serving(handler, renderer="json").get("/").status_code == 500


def test_json_of_another_media_type_keeps_it() -> None:
    kind = "application/problem+json"
    found = of({"a": 1}, renderer="json", response_content_type=kind).get("/")
    assert (found.headers["content-type"], found.json()) == (kind, {"a": 1})


@pytest.mark.parametrize(
    ("renderer", "text"),
    [("json", '{"a":1}'), ("string", "{'a': 1}"), (lambda value, _: str(value["a"]), "1")],
)
def test_the_body_of_a_tuple_is_rendered_and_the_rest_is_said_of_it(renderer: Any, text: str) -> None:
    found = of(({"a": 1}, 201, {"x-note": "n"}), renderer=renderer).get("/")
    assert (found.status_code, found.headers["x-note"], found.text) == (201, "n", text)


def test_what_is_said_of_a_response_that_a_renderer_shares_stays_with_one_request() -> None:
    shared = Response("same")
    client = of(("x", 201, {"x-note": "n"}), produces={"text/plain": lambda value, request: shared})
    assert (client.get("/").status_code, client.get("/").headers["vary"]) == (201, "Accept")
    assert (shared.status_code, "x-note" in shared.headers, "vary" in shared.headers) == (200, False, False)


def test_a_tuple_without_a_body_is_rendered_as_nothing() -> None:
    assert of((202,), renderer="json").get("/").text == "null"


def test_a_declared_tuple_is_a_document() -> None:
    async def handler() -> tuple[str, int]:
        return "a", 201

    assert serving(handler, renderer="json").get("/").json() == ["a", 201]


# -- several ------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Row:
    a: int


def csv(value: Row, request: Request) -> str:
    return f"a\r\n{value.a}\r\n"


PRODUCES = {"application/json": "json", "text/csv": csv}


@pytest.mark.parametrize(
    ("accept", "kind", "text"),
    [
        ("text/csv", "text/csv; charset=utf-8", "a\r\n1\r\n"),
        ("application/json", "application/json", '{"a":1}'),
        ("text/*, application/json;q=0.5", "text/csv; charset=utf-8", "a\r\n1\r\n"),
        ("*/*", "application/json", '{"a":1}'),
        (None, "application/json", '{"a":1}'),
    ],
)
def test_the_client_chooses_between_several(accept: str | None, kind: str, text: str) -> None:
    client = of(Row(1), produces=PRODUCES)
    client.headers.pop("accept", None)
    found = client.get("/", headers={} if accept is None else {"accept": accept})
    assert (found.headers["content-type"], found.text, found.headers["vary"]) == (kind, text, "Accept")


def test_a_client_that_takes_none_gets_406_and_the_handler_does_not_run() -> None:
    async def handler() -> None:
        raise AssertionError("it has run")

    found = serving(handler, produces=PRODUCES).get("/", headers={"accept": "image/png"})
    assert (found.status_code, found.headers["vary"]) == (406, "Accept")
    assert "application/json, text/csv" in found.text


def test_types_alone_have_their_usual_renderers() -> None:
    client = of([1], produces=["application/json", "text/plain"])
    assert client.get("/", headers={"accept": "text/plain"}).text == "[1]"
    assert client.get("/", headers={"accept": "application/json"}).json() == [1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"renderer": "xml"}, "renderer='xml' is neither 'json' nor 'string', the name of a template"),
        ({"renderer": 7}, "renderer=7 is neither"),
        ({"renderer": "json", "produces": PRODUCES}, "two ways to say one thing"),
        (
            {"produces": ["application/json"], "response_content_type": "text/csv"},
            "response_content_type='text/csv' contradicts produces=, of which each request chooses one; keep produces=",
        ),
        ({"renderer": "nowhere.html"}, r"<lambda>\(\): there is no template 'nowhere.html' in .*templates"),
        ({"produces": {"text/html": "nowhere.html#row"}}, "there is no template 'nowhere.html' in"),
        ({"renderer": "../page.html"}, "there is no template '../page.html' in"),
        ({"produces": "application/json"}, "is no list or dict of media types"),
        ({"produces": []}, "is no list or dict of media types"),
        ({"produces": ["text/html"]}, "nothing renders text/html by itself"),
        ({"produces": ["text/*"]}, "'text/\\*' is no media type"),
        ({"produces": {"json": "json"}}, "'json' is no media type"),
    ],
)
def test_options_that_cannot_be_fail_at_assembly(options: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"test_rendering\.py:\d+: .*{message}"):
        Wadjet(routes=[get("/", lambda: 7, **options)]).seal()


@pytest.mark.parametrize(
    ("renderer", "given", "sent"),
    [
        ("string", "text/csv", "text/csv; charset=utf-8"),
        ("string", "text/*", "text/plain; charset=utf-8"),
        ("json", "application/vnd.api+json", "application/vnd.api+json"),
        ("page.svg", "image/svg+xml", "image/svg+xml; charset=utf-8"),
        (lambda value, request: "made", "text/csv", "text/plain; charset=utf-8"),
    ],
)
def test_a_renderer_makes_the_type_that_the_route_gives(renderer: Any, given: str, sent: str) -> None:
    app = Wadjet(routes=[get("/", lambda: {"n": 1}, renderer=renderer, response_content_type=given)])
    app.templates.environment.loader = jinja2.DictLoader({"page.svg": "<svg/>"})
    assert TestClient(app).get("/").headers["content-type"] == sent
    answers = app.openapi()["paths"]["/"]["get"]["responses"]["200"]
    assert list(answers.get("content", [])) in ([], [sent.partition(";")[0]])
    assert ("content" in answers) == isinstance(renderer, str)


def test_a_template_may_come_from_where_the_developer_says_and_is_read_when_it_is_used() -> None:
    app = Wadjet(routes=[get("/", lambda: {"n": 1}, renderer="page.html#row")])
    page = "{% block row %}{{ n|doubled }}{% endblock %}"
    app.templates.environment.loader = jinja2.DictLoader({"page.html": page})
    with TestClient(app) as client:
        app.templates.environment.filters["doubled"] = lambda number: 2 * number
        assert client.get("/").text == "2"


def test_what_somebody_else_renders_is_not_looked_for() -> None:
    app = Wadjet(routes=[get("/", lambda: {"n": 1}, renderer="page.mako")])
    app.template_renderer(lambda request, template: f"made of {template.name}")
    assert TestClient(app).get("/").text == "made of page.mako"


def test_a_view_of_a_resource_names_the_template_that_is_missing() -> None:
    app = Wadjet()
    app.add_view(lambda request: {}, renderer="nowhere.html")
    with pytest.raises(ConfigError, match=r"test_rendering.*: there is no template 'nowhere.html' in"):
        app.seal()


def test_a_handler_that_yields_is_not_rendered_and_that_is_said_at_assembly() -> None:
    async def rows() -> AsyncIterator[str]:
        yield "x"

    app = Wadjet(routes=[get("/", rows, renderer="json")])
    with pytest.raises(ConfigError, match=r"rows\(\) yields, and a stream is not rendered"):
        app.seal()
    within = Router(renderer="json")
    within.get("/", renderer=None)(rows)
    assert TestClient(Wadjet(routes=[within])).get("/").text == "x"


def test_subscribers_are_for_events_and_come_in_time() -> None:
    app = Wadjet()
    given: Any = "BeforeRender"
    with pytest.raises(ConfigError, match="'BeforeRender' is no class of events; give one, as NewRequest"):
        app.add_subscriber(print, [given])
    app.seal()
    with pytest.raises(SealedError, match="add_subscriber comes too late"):
        app.add_subscriber(print, BeforeRender)


@pytest.mark.parametrize("options", [{"cache_rate": 100}, {"cache_ttl": 60, "cache_vary": "accept-language"}])
def test_what_is_kept_is_kept_for_each_type_that_is_accepted(options: Any) -> None:
    app, runs = Wadjet(), []

    @app.get("/", produces=["application/json", "text/plain"], **options)
    async def index() -> Any:
        runs.append(1)
        return {"a": len(runs)}

    client = TestClient(app)
    for _ in range(2):
        for kind in ("application/json", "text/plain"):
            found = client.get("/", headers={"accept": kind})
            assert found.headers["content-type"].startswith(kind)
            assert "accept" in found.headers["vary"].lower().split(", ")
    assert len(runs) == 2
    assert client.get("/", headers={"accept": "image/png"}).status_code == 406
