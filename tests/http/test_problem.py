import json

import pytest

from wadjet.http.exceptions import Error, HTTPException, NotFound, SeeOther, UnprocessableEntity
from wadjet.http.problem import PROBLEM, represent

EVIL = "<script>alert(1)</script>"


def test_problem_details_have_the_members_of_the_rfc() -> None:
    response = represent(NotFound("no such user"), None)
    assert response.headers["content-type"] == PROBLEM
    assert json.loads(response.body) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "no such user",
    }


def test_extensions_are_members() -> None:
    error = UnprocessableEntity(errors=[{"in": "query", "pointer": "/a", "detail": "d", "type": "t"}])
    assert json.loads(represent(error, None).body)["errors"][0]["pointer"] == "/a"


def test_a_page_escapes_what_it_shows() -> None:
    error = UnprocessableEntity(
        EVIL,
        comment=f"--><script>{EVIL}",
        errors=[{"in": EVIL, "pointer": EVIL, "detail": EVIL, "type": "t"}],
    )
    page = represent(error, "text/html").body.decode()
    assert page.startswith("<!doctype html>")
    assert "<script>" not in page
    assert "-->" not in page.replace(" -->", "")
    assert "422 Unprocessable Content" in page


def test_plain_text_has_everything_a_line_each() -> None:
    error = UnprocessableEntity(
        "wrong", errors=[{"in": "query", "pointer": "/a", "detail": "d", "type": "t"}]
    )
    error.extensions["id"] = "abc"
    assert represent(error, "text/plain").body.decode().split("\n\n") == [
        "422 Unprocessable Content",
        "wrong",
        "query /a: d",
        "Error id: abc",
    ]


@pytest.mark.parametrize("accept", [None, "text/html", "text/plain", "application/json"])
def test_an_exception_is_not_changed_by_being_shown(accept: str) -> None:
    error = NotFound("x", {"x-a": "1", "content-type": "text/x", "content-length": "5"})
    before = list(error.raw_headers)
    response = represent(error, accept)
    response.headers["x-a"] = "2"
    assert error.raw_headers == before
    assert error.is_negotiable
    assert response.headers["vary"] == "Accept"
    assert response.headers["content-type"] != "text/x"
    assert "content-length" not in response.headers


@pytest.mark.parametrize("error", [Error(404, ""), SeeOther("/x"), HTTPException(204)])
def test_some_have_nothing_to_say(error: HTTPException) -> None:
    response = represent(error, "text/html")
    assert response.body == b""
    assert "content-type" not in response.headers
    assert response.status_code == error.status_code


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/problem+json", PROBLEM),
        ("application/json", PROBLEM),
        ("application/*", PROBLEM),
        ("text/*", "text/html; charset=utf-8"),
        ("text/plain;q=0.9, text/html;q=0.1", "text/plain; charset=utf-8"),
        ("image/png", PROBLEM),
        ("text/html;q=0", PROBLEM),
    ],
)
def test_the_client_chooses_the_form(accept: str, kind: str) -> None:
    assert represent(NotFound(), accept).headers["content-type"] == kind


def test_an_error_with_an_id_is_an_instance() -> None:
    error = Error(503)
    assert "instance" not in json.loads(represent(error, None).body)
    error.extensions["id"] = "0a b"
    members = json.loads(represent(error, None).body)
    assert (members["id"], members["instance"]) == ("0a b", "urn:wadjet:error:0a%20b")


def test_people_are_told_how_many_problems_are_not_listed() -> None:
    error = UnprocessableEntity("wrong")
    error.extensions["unlisted"] = 7
    assert represent(error, "text/plain").body.decode().endswith("And 7 more.")
