"""Requests of our own making: what a copy has, and what it does not share."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet import Request
from wadjet.errors import BodyNotRead


def test_a_copy_needs_content_that_has_been_read_and_a_copy_to_get_does_not() -> None:
    async def run() -> None:
        received = Request(
            scope(method="POST", headers={"transfer-encoding": "chunked", "content-type": "text/plain"}),
            receiving(b"ab", b"c"),
        )
        assert received.copy_get().body_bytes == b""
        with pytest.raises(BodyNotRead, match="await request.body"):
            received.copy()
        await received.body()
        twin = received.copy()
        assert (twin.body_bytes, twin.content_length, twin.content_type) == (b"abc", 3, "text/plain")
        assert "transfer-encoding" not in twin.headers
        assert await twin.body() == await twin.body() == b"abc"
        assert (await twin.text(), twin.is_made, received.is_made) == ("abc", True, False)

    asyncio.run(run())


def test_a_copy_has_who_is_asking_and_what_the_path_captured() -> None:
    received = Request(scope(session={"a": 1}))
    received.user, received.auth, received.path_params = "me", {"type": "token"}, {"id": 7}
    twin = received.copy()
    assert (twin.user, twin.auth, twin.path_params, twin.session) == (
        "me",
        {"type": "token"},
        {"id": 7},
        {"a": 1},
    )
    twin.urlvars["id"] = 8
    twin.auth["type"] = "none"
    assert (received.path_params, received.auth) == ({"id": 7}, {"type": "token"})


def test_a_copy_keeps_charset_and_class() -> None:
    class Own(Request):
        @property
        def shout(self) -> str:
            return self.path.upper()

    request = Own.blank("/a?b=%e9", charset="latin-1")
    twin = request.copy()
    assert (type(twin), twin.shout, twin.GET["b"]) == (Own, "/A", "é")


def test_attributes_of_a_subclass_can_be_keywords() -> None:
    class Own(Request):
        @property
        def tenant(self) -> str:
            return self.headers["x-tenant"]

        @tenant.setter
        def tenant(self, value: str) -> None:
            self.set_field(b"x-tenant", value)

    request: Any = Own.blank("/", tenant="a")  # type: ignore[call-arg]  # a name of the subclass's own
    assert request.tenant == "a"


def test_what_routes_leave_can_be_deleted() -> None:
    request = Request.blank("/")
    request.urlvars, request.urlargs = {"a": 1}, ("b",)
    assert (request.urlvars, request.path_params, request.urlargs) == ({"a": 1}, {"a": 1}, ("b",))
    del request.urlvars, request.urlargs
    assert not request.urlvars
    assert not request.urlargs


def test_the_context_of_templates_is_an_empty_bag() -> None:
    request = Request.blank("/")
    request.tmpl_context.title = "x"
    assert vars(request.tmpl_context) == {"title": "x"}


def test_a_form_in_another_charset_keeps_its_files_when_it_is_decoded() -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--\r\n'
    request = Request.blank(
        "/?q=%e9", method="POST", body=body, content_type="multipart/form-data; boundary=b", charset="latin-1"
    )
    decoded = request.decode()
    assert (decoded.POST["a"], decoded.body_bytes) == ("x", body)


def test_a_request_of_our_own_making_has_no_client_to_leave() -> None:
    assert asyncio.run(Request.blank("/").is_disconnected()) is False


def test_removing_what_is_not_there_is_no_error() -> None:
    request = Request.blank("/")
    request.remove_conditional_headers()
    del request.if_none_match
    assert request.as_bytes() == b"GET / HTTP/1.0\r\nHost: localhost"


def test_a_received_request_keeps_its_conditional_headers() -> None:
    with pytest.raises(AttributeError, match="cannot be set"):
        Request(scope(headers={"range": "bytes=0-1"})).remove_conditional_headers()


def test_a_charset_says_itself_in_the_content_type() -> None:
    request = Request.blank("/", POST={"a": "1"})
    request.charset = "latin-1"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded; charset=latin-1"


def test_what_was_received_is_not_written_into_a_log() -> None:
    received = Request(scope(headers={"authorization": "Bearer secret", "cookie": "id=secret"}))
    assert f"{received}" == repr(received) == "<Request GET />"
    assert "secret" in received.as_text()


def test_a_charset_that_nobody_knows_is_read_as_utf_8() -> None:
    received = Request(scope(headers={"content-type": "text/plain; charset=nonsense"}))
    assert received.decode() is received
    assert received.as_text().startswith("GET / HTTP/1.1\r\n")
    with pytest.raises(ValueError, match="is no charset that forms are written in"):
        received.decode("nonsense")


def test_a_copy_of_what_was_decompressed_is_not_compressed() -> None:
    request = Request.blank("/", method="POST", body=b"abc", headers={"content-encoding": "identity"})
    twin = request.copy()
    assert (twin.body_bytes, "content-encoding" in twin.headers) == (b"abc", False)


@pytest.mark.parametrize("target", [b"/a#b", b"/%ff", b"ftp://h/", b"x"])
def test_a_target_that_cannot_be_asked_is_a_value_error(target: bytes) -> None:
    with pytest.raises(ValueError):
        Request.from_bytes(b"GET " + target + b" HTTP/1.1\r\n\r\n")
