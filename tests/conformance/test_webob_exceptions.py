"""The exceptions of WebOb and Pyramid, row by row: their names, what they take, and what leaves on the wire."""

from __future__ import annotations

import json
from typing import Any, NamedTuple
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from wadjet import Wadjet, httpexceptions
from wadjet.http import exceptions, status
from wadjet.http.exceptions import ClientError, Error, HTTPException, Redirection, ServerError, Success
from wadjet.httpexceptions import HTTPMovedPermanently, HTTPNotFound, exception_response, status_map
from wadjet.testing import TestClient

#: Code, name without HTTP, title where the registry of IANA has another one than WebOb.
CLASSES = (
    (200, "Ok"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "NonAuthoritativeInformation"),
    (204, "NoContent"),
    (205, "ResetContent"),
    (206, "PartialContent"),
    (300, "MultipleChoices"),
    (301, "MovedPermanently"),
    (302, "Found"),
    (303, "SeeOther"),
    (304, "NotModified"),
    (305, "UseProxy"),
    (307, "TemporaryRedirect"),
    (308, "PermanentRedirect"),
    (400, "BadRequest"),
    (401, "Unauthorized"),
    (402, "PaymentRequired"),
    (403, "Forbidden"),
    (404, "NotFound"),
    (405, "MethodNotAllowed"),
    (406, "NotAcceptable"),
    (407, "ProxyAuthenticationRequired"),
    (408, "RequestTimeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "LengthRequired"),
    (412, "PreconditionFailed"),
    (413, "RequestEntityTooLarge"),
    (414, "RequestURITooLong"),
    (415, "UnsupportedMediaType"),
    (416, "RequestRangeNotSatisfiable"),
    (417, "ExpectationFailed"),
    (418, "ImATeapot"),
    (422, "UnprocessableEntity"),
    (423, "Locked"),
    (424, "FailedDependency"),
    (428, "PreconditionRequired"),
    (429, "TooManyRequests"),
    (431, "RequestHeaderFieldsTooLarge"),
    (451, "UnavailableForLegalReasons"),
    (500, "InternalServerError"),
    (501, "NotImplemented"),
    (502, "BadGateway"),
    (503, "ServiceUnavailable"),
    (504, "GatewayTimeout"),
    (505, "VersionNotSupported"),
    (507, "InsufficientStorage"),
    (511, "NetworkAuthenticationRequired"),
    # What neither of them has.
    (207, "MultiStatus"),
    (208, "AlreadyReported"),
    (226, "IMUsed"),
    (421, "MisdirectedRequest"),
    (425, "TooEarly"),
    (426, "UpgradeRequired"),
    (506, "VariantAlsoNegotiates"),
    (508, "LoopDetected"),
    (510, "NotExtended"),
)

FAMILIES: dict[int, type[HTTPException]] = {2: Success, 3: Redirection, 4: ClientError, 5: ServerError}
BASES = {
    "HTTPException": HTTPException,
    "WSGIHTTPException": HTTPException,
    "HTTPSuccessful": Success,
    "HTTPRedirection": Redirection,
    "HTTPError": Error,
    "HTTPClientError": ClientError,
    "HTTPServerError": ServerError,
}


def made(code: int, **arguments: Any) -> HTTPException:
    if code // 100 == 3 and code != 304:
        arguments.setdefault("location", "/there")
    return exception_response(code, **arguments)


def answered(error: Exception, method: str = "GET", **headers: str) -> Any:
    app = Wadjet()

    @app.get("/")
    async def index() -> None:
        raise error

    return TestClient(app, follow_redirects=False).request(method, "/", headers=headers)


# -- the classes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "name"), CLASSES)
def test_a_status_has_its_class_in_both_spellings(code: int, name: str) -> None:
    short, long = getattr(exceptions, name), getattr(httpexceptions, f"HTTP{name}")
    assert (short.code, long.code) == (code, code)
    assert status_map[code] is long
    assert issubclass(long, short)
    assert issubclass(short, FAMILIES[code // 100])
    assert issubclass(short, Error) is (code >= 400)
    assert name in exceptions.__all__
    assert f"HTTP{name}" in httpexceptions.__all__


def test_every_status_that_can_answer_a_request_has_a_class() -> None:
    """The registry of IANA. An interim status cannot answer one, so it has no class (RFC 9110 §15.2)."""
    assert sorted(status_map) == [code for code in status.REASONS if code >= 200]


def test_nothing_else_is_in_the_map() -> None:
    """Pyramid's has a 520 by accident."""
    assert len(CLASSES) == len(status_map)


@pytest.mark.parametrize(("name", "ours"), BASES.items())
def test_a_base_class_is_ours_under_another_name(name: str, ours: type) -> None:
    assert getattr(httpexceptions, name) is ours


@pytest.mark.parametrize("code", [100, 102, 103, 306, 419, 520, 600, 0])
def test_a_status_without_a_class_is_a_key_error(code: int) -> None:
    with pytest.raises(KeyError):
        exception_response(code)


@pytest.mark.parametrize(("code", "name"), CLASSES)
def test_each_class_answers_on_the_wire(code: int, name: str) -> None:
    response = answered(made(code, detail="why"), accept="text/plain")
    assert response.status_code == code
    title = status.REASONS[code]
    if code in status.NO_CONTENT:
        assert response.content == b""
        assert "content-type" not in response.headers
    else:
        assert response.text.startswith(f"{code} {title}\n\nwhy")
    assert (response.headers.get("location") == "/there") is (code // 100 == 3 and code != 304)


@pytest.mark.parametrize("code", [code for code, _ in CLASSES])
def test_each_class_takes_the_same_arguments_by_name(code: int) -> None:
    error = made(
        code,
        detail="why",
        headers=[("x-a", "1"), ("x-a", "2")],
        comment="c",
        body_template="${detail}",
        json_formatter=lambda body, status, title, environ: {"said": body},
        content_type="text/html",
    )
    assert (error.detail, error.comment, error.args, str(error)) == ("why", "c", ("why",), "why")
    assert error.headers.getall("x-a") == ["1", "2"]
    assert error.json_formatter is not None
    assert error.body_template_obj is not None


@pytest.mark.parametrize(("code", "name"), CLASSES)
def test_a_class_explains_itself_where_no_detail_does(code: int, name: str) -> None:
    error = made(code)
    assert str(error) == (error.explanation or error.title)
    assert error.args == (None,)
    assert error.title == status.REASONS[code]


# -- the bodies -------------------------------------------------------------------------------------------------------------


class Body(NamedTuple):
    """One row: what the client accepts, and the type and text that it gets."""

    accept: str | None
    kind: str
    text: str


HTML, TEXT, PROBLEM = "text/html; charset=utf-8", "text/plain; charset=utf-8", "application/problem+json"
DETAIL = "There is no <b>such</b> resource"

BODIES = (
    Body("text/html", HTML, "There is no &lt;b&gt;such&lt;/b&gt; resource"),
    Body("text/html", HTML, "<title>404 Not Found</title>"),
    Body("text/html", HTML, "<h1>404 Not Found</h1>"),
    Body("text/html", HTML, "<!-- c -->"),
    Body("application/json", PROBLEM, '"detail":"There is no <b>such</b> resource"'),
    Body("application/json;q=0.9, text/html;q=0.8", PROBLEM, '"title":"Not Found"'),
    Body("text/html;q=0.9, application/json;q=0.8", HTML, "<h1>"),
    Body("text/plain", TEXT, f"404 Not Found\n\n{DETAIL}"),
    # Where they differ: WebOb has plain text without Accept, HTML for anything, plain text for a picture.
    Body(None, PROBLEM, '"status":404'),
    Body("*/*", PROBLEM, '"status":404'),
    Body("not an accept", PROBLEM, '"status":404'),
    Body("image/png", PROBLEM, '"status":404'),
)


@pytest.mark.parametrize("row", BODIES)
def test_a_body_is_what_the_client_accepts(row: Body) -> None:
    headers = {} if row.accept is None else {"accept": row.accept}
    response = answered(HTTPNotFound(DETAIL, comment="c"), **headers)
    assert response.headers["content-type"] == row.kind
    assert response.headers["vary"] == "Accept"
    assert row.text in response.text


@pytest.mark.parametrize("accept", ["text/html", "application/json", "text/plain", "*/*"])
def test_head_has_the_length_that_get_has(accept: str) -> None:
    get, head = (
        answered(HTTPNotFound("why"), accept=accept),
        answered(HTTPNotFound("why"), "HEAD", accept=accept),
    )
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content)) == get.headers["content-length"]
    assert head.headers["content-type"] == get.headers["content-type"]


def test_a_redirection_has_a_link_to_where_it_was_told() -> None:
    response = answered(HTTPMovedPermanently("/a b?x&y"), accept="text/html")
    assert response.headers["location"] == "/a%20b?x&y"
    assert '<a href="/a%20b?x&amp;y">' in response.text


@pytest.mark.parametrize("body", [{"body": b"set"}, {"text": "set"}])
def test_a_body_that_is_set_wins(body: dict[str, Any]) -> None:
    assert answered(HTTPNotFound("why", **body), accept="text/html").content == b"set"


def test_a_template_sees_the_request_and_the_response() -> None:
    template = "${REQUEST_METHOD} ${HTTP_ACCEPT} ${x_a} ${explanation} ${detail} ${comment}"
    error = HTTPNotFound("<d>", {"x-a": "<a>"}, "<c>", body_template=template)
    assert (
        f"GET text/html &lt;a&gt; {error.explanation} &lt;d&gt; &lt;c&gt;"
        in answered(error, accept="text/html").text
    )


def test_a_formatter_sees_what_the_others_say() -> None:
    def formatter(body: str, status: str, title: str, environ: Any) -> dict[str, str]:
        return {"message": body, "code": status, "title": title, "method": environ["REQUEST_METHOD"]}

    response = answered(HTTPNotFound("why", json_formatter=formatter), accept="application/json")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "message": "why",
        "code": "404 Not Found",
        "title": "Not Found",
        "method": "GET",
    }


@pytest.mark.parametrize(
    "location", ["/x\r\nset-cookie: a=b", "//evil.test", " //evil.test", "https:evil.test"]
)
def test_a_doubtful_location_is_a_value_error(location: str) -> None:
    """RDR-07, RDR-09. The advisories on WebOb's Location, one after the other."""
    with pytest.raises(ValueError, match="Location"):
        HTTPMovedPermanently(location)


# -- as WSGI application ----------------------------------------------------------------------------------------------------


def called(error: HTTPException, **environ: str) -> tuple[str, dict[str, str], bytes]:
    """Call as a WSGI server would, with its checks."""
    made_of: dict[str, Any] = {"QUERY_STRING": ""}
    setup_testing_defaults(made_of)
    made_of.update(environ)
    begun: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
        begun.append((status, dict(headers)))

    content = validator(error)(made_of, start_response)
    try:
        body = b"".join(content)
    finally:
        content.close()  # type: ignore[attr-defined]  # the validator's iterator has one
    ((status, headers),) = begun
    return status, headers, body


@pytest.mark.parametrize(
    ("accept", "kind", "text"),
    [
        ("text/html", HTML, b"<h1>404 Not Found</h1>"),
        ("application/json", PROBLEM, b'"status":404'),
        ("text/plain", TEXT, b"404 Not Found\n\nGET why"),
        ("*/*", PROBLEM, b'"detail":"GET why"'),
    ],
)
def test_an_exception_is_a_wsgi_application_that_negotiates(accept: str, kind: str, text: bytes) -> None:
    error = HTTPNotFound("why", {"x-a": "1"}, body_template="${REQUEST_METHOD} ${detail}")
    status, headers, body = called(error, HTTP_ACCEPT=accept)
    assert (status, headers["content-type"], headers["x-a"]) == ("404 Not Found", kind, "1")
    assert headers["content-length"] == str(len(body))
    assert text in body
    assert called(error, HTTP_ACCEPT=accept, REQUEST_METHOD="HEAD")[2] == b""


def test_a_redirection_and_a_set_body_are_wsgi_applications_too() -> None:
    status, headers, body = called(HTTPMovedPermanently("/there"), HTTP_ACCEPT="text/plain")
    assert (status, headers["location"]) == ("301 Moved Permanently", "/there")
    assert body.endswith(b"/there")
    assert called(HTTPNotFound(text="set"))[2] == b"set"


# -- what is wrong with theirs, and not with ours ---------------------------------------------------------------------------


def test_no_html_stands_in_json() -> None:
    error = HTTPNotFound("a\nb", comment="c", body_template="${explanation}<br />${detail}${html_comment}")
    assert "<" not in json.dumps(answered(error, accept="application/json").json())


def test_an_instance_does_not_keep_the_form_of_its_first_client() -> None:
    app = Wadjet()
    shared = HTTPNotFound("why")

    @app.get("/")
    async def index() -> None:
        raise shared

    client = TestClient(app)
    kinds = [
        client.get("/", headers={"accept": kind}).headers["content-type"]
        for kind in ("text/html", "text/plain")
    ]
    assert kinds == [HTML, TEXT]
    assert shared.is_negotiable


@pytest.mark.parametrize(
    "field", [("x-a", "1\r\nset-cookie: a=b"), ("x-a\r\nset-cookie", "a=b"), ("x-a", "1\0")]
)
def test_a_field_cannot_bring_another(field: tuple[str, str]) -> None:
    """RSP-02, RSP-05, RSP-08: WebOb checks some ways in, and not others."""
    with pytest.raises(ValueError):
        HTTPNotFound(headers=[field])


def test_a_status_that_has_no_content_has_none_whenever_it_is_set() -> None:
    error = HTTPNotFound(text="set")
    error.status_code = 204
    response = answered(error)
    assert (response.status_code, response.content) == (204, b"")
    assert {"content-type", "content-length"}.isdisjoint(response.headers)


def test_a_404_tells_no_internals() -> None:
    """Pyramid's tells the path and the names of views."""
    text = TestClient(Wadjet()).get("/<secret>/path", headers={"accept": "text/html"}).text
    assert "secret" not in text


def test_an_error_outside_of_any_route_negotiates_too() -> None:
    """OpenViper: a substring test, and another shape in each layer."""
    client = TestClient(Wadjet())
    assert client.get("/", headers={"accept": "text/html;q=0, */*"}).headers["content-type"] == PROBLEM
    assert client.get("/", headers={"accept": "text/html"}).headers["content-type"] == HTML


def test_a_404_of_a_handler_stays_one_where_a_slash_would_fit_too() -> None:
    """OpenViper's becomes a 500 outside of debug mode."""
    app = Wadjet()

    @app.get("/posts/{name}")
    async def post(name: str) -> None:
        raise exceptions.NotFound(f"no post {name}")

    for path in ("/posts/a", "/posts/a/"):
        assert TestClient(app, follow_redirects=True).get(path).json()["detail"] == "no post a"


def test_what_is_set_on_an_exception_leaves_with_it_and_stays_with_its_client() -> None:
    app = Wadjet()
    shared = HTTPNotFound("why")

    @app.get("/{name}")
    async def index(name: str) -> None:
        error = exceptions.Gone("why", {"x-a": name})
        error.set_cookie("who", name)
        raise error if name != "shared" else shared

    client = TestClient(app)
    response = client.get("/cobra")
    assert (response.status_code, response.headers["x-a"]) == (410, "cobra")
    assert response.headers["set-cookie"].startswith("who=cobra;")
    assert "set-cookie" not in client.get("/shared").headers


@pytest.mark.parametrize("key", [404, HTTPNotFound, ClientError, Error, HTTPException])
def test_an_exception_can_be_handled_by_its_class_its_bases_and_its_status(key: Any) -> None:
    app = Wadjet()

    @app.exception_handler(key)
    async def handled(request: Any, error: HTTPException) -> Any:
        return f"{error.status_code} handled", error.status_code

    assert TestClient(app).get("/").text == "404 handled"


# -- OpenViper's names ------------------------------------------------------------------------------------------------------

OPENVIPER: tuple[tuple[HTTPException, int, str, dict[str, str]], ...] = (
    (exceptions.HTTPException(418), 418, "I'm a teapot", {}),
    (exceptions.HTTPException(409, "busy", {"x-a": "1"}), 409, "busy", {"x-a": "1"}),
    (exceptions.NotFound("No such post."), 404, "No such post.", {}),
    (exceptions.MethodNotAllowed(["GET", "HEAD"]), 405, "", {"allow": "GET, HEAD"}),
    (exceptions.PermissionDenied(), 403, "Permission denied.", {}),
    (exceptions.Unauthorized(), 401, "", {"www-authenticate": "Bearer"}),
    (exceptions.AuthenticationFailed(), 401, "", {"www-authenticate": "Bearer"}),
    (exceptions.TokenExpired(), 401, "The token has expired.", {"www-authenticate": "Bearer"}),
    (exceptions.ValidationError({"name": "wrong"}), 422, "", {}),
    (exceptions.Conflict("Taken."), 409, "Taken.", {}),
    (exceptions.TooManyRequests(30, "Slower."), 429, "Slower.", {"retry-after": "30"}),
    (exceptions.TooManyRequests(), 429, "", {}),
    (exceptions.ServiceUnavailable("Later."), 503, "Later.", {}),
)


@pytest.mark.parametrize(("error", "code", "detail", "fields"), OPENVIPER)
def test_openvipers_exceptions_answer(
    error: HTTPException, code: int, detail: str, fields: dict[str, str]
) -> None:
    response = answered(error)
    assert response.status_code == response.json()["status"] == code
    assert response.json()["detail"] == (detail or str(error))
    assert fields.items() <= dict(response.headers).items()
