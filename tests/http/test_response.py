import io
import math
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.attributes import Attributes, ContentAttributes
from wadjet.http.exceptions import NotFound
from wadjet.http.response import (
    HTML,
    JSON,
    EventSourceResponse,
    FileResponse,
    HTMLResponse,
    JSONLinesResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
    json_response,
)


class Markup:
    def __html__(self) -> str:
        return "<b>"

    def __str__(self) -> str:
        return "text"

    def __repr__(self) -> str:
        return "<Markup>"


class Doubling(Response[int]):
    def _custom(self, body: int) -> str:
        return str(body * 2)


TEXT = "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("content", "kind", "body"),
    [
        (None, None, b""),
        ("é", TEXT, "é".encode()),
        (b"\xff", "application/octet-stream", b"\xff"),
        ({"a": 1}, "application/json", b'{"a":1}'),
        ([1], "application/json", b"[1]"),
        (5, TEXT, b"5"),
        (True, TEXT, b"true"),
        (Markup(), "text/html; charset=utf-8", b"<b>"),
        (..., TEXT, b"Ellipsis"),
    ],
)
def test_content_chooses_its_type(content: Any, kind: str | None, body: bytes) -> None:
    response = Response(content)
    assert (response.status_code, response.headers.get("content-type"), response.body) == (200, kind, body)
    assert response.content is content


@pytest.mark.parametrize(
    ("arguments", "status", "kind", "body"),
    [
        ({"status_code": 201}, 201, None, b""),
        ({"status": 201}, 201, None, b""),
        ({"status": "201 Made"}, 201, None, b""),
        ({"status_code": HTTPStatus.NOT_FOUND}, 404, None, b""),
        ({"body": b"x"}, 200, "application/octet-stream", b"x"),
        ({"body": b"x", "content_type": "image/png"}, 200, "image/png", b"x"),
        ({"text": "é"}, 200, TEXT, "é".encode()),
        ({"text": "é", "charset": "latin-1"}, 200, "text/plain; charset=latin-1", b"\xe9"),
        ({"json": {"a": 1}}, 200, "application/json", b'{"a":1}'),
        ({"json_body": "x"}, 200, "application/json", b'"x"'),
        ({"content": "x", "media_type": "text/html"}, 200, "text/html; charset=utf-8", b"x"),
        ({"content": "x", "content_type": "text/html"}, 200, "text/html; charset=utf-8", b"x"),
        ({"content": "x", "media_type": "application/json"}, 200, "application/json", b"x"),
        ({"content": b"x", "media_type": "application/pdf"}, 200, "application/pdf", b"x"),
        ({"content": {"a": 1}, "media_type": "text/plain"}, 200, TEXT, b'{"a":1}'),
        (
            {"content": {"a": "é"}, "charset": "latin-1"},
            200,
            "application/json; charset=latin-1",
            b'{"a":"\xe9"}',
        ),
        ({"content": Markup(), "charset": "latin-1"}, 200, "text/html; charset=latin-1", b"<b>"),
        ({"content": "x", "headers": {"Content-Type": "text/x"}}, 200, "text/x", b"x"),
        ({"content": "x", "media_type": "text/*"}, 200, TEXT, b"x"),
        ({"content": "x", "media_type": "text/css; charset=ascii"}, 200, "text/css; charset=ascii", b"x"),
        (
            {"content": "<a/>", "media_type": "application/xml"},
            200,
            "application/xml; charset=utf-8",
            b"<a/>",
        ),
        ({"content": 5, "body_translate": "repr"}, 200, TEXT, b"5"),
        ({"content": None, "body_translate": "str"}, 200, TEXT, b"None"),
        ({"content": [1, 2], "body_translate": "str"}, 200, TEXT, b"[1, 2]"),
        ({"content": Markup(), "body_translate": "repr"}, 200, TEXT, b"<Markup>"),
        ({"content": Markup(), "body_translate": "str"}, 200, TEXT, b"text"),
    ],
)
def test_properties_may_be_given_as_keywords(
    arguments: Any, status: int, kind: str | None, body: bytes
) -> None:
    response = Response(**arguments)
    assert (response.status_code, response.headers.get("content-type"), response.body) == (status, kind, body)
    assert len(response.headers.getall("content-type")) <= 1


