"""What a developer is shown of a crash, in each form; and that nobody is shown anything where DEBUG is off."""

from __future__ import annotations

import dataclasses
import logging
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.debug import crashes
from wadjet import BaseMiddleware, Request, Settings, Wadjet
from wadjet.conf.masking import MASK
from wadjet.http.response import Head
from wadjet.middleware import RequestIdMiddleware, SecurityMiddleware
from wadjet.testing import TestClient

EVIL = "<script>alert(1)</script>"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
JSON = {"accept": "application/json"}

#: What stands in the requests, the code and the settings of the tests, and must stand in no answer.
SECRETS = [
    "hunter2",
    "s3ss10n-value",
    "bearer-credentials",
    "signing-key-1",
    "redis-pass",
    "query-token",
    "t0p",
]


@dataclasses.dataclass(frozen=True)
class Shop(Settings):
    SECRET_KEY: str | tuple[str, ...] = "signing-key-1"
    REDIS_URL: str | None = "redis://:redis-pass@localhost/0"


def shop(*middleware: Any, debug: bool = True) -> Wadjet:
    app = Wadjet(Shop, debug=debug, middleware=middleware)

    @app.get("/outer")
    async def outer(request: Request) -> None:
        copied = request.headers.get("authorization", "")
        raw = f"the key is {request.app.settings.SECRET_KEY}, {copied}"
        assert raw
        crashes.outer("hunter2")

    @app.post("/form")
    async def form(request: Request) -> None:
        brought = [*(await request.form()).values()]
        raise crashes.Broken(brought)

    @app.get("/{name}")
    def crash(name: str) -> None:
        getattr(crashes, name)()

    return app


