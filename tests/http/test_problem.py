import asyncio
import json
from html.parser import HTMLParser
from string import Template
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.scopes import receiving, scope
from wadjet.http.exceptions import (
    Created,
    Error,
    Found,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    NotModified,
    ResetContent,
    SeeOther,
    ServiceUnavailable,
    UnprocessableEntity,
    ValidationError,
)
from wadjet.http.problem import PROBLEM, represent, variables_of

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


@pytest.mark.parametrize(
    "error", [Error(404, ""), HTTPException(204), HTTPException(200), ResetContent("x"), NotModified("x")]
)
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


# -- what is no error -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", [None, "*/*", "text/html"])
def test_a_redirection_has_a_note_with_a_link(accept: str | None) -> None:
    response = represent(Found("/a?b&c"), accept)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert 'at <a href="/a?b&amp;c">/a?b&amp;c</a></p>' in response.text


def test_a_redirection_says_in_plain_text_where() -> None:
    assert represent(SeeOther("/a"), "text/plain").text == "303 See Other\n\nThe answer is at\n\n/a"


def test_a_redirection_has_nothing_for_programs() -> None:
    response = represent(SeeOther("/a"), "application/json")
    assert (response.body, response.headers["location"], response.headers["vary"]) == (b"", "/a", "Accept")


def test_only_a_target_that_may_stand_in_location_is_a_link() -> None:
    """RDR-14."""
    error = HTTPException(302, "go", {"location": "javascript:alert(1)"})
    page = represent(error, "text/html").text
    assert "href" not in page
    assert "javascript:alert(1)" in page


def test_an_error_with_a_location_has_no_link() -> None:
    assert "href" not in represent(NotFound(headers={"location": "/x"}), "text/html").text


def test_a_success_with_something_to_say_says_it() -> None:
    response = represent(Created("It is there."), None)
    assert response.headers["content-type"] == "application/json"
    assert json.loads(response.body)["detail"] == "It is there."


# -- templates --------------------------------------------------------------------------------------------------------------


def test_a_template_makes_the_body_of_a_page() -> None:
    error = NotFound(
        EVIL, comment="c", body_template="<p>${explanation}${br}${detail}</p>${html_comment}$$ ${nobody}"
    )
    page = represent(error, "text/html").text
    assert (
        f"<p>{error.explanation}<br>&lt;script&gt;alert(1)&lt;/script&gt;</p><!-- c -->\n$ ${{nobody}}</html>"
        in page
    )


def test_a_template_makes_plain_text_without_its_markup() -> None:
    error = NotFound(
        "<b>", comment="c", body_template="<p>a &amp; ${detail}</p>${br}${comment}${html_comment}"
    )
    assert represent(error, "text/plain").text == "404 Not Found\n\na & <b>\nc"


def test_a_template_makes_the_detail_of_problem_details() -> None:
    error = NotFound("x", body_template="<p>no ${detail}</p>")
    assert json.loads(represent(error, None).body)["detail"] == "no x"


def test_a_template_may_name_the_fields_and_the_request() -> None:
    asked = scope(method="PUT", path="/<p>")
    asked["headers"] = [(b"x-a", b"1"), (b"x-a", b"2")]
    error = MethodNotAllowed(["GET"], body_template="${REQUEST_METHOD} ${PATH_INFO} ${allow} ${HTTP_X_A}")
    assert represent(error, "text/plain", lambda: variables_of(asked)).text.endswith("PUT /<p> GET 1, 2")
    assert "PUT /&lt;p&gt; GET 1, 2" in represent(error, "text/html", lambda: variables_of(asked)).text


def test_the_path_of_a_template_is_that_below_the_root_and_decoded() -> None:
    found = variables_of(scope(path="/app/é", root_path="/app"))
    assert (found["SCRIPT_NAME"], found["PATH_INFO"]) == ("/app", "/é")


def test_what_a_template_calls_comes_first_from_the_exception() -> None:
    """A client cannot put its text in the place of ours."""
    asked = scope(headers={"content-type": "a/b", "content-length": "0", "detail": "evil"})
    found = variables_of(asked)
    assert {"detail", "explanation", "comment", "br"}.isdisjoint(found)
    assert (found["CONTENT_TYPE"], found["CONTENT_LENGTH"], found["HTTP_DETAIL"]) == ("a/b", "0", "evil")


def test_a_class_brings_templates_of_its_own() -> None:
    class Lost(NotFound):
        title = "Lost"
        explanation = "We looked everywhere."
        body_template_obj = Template("${explanation}")
        html_template_obj = Template("<h1>${status}</h1>${body}")
        plain_template_obj = Template("${status}: ${body}")

    assert represent(Lost(), "text/html").text == "<h1>404 Lost</h1>We looked everywhere."
    assert represent(Lost(), "text/plain").text == "404 Lost: We looked everywhere."
    assert json.loads(represent(Lost(), None).body)["title"] == "Lost"


