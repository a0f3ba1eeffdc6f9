import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.handlers.serving import assembling, call, serving
from wadjet import HTMLResponse, Request, Response, StreamingResponse, Wadjet
from wadjet.errors import ConfigError
from wadjet.handlers.prepare import Prepare
from wadjet.handlers.respond import Respond
from wadjet.handlers.returning import Makers
from wadjet.handlers.signature import MISSING
from wadjet.http.exceptions import Error, HTTPException, NotFound, ServiceUnavailable
from wadjet.http.response import Template
from wadjet.testing import TestClient


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("image/png", "application/problem+json"),
        ("nonsense", "application/problem+json"),
    ],
)
def test_an_error_is_negotiated(accept: str | None, kind: str) -> None:
    async def handler() -> None:
        raise NotFound("no such thing")

    headers = {"accept": accept or ""}
    answer = call(handler, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (404, kind)
    assert answer.headers["vary"] == "Accept"
    assert "no such thing" in answer.text


def test_a_body_that_was_set_wins_over_negotiation() -> None:
    async def handler() -> None:
        raise NotFound(text="mine")

    answer = call(handler, headers={"accept": "text/html"})
    assert (answer.text, answer.headers["content-type"]) == ("mine", "text/plain; charset=utf-8")


def test_a_server_error_has_an_id_in_body_and_log(caplog: pytest.LogCaptureFixture) -> None:
    async def handler() -> None:
        raise ServiceUnavailable(detail="later")

    answer = call(handler)
    assert answer.status_code == 503
    assert answer.json()["id"] in caplog.text


def test_a_server_error_with_content_of_its_own_is_sent_as_it_is() -> None:
    async def handler() -> None:
        raise ServiceUnavailable(text="later")

    assert call(handler).text == "later"


@pytest.mark.parametrize("length", ["0", "2", "4", "x", "-3", "3, 3", "03"])
def test_a_length_set_by_hand_that_does_not_match_is_a_500(
    length: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler() -> Response[str]:
        return Response("abc", headers={"content-length": length})

    answer = call(handler)
    assert answer.status_code == 500
    assert f"Content-Length was set to {length}, but the body has 3 bytes" in caplog.text


def test_an_answer_to_head_may_say_the_length_that_get_would_have() -> None:
    async def handler(length: str) -> Response[Any]:
        return Response(None, headers={"content-length": length})

    answer = call(handler, "/?length=10", method="HEAD")
    assert (answer.status_code, answer.headers.get_list("content-length")) == (200, ["10"])
    assert call(handler, "/?length=x", method="HEAD").status_code == 500
    assert call(handler, "/?length=10").status_code == 500


def test_a_length_set_by_hand_that_matches_is_sent_once() -> None:
    async def handler() -> Response[str]:
        return Response("abc", headers={"Content-Length": "3"})

    answer = call(handler)
    assert (answer.text, answer.headers.get_list("content-length")) == ("abc", ["3"])


def test_response_callbacks_run_once_in_order_before_the_response_leaves() -> None:
    events: list[Any] = []

    def first(request: Request, response: Response[Any]) -> None:
        events.append(("first", response.status_code))
        response.headers["x-first"] = "1"
        request.add_response_callback(third)

    async def second(request: Request, response: Response[Any]) -> None:
        events.append("second")

    def third(request: Request, response: Response[Any]) -> None:
        events.append("third")

    async def handler(request: Request) -> str:
        request.add_response_callback(first)
        request.add_response_callback(second)
        return "x"

    with serving(handler) as client:
        for _ in range(2):
            assert client.get("/").headers["x-first"] == "1"
            assert events == [("first", 200), "second", "third"]
            events.clear()


def test_response_callbacks_see_errors_too() -> None:
    seen: list[int] = []

    async def handler(request: Request) -> None:
        request.add_response_callback(lambda request, response: seen.append(response.status_code))
        raise NotFound

    assert call(handler).status_code == 404
    assert seen == [404]


def test_a_response_callback_that_fails_is_a_500() -> None:
    def failing(request: Request, response: Response[Any]) -> None:
        raise RuntimeError

    async def handler(request: Request) -> str:
        request.add_response_callback(failing)
        return "x"

    assert call(handler).status_code == 500


def test_finished_callbacks_run_always_and_each_even_if_another_fails() -> None:
    events: list[Any] = []

    def failing(request: Request) -> None:
        raise RuntimeError

    async def handler(request: Request) -> None:
        request.add_finished_callback(failing)
        request.add_finished_callback(lambda request: events.append(repr(request.exception)))
        raise ValueError("x")

    assert call(handler).status_code == 500
    assert events == ["ValueError('x')"]


def test_an_error_s_own_headers_and_cookies_are_sent() -> None:
    error = NotFound(headers={"x-a": "1"})
    error.set_cookie("a", "b")

    async def handler() -> None:
        raise error

    answer = call(handler)
    assert answer.headers["x-a"] == "1"
    assert answer.cookies["a"] == "b"


def test_an_empty_message_is_an_empty_body() -> None:
    async def handler() -> None:
        raise Error(404, "")

    answer = call(handler)
    assert (answer.status_code, answer.content) == (404, b"")


def test_a_status_without_a_class_can_be_raised() -> None:
    async def handler() -> None:
        raise HTTPException(299, "odd")

    assert call(handler).status_code == 299


# -- conditions and ranges -----------------------------------------------------------------------------------------------------


def conditional() -> Response[Any]:
    return Response("0123456789", etag="v1", vary="Cookie", conditional_response=True)


@pytest.mark.parametrize(
    ("headers", "status", "text"),
    [
        ({}, 200, "0123456789"),
        ({"if-none-match": '"v1"'}, 304, ""),
        ({"range": "bytes=0-3"}, 206, "0123"),
        ({"range": "bytes=20-"}, 416, None),
        ({"if-match": '"v2"'}, 412, None),
    ],
)
@pytest.mark.parametrize("shared", [conditional()])
def test_conditions_of_computed_content_are_answered(
    shared: Response[Any], headers: dict[str, str], status: int, text: str | None
) -> None:
    async def handler() -> Response[Any]:
        return shared

    answer = call(handler, headers=headers)
    assert answer.status_code == status
    if text is None:
        assert answer.json()["status"] == status
        assert "etag" not in answer.headers
    else:
        assert (answer.text, answer.headers["etag"], answer.headers["vary"]) == (text, '"v1"', "Cookie")
    assert answer.headers.get("content-range") == {206: "bytes 0-3/10", 416: "bytes */10"}.get(status)
    assert shared.status_code == 200


def test_a_response_of_an_exception_handler_is_conditional_too() -> None:
    app = Wadjet()

    @app.get("/")
    async def handler() -> None:
        raise LookupError

    @app.exception_handler(LookupError)
    async def found(request: Request, error: LookupError) -> Response[Any]:
        return conditional()

    with TestClient(app) as client:
        assert client.get("/", headers={"if-none-match": '"v1"'}).status_code == 304
        assert client.get("/", headers={"if-match": '"v2"'}).status_code == 412


def test_a_stream_that_is_known_is_not_begun() -> None:
    begun = []

    async def chunks() -> AsyncIterator[bytes]:
        begun.append(True)
        yield b"x"

    async def handler() -> Response[Any]:
        return StreamingResponse(chunks(), etag="v1", conditional_response=True)

    assert call(handler, headers={"if-none-match": '"v1"'}).status_code == 304
    assert begun == []
    assert call(handler, headers={"if-none-match": '"v2"'}).text == "x"


@pytest.mark.parametrize("value", ["text", {"a": 1}, ("text", {"x-a": "1"}), Response("text", 200)])
def test_a_route_can_tag_what_its_handler_returns(value: Any) -> None:
    async def handler() -> Any:
        return value

    with serving(handler, "/", "GET", etag=True) as client:
        first = client.get("/")
        assert first.status_code == 200
        assert client.get("/", headers={"if-none-match": first.headers["etag"]}).status_code == 304
        assert client.head("/").headers["etag"] == first.headers["etag"]


def test_a_typed_result_and_a_model_are_tagged() -> None:
    async def handler() -> list[int]:
        return [1]

    with serving(handler, "/", "GET", etag=True) as client:
        assert "etag" in client.get("/").headers
        assert "etag" in client.get("/").headers  # whether or not the class was met before


def test_without_the_option_nothing_is_tagged() -> None:
    async def handler() -> str:
        return "text"

    assert "etag" not in call(handler).headers
    assert "etag" in assembling(handler, "/", "GET", etag="yes")


# -- content that is made here ---------------------------------------------------------------------------------------------------


def test_an_iterable_is_streamed() -> None:
    async def handler() -> Response[Any]:
        return Response(app_iter=iter([b"a", b"b"]), status=201, content_type="text/plain")

    answer = call(handler)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (
        201,
        "ab",
        "text/plain; charset=utf-8",
    )
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("kind", ["async", "plain"])
def test_a_template_is_rendered_by_the_application_s_function(kind: str) -> None:
    app = Wadjet()

    def text_of(request: Request, template: Template) -> str:
        return f"{request.path} {template.name} {template.context} {template.directory}"

    async def asynchronous(request: Request, template: Template) -> str:
        return text_of(request, template)

    app.template_renderer(asynchronous if kind == "async" else text_of)

    @app.get("/")
    async def handler() -> Response[Any]:
        return HTMLResponse(
            template="a.html", context={"é": 1}, status_code=201, charset="latin-1", etag="v1"
        )

    with pytest.raises(ConfigError, match="renders templates already; keep one"):
        app.template_renderer(text_of)
    with TestClient(app) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (201, "text/html; charset=latin-1")
    assert answer.content == "/ a.html {'é': 1} None".encode("latin-1")


def test_a_template_without_an_application_says_what_to_type() -> None:
    prepare = Prepare(Makers(Respond(), MISSING, "middleware around another framework"))
    with pytest.raises(ConfigError, match="@app.template_renderer"):
        asyncio.run(prepare(Request.blank("/"), HTMLResponse(template="a.html")))


def test_a_template_that_is_nowhere_is_a_500_that_says_where_it_was_looked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler() -> Response[Any]:
        return HTMLResponse(template="a.html")

    assert call(handler).status_code == 500
    assert "there is no template 'a.html' in" in caplog.text