def test_a_location_may_be_a_keyword() -> None:
    assert Response(status_code=302, location="/é").headers["location"] == "/%C3%A9"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("statsu", "did you mean 'status'?"), ("zzz", "known are status, ")],
)
def test_an_unknown_keyword_is_a_type_error_with_a_suggestion(name: str, hint: str) -> None:
    with pytest.raises(TypeError, match=rf"Response\(\) has no settable property '{name}'") as caught:
        Response("x", **{name: 1})  # type: ignore[arg-type]
    assert hint in str(caught.value)


@pytest.mark.parametrize("status", [99, 600, -1, 0, True, "200", 200.0, None])
def test_a_status_out_of_range_is_refused(status: Any) -> None:
    if status is not None:
        with pytest.raises(ValueError, match="status code is an int from 100 to 599"):
            Response("x", status)
    with pytest.raises(ValueError):
        Response("x").status_code = status


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(299, id="RSP-23"),
        pytest.param(429, id="RSP-25"),
        pytest.param(451, id="RSP-26"),
        pytest.param(599, id="RSP-27"),
    ],
)
def test_any_status_between_100_and_599_is_sent_as_such(status: int) -> None:
    assert Response("x", status).parts()[0] == status


@pytest.mark.parametrize(
    ("given", "shown"), [(404, "404 Not Found"), ("404 Nope", "404 Not Found"), (299, "299 Success")]
)
def test_the_status_has_its_reason(given: Any, shown: str) -> None:
    response = Response("x")
    response.status = given
    assert response.status == shown
    assert response.status_int == response.status_code


@pytest.mark.parametrize("status", ["", "x", "Not Found", "-1", "\u0664\u0660\u0664"])
def test_a_status_text_without_a_number_is_refused(status: str) -> None:
    with pytest.raises(ValueError, match="does not begin with a status code"):
        Response("x").status = status


# -- translate -----------------------------------------------------------------------------------------------------------


def test_a_subclass_translates_by_a_method_of_its_own() -> None:
    response = Doubling(21, body_translate="custom")
    assert response.body == b"42"
    assert response.translate == "custom"


def test_custom_without_a_method_says_what_is_missing() -> None:
    with pytest.raises(TypeError, match="must define _custom"):
        _ = Response(1, body_translate="custom").body


@pytest.mark.parametrize("name", ["bogus", "", "STR"])
def test_an_unknown_strategy_is_refused_at_construction(name: Any) -> None:
    with pytest.raises(ValueError, match="is not one of 'str', 'repr', 'result', 'custom'"):
        Response("x", body_translate=name)


def test_the_strategy_may_change_until_the_response_is_sent() -> None:
    response = Response("x")
    response.translate = "repr"
    assert response.body == b"'x'"


def test_an_object_with_a_result_waits_for_being_prepared() -> None:
    class Result:
        def __view_result__(self) -> str:
            return "x"

    response = Response(Result())
    assert response.translate == "result"
    with pytest.raises(RuntimeError, match="when the response is prepared"):
        _ = response.body


# -- header injection ------------------------------------------------------------------------------------------------------

EVIL = [
    pytest.param("a\r\nX-Evil: 1", id="RSP-02"),
    pytest.param("a\nX-Evil: 1", id="RSP-03"),
    pytest.param("a\rX-Evil: 1", id="RSP-04"),
    pytest.param("a\x00b", id="RSP-05"),
    pytest.param("\u20ac", id="RSP-15"),
    pytest.param("a\x7fb", id="DEL"),
]


