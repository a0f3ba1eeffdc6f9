"""Templates on their way to the client: what they can name, what they escape, and what is said when one is missing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import pytest

from wadjet import HTMLResponse, Request, Router, Settings, Wadjet
from wadjet.errors import ConfigError
from wadjet.templating import TemplateMissing
from wadjet.testing import TestClient

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Give what writes templates into a folder, which it returns: ``write({"page.html": "…"})``."""

    def write(files: dict[str, str], folder: str = "templates") -> Path:
        place = tmp_path / folder
        for name, text in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, "utf-8")
        return place

    return write


def application(folder: Path, **options: Any) -> Wadjet:
    """Return an application with templates, that answers /show/<template> with the query as context."""
    debug = options.pop("debug", None)
    app = Wadjet(Settings(TEMPLATES_DIR=str(folder), **options), debug=debug)

    @app.get("/show/{name:path}")
    async def show(name: str, request: Request) -> HTMLResponse:
        return HTMLResponse(template=name + (request.state.get("block") or ""), context=dict(request.GET))

    @app.get("/users/{id:int}", name="user")
    async def user(id: int) -> str:
        return str(id)

    return app


def page(folder: Path, target: str, **options: Any) -> str:
    with TestClient(application(folder, **options)) as client:
        response = client.get(f"/show/{target}")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return response.text


def failure(folder: Path, target: str, **options: Any) -> BaseException:
    """Return what is raised where a template is asked for, having seen that the client is told nothing of it."""
    app = application(folder, **options)
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get(f"/show/{target}", headers={"accept": "text/plain"})
        assert response.status_code == 500
        if not options.get("debug"):
            assert str(folder) not in response.text
    with TestClient(app) as client, pytest.raises(Exception) as caught:
        client.get(f"/show/{target}")
    return caught.value


# -- escaping ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        pytest.param("%3Cb%3E%26", "&lt;b&gt;&amp;", id="TPL-01: markup"),
        pytest.param("%27%20onmouseover%3D%27alert", "&#39; onmouseover=&#39;alert", id="TPL-03: quotes"),
        pytest.param("%7B%25%20for%20x%20in%20y%20%25%7D", "{% for x in y %}", id="TPL-06: a statement"),
        pytest.param("%24%7B7%2A7%7D", "${7*7}", id="TPL-07: another language"),
        pytest.param(
            "%7B%7B%20''.__class__%20%7D%7D", "{{ &#39;&#39;.__class__ }}", id="TPL-10: an expression"
        ),
        pytest.param("%C3%A9%E2%82%AC", "é€", id="TPL-14: beyond ASCII"),
    ],
)
@pytest.mark.parametrize("name", ["page.html", "page.txt", "page"])
def test_a_value_is_shown_and_never_evaluated(write: Write, name: str, sent: str, shown: str) -> None:
    folder = write({name: "<p title='{{ name }}'></p>"})
    assert page(folder, f"{name}?name={sent}") == f"<p title='{shown}'></p>"


def test_what_says_that_it_is_markup_is_not_escaped(write: Write) -> None:
    folder = write({"page.html": "{{ name | safe }}{{ name }}"})
    assert page(folder, "page.html?name=%3Cb%3E") == "<b>&lt;b&gt;"


def test_tpl_15_json_in_a_script_cannot_end_it(write: Write) -> None:
    folder = write({"page.html": "<script>let name = {{ name | tojson }}</script>"})
    sent = "%3C/script%3E%3Cscript%3Ealert(1)%3C/script%3E"
    expected = r'"\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"'
    assert page(folder, f"page.html?name={sent}") == f"<script>let name = {expected}</script>"


def test_json_in_a_template_has_what_json_has_elsewhere(write: Write) -> None:
    app = application(write({"page.html": "{{ document | tojson }}"}))
    app.templates.environment.globals["document"] = {"on": date(2026, 1, 2), "ids": {1}}
    with TestClient(app) as client:
        assert client.get("/show/page.html").text == '{"on":"2026-01-02","ids":[1]}'


