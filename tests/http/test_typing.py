"""The attributes of a request have the types that they say: checked by mypy here, and asked at run time."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, assert_type

import pytest

from wadjet import Request
from wadjet.http.authorization import Authorization
from wadjet.http.caching import RequestCacheControl
from wadjet.http.conditional import EntityTags, IfRange
from wadjet.http.languages import AcceptLanguage
from wadjet.http.multidict import ImmutableMultiDict
from wadjet.http.negotiation import Accept, AcceptCharset, AcceptEncoding
from wadjet.http.ranges import Range
from wadjet.http.request import URL, Headers, QueryParams
from wadjet.http.response import Response
from wadjet.types import Receive, Scope, Send


def test_what_a_request_is_asked_has_the_type_that_it_says() -> None:
    request = assert_type(Request.blank("/", if_modified_since=0), Request)
    assert_type(request.if_modified_since, datetime | None)
    assert_type(request.if_unmodified_since, datetime | None)
    assert_type(request.date, datetime | None)
    assert_type(request.if_match, EntityTags)
    assert_type(request.if_none_match, EntityTags)
    assert_type(request.if_range, IfRange)
    assert_type(request.range, Range | None)
    assert_type(request.accept, Accept)
    assert_type(request.accept_charset, AcceptCharset)
    assert_type(request.accept_encoding, AcceptEncoding)
    assert_type(request.accept_language, AcceptLanguage)
    assert_type(request.authorization, Authorization | None)
    assert_type(request.cache_control, RequestCacheControl)
    assert_type(request.cookies, dict[str, str])
    assert_type(request.content_type, str)
    assert_type(request.content_length, int | None)
    assert_type(request.max_forwards, int | None)
    assert_type(request.user_agent, str | None)
    assert_type(request.via, tuple[str, ...])
    assert_type(request.url, URL)
    assert_type(request.headers, Headers)
    assert_type(request.GET, QueryParams)
    assert_type(request.POST, ImmutableMultiDict[Any])
    assert_type(request.body_bytes, bytes)
    assert_type(request.method, str)
    assert_type(request.copy(), Request)
    assert isinstance(request.if_modified_since, datetime)


def test_what_is_set_may_have_more_types_than_what_is_asked() -> None:
    request = Request.blank("/", accept=["text/html"], range=(0, 5))
    request.if_modified_since = "Sat, 21 Nov 2026 12:00:00 GMT"
    request.if_modified_since = None
    request.accept = {"text/html": 0.5}
    request.cache_control = "no-cache"
    request.body = b"x"
    assert str(request.range) == "bytes=0-4"


def test_an_unknown_keyword_is_an_error_of_types_too() -> None:
    with pytest.raises(TypeError, match="did you mean 'accept'"):
        Request.blank("/", acept="x")  # type: ignore[call-arg]  # which is what the test is about


async def answer(request: Request) -> bytes:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response("hi")(scope, receive, send)

    assert_type(await request.body(), bytes)
    assert_type(await request.get_response(app), Response[Any])
    return (await request.get_response(app)).body


def test_what_is_awaited_has_its_type_too() -> None:
    assert asyncio.run(answer(Request.blank("/"))) == b"hi"