@pytest.mark.parametrize("evil", EVIL)
def test_no_value_can_inject_a_header(evil: str) -> None:
    ways: list[Any] = [
        lambda: Response("x", headers={"x-t": evil}),
        lambda: (
            Response("x", headers=[(b"x-t", evil.encode())])
            if evil.isascii()
            else Response("x", headers={"x": evil})
        ),
        lambda: Response("x", media_type=evil),
        lambda: Response("x", content_type=evil),
        lambda: Response("x").headers.set("x-t", evil),
        lambda: Response("x").headers.append("x-t", evil),
        lambda: Response("x").headers.setdefault("x-t", evil),
        lambda: Response("x").headers.update({"x-t": evil}),
        lambda: Response("x").headers.extend([("x-t", evil)]),
        lambda: Response("x").headers.__setitem__("x-t", evil),
        lambda: setattr(Response("x"), "content_type", evil),
        lambda: JSONResponse({}, 200, {"x-t": evil}),
        lambda: HTMLResponse("", headers={"x-t": evil}),
        lambda: StreamingResponse([], headers={"x-t": evil}),
        lambda: RedirectResponse("/", headers={"x-t": evil}),
        lambda: NotFound(headers={"x-t": evil}),
        lambda: json_response({}, headers={"x-t": evil}),
        lambda: Response("x").set_cookie("a", "b", domain=evil),
        lambda: Response("x").set_cookie("a", "b", path=evil),
    ]
    for way in ways:
        with pytest.raises(ValueError):
            way()


@pytest.mark.parametrize(
    "name",
    [pytest.param("X-T\r\nX-Evil", id="RSP-08"), pytest.param("", id="RSP-11"), "x t", "x:", "é", "x\x00"],
)
def test_no_name_can_inject_a_header(name: str) -> None:
    with pytest.raises(ValueError):
        Response("x", headers={name: "1"})
    with pytest.raises(ValueError):
        Response("x").headers.append(name, "1")


def test_a_header_is_sent_as_it_was_given() -> None:
    """RSP-01."""
    assert (b"x-t", b"plain") in Response("x", headers={"X-T": "plain"}).final_headers()


@given(value=st.text())
def test_whatever_the_value_a_response_has_the_fields_it_was_given_or_none(value: str) -> None:
    try:
        response = Response("x", headers={"x-t": value})
    except ValueError:
        return
    fields = response.final_headers()
    assert [name for name, _ in fields] == [b"x-t", b"content-type", b"content-length"]
    assert not set(fields[0][1]) & {0, 10, 13}


# -- type and charset --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["bogus", "zlib", "base64", "", "x" * 9000, "utf-8\r\nX-Evil: 1"])
def test_a_charset_that_is_none_is_refused(charset: str) -> None:
    with pytest.raises(ValueError):
        Response("x", charset=charset)
    if charset:
        with pytest.raises(ValueError):
            Response("x", media_type=f"text/plain; charset={charset}")
        with pytest.raises(ValueError):
            Response("x", headers={"content-type": f"text/plain; charset={charset}"})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Response("é"),
        lambda: Response(text="é"),
        lambda: PlainTextResponse("é"),
        lambda: HTMLResponse("é"),
        lambda: Response(body="é", content_type="text/plain"),
    ],
)
def test_a_new_charset_encodes_the_text_again(make: Any) -> None:
    response = make()
    response.charset = "latin-1"
    assert (response.body, response.text) == (b"\xe9", "é")
    response.charset = "utf-16"
    assert (response.body, response.charset) == ("é".encode("utf-16"), "utf-16")
    response.content_type = "text/css; charset=utf-8"
    assert (response.body, response.headers["content-type"]) == ("é".encode(), "text/css; charset=utf-8")


def test_a_new_charset_leaves_bytes_alone() -> None:
    response: Response[Any] = Response(b"\xe9", charset="latin-1")
    response.charset = "utf-8"
    assert response.body == b"\xe9"
    response = Response("text")
    response.body = b"\xe9"
    response.charset = "latin-1"
    assert response.body == b"\xe9"


def test_a_new_charset_keeps_a_json_text_quoted() -> None:
    response: Response[Any] = Response(json="é")
    response.charset = "latin-1"
    assert response.body == b'"\xe9"'


def test_two_content_types_never_stand_side_by_side() -> None:
    response = Response("x", headers=[("content-type", "text/a"), ("Content-Type", "text/b")])
    assert response.headers.getall("content-type") == ["text/b"]


def test_a_content_type_may_be_taken_away() -> None:
    response = Response("x")
    response.content_type = None
    assert response.content_type is None
    assert b"content-type" not in dict(response.final_headers())


def test_a_type_is_read_without_its_parameters() -> None:
    response = Response("x", media_type='text/plain; charset="utf-8"; x=1')
    assert (response.content_type, response.charset) == ("text/plain", "utf-8")