def test_tpl_18_the_key_of_an_attribute_cannot_be_another_attribute(write: Write) -> None:
    folder = write({"page.html": "<p{{ {name: 1} | xmlattr }}>"})
    assert isinstance(failure(folder, "page.html?name=a%20onclick"), ValueError)


# -- names ------------------------------------------------------------------------------------------------------------------


def test_a_template_knows_the_request_and_where_routes_are(write: Write) -> None:
    folder = write({"page.html": "{{ request.path }} {{ url_for('user', id=7) }}"})
    assert page(folder, "page.html") == "/show/page.html /users/7"


def test_addresses_are_below_the_path_that_the_application_is_mounted_at(write: Write) -> None:
    app = application(write({"page.html": "{{ url_for('user', id=7) }}"}))
    with TestClient(app, root_path="/my app") as client:
        assert client.get("/show/page.html").text == "/my%20app/users/7"


def test_the_context_wins_over_what_is_there_anyway(write: Write) -> None:
    folder = write({"page.html": "{{ request }} {{ url_for }}"})
    assert page(folder, "page.html?request=mine&url_for=mine") == "mine mine"


def test_names_are_computed_for_each_request_and_only_when_they_are_used(write: Write) -> None:
    app = application(write({"with.html": "{{ twice }}{{ twice }}", "without.html": "nothing"}))
    asked = []

    def twice(request: Request) -> str:
        asked.append(request.path)
        return request.path * 2

    app.templates.names["twice"] = twice
    with TestClient(app) as client:
        assert client.get("/show/without.html").text == "nothing"
        assert asked == []
        assert client.get("/show/with.html").text == "/show/with.html" * 4


def test_filters_and_globals_are_the_environments(write: Write) -> None:
    app = application(write({"page.html": "{{ name | loud }} {{ shop }}"}))
    app.templates.environment.filters["loud"] = str.upper
    app.templates.environment.globals["shop"] = "Corner"
    with TestClient(app) as client:
        assert client.get("/show/page.html?name=tea").text == "TEA Corner"


def test_two_applications_share_nothing(write: Write) -> None:
    one, other = (
        application(write({"page.html": "{{ shop }}"})),
        application(write({"page.html": "{{ shop }}"})),
    )
    one.templates.environment.globals["shop"] = "Corner"
    with TestClient(one) as client:
        assert client.get("/show/page.html").text == "Corner"
    with TestClient(other) as client:
        assert client.get("/show/page.html").text == ""


def test_a_name_that_nothing_gives_is_an_error_in_development_and_empty_in_production(write: Write) -> None:
    folder = write({"page.html": "[{{ nobody }}]"})
    assert page(folder, "page.html") == "[]"
    error = failure(folder, "page.html", debug=True)
    assert isinstance(error, jinja2.UndefinedError)
    assert "'nobody' is undefined" in str(error)


# -- search -----------------------------------------------------------------------------------------------------------------


def test_a_template_extends_includes_and_imports_others(write: Write) -> None:
    folder = write(
        {
            "base.html": "<title>{% block title %}{% endblock %}</title>{% include 'parts/foot.html' %}",
            "parts/foot.html": "<footer>{{ name }}</footer>",
            "parts/macros.html": "{% macro loud(text) %}<b>{{ text }}</b>{% endmacro %}",
            "page.html": "{% extends 'base.html' %}{% from 'parts/macros.html' import loud %}"
            "{% block title %}{{ loud(name) }}{% endblock %}",
        }
    )
    assert page(folder, "page.html?name=A%26B") == "<title><b>A&amp;B</b></title><footer>A&amp;B</footer>"


