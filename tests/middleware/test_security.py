"""SecurityMiddleware: hosts, https, and fields on every response, in an application and around any."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse as StarlettePlainText
from starlette.routing import Route as StarletteRoute
from starlette.routing import WebSocketRoute

from tests.driving import Sent, run
from tests.middleware.test_cors import _chat
from tests.middleware.test_sockets import accepting, handshake
from wadjet import FileResponse, HTMLResponse, Request, Response, Settings, Wadjet
from wadjet.middleware import SecurityMiddleware
from wadjet.types import ASGIApp


def _routes(app: Wadjet) -> Wadjet:
    @app.get("/x")
    async def x(request: Request) -> Any:
        return {"host": request.host, "url": request.url}

    @app.get("/boom")
    async def boom() -> None:
        raise RuntimeError

    @app.get("/own")
    async def own() -> Any:
        return Response(
            "own", headers={"X-Frame-Options": "SAMEORIGIN", "content-security-policy": "default-src *"}
        )

    @app.get("/nonce")
    async def nonce(request: Request) -> Any:
        return HTMLResponse(f"<script nonce={request.csp_nonce}></script>{request.csp_nonce}")

    @app.get("/page", etag=True)
    async def page() -> Any:
        return HTMLResponse("the same")

    app.mount("/socket", accepting)
    return app


async def _x(_: Any) -> StarlettePlainText:
    return StarlettePlainText("x")


async def _boom(_: Any) -> StarlettePlainText:
    raise RuntimeError


def _in_list(**options: Any) -> ASGIApp:
    return _routes(Wadjet(middleware=[(SecurityMiddleware, options)]))


SETTINGS = {
    "x_frame_options": "X_FRAME_OPTIONS",
    "xss_filter": "SECURE_BROWSER_XSS_FILTER",
    "csp": "SECURE_CONTENT_SECURITY_POLICY",
    "csp_report_only": "SECURE_CONTENT_SECURITY_POLICY_REPORT_ONLY",
    "allowed_hosts": "ALLOWED_HOSTS",
}


def _by_settings(**options: Any) -> ASGIApp:
    chosen = {SETTINGS.get(name, f"SECURE_{name.upper()}"): value for name, value in options.items()}
    path = "wadjet.middleware.security.SecurityMiddleware"
    return _routes(Wadjet(settings=Settings(MIDDLEWARE=(path,), **chosen)))


def _wrapped(**options: Any) -> ASGIApp:
    return SecurityMiddleware(_routes(Wadjet()), **options)


def _foreign(**options: Any) -> ASGIApp:
    routes = [
        StarletteRoute("/x", _x),
        StarletteRoute("/boom", _boom),
        WebSocketRoute("/socket/chat", _chat),
    ]
    return SecurityMiddleware(Starlette(routes=routes), **options)


Make = Callable[..., ASGIApp]
EVERYWHERE = pytest.mark.parametrize("make", [_in_list, _by_settings, _wrapped, _foreign])


def get(app: ASGIApp, path: str = "/x", host: str | None = None, **extra: Any) -> Sent:
    more = extra.pop("headers", [])
    return run(app, "GET", path, headers=[*([] if host is None else [("host", host)]), *more], **extra)


def values(sent: Sent, *names: str) -> list[str | None]:
    """The only values of fields."""
    return [None if (value := sent.field(name.encode())) is None else value.decode() for name in names]


# -- hosts --------------------------------------------------------------------------------------------------------------------

HOSTS = ("app.example.com", ".wild.example.com", "[::1]")


@EVERYWHERE
@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("app.example.com", 200, id="HOST-20 allowed"),
        pytest.param("APP.example.com:8000", 200, id="case and port do not count"),
        pytest.param("app.example.com.", 200, id="nor the dot of the root"),
        pytest.param("[::1]:8000", 200, id="IPv6"),
        pytest.param("x.wild.example.com", 200, id="HOST-23 below a domain"),
        pytest.param("wild.example.com", 200, id="the domain itself"),
        pytest.param("evil.test", 400, id="HOST-24 unknown"),
        pytest.param("evilapp.example.com", 400, id="HOST-26 a suffix"),
        pytest.param("appXexample.com", 400, id="HOST-27 the dot is no wildcard"),
        pytest.param("x.wildXexample.com", 400, id="HOST-29 the dot is no wildcard"),
        pytest.param("evil.test@app.example.com", 400, id="HOST-31 userinfo"),
        pytest.param("evil.test/.wild.example.com", 400, id="HOST-32 a slash"),
        pytest.param("evil.test\\.wild.example.com", 400, id="HOST-34 a backslash"),
        pytest.param("[::1].wild.example.com", 400, id="HOST-36 a bracket"),
        pytest.param("app.example.com:80:80", 400, id="HOST-37 two ports"),
        pytest.param("app.example.com:x", 400, id="HOST-38 a bad port"),
        pytest.param("", 400, id="HOST-39 an empty host"),
        pytest.param("app.example.com\x01", 400, id="a control byte"),
    ],
)
def test_only_allowed_hosts_are_served(make: Make, host: str, status: int) -> None:
    sent = get(make(allowed_hosts=HOSTS), host=host)
    assert sent.status == status
    assert values(sent, "x-content-type-options", "x-frame-options") == ["nosniff", "DENY"]


def test_hosts_are_remembered_in_bounds() -> None:
    middleware = SecurityMiddleware(_routes(Wadjet()), allowed_hosts=[".own.test"])
    for number in range(1100):
        scope = {"type": "http", "path": "/", "headers": [(b"host", b"a%d.own.test" % number)]}
        assert middleware.before(Request(scope)) is None
    assert len(middleware._served) < 1024


def test_what_is_remembered_of_a_host_goes_for_no_other_and_for_none() -> None:
    middleware = SecurityMiddleware(_routes(Wadjet()), allowed_hosts=["own.test", "localhost"])

    def serves(*hosts: bytes, version: str = "1.1") -> bool:
        fields = [(b"host", host) for host in hosts]
        return (
            middleware.before(
                Request({"type": "http", "path": "/", "http_version": version, "headers": fields})
            )
            is None
        )

    for _ in range(2):
        assert serves(b"own.test")
        assert not serves(b"other.test")
        assert serves(version="1.0")
        assert not serves()
        assert not serves(b"own.test", b"own.test")
        assert not serves(b"own.test", b"own.test", b"own.test")
        assert not serves(b"")


@EVERYWHERE
def test_two_hosts_are_none(make: Make) -> None:
    both = [("host", "app.example.com"), ("host", "app.example.com")]
    assert run(make(allowed_hosts=HOSTS), "GET", "/x", headers=both).status == 400


def test_a_forwarded_host_of_nobody_known_counts_for_nothing() -> None:
    """HOST-41, HOST-42."""
    app = _in_list(allowed_hosts=HOSTS)
    assert get(app, host="evil.test", headers=[("x-forwarded-host", "app.example.com")]).status == 400
    sent = get(app, host="app.example.com", headers=[("x-forwarded-host", "evil.test")])
    assert json.loads(sent.body) == {"host": "app.example.com", "url": "http://app.example.com/x"}


@pytest.mark.parametrize("hosts", [None, ()], ids=["the default", "W22 an empty list is the default"])
def test_without_a_list_only_the_machine_itself_is_served(hosts: Any) -> None:
    app = _in_list(allowed_hosts=hosts)
    assert [get(app, host=host).status for host in ("localhost:8000", "a.localhost", "[::1]")] == [200] * 3
    assert get(app, host="example.com").status == 400
    assert get(_by_settings(allowed_hosts=()), host="localhost").status == 200


def test_every_host_must_be_said_and_still_has_to_be_one() -> None:
    app = _in_list(allowed_hosts=["*"])
    assert [get(app, host=host).status for host in ("evil.test", "a b", "")] == [200, 400, 400]


def test_a_developer_is_told_what_to_do() -> None:
    app = _routes(Wadjet(debug=True, middleware=[SecurityMiddleware]))
    assert b"ALLOWED_HOSTS does not have the host 'new.test'" in get(app, host="new.test").body
    assert b"ALLOWED_HOSTS" not in get(_in_list(), host="new.test").body


@EVERYWHERE
def test_websockets_are_for_allowed_hosts_too(make: Make) -> None:
    app = make(allowed_hosts=["app.example.com"])
    assert handshake(app, ("host", "app.example.com"))[0]["type"] == "websocket.accept"
    refused = handshake(app, ("host", "evil.test"))[0]
    assert refused.get("status", 403) in {400, 403}
    assert refused["type"] in {"websocket.http.response.start", "websocket.close"}


# -- https --------------------------------------------------------------------------------------------------------------------

PROXIED = Settings(TRUSTED_PROXIES=("10.0.0.1",), SECURE_SSL_REDIRECT=True, ALLOWED_HOSTS=("*",))


@EVERYWHERE
@pytest.mark.parametrize(
    ("target", "host", "location"),
    [
        pytest.param("/x?a=1&b=%2F", "own.test:80", "https://own.test/x?a=1&b=%2F", id="SEC-18"),
        ("/x", "own.test:8000", "https://own.test/x"),
        ("/x", "[::1]:8000", "https://[::1]/x"),
        pytest.param("//evil.test/https/x", "own.test", "https://own.test//evil.test/https/x", id="SEC-21"),
        ("/a%2Fb%20c", "own.test", "https://own.test/a%2Fb%20c"),
        ("/\\evil.test", "own.test", "https://own.test/%5Cevil.test"),
        ("/x?a=\r\nx", "own.test", "https://own.test/x?a=%0D%0Ax"),
        ("/x?<script>", "own.test", "https://own.test/x?%3Cscript%3E"),
    ],
)
def test_w22_http_is_redirected_to_the_same_address_by_https(
    make: Make, target: str, host: str, location: str
) -> None:
    app = make(ssl_redirect=True, allowed_hosts=["own.test", "[::1]"], hsts_seconds=60)
    for method in ("GET", "POST"):
        sent = run(app, method, target, headers=[("host", host)])
        assert (sent.status, values(sent, "location")) == (308, [location])
        assert values(sent, "strict-transport-security", "x-frame-options") == [None, "DENY"]
    assert run(app, "GET", target, headers=[("host", host)], scheme="https").status != 308


@pytest.mark.parametrize("inside", ["list", "wrapped"])
@pytest.mark.parametrize(
    ("told", "client", "status"),
    [
        pytest.param(("x-forwarded-proto", "http"), "10.0.0.1", 308, id="SEC-17"),
        pytest.param(("x-forwarded-proto", "https"), "10.0.0.1", 200, id="the proxy says https"),
        pytest.param(("x-forwarded-proto", "https"), "192.0.2.1", 308, id="a client says https"),
        pytest.param(
            ("x-forwarded-proto", "https, http"), "10.0.0.1", 308, id="SEC-25 the proxy's word is last"
        ),
        pytest.param(("x-forwarded-proto", "http, https"), "10.0.0.1", 200, id="SEC-25"),
    ],
)
def test_a_trusted_proxy_says_how_a_request_came(
    inside: str, told: tuple[str, str], client: str, status: int
) -> None:
    app: ASGIApp
    if inside == "list":
        app = _routes(Wadjet(settings=PROXIED, middleware=[SecurityMiddleware]))
    else:
        app = SecurityMiddleware(_routes(Wadjet(settings=PROXIED)))
    assert get(app, headers=[told], client=(client, 1)).status == status


@EVERYWHERE
def test_a_websocket_has_to_be_secure_where_everything_has_to_be(make: Make) -> None:
    app = make(ssl_redirect=True)
    assert handshake(app)[0]["status"] == 308
    assert handshake(app, scheme="wss")[0]["type"] == "websocket.accept"


@EVERYWHERE
@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({}, None),
        ({"hsts_seconds": 60}, "max-age=60"),
        ({"hsts_seconds": 60, "hsts_include_subdomains": True}, "max-age=60; includeSubDomains"),
        (
            {"hsts_seconds": 31536000, "hsts_include_subdomains": True, "hsts_preload": True},
            "max-age=31536000; includeSubDomains; preload",
        ),
        ({"hsts_preload": True}, None),
    ],
)
def test_sec_02_hsts_is_said_over_https_only(make: Make, options: dict[str, Any], value: str | None) -> None:
    app = make(**options)
    for path in ("/x", "/none"):
        assert values(get(app, path, scheme="https"), "strict-transport-security") == [value]
        assert values(get(app, path), "strict-transport-security") == [None]


# -- fields -------------------------------------------------------------------------------------------------------------------

ALL: dict[str, Any] = {
    "csp": {"default-src": "'self'", "script-src": ["'self'", "https://cdn.example.com"]},
    "csp_report_only": "default-src 'none'",
    "permissions_policy": "camera=()",
    "cross_origin_opener_policy": "same-origin",
    "cross_origin_embedder_policy": "require-corp",
    "cross_origin_resource_policy": "same-origin",
}
FIELDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "content-security-policy": "default-src 'self'; script-src 'self' https://cdn.example.com",
    "content-security-policy-report-only": "default-src 'none'",
    "permissions-policy": "camera=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
}


@EVERYWHERE
def test_every_response_has_the_fields_once(make: Make) -> None:
    """SEC-03, SEC-05, SEC-07, SEC-10, SEC-11, SEC-12."""
    app = make(**ALL)
    paths = {"/x": 200, "/none": 404}
    if make is not _foreign:
        paths |= {"/boom": 500}
    for path, status in paths.items():
        sent = get(app, path)
        assert sent.status == status
        assert dict(zip(FIELDS, values(sent, *FIELDS), strict=True)) == FIELDS


def test_a_304_and_a_refused_method_have_them_too() -> None:
    app = _in_list(**ALL)
    tag = get(app, "/page").field(b"etag")
    assert tag is not None
    sent = get(app, "/page", headers=[("if-none-match", tag.decode())])
    assert (sent.status, values(sent, *FIELDS)) == (304, list(FIELDS.values()))
    sent = run(app, "DELETE", "/x")
    assert (sent.status, values(sent, *FIELDS)) == (405, list(FIELDS.values()))


def test_a_file_has_them(tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("a")
    app = Wadjet(middleware=[(SecurityMiddleware, ALL)])

    @app.get("/file")
    async def file() -> FileResponse:
        return FileResponse(tmp_path / "a.txt")

    for _ in range(3):
        assert values(get(app, "/file"), *FIELDS) == list(FIELDS.values())


@pytest.mark.parametrize("make", [_in_list, _wrapped])
def test_what_the_handler_has_set_stays_and_is_not_said_twice(make: Make) -> None:
    sent = get(make(**ALL), "/own")
    assert values(sent, "x-frame-options", "content-security-policy") == ["SAMEORIGIN", "default-src *"]


@EVERYWHERE
def test_fields_can_be_left_out(make: Make) -> None:
    options = {"x_frame_options": "", "referrer_policy": ""}
    assert values(get(make(**options)), "x-frame-options", "referrer-policy") == [None, None]


def test_nosniff_can_be_left_out() -> None:
    assert values(get(_in_list(content_type_nosniff=False)), "x-content-type-options") == [None]


@EVERYWHERE
def test_xss_filter_is_deprecated_with_one_warning(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "wadjet.security"):
        app = make(xss_filter=True)
        assert values(get(app), "x-xss-protection") == ["1; mode=block"]
        assert values(get(app), "x-xss-protection") == ["1; mode=block"]
    assert [record.message.partition(":")[0] for record in caplog.records] == ["xss_filter is deprecated"]
    assert values(get(make()), "x-xss-protection") == [None]


# -- nonces -------------------------------------------------------------------------------------------------------------------

NONCED: dict[str, Any] = {
    "csp": {"script-src": "'nonce' 'strict-dynamic'"},
    "csp_report_only": "style-src 'nonce'",
}


@pytest.mark.parametrize("make", [_in_list, _by_settings, _wrapped])
def test_a_nonce_is_in_the_policy_and_another_one_for_each_request(make: Make) -> None:
    app, seen = make(**NONCED), set()
    for _ in range(3):
        sent = get(app, "/nonce")
        nonce = sent.body.decode().partition("</script>")[2]
        assert f"nonce={nonce}>" in sent.body.decode()
        assert values(sent, "content-security-policy", "content-security-policy-report-only") == [
            f"script-src 'nonce-{nonce}' 'strict-dynamic'",
            f"style-src 'nonce-{nonce}'",
        ]
        assert len(nonce) >= 22  # 128 bits
        seen.add(nonce)
    assert len(seen) == 3


@EVERYWHERE
def test_who_asks_for_no_nonce_allows_none(make: Make) -> None:
    assert values(get(make(**NONCED)), "content-security-policy", "content-security-policy-report-only") == [
        "script-src 'strict-dynamic'",
        "style-src 'none'",
    ]


def test_a_304_says_nothing_of_nonces_for_the_client_has_a_page_with_its_own() -> None:
    app = _in_list(**NONCED)
    tag = get(app, "/page").field(b"etag")
    assert tag is not None
    sent = get(app, "/page", headers=[("if-none-match", tag.decode())])
    assert (sent.status, values(sent, "content-security-policy")) == (304, [None])


def test_a_template_names_the_nonce(tmp_path: Any) -> None:
    (tmp_path / "page.html").write_text("<script nonce={{ csp_nonce }}></script>")
    app = Wadjet(settings=Settings(TEMPLATES_DIR=str(tmp_path)), middleware=[(SecurityMiddleware, NONCED)])

    @app.get("/page")
    async def page() -> Any:
        return HTMLResponse(template="page.html")

    sent = get(app, "/page")
    nonce = sent.body.decode().split("=")[1].split(">")[0]
    assert values(sent, "content-security-policy") == [f"script-src 'nonce-{nonce}' 'strict-dynamic'"]


def test_a_stream_asks_before_it_yields(caplog: pytest.LogCaptureFixture) -> None:
    app = Wadjet(middleware=[(SecurityMiddleware, NONCED)])
    said = []

    @app.get("/early")
    async def early(request: Request) -> Any:
        nonce = request.csp_nonce
        yield nonce
        yield request.csp_nonce

    @app.get("/late")
    async def late(request: Request) -> Any:
        yield "begun"
        try:
            yield request.csp_nonce
        except Exception as error:
            said.append(str(error))

    sent = get(app, "/early")
    nonce = sent.body[: len(sent.body) // 2]
    assert sent.body == nonce * 2
    assert values(sent, "content-security-policy") == [
        f"script-src 'nonce-{nonce.decode()}' 'strict-dynamic'"
    ]
    get(app, "/late")
    assert len(said) == 1
    assert "ask before the first yield" in said[0]


# -- reports ------------------------------------------------------------------------------------------------------------------

REPORTING: dict[str, Any] = {"csp": "default-src 'self'", "csp_report_path": "/csp-reports"}
OLD = {
    "csp-report": {
        "document-uri": "https://own.test/",
        "violated-directive": "script-src",
        "blocked-uri": "https://evil.test/\nx",
    }
}
NEW = {
    "type": "csp-violation",
    "body": {"documentURL": "https://own.test/", "effectiveDirective": "img-src", "blockedURL": "inline"},
}


def report(app: ASGIApp, content: bytes, kind: str = "application/csp-report", method: str = "POST") -> Sent:
    return run(app, method, "/csp-reports", headers=[("content-type", kind)], content=content)


@pytest.mark.parametrize("make", [_in_list, _wrapped, _foreign])
def test_reports_are_logged_one_line_each(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    app = make(**REPORTING)
    sent = get(app)
    assert values(sent, "content-security-policy", "reporting-endpoints") == [
        "default-src 'self'; report-uri /csp-reports; report-to csp",
        'csp="/csp-reports"',
    ]
    with caplog.at_level(logging.WARNING, "wadjet.security"):
        assert report(app, json.dumps(OLD).encode()).status == 204
        several = json.dumps([NEW, {"type": "deprecation", "body": {}}, 5, {"type": "csp-violation"}])
        assert report(app, several.encode(), "application/reports+json; charset=utf-8").status == 204
    assert [record.getMessage() for record in caplog.records] == [
        "CSP: script-src does not allow https://evil.test/\\nx on https://own.test/",
        "CSP: img-src does not allow inline on https://own.test/",
    ]
    assert caplog.records[1].__dict__["csp_report"] == NEW["body"]


@pytest.mark.parametrize(
    ("content", "kind", "method", "status"),
    [
        (b"{", "application/csp-report", "POST", 400),
        (b"\xff", "application/csp-report", "POST", 400),
        (b"[" * 60000, "application/csp-report", "POST", 400),
        (b" " * 65537, "application/csp-report", "POST", 413),
        (b"{}", "text/plain", "POST", 415),
        (b"", "application/csp-report", "GET", 405),
        (b"{}", "application/csp-report", "POST", 204),
        (b"[]", "application/reports+json", "POST", 204),
        (b"5", "application/json", "POST", 204),
    ],
)
def test_what_is_no_report_is_refused(
    content: bytes, kind: str, method: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "wadjet.security"):
        assert report(_in_list(**REPORTING), content, kind, method).status == status
    assert not caplog.records


def test_a_message_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    long = {"type": "csp-violation", "body": {"documentURL": "a" * 1000}}
    with caplog.at_level(logging.WARNING, "wadjet.security"):
        report(_in_list(**REPORTING), json.dumps([long] * 50).encode(), "application/reports+json")
    assert len(caplog.records) == 20
    assert all(len(record.getMessage()) < 400 for record in caplog.records)


# -- what cannot be -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"hsts_preload": True, "hsts_seconds": 31536000}, "hsts_include_subdomains=True", id="SEC-26"
        ),
        (
            {"hsts_preload": True, "hsts_seconds": 60, "hsts_include_subdomains": True},
            "hsts_seconds=31536000",
        ),
        ({"hsts_seconds": -1}, "no number of seconds"),
        ({"hsts_seconds": "60"}, "no number of seconds"),
        ({"x_frame_options": "ALLOW-FROM https://a.test"}, "browsers know deny, sameorigin"),
        ({"referrer_policy": "none"}, "browsers know"),
        ({"cross_origin_opener_policy": "same_origin"}, "browsers know"),
        ({"permissions_policy": "camera=()\r\nx: y"}, "control character"),
        ({"csp": {"a b": ""}}, "name of no directive"),
        ({"csp_report_path": "csp"}, "as '/csp-reports'"),
        ({"csp_report_path": "/csp; x"}, "as '/csp-reports'"),
        ({"allowed_hosts": "own.test"}, "is a text"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_at_construction(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SecurityMiddleware(Wadjet(), **options)


@pytest.mark.parametrize(
    "options",
    [
        {"referrer_policy": "no-referrer, strict-origin-when-cross-origin"},
        {"cross_origin_opener_policy": 'same-origin; report-to="x"'},
        {"x_frame_options": "SAMEORIGIN"},
    ],
)
def test_lists_and_parameters_of_policies_are_known(options: dict[str, str]) -> None:
    ((name, value),) = options.items()
    assert values(get(_in_list(**options)), name.replace("_", "-")) == [value]
