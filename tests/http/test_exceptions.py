from typing import Any

import pytest

import wadjet.http.exceptions as exceptions
from wadjet.errors import InvalidStatusError
from wadjet.http.exceptions import (
    ClientError,
    Error,
    HTTPException,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    Redirection,
    RequestEntityTooLarge,
    SeeOther,
    ServerError,
    Success,
    TooManyRequests,
    Unauthorized,
    UnprocessableEntity,
)
from wadjet.http.response import Response

NAMED = [
    value
    for name in exceptions.__all__
    if isinstance(value := getattr(exceptions, name), type)
    and issubclass(value, HTTPException)
    and value not in {HTTPException, Error, ClientError, ServerError, Redirection, Success}
]


@pytest.mark.parametrize("cls", NAMED)
def test_each_class_is_a_response_that_can_be_raised(cls: Any) -> None:
    error = cls("/x") if issubclass(cls, Redirection) else cls()
    assert isinstance(error, Response)
    assert isinstance(error, Exception)
    assert error.status_code == cls.code
    family = {3: Redirection, 4: ClientError, 5: ServerError}[cls.code // 100]
    assert isinstance(error, family)
    assert isinstance(error, Error) is (cls.code >= 400)
    assert str(error)


def test_each_status_has_one_class() -> None:
    codes = [cls.code for cls in NAMED if cls is not MalformedBody]
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
        (TooManyRequests(30), "retry-after", "30"),
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