def test_packages_are_searched_after_the_applications_own_folder(
    write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write({"__init__.py": ""}, "templates_shop")
    write({"own.html": "the package's", "both.html": "the package's"}, "templates_shop/templates")
    folder = write({"both.html": "the application's"})
    monkeypatch.syspath_prepend(tmp_path)
    assert page(folder, "own.html", INSTALLED_APPS=("templates_shop",)) == "the package's"
    assert page(folder, "both.html", INSTALLED_APPS=("templates_shop",)) == "the application's"


@pytest.mark.parametrize("package", ["no_such_package", "no_such.package", "", "json.decoder"])
def test_a_package_that_is_none_is_named(write: Write, package: str) -> None:
    app = application(write({}), INSTALLED_APPS=(package,))
    with pytest.raises(ConfigError, match=f"INSTALLED_APPS names {package!r}, which is no package"):
        _ = app.templates.environment


def test_a_response_may_name_a_folder_which_wins_over_the_setting(write: Write) -> None:
    app = application(write({"page.html": "the setting's"}))
    there = write({"page.html": "{{ url_for('user', id=1) }} {{ 'a' | loud }}"}, "elsewhere")
    app.templates.environment.filters["loud"] = str.upper

    @app.get("/there")
    async def answer() -> HTMLResponse:
        return HTMLResponse(template="page.html", template_dir=there)

    with TestClient(app) as client:
        assert [client.get(path).text for path in ("/there", "/show/page.html", "/there")] == [
            "/users/1 A",
            "the setting's",
            "/users/1 A",
        ]


def test_however_many_folders_are_named_few_are_remembered(write: Write, tmp_path: Path) -> None:
    app = application(write({}))
    for number in range(40):
        write({"page.html": str(number)}, f"folder{number}")

    @app.get("/{number}")
    async def answer(number: str) -> HTMLResponse:
        return HTMLResponse(template="page.html", template_dir=tmp_path / f"folder{number}")

    with TestClient(app) as client:
        assert [client.get(f"/{number}").text for number in range(40)] == [
            str(number) for number in range(40)
        ]
    assert len(app.templates.engine._elsewhere) <= 32


def test_a_missing_template_is_told_with_where_it_was_looked_for_and_what_was_meant(write: Write) -> None:
    folder = write({"home.html": "", "homes.html": "", "about.html": ""})
    message = str(failure(folder, "hom.html"))
    assert message.startswith(f"there is no template 'hom.html' in {folder}; did you mean 'home.html'")
    assert "about" not in message


def test_a_missing_folder_is_told_as_such(tmp_path: Path) -> None:
    message = str(failure(tmp_path / "nowhere", "home.html"))
    assert message == f"there is no template 'home.html' in {tmp_path / 'nowhere'} (no such folder)"


@pytest.mark.parametrize(
    "text", ["{% extends 'bse.html' %}", "{% include 'bse.html' %}", "{% import 'bse.html' as b %}"]
)
def test_a_template_that_another_one_wants_is_the_one_that_is_missing(write: Write, text: str) -> None:
    message = str(failure(write({"page.html": text, "base.html": ""}), "page.html"))
    assert "there is no template 'bse.html'" in message
    assert message.endswith("did you mean 'base.html'? 'page.html' asks for it")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.html",
        "a/../../secret.html",
        "/etc/passwd",
        "..%5Csecret.html",
        "C:/secret.html",
        "secret.html%00",
    ]
    + ["./page.html", "a//page.html", "parts/../page.html"],
)
def test_tpl_17_a_name_from_the_request_stays_below_the_folder(write: Write, name: str) -> None:
    write({"secret.html": "secret"}, ".")
    app = application(write({"page.html": "", "a/page.html": "", "parts/page.html": ""}))

    @app.get("/chosen")
    async def chosen(name: str) -> HTMLResponse:
        return HTMLResponse(template=name)

    with TestClient(app) as client, pytest.raises(TemplateMissing, match="there is no template"):
        client.get(f"/chosen?name={name}")
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get(f"/chosen?name={name}")
    assert response.status_code == 500
    assert "template" not in response.text


# -- fragments --------------------------------------------------------------------------------------------------------------


def test_a_fragment_is_one_block_and_no_more(write: Write) -> None:
    folder = write(
        {
            "base.html": "<html>{% block body %}{% endblock %}</html>",
            "page.html": "{% extends 'base.html' %}{% block body %}<table>"
            "{% block row %}<tr>{{ name }} {{ request.method }} {{ url_for('user', id=1) }}</tr>{% endblock %}"
            "</table>{% endblock %}",
        }
    )
    row = "<tr>&lt;tea&gt; GET /users/1</tr>"
    assert page(folder, "page.html%23row?name=%3Ctea%3E") == row
    assert page(folder, "page.html?name=%3Ctea%3E") == f"<html><table>{row}</table></html>"


