"""Pyramid's names answer as Pyramid's users expect, and are the classes of ``wadjet.http.exceptions``."""

from __future__ import annotations

import pytest

from wadjet import Request, Wadjet, httpexceptions
from wadjet.http import exceptions
from wadjet.httpexceptions import (
    HTTPException,
    HTTPFound,
    HTTPMethodNotAllowed,
    HTTPMovedPermanently,
    HTTPNotFound,
    HTTPNotModified,
    HTTPOk,
    HTTPServiceUnavailable,
    HTTPTooManyRequests,
    exception_response,
    status_map,
)
from wadjet.testing import TestClient

#: What Pyramid has no name for, or another one.
OURS_ALONE = {
    "AuthenticationFailed",
    "ClientDisconnect",
    "MalformedBody",
    "PermissionDenied",
    "Success",
    "TokenExpired",
    "ValidationError",
}


def raised(error: Exception, **headers: str) -> object:
    app = Wadjet()

    @app.get("/")
    async def index(request: Request) -> None:
        raise error

    return TestClient(app, follow_redirects=False).get("/", headers=headers)


def answered(error: Exception, **headers: str) -> tuple[int, str, bytes]:
    response = raised(error, **headers)
    return response.status_code, response.headers.get("content-type", ""), response.content  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    [name for name in exceptions.__all__ if name not in OURS_ALONE],
)
def test_every_class_has_pyramids_spelling(name: str) -> None:
    ours = getattr(exceptions, name)
    spelled = name if name.startswith("HTTP") else f"HTTP{name}"
    theirs = getattr(httpexceptions, spelled)
    assert theirs is ours or theirs.__bases__[-1] is ours
    assert spelled in httpexceptions.__all__


@pytest.mark.parametrize("status", status_map)
def test_a_status_has_the_class_that_says_it(status: int) -> None:
    assert status_map[status].code == status


@pytest.mark.parametrize("status", [200, 204, 304, 400, 404, 405, 429, 500, 503])
def test_a_response_is_made_by_its_number(status: int) -> None:
    error = exception_response(status, detail="why")
    assert type(error) is status_map[status]
    assert (error.status_code, error.detail) == (status, "why")


def test_a_number_without_a_class_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        exception_response(299)


@pytest.mark.parametrize(
    "made",
    [
        HTTPNotFound("why"),
        HTTPMethodNotAllowed("why", allowed=["GET"]),
        HTTPTooManyRequests("why", retry_after=7),
        HTTPServiceUnavailable("why", retry_after=7),
        HTTPNotModified("why"),
        HTTPOk("why"),
    ],
    ids=lambda made: type(made).__name__,
)
def test_the_detail_comes_first(made: HTTPException) -> None:
    assert (made.detail, str(made), made.args) == ("why", "why", ("why",))


def test_a_moved_one_says_where_first() -> None:
    assert HTTPFound("/here").location == "/here"
    assert HTTPMovedPermanently(location="/here").status == "301 Moved Permanently"


def test_the_fields_that_a_status_asks_for_are_there() -> None:
    assert HTTPMethodNotAllowed("why", allowed=["GET", "HEAD"]).headers["allow"] == "GET, HEAD"
    assert HTTPTooManyRequests(retry_after=7).headers["retry-after"] == "7"
    assert "retry-after" not in HTTPServiceUnavailable().headers


def test_a_raised_one_is_the_response() -> None:
    status, kind, body = answered(HTTPNotFound("No such page."), accept="text/plain")
    assert (status, kind) == (404, "text/plain; charset=utf-8")
    assert body == b"404 Not Found\n\nNo such page."


def test_a_body_that_is_set_wins() -> None:
    error = HTTPNotFound(body="gone", content_type="text/html")
    assert answered(error, accept="application/json") == (404, "text/html; charset=utf-8", b"gone")


def test_a_success_can_be_raised() -> None:
    assert answered(HTTPOk()) == (200, "", b"")


def test_nothing_modified_has_no_content() -> None:
    assert answered(HTTPNotModified("why")) == (304, "", b"")
