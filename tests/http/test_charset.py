"""The charset that a message declares is the one it is read and written in."""

from __future__ import annotations

import asyncio

import pytest

from wadjet import HTMLResponse, Request, Response
from wadjet.http.exceptions import NotFound
from wadjet.types import Message

FORM = "application/x-www-form-urlencoded"


def request(content_type: str | None, content: bytes = b"") -> Request:
    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(b"content-length", str(len(content)).encode())]
    if content_type is not None:
        headers.append((b"content-type", content_type.encode()))
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        (None, "utf-8"),
        (FORM, "utf-8"),
        (f"{FORM}; charset=iso-8859-1", "iso-8859-1"),
        (f'{FORM}; Charset="UTF-8"', "UTF-8"),
    ],
)
def test_a_request_tells_what_its_content_type_declares(content_type: str | None, charset: str) -> None:
    assert request(content_type).charset == charset


@pytest.mark.parametrize(
    ("charset", "name"),
    [("iso-8859-1", "é"), ("ISO-8859-1", "é"), ("utf-8", "\ufffd"), ("utf-16", "\ufffd"), ("none", "\ufffd")],
)
def test_a_form_is_read_by_the_charset_that_it_declares(charset: str, name: str) -> None:
    form = asyncio.run(request(f"{FORM}; charset={charset}", b"name=%E9").form())
    assert form["name"] == name


@pytest.mark.parametrize("response", [Response, HTMLResponse, NotFound])
def test_text_given_as_body_is_written_in_the_charset(response: type[Response[None]]) -> None:
    made = response(body="é", content_type="text/plain", charset="iso-8859-1")
    assert made.body == b"\xe9"
    made.body = b"as it is"
    assert made.body == b"as it is"


def test_a_body_is_text_or_bytes() -> None:
    with pytest.raises(TypeError, match="json="):
        Response(body={})  # type: ignore[arg-type]