@pytest.mark.parametrize(
    ("text", "known"), [("{% block a %}{% endblock %}{% block b %}{% endblock %}", "a, b"), ("", "none")]
)
def test_a_block_that_is_missing_is_told_with_those_that_are_there(
    write: Write, text: str, known: str
) -> None:
    error = failure(write({"page.html": text}), "page.html%23rwo")
    assert str(error) == f"the template 'page.html' has no block 'rwo'; it has: {known}"


@pytest.mark.parametrize("target", ["page.html", "page.html%23row"])
def test_a_mistake_in_a_template_points_at_its_line(write: Write, target: str) -> None:
    folder = write({"page.html": "{% block row %}\n\n{{ 1 // 0 }}{% endblock %}"})
    error = failure(folder, target)
    assert isinstance(error, ZeroDivisionError)
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((Path(trace.tb_frame.f_code.co_filename).name, trace.tb_lineno))
        trace = trace.tb_next
    assert ("page.html", 3) in frames


# -- where it runs ----------------------------------------------------------------------------------------------------------


def threads_of(write: Write, text: str, **options: Any) -> list[bool]:
    """Tell of three renderings whether each was on the loop."""
    app = application(write({"page.html": text + "{{ seen() }}"}), **options)
    loops: list[int] = []
    seen: list[int] = []

    def note() -> str:
        seen.append(threading.get_ident())
        return ""

    app.templates.environment.globals["seen"] = note

    @app.get("/")
    async def answer() -> HTMLResponse:
        loops.append(threading.get_ident())
        return HTMLResponse(template="page.html")

    with TestClient(app) as client:
        for _ in range(3):
            client.get("/")
    return [mine == theirs for mine, theirs in zip(loops, seen, strict=True)]


def test_a_small_page_is_read_off_the_loop_and_then_rendered_on_it(write: Write) -> None:
    assert threads_of(write, "small") == [False, True, True]


def test_a_large_page_is_rendered_off_the_loop(write: Write) -> None:
    assert threads_of(write, "{{ 'large' * 20000 }}") == [False, False, False]


def test_in_development_files_are_read_again_so_all_is_off_the_loop(write: Write) -> None:
    assert threads_of(write, "small", debug=True) == [False, False, False]


def test_in_development_a_changed_file_is_seen(write: Write) -> None:
    folder = write({"page.html": "before"})
    app = application(folder, debug=True)
    with TestClient(app) as client:
        assert client.get("/show/page.html").text == "before"
        write({"page.html": "after, and longer"})
        os.utime(folder / "page.html", (1, 1))
        assert client.get("/show/page.html").text == "after, and longer"


def test_a_template_serves_again_after_the_application_has_stopped(write: Write) -> None:
    app = application(write({"page.html": "here"}))
    for _ in range(2):
        with TestClient(app) as client:
            assert client.get("/show/page.html").text == "here"


# -- whose it is ------------------------------------------------------------------------------------------------------------


def test_a_renderer_of_ones_own_takes_the_place_of_the_engine(tmp_path: Path) -> None:
    app = application(tmp_path)

    @app.template_renderer
    def render(request: Request, template: Any) -> str:
        return f"{template.name} for {request.path}"

    with TestClient(app) as client:
        assert client.get("/show/any").text == "any for /show/any"


def test_templates_of_a_routers_handlers_are_those_of_the_application(write: Write) -> None:
    router = Router(prefix="/r")

    @router.get("/")
    async def answer() -> HTMLResponse:
        return HTMLResponse(template="page.html", status_code=201)

    app = Wadjet(Settings(TEMPLATES_DIR=str(write({"page.html": "here"}))), routes=[router])
    with TestClient(app) as client:
        response = client.get("/r/")
    assert (response.status_code, response.text) == (201, "here")


def test_without_jinja2_the_command_that_installs_it_is_named() -> None:
    code = """
import importlib.abc, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "jinja2":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from wadjet import Wadjet
Wadjet().templates.names
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'MissingExtra: templates need Jinja2: pip install "wadjet[templates]"' in done.stderr
