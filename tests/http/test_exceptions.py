import asyncio
import copy
import json
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import wadjet.http.exceptions as exceptions
from tests.driving import drive, http_scope
from wadjet.errors import InvalidStatusError
from wadjet.http.exceptions import (
    AuthenticationFailed,
    ClientError,
    Error,
    Forbidden,
    HTTPException,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    NotModified,
    PermissionDenied,
    Redirection,
    RequestEntityTooLarge,
    SeeOther,
    ServerError,
    ServiceUnavailable,
    Success,
    TokenExpired,
    TooManyRequests,
    Unauthorized,
    UnprocessableEntity,
    ValidationError,
)
from wadjet.http.raising import error_id
from wadjet.http.response import Response

BASES = {HTTPException, Error, ClientError, ServerError, Redirection, Success}
#: Kinds of one status that have a name of their own.
KINDS = {MalformedBody, PermissionDenied, AuthenticationFailed, TokenExpired, ValidationError}
NAMED = [
    value
    for name in exceptions.__all__
    if isinstance(value := getattr(exceptions, name), type)
    and issubclass(value, HTTPException)
    and value not in BASES | KINDS
]
MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize("cls", NAMED)
def test_each_class_is_a_response_that_can_be_raised(cls: Any) -> None:
    error = cls("/x") if issubclass(cls, Redirection) and cls is not NotModified else cls()
    assert isinstance(error, Response)
    assert isinstance(error, Exception)
    assert error.status_code == cls.code
    family = {2: Success, 3: Redirection, 4: ClientError, 5: ServerError}[cls.code // 100]
    assert isinstance(error, family)
    assert isinstance(error, Error) is (cls.code >= 400)
    assert str(error)


def test_each_status_has_one_class() -> None:
    codes = [cls.code for cls in NAMED]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("status", [200, 302, 399, 600, 0, True])
def test_an_error_has_the_status_of_an_error(status: Any) -> None:
    with pytest.raises(InvalidStatusError, match="an error has a status from 400 to 599"):
        Error(status)


def test_an_error_has_a_status_and_a_message() -> None:
    error = Error(418, "short and stout")
    assert (error.status_code, error.message, str(error)) == (418, "short and stout", "short and stout")
    assert (Error().status_code, Error().message, str(Error(404))) == (400, None, "Not Found")


@pytest.mark.parametrize(
    ("error", "field", "value"),
    [
        (MethodNotAllowed(("GET", "HEAD")), "allow", "GET, HEAD"),
        (MethodNotAllowed("GET"), "allow", "GET"),
        (MethodNotAllowed(headers={"Allow": "PUT"}), "allow", "PUT"),
        (TooManyRequests(30), "retry-after", "30"),
        (TooManyRequests(0), "retry-after", "0"),
        (TooManyRequests(timedelta(seconds=1.2)), "retry-after", "2"),
        (TooManyRequests(7, headers={"Retry-After": "8"}), "retry-after", "8"),
        (ServiceUnavailable(retry_after=MOMENT), "retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
        (Unauthorized(), "www-authenticate", "Bearer"),
        (Unauthorized(headers={"WWW-Authenticate": "Basic"}), "www-authenticate", "Basic"),
        (SeeOther("/é"), "location", "/%C3%A9"),
        (NotFound(headers={"X-A": "1"}), "x-a", "1"),
    ],
)
def test_an_exception_has_the_fields_that_its_status_asks_for(error: Any, field: str, value: str) -> None:
    assert error.headers.getall(field) == [value]


def test_what_a_body_is_set_to_is_not_negotiated() -> None:
    assert NotFound("x").is_negotiable
    assert NotFound("x").body == b""
    for error in (NotFound(body=b"x"), NotFound(text="x"), NotFound(json="x")):
        assert not error.is_negotiable
        assert error.body in {b"x", b'"x"'}
    error = NotFound()
    error.text = "é"
    assert (error.is_negotiable, error.body) == (False, "é".encode())


def test_the_errors_of_a_validation_are_listed() -> None:
    error = UnprocessableEntity(errors=[{"in": "query"}])
    assert error.extensions == {"errors": [{"in": "query"}]}
    assert UnprocessableEntity().extensions == {}


@pytest.mark.parametrize("when", ["slow down", -1, object()])
def test_a_doubtful_retry_after_is_the_developers_mistake(when: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        TooManyRequests(when)


@pytest.mark.parametrize("status", [100, 101, 103, 199])
def test_an_interim_status_cannot_be_raised(status: int) -> None:
    with pytest.raises(InvalidStatusError, match="it cannot answer a request"):
        HTTPException(status)


@pytest.mark.parametrize("detail", [{"a": 1}, ["a"], 1, b"a"])
def test_a_detail_is_text(detail: Any) -> None:
    with pytest.raises(TypeError, match="the detail of NotFound is text"):
        NotFound(detail)


@pytest.mark.parametrize("error", [HTTPException(404), Error(404), NotFound()])
def test_the_code_is_the_status(error: HTTPException) -> None:
    assert (error.code, error.status_code, error.title) == (404, 404, "Not Found")


@pytest.mark.parametrize("location", [None, 404, b"/x"])
def test_a_redirection_needs_a_target(location: Any) -> None:
    with pytest.raises(TypeError, match=r"SeeOther\(\) says where first"):
        SeeOther(location)


def test_nothing_modified_sends_nobody_anywhere() -> None:
    assert NotModified("why").location is None


@pytest.mark.parametrize(
    "error",
    [SeeOther("/x", "why"), Error(418, "why"), MethodNotAllowed(["GET"], "why"), TooManyRequests(3, "why")],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_exception_survives_the_way_between_processes(error: HTTPException, again: Any) -> None:
    error.extensions["id"] = "abc"
    twin = again(error)
    assert type(twin) is type(error)
    assert (twin.status, twin.detail, twin.args, str(twin)) == (error.status, "why", ("why",), "why")
    assert twin.raw_headers == error.raw_headers
    assert twin.extensions == {"id": "abc"}


@pytest.mark.parametrize(
    ("error", "status", "base"),
    [
        (PermissionDenied(), 403, Forbidden),
        (AuthenticationFailed(), 401, Unauthorized),
        (TokenExpired(), 401, AuthenticationFailed),
        (ValidationError(["a is wrong"]), 422, UnprocessableEntity),
    ],
    ids=lambda value: type(value).__name__,
)
def test_openvipers_names_are_kinds_of_ours(error: HTTPException, status: int, base: type) -> None:
    assert error.status_code == status
    assert isinstance(error, base)
    assert "www-authenticate" in error.headers or status != 401


def test_a_validation_error_keeps_what_it_was_given() -> None:
    error = ValidationError({"name": ["is missing"]}, "The form is wrong.")
    assert error.validation_errors == {"name": ["is missing"]}
    assert (error.extensions, error.detail) == ({"errors": {"name": ["is missing"]}}, "The form is wrong.")


def test_what_a_policy_said_is_kept_from_the_client() -> None:
    error = Forbidden(result="the ACL of /secret")
    assert error.result == "the ACL of /secret"
    for accept in ("text/html", "text/plain", None):
        assert b"secret" not in error.represent(accept).body


def test_too_large_and_malformed_are_value_errors() -> None:
    assert issubclass(RequestEntityTooLarge, ValueError)
    assert issubclass(MalformedBody, ValueError)


def test_a_redirection_refuses_a_doubtful_target() -> None:
    with pytest.raises(ValueError, match="Location"):
        SeeOther("//evil.test")


def test_the_general_classes_take_any_status() -> None:
    assert (HTTPException(299).status_code, Success().status_code, Redirection("/").status_code) == (
        299,
        200,
        302,
    )


# -- by itself ----------------------------------------------------------------------------------------------------------------


def test_an_error_has_an_id_of_its_own() -> None:
    assert error_id() != error_id()
    assert len(error_id()) == 16


def by_asgi(error: HTTPException) -> bytes:
    messages = asyncio.run(drive(error, http_scope("GET", "/a/é", root_path="/a")))
    return b"".join(message.get("body", b"") for message in messages)


def by_wsgi(error: HTTPException) -> bytes:
    environ = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "/a", "PATH_INFO": "/b"}
    return b"".join(error(environ, lambda *_: None))


@pytest.mark.parametrize("ask", [by_asgi, by_wsgi])
def test_a_failure_that_answers_by_itself_has_an_id_that_the_log_has_too(
    ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    error = ServiceUnavailable("later")
    first, second = (json.loads(ask(error))["id"] for _ in range(2))
    assert first != second
    assert [first in record.getMessage() for record in caplog.records] == [True, False]
    assert caplog.records[0].getMessage().startswith("GET /a/")
    assert "id" not in error.extensions


@pytest.mark.parametrize("ask", [by_asgi, by_wsgi])
def test_what_the_client_did_wrong_is_not_in_the_log(ask: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert "id" not in json.loads(ask(NotFound()))
    assert json.loads(ask(ServerError(body=b"{}"))) == {}
    assert not caplog.records


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, NotFound.copy, NotFound.take])
def test_a_copy_shares_nothing_that_can_be_changed(how: Any) -> None:
    error = NotFound("why", {"x-a": "1"})
    twin = how(error)
    twin.set_cookie("whose", "mine")
    twin.extensions["whose"] = "mine"
    assert "set-cookie" not in error.headers
    assert not error.extensions
    assert (twin.args, twin.detail, twin.headers["x-a"]) == (("why",), "why", "1")


@pytest.mark.parametrize("accept", ["application/json", "text/html", "text/plain"])
def test_what_is_no_text_is_replaced_and_no_crash(accept: str) -> None:
    """Names of files that are not UTF-8 have halves of characters in them."""
    half = "\ud800"
    error = ValidationError({half: [half, 1, (half,)]}, f"<{half}", comment=half)
    body = error.represent(accept).text
    assert "?" in body
    assert half not in body
    formatted = NotFound(json_formatter=lambda **_: {"message": half})
    assert formatted.represent("application/json").json == {"message": "?"}
    with pytest.raises(TypeError, match="JSON"):
        ValidationError(object()).represent("application/json")