def test_a_class_may_have_no_body() -> None:
    class Quiet(NotFound):
        empty_body = True

    assert represent(Quiet("x"), "text/html").body == b""


def test_what_says_itself_how_it_looks_in_html_is_not_escaped() -> None:
    class Markup(str):
        __slots__ = ()

        def __html__(self) -> str:
            return str(self)

    assert "<p><b>x</b></p>" in represent(NotFound(Markup("<b>x</b>")), "text/html").text
    assert represent(NotFound(Markup("<b>x</b>")), "text/plain").text.endswith("<b>x</b>")


# -- JSON -------------------------------------------------------------------------------------------------------------------


def test_a_formatter_makes_the_document() -> None:
    def formatter(body: str, status: str, title: str, environ: Any) -> object:
        return {"message": body, "code": status, "title": title, "method": environ["REQUEST_METHOD"]}

    error = NotFound("<b>", json_formatter=formatter)
    for accept in (None, "application/json", PROBLEM):
        response = represent(error, accept, lambda: variables_of(scope()))
        assert json.loads(response.body) == {
            "message": "<b>",
            "code": "404 Not Found",
            "title": "Not Found",
            "method": "GET",
        }
    assert (
        represent(error, "application/json", lambda: variables_of(scope())).headers["content-type"]
        == "application/json"
    )


def test_a_formatter_may_be_a_method() -> None:
    class Lost(NotFound):
        def json_formatter(self, *, body: str, status: str, title: str, environ: object) -> object:
            return {"lost": body}

    assert json.loads(represent(Lost("x"), None).body) == {"lost": "x"}


@pytest.mark.parametrize(
    "errors", [{"name": ["wrong"]}, "wrong", ["wrong"], [{"detail": "wrong"}], [{"pointer": "wrong"}]]
)
@pytest.mark.parametrize("accept", ["text/html", "text/plain", None])
def test_errors_may_have_any_shape(errors: object, accept: str | None) -> None:
    response = represent(ValidationError(errors), accept)
    if accept is None:
        assert json.loads(response.body)["errors"] == errors
    else:
        assert "wrong" in response.text


@pytest.mark.parametrize("accept", ["text/html", "text/plain", None])
def test_what_is_no_text_is_replaced(accept: str | None) -> None:
    assert b"no ? here" in represent(NotFound("no \udcff here"), accept).body


# -- whatever is said ---------------------------------------------------------------------------------------------------------


class Seen(HTMLParser):
    """The tags and comments of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.comments: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


ANY_TEXT = st.text(st.characters() | st.sampled_from("<>&-!\"'/$`{}"))


@settings(max_examples=60)
@given(ANY_TEXT.filter(bool), ANY_TEXT)
def test_no_text_adds_a_tag_or_ends_a_comment(detail: str, comment: str) -> None:
    page = Seen(represent(NotFound(detail, comment=comment), "text/html").text)
    assert page.tags == ["html", "meta", "meta", "title", "style", "h1", "p"]
    assert len(page.comments) == 1


@settings(max_examples=60)
@given(ANY_TEXT, ANY_TEXT, st.sampled_from([None, "text/html", "text/plain"]))
def test_any_template_makes_a_body(template: str, detail: str, accept: str | None) -> None:
    response = represent(NotFound(detail, body_template=template), accept)
    assert response.body.decode() or detail == ""


@settings(max_examples=60)
@given(st.text(st.characters(max_codepoint=255)))
def test_any_accept_gets_an_error_that_says_why(accept: str) -> None:
    assert b"why" in represent(NotFound("why"), accept).body


# -- as an application ------------------------------------------------------------------------------------------------------


def answered(error: HTTPException, **asked: Any) -> tuple[int, dict[str, str], bytes]:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    asyncio.run(error(scope(**asked), receiving(), send))
    fields = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], fields, messages[1]["body"]


def test_an_exception_is_an_application_that_negotiates() -> None:
    status, fields, body = answered(NotFound("why"), headers={"accept": "text/plain"})
    assert (status, fields["content-type"], body) == (
        404,
        "text/plain; charset=utf-8",
        b"404 Not Found\n\nwhy",
    )
    assert answered(NotFound("why"))[1]["content-type"] == PROBLEM


def test_head_has_the_length_of_get() -> None:
    """WebOb says 0, whatever GET would have."""
    error = NotFound("why", body_template="${PATH_INFO} ${detail}")
    for accept in ("text/html", "text/plain", "*/*"):
        _, get, body = answered(error, headers={"accept": accept})
        status, head, nothing = answered(error, method="HEAD", headers={"accept": accept})
        assert (status, head, nothing) == (404, get, b"")
        assert get["content-length"] == str(len(body))


def test_a_body_that_is_set_is_the_applications_too() -> None:
    assert answered(ServiceUnavailable(text="later"), headers={"accept": "text/html"})[2] == b"later"