def client(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def shown(target: str, headers: dict[str, str] | None = None, *middleware: Any) -> Any:
    answer = client(shop(*middleware)).get(target, headers=headers or {})
    assert answer.status_code == 500
    return answer


class Outline(HTMLParser):
    """A page as a list of tags, and the texts in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


# -- who is shown what ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (BROWSER["accept"], "text/html; charset=utf-8"),
        ("*/*", "text/plain; charset=utf-8"),
        (None, "text/plain; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/png", "text/plain; charset=utf-8"),
        ("application/json", "application/problem+json"),
        ("application/problem+json", "application/problem+json"),
        ("application/json, text/plain, */*", "application/problem+json"),
        ("text/html;q=0.5, application/json", "application/problem+json"),
    ],
)
def test_each_client_gets_the_form_that_it_reads(accept: str | None, content_type: str) -> None:
    headers = {} if accept is None else {"accept": accept}
    http = client(shop())
    if accept is None:
        del http.headers["accept"]
    answer = http.get("/outer", headers=headers)
    assert answer.headers["content-type"] == content_type
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "headers", [BROWSER, JSON, {}, {"accept": "text/plain"}], ids=["html", "json", "none", "text"]
)
@pytest.mark.parametrize("name", ["outer", "caused", "grouped", "through_a_library"])
def test_nobody_is_shown_anything_where_debug_is_off(headers: dict[str, str], name: str) -> None:
    answer = client(shop(debug=False)).get(f"/{name}", headers=headers)
    assert answer.status_code == 500
    whole = answer.text + repr(answer.headers)
    for told in (
        "Broken",
        "LookupError",
        "Error(",
        "crashes",
        ".py",
        "Traceback",
        "frame",
        "no bo",
        "Expecting",
        *SECRETS,
    ):
        assert told not in whole


def test_a_process_in_production_never_loads_the_page() -> None:
    code = (
        "import sys\nfrom wadjet import Wadjet\nfrom wadjet.testing import TestClient\napp = Wadjet()\n"
        "@app.get('/')\nasync def index(): 1 / 0\n"
        "assert TestClient(app, raise_server_exceptions=False).get('/').status_code == 500\n"
        "assert not [name for name in sys.modules if name.startswith('wadjet.debug')]\n"
        "app = Wadjet(debug=True)\n"
        "assert not [name for name in sys.modules if name.startswith('jinja2')]\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


# -- what is shown ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [BROWSER, JSON, {}], ids=["html", "json", "text"])
def test_no_form_shows_a_secret(headers: dict[str, str]) -> None:
    sent = {"authorization": "Bearer bearer-credentials", "cookie": "sid=s3ss10n-value", **headers}
    answer = shown("/outer?token=query-token", sent)
    for secret in SECRETS:
        assert secret not in answer.text
    assert MASK in answer.text
    for told in ("no bo 1", "crashes.outer(", "crashes.py", "/outer", "SECRET_KEY", "redis://:"):
        assert told in answer.text


@pytest.mark.parametrize("headers", [BROWSER, JSON, {}], ids=["html", "json", "text"])
def test_the_secrets_of_a_form_are_masked_wherever_they_stand(headers: dict[str, str]) -> None:
    answer = client(shop()).post("/form", data={"name": "bo", "password": "hunter2"}, headers=headers)
    assert "bo" in answer.text
    assert "hunter2" not in answer.text


def test_the_text_is_for_terminals() -> None:
    lines = shown("/caused").text.splitlines()
    assert lines[0].startswith("500 Internal Server Error [")
    assert lines[1] == "GET /caused"
    assert lines[3] == "LookupError: because"
    assert lines[4].startswith(f'  File "{crashes.__file__}", line ')
    assert lines[5] == '    raise LookupError("because") from error'
    assert "-- the direct cause:" in lines
    assert "As curl:" in lines
    assert "As a test:" in lines


def test_the_document_is_problem_details() -> None:
    document = shown("/caused", JSON, RequestIdMiddleware).json()
    assert document["type"] == "about:blank"
    assert (document["title"], document["status"]) == ("Internal Server Error", 500)
    assert document["detail"] == "LookupError: because"
    assert document["instance"] == f"urn:wadjet:error:{document['id']}"
    assert [one["type"] for one in document["exceptions"]] == ["LookupError", "tests.debug.crashes.Broken"]
    own = [frame["function"] for frame in document["exceptions"][0]["frames"] if frame["own"]]
    assert own == ["shop.<locals>.crash", "caused"]
    assert document["exceptions"][0]["frames"][-1]["code"] == 'raise LookupError("because") from error'
    route = {row["name"]: row["value"] for row in document["route"]}
    assert route["Pattern"] == "/{name}"
    assert route["{name}"] == "'caused'"
    assert route["Handler"].endswith("crash()")
    assert document["middleware"] == [
        {"name": "1", "value": "wadjet.middleware.requestid.RequestIdMiddleware", "note": ""}
    ]


def test_the_page_shows_the_users_code_first() -> None:
    outline = Outline(shown("/through_a_library", BROWSER).text)
    files = [text for text in outline.texts if ".py:" in text]
    assert [file.rpartition("/")[2].partition(":")[0] for file in files[:3]] == [
        "crashes.py",
        "test_present.py",
        files[2].rpartition("/")[2].partition(":")[0],
    ]
    assert "All frames, outermost first" in "".join(outline.texts)
    details = [fields for tag, fields in outline.tags if tag == "details"]
    assert [fields["class"] for fields in details[:2]] == ["own", "own"]
    assert [("open" in fields) for fields in details[:2]] == [True, False]


def test_without_code_of_the_user_it_shows_where_it_was_raised() -> None:
    app = Wadjet(debug=True, middleware=[_Bare])
    assert "<h2>Where it was raised</h2>" in client(app).get("/", headers=BROWSER).text


class _Bare:
    """Middleware that is a library's, as far as anybody can tell."""

    def __init__(self, app: Any) -> None:
        self.app = app
        code = "async def call(scope, receive, send):\n    if scope['type'] == 'http':\n        raise KeyError('bare')\n"
        names: dict[str, Any] = {}
        exec(compile(code, "<bare>", "exec"), names)
        self.call = names["call"]

    def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return self.call(scope, receive, send)


def test_the_page_names_both_ids_and_the_log_has_them(caplog: pytest.LogCaptureFixture) -> None:
    answer = shown("/outer", BROWSER, RequestIdMiddleware)
    (record,) = [record for record in caplog.records if record.name == "wadjet.error"]
    identifier, request_id = record.__dict__["error_id"], record.__dict__["request_id"]
    assert f"[{identifier}]" in record.getMessage()
    assert f"Error id: <code>{identifier}</code>" in answer.text
    assert f"Request id: <code>{request_id}</code>" in answer.text
    assert answer.headers["x-request-id"] == request_id


class Stumbles(BaseMiddleware):
    """Fails in its own code."""

    def before(self, request: Request) -> None:
        raise crashes.Broken("in a hook")


class Passes(BaseMiddleware):
    """Does nothing wrong."""

    def after(self, request: Request, response: Head) -> None:
        """See the head."""


def test_the_middleware_that_the_error_went_through_is_marked() -> None:
    rows = shown("/outer", JSON, Passes, Stumbles).json()["middleware"]
    assert [(row["value"].rpartition(".")[2], row["note"]) for row in rows] == [
        ("Passes", ""),
        ("Stumbles", "the error went through its code"),
    ]


# -- nothing gets out -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "headers", "cookies"),
    [
        pytest.param(f"/outer?x={EVIL}&{EVIL}=1", {}, {}, id="ERR-17 the query"),
        pytest.param(
            "/outer",
            {"x-a": EVIL, "user-agent": EVIL, "referer": f"http://x/'\"{EVIL}"},
            {},
            id="ERR-19 header fields",
        ),
        pytest.param("/outer", {"cookie": f"a={EVIL}; {EVIL}=b"}, {}, id="ERR-20 cookies"),
        pytest.param(
            f"/{EVIL.replace('/', '%2F')}", {}, {}, id="ERR-x the path, and what getattr() says of it"
        ),
    ],
)
def test_the_page_is_escaped(target: str, headers: dict[str, str], cookies: dict[str, str]) -> None:
    page = shown(target, {**BROWSER, **headers}).text
    assert EVIL not in page
    assert "<script>" not in page
    outline = Outline(page)
    assert [tag for tag, _ in outline.tags].count("script") == 1
    assert not [fields for _, fields in outline.tags if any(name.startswith("on") for name in fields)]