def test_subclasses_have_defaults_of_their_own() -> None:
    class Latin(Response[str]):
        default_content_type = "text/x"
        default_charset = "latin-1"

    response = Latin("é")
    assert (response.headers["content-type"], response.body) == ("text/x; charset=latin-1", b"\xe9")


@pytest.mark.parametrize("value", ["text", 5, None, ["a"]])
def test_the_body_takes_bytes_or_text(value: Any) -> None:
    response = Response("x")
    if isinstance(value, str):
        response.body = value
        assert response.body == b"text"
    else:
        with pytest.raises(TypeError, match="body takes bytes"):
            response.body = value


def test_text_and_json_read_what_they_wrote() -> None:
    response: Response[Any] = Response()
    response.json = {"a": "é"}
    assert (response.json, response.text, response.content_type) == (
        {"a": "é"},
        '{"a":"é"}',
        "application/json",
    )
    response.text = "é"
    assert (response.text, response.content_type) == ("é", "application/json")


# -- framing -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [pytest.param(205, id="RSP-19"), 204, pytest.param(304, id="RSP-18")])
def test_some_statuses_have_no_content(status: int) -> None:
    response = Response("abc", status, {"x-a": "1", "content-length": "3"})
    sent, fields, body = response.parts()
    assert (sent, body) == (status, b"")
    assert dict(fields) == {b"x-a": b"1"}


@pytest.mark.parametrize("status", [100, 101, 103, 199])
def test_an_interim_status_is_never_the_final_one(status: int) -> None:
    with pytest.raises(ValueError, match="is an interim status; answer with one from 200 to 599"):
        Response("abc", status).parts()


def test_the_length_is_that_of_the_body() -> None:
    assert dict(Response("é").final_headers())[b"content-length"] == b"2"
    assert dict(Response().final_headers())[b"content-length"] == b"0"


@pytest.mark.parametrize("length", ["2", "4", "x", "+3", "03", "3, 3", " "])
def test_a_length_that_does_not_match_is_an_error(length: str) -> None:
    response = Response("abc", headers={"Content-Length": length})
    with pytest.raises(ValueError, match="but the body has 3 bytes; leave it out"):
        response.parts()


def test_two_lengths_are_an_error() -> None:
    response = Response("abc", headers=[("content-length", "3"), ("content-length", "4")])
    with pytest.raises(ValueError, match="Content-Length"):
        response.parts()


def test_a_coding_set_by_hand_never_leaves() -> None:
    fields = Response("abc", headers={"Transfer-Encoding": "chunked"}).final_headers()
    assert b"transfer-encoding" not in dict(fields)
    assert dict(fields)[b"content-length"] == b"3"
    assert b"transfer-encoding" not in dict(
        StreamingResponse([], headers={"transfer-encoding": "x"}).final_headers()
    )


def test_a_stream_may_declare_its_length() -> None:
    assert (
        dict(StreamingResponse([], headers={"content-length": "5"}).final_headers())[b"content-length"]
        == b"5"
    )


# -- copies ------------------------------------------------------------------------------------------------------------------


def test_a_copy_shares_nothing_that_can_be_changed() -> None:
    response = Response("x", 201, {"x-a": "1"})
    for twin in (response.copy(), response.take()):
        twin.headers["x-a"] = "2"
        twin.set_cookie("a", "b")
        twin.status_code = 500
        twin.text = "y"
    assert (response.status_code, response.text, response.headers["x-a"]) == (201, "x", "1")
    assert "set-cookie" not in response.headers


def test_a_copy_is_of_the_same_class() -> None:
    assert type(JSONResponse({}).copy()) is JSONResponse
    assert type(NotFound("x").take()) is NotFound
    assert str(NotFound("x").take()) == "x"


def test_wrapping_keeps_what_was_given_by_hand() -> None:
    outer: Response[Any] = Response(None, 202, {"x-a": "outer"})
    whole = outer.wrap(Response("x", 201, {"x-a": "inner", "x-b": "inner"}))
    assert (whole.status_code, whole.text, whole.headers.getall("x-a"), whole.headers["x-b"]) == (
        202,
        "x",
        ["outer"],
        "inner",
    )
    assert Response().wrap(Response("x", 201)).status_code == 201


