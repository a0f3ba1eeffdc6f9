from typing import Any

import pytest

from tests.handlers.serving import call, serving
from wadjet import Request, Response
from wadjet.handlers.prepare import error_id
from wadjet.http.exceptions import Error, HTTPException, NotFound, ServiceUnavailable


def test_an_error_has_an_id_of_its_own() -> None:
    assert error_id() != error_id()
    assert len(error_id()) == 16


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