def test_err_24_and_25_the_page_has_nosniff_and_a_policy_of_its_own() -> None:
    answer = shown("/outer", BROWSER)
    nonce = answer.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    outline = Outline(answer.text)
    assert [fields.get("nonce") for tag, fields in outline.tags if tag in {"style", "script"}] == [
        nonce,
        nonce,
    ]
    assert not [
        tag for tag, fields in outline.tags if "src" in fields or "href" in fields or "style" in fields
    ]


def test_the_pages_policy_is_the_only_one_and_a_report_has_the_same_nonce() -> None:
    strict = (SecurityMiddleware, {"csp": "default-src 'self'", "csp_report_only": {"script-src": "'nonce'"}})
    answer = shown("/outer", BROWSER, strict)
    (policy,) = answer.headers.get_list("content-security-policy")
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert answer.headers["content-security-policy-report-only"] == f"script-src 'nonce-{nonce}'"


def test_a_nonce_that_comes_too_late_is_the_pages_own() -> None:
    class Late(BaseMiddleware):
        def after(self, request: Request, response: Head) -> None:
            raise crashes.Broken

    strict = (SecurityMiddleware, {"csp": {"script-src": "'nonce'"}})
    app = Wadjet(debug=True, middleware=[Late, strict])

    @app.get("/")
    async def index() -> str:
        return "fine"

    answer = client(app).get("/", headers=BROWSER)
    nonce = answer.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in answer.text


# -- what fails while it is made --------------------------------------------------------------------------------------------


@pytest.fixture
def broken_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError("in the page")

    monkeypatch.setattr("wadjet.debug.present.page", fails)


@pytest.mark.usefixtures("broken_page")
def test_an_error_in_the_page_is_answered_as_in_production(caplog: pytest.LogCaptureFixture) -> None:
    answer = shown("/outer", BROWSER)
    assert "hunter2" not in answer.text
    assert "ZeroDivisionError" not in answer.text
    crash, second = [record for record in caplog.records if record.name == "wadjet.error"]
    assert crash.__dict__["error_id"] == second.__dict__["error_id"]
    assert crash.__dict__["error_id"] in answer.text
    assert second.levelno == logging.WARNING
    assert "cannot be shown" in second.getMessage()


def test_a_request_that_cannot_be_read_is_shown_all_the_same() -> None:
    answer = client(shop()).get("/outer?" + "&".join(f"a{n}=1" for n in range(2000)), headers=JSON)
    assert answer.status_code == 500
    assert answer.json()["query"] == [{"name": "cannot be read", "value": "BadRequest", "note": ""}]


def test_what_cannot_be_told_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> str:
        raise ValueError

    monkeypatch.setattr("wadjet.debug.report.as_curl", fails)
    assert shown("/outer", JSON).json()["curl"] == "cannot be told: ValueError"


@pytest.mark.parametrize("headers", [BROWSER, JSON, {}], ids=["html", "json", "text"])
@pytest.mark.parametrize(
    "name", ["deep", "grouped", "circle", "many_locals", "hidden", "handled", "unspeakable", "halves"]
)
def test_strange_crashes_are_shown(
    name: str, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unspeakable() -> None:
        local = crashes.Unspeakable()
        raise local

    def halves() -> None:
        name = "\udcff"
        raise crashes.Broken(name)

    monkeypatch.setattr(crashes, "unspeakable", unspeakable, raising=False)
    monkeypatch.setattr(crashes, "halves", halves, raising=False)
    # What stands in the log cannot be sent from one process of pytest-xdist to another.
    monkeypatch.setattr(logging.getLogger("wadjet.error"), "disabled", True)
    answer = shown(f"/{name}", headers)
    assert "crashes" in answer.text
    assert len(answer.content) < 1_000_000


def test_a_mounted_application_says_where_it_is() -> None:
    app = Wadjet()
    app.mount("/shop", shop())
    rows = client(app).get("/shop/outer", headers=JSON).json()["request"]
    assert {"name": "Mounted at", "value": "/shop", "note": ""} in rows


def test_basic_credentials_are_masked_also_where_they_were_decoded() -> None:
    app = Wadjet(debug=True)

    @app.get("/")
    async def index(request: Request) -> None:
        raise crashes.Broken("Ym86aHVudGVyMg== is bo with hunter2")

    answer = client(app).get("/", headers={"authorization": "Basic Ym86aHVudGVyMg=="})
    assert "hunter2" not in answer.text
    assert client(app).get("/", headers={"authorization": "Basic ???"}).status_code == 500