def test_a_response_is_view_py_s_triple() -> None:
    assert Response("x", 201).__view_result__() == (b"x", 201, [(b"content-type", TEXT.encode())])
    assert repr(Response("x", 201)) == "<Response 201 Created>"


# -- the kinds ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("indent", "body"),
    [(None, b'{"a":[1]}'), (2, b'{\n  "a": [\n    1\n  ]\n}'), (4, b'{\n    "a": [\n        1\n    ]\n}')],
)
def test_json_may_be_indented(indent: int | None, body: bytes) -> None:
    assert JSONResponse({"a": [1]}, indent=indent).body == body


@pytest.mark.parametrize(
    ("content", "body"), [(None, b"null"), ("x", b'"x"'), (b"{}", b"{}"), (5, b"5"), (float("nan"), b"null")]
)
def test_json_takes_anything(content: Any, body: bytes) -> None:
    response = JSONResponse(content)
    assert (response.headers["content-type"], response.body) == ("application/json", body)


def test_json_of_an_object_without_a_form_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="object"):
        JSONResponse(object())


@pytest.mark.parametrize("content", ["<b>", b"<b>", Markup(), io.StringIO("<b>")])
def test_html_is_read_from_whatever_has_it(content: Any) -> None:
    response = HTMLResponse(content)
    assert (response.headers["content-type"], response.body) == ("text/html; charset=utf-8", b"<b>")


def test_html_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<é>", "utf-8")
    assert HTMLResponse(tmp_path / "a.html").text == "<é>"


def test_short_names_are_the_same_classes() -> None:
    assert JSON is JSONResponse
    assert HTML is HTMLResponse


@pytest.mark.parametrize(
    ("url", "location"),
    [
        pytest.param("https://a.test/x?y=1#z", "https://a.test/x?y=1#z", id="RDR-02"),
        pytest.param("/n?a=1&b=%26", "/n?a=1&b=%26", id="RDR-04"),
        pytest.param("/é", "/%C3%A9", id="RDR-11"),
        pytest.param("/a b", "/a%20b", id="RDR-12"),
        ("next", "next"),
        ("?page=2", "?page=2"),
        ("", ""),
    ],
)
def test_a_redirect_names_its_target(url: str, location: str) -> None:
    response = RedirectResponse(url)
    assert (response.status_code, response.headers["location"], response.body) == (307, location, b"")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("/x\rX-Evil: 1", id="RDR-07"),
        pytest.param("/x\r\n\r\n<script>", id="RDR-09"),
        pytest.param("javascript:alert(1)", id="RDR-14"),
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        " /x",
        "/x\ty",
        "data:text/html,x",
    ],
)
def test_a_redirect_to_a_doubtful_target_is_refused(url: str) -> None:
    ways: list[Any] = [RedirectResponse, lambda target: Response(location=target)]
    for make in ways:
        with pytest.raises(ValueError, match="Location"):
            make(url)


@pytest.mark.parametrize(
    "status",
    [
        pytest.param(301, id="RDR-16"),
        pytest.param(302, id="RDR-17"),
        pytest.param(307, id="RDR-19"),
        pytest.param(308, id="RDR-20"),
    ],
)
def test_a_redirect_has_the_status_asked_for(status: int) -> None:
    assert RedirectResponse("/n", status).status_code == status


@pytest.mark.parametrize("status", [200, 404])
def test_a_redirect_with_another_status_is_refused(status: int) -> None:
    with pytest.raises(ValueError, match="a redirect has a status from 300 to 399"):
        RedirectResponse("/n", status)


def test_json_may_be_written_by_a_function_of_one_s_own() -> None:
    response = json_response({"a": 1}, 201, {"x-a": "1"}, dumps=repr)
    assert (response.status_code, response.body, response.headers["x-a"]) == (201, b"{'a': 1}", "1")
    assert response.headers["content-type"] == "application/json"


def test_json_refuses_what_is_no_number_where_it_is_told_to() -> None:
    assert JSONResponse([float("nan")], nan="null").body == b"[null]"
    assert JSONResponse([None], nan="error").body == b"[null]"
    with pytest.raises(ValueError, match="NaN and infinity have no JSON form"):
        JSONResponse([float("nan")], nan="error")
    with pytest.raises(ValueError, match="is neither 'null' nor 'error'"):
        JSONResponse([], nan="ignore")  # type: ignore[arg-type]


