"""OpenViper's request, as tables: what its document promises, and what ours does where the original fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet import Request
from wadjet.http.exceptions import ClientDisconnect, MalformedBody, RequestEntityTooLarge

SCOPE = scope(
    "/app/users/42",
    "PUT",
    {"content-type": "text/plain", "cookie": "a=1; b=2"},
    root_path="/app",
    query_string=b"q=1&q=2&e=",
    client=("1.2.3.4", 5),
    server=("127.0.0.1", 8000),
    scheme="https",
)

MEMBERS: dict[str, Any] = {
    "method": "PUT",
    "path": "/app/users/42",
    "root_path": "/app",
    "url": "https://own.test/app/users/42?q=1&q=2&e=",
    "cookies": {"a": "1", "b": "2"},
    "path_params": {},
    "client": ("1.2.3.4", 5),
    "state": {},
    "auth": {"type": "none"},
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member(name: str) -> None:
    assert getattr(Request(dict(SCOPE)), name) == MEMBERS[name]


def test_the_url_has_its_components_and_the_host_of_the_field() -> None:
    """The original takes the server's socket for the host, and has no netloc and no query."""
    url = Request(dict(SCOPE)).url
    assert (url.scheme, url.netloc, url.path, url.query) == (
        "https",
        "own.test",
        "/app/users/42",
        "q=1&q=2&e=",
    )
    assert (url.host, url.port, url.fragment) == ("own.test", None, "")


def test_query_params_keep_blank_values() -> None:
    params = Request(dict(SCOPE)).query_params
    assert (params.get("q"), params.getlist("q"), params["e"], "e" in params) == ("2", ["1", "2"], "", True)


def test_headers_and_header_agree_on_which_of_two_counts() -> None:
    """In the original one gives the first and the other the last."""
    request = Request({**SCOPE, "headers": [(b"x-a", b"1"), (b"x-a", b"2")]})
    assert (request.headers["X-A"], request.header(b"x-a")) == ("2", b"2")
    assert request.header(b"x-b") is None


def test_nobody_is_asking_without_authentication() -> None:
    request = Request(dict(SCOPE))
    assert not request.user
    assert not request.user.is_authenticated


@pytest.mark.parametrize(
    ("scheme", "is_secure"), [("https", True), ("wss", True), ("http", False), ("ws", False)]
)
def test_tls_is_told_by_the_scheme(scheme: str, is_secure: bool) -> None:
    kind = "websocket" if scheme.startswith("ws") else "http"
    assert Request({**SCOPE, "type": kind, "scheme": scheme}).is_secure() is is_secure


def test_another_type_of_scope_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        Request({"type": "lifespan"})


def test_state_is_shared_through_the_scope() -> None:
    """W15: in the original every Request has a state of its own."""
    shared = dict(SCOPE)
    Request(shared).state["seen"] = True
    assert Request(shared).state == {"seen": True}


COOKIES = [
    ("a=1; b=2", {"a": "1", "b": "2"}),
    ("a=1; nonsense; b=2", {"a": "1", "b": "2"}),  # W26: the original drops everything after the odd one
    ("a=1; b[]=2; c=3", {"a": "1", "b[]": "2", "c": "3"}),
    ('a="x y"', {"a": "x y"}),
    ("a=1; a=2", {"a": "1"}),
]


@pytest.mark.parametrize(("field", "cookies"), COOKIES)
def test_one_odd_cookie_spoils_no_other(field: str, cookies: dict[str, str]) -> None:
    assert Request(scope(headers={"cookie": field})).cookies == cookies


def read(method: str, *chunks: bytes, **headers: str) -> Any:
    fields = {"transfer-encoding": "chunked"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    request = Request(scope(method="POST", headers=fields), receiving(*chunks))
    return asyncio.run(getattr(request, method)())


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_json_is_read_whatever_the_type(kind: str) -> None:
    assert read("json", b'{"a": [1, null]}', content_type=kind) == {"a": [1, None]}


#: What the original answers with a 500, or takes.
REFUSED = {
    "malformed": b"{",
    "empty": b"",
    "not UTF-8": b'"\xff"',
    "deep": b"[" * 100_000,
    "NaN": b"NaN",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_json_is_a_bad_request(name: str) -> None:
    with pytest.raises(MalformedBody) as caught:
        read("json", REFUSED[name])
    assert caught.value.status_code == 400


FORMS = [
    (b"a=1&b=&a=2&c", [("a", "1"), ("b", ""), ("a", "2"), ("c", "")]),
    (b"a=%ff", [("a", "\ufffd")]),
    (b"a=\xff", [("a", "\ufffd")]),  # the original: 500
]


@pytest.mark.parametrize(("body", "fields"), FORMS)
def test_a_form_keeps_its_order_and_what_is_no_text_is_replaced(
    body: bytes, fields: list[tuple[str, str]]
) -> None:
    form = read("form", body, content_type="application/x-www-form-urlencoded")
    assert list(form.items()) == fields


def test_what_is_no_form_is_an_empty_one() -> None:
    assert list(read("form", b"a=1", content_type="text/plain").items()) == []


@pytest.mark.parametrize(
    "headers", [{"content-length": str(11 * 1024 * 1024)}, {"transfer-encoding": "chunked"}]
)
def test_content_beyond_ten_mebibytes_is_a_413_and_a_value_error(headers: dict[str, str]) -> None:
    """W11: the original answers 500, or resets the connection."""
    chunks = [b"x" * (1024 * 1024)] * 11
    with pytest.raises(RequestEntityTooLarge) as caught:
        asyncio.run(Request(scope(method="POST", headers=headers), receiving(*chunks)).body())
    assert caught.value.status_code == 413
    assert isinstance(caught.value, ValueError)


def test_a_part_is_never_handed_out_as_the_whole() -> None:
    """W9."""
    request = Request(
        scope(method="POST", headers={"content-length": "4"}), receiving(b"ab", disconnects=True)
    )
    with pytest.raises(ClientDisconnect):
        asyncio.run(request.body())


def test_a_stream_leaves_the_chunks_as_they_come() -> None:
    async def run() -> list[bytes]:
        request = Request(
            scope(method="POST", headers={"transfer-encoding": "chunked"}), receiving(b"a", b"b", b"")
        )
        return [chunk async for chunk in request.stream()]

    assert asyncio.run(run()) == [b"a", b"b"]