# -- templates ---------------------------------------------------------------------------------------------------------------


def test_a_template_is_described_and_not_rendered() -> None:
    response = HTMLResponse(template="a.html", context={"name": "x"}, template_dir=Path("pages"))
    assert response.template == ("a.html", {"name": "x"}, "pages")
    assert (response.is_description, response.headers["content-type"]) == (True, "text/html; charset=utf-8")
    with pytest.raises(RuntimeError, match="'a.html' is rendered when the response is prepared"):
        _ = response.body
    response.text = "mine"
    assert (response.is_description, response.take().body) == (False, b"mine")


@pytest.mark.parametrize(
    "arguments",
    [
        {"content": "x", "template": "a.html"},
        {"text": "x", "template": "a.html"},
        {"content": "x", "context": {}},
        {"template_dir": "x"},
    ],
)
def test_content_and_a_template_exclude_each_other(arguments: Any) -> None:
    with pytest.raises(ValueError, match=r"not both|name it with template="):
        HTMLResponse(**arguments)


# -- what is of the wrong type ------------------------------------------------------------------------------------------------


#: What takes any value, or any truth.
FREE = {"json", "json_body", "conditional_response", "app_iter"}
ATTRIBUTES = {*Attributes.__annotations__, *ContentAttributes.__annotations__}


@pytest.mark.parametrize(
    "value", [5, 1.5, b"x", object(), [object()], {1: 2}, (1, 2, 3, 4), -(10**30), math.nan]
)
@pytest.mark.parametrize("name", sorted(ATTRIBUTES - FREE))
def test_a_value_of_the_wrong_type_is_taken_or_refused_and_nothing_else(name: str, value: Any) -> None:
    """Whoever reads the error learns that it is the value."""
    response: Any = Response("x")
    before = response.headerlist[:]
    try:
        setattr(response, name, value)
    except (TypeError, ValueError):
        assert response.headerlist[:] == before
    else:
        response.parts(head=True) if name != "content_length" else None


@pytest.mark.parametrize("value", [5, b"x", True, ["x"]])
@pytest.mark.parametrize(
    "name",
    ["accept_ranges", "content_disposition", "content_encoding", "location", "pragma", "server", "charset"],
)
def test_a_field_of_text_takes_text(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match="text"):
        Response("x", **{name: value})


@pytest.mark.parametrize("status", [404.0, 404.7, True, None, "404Nope", "9" * 5000, b"\xff", []])
def test_a_status_is_a_number_or_begins_with_one(status: Any) -> None:
    with pytest.raises(ValueError):
        Response("x", status=status)


@pytest.mark.parametrize(
    "make",
    [
        lambda: StreamingResponse([b"x"], body=b"y"),
        lambda: EventSourceResponse([b"x"], text="y"),
        lambda: JSONLinesResponse([b"x"], json=1),
        lambda: FileResponse("x", app_iter=[b"y"]),
        lambda: RedirectResponse("/a", location="/b"),
    ],
)
def test_there_is_one_content_and_one_target(make: Any) -> None:
    with pytest.raises(TypeError, match="give one"):
        make()


@pytest.mark.parametrize("content", ["abc", b"abc", None, 5])
def test_a_stream_is_made_of_an_iterable(content: Any) -> None:
    with pytest.raises(TypeError, match="iterable"):
        StreamingResponse(content)


@pytest.mark.parametrize("part", ["value", "path", "domain", "samesite"])
def test_the_parts_of_a_cookie_are_text(part: str) -> None:
    response: Any = Response("")
    with pytest.raises(TypeError, match=part):
        response.set_cookie("a", **{part: 0})


def test_what_lasts_longer_than_dates_do_changes_nothing() -> None:
    response: Response[Any] = Response()
    with pytest.raises(ValueError):
        response.cache_expires(10**30)
    assert not response.headerlist


@pytest.mark.parametrize("indent", [-1, "  ", 1.5])
def test_json_is_indented_by_spaces(indent: Any) -> None:
    """Anything else would be no JSON."""
    with pytest.raises(ValueError, match="indent"):
        JSONResponse([1], indent=indent)
