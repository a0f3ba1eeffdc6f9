"""A test client speaks ASGI to an application and httpx2 to its user."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest

from wadjet.testing import AsyncTestClient, TestClient
from wadjet.types import ASGIApp, Receive, Scope, Send


def http(app: ASGIApp) -> ASGIApp:
    """Leave the lifespan unserved."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return guarded


async def answer(send: Send, body: bytes = b"", status: int = 200, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def show_scope(scope: Scope, receive: Receive, send: Send) -> None:
    shown = {key: value for key, value in scope.items() if key != "extensions"}
    await answer(send, json.dumps(shown, default=bytes.decode).encode())


def scope_of(url: str, method: str = "GET", *, request: Any = None, **options: Any) -> dict[str, Any]:
    with TestClient(show_scope, **options) as client:
        shown: dict[str, Any] = client.request(method, url, **(request or {})).json()
        return shown


def test_the_scope_is_what_a_server_makes() -> None:
    scope = scope_of("/a?b=c", headers={"X-Name": "Value"})
    headers = scope.pop("headers")
    assert ["host", "localhost"] in headers
    assert ["x-name", "Value"] in headers
    assert scope == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/a",
        "raw_path": "/a",
        "query_string": "b=c",
        "root_path": "",
        "client": ["127.0.0.1", 50000],
        "server": ["localhost", 80],
        "state": {},
    }


@pytest.mark.parametrize(
    ("written", "raw_path", "path"),
    [
        ("/a%2Fb/%c3%a9", "/a%2Fb/%c3%a9", "/a/b/é"),
        ("/a b", "/a%20b", "/a b"),
        ("/%ff", "/%ff", "/\ufffd"),
        ("", "/", "/"),
    ],
)
def test_the_raw_path_is_what_the_caller_wrote_and_the_path_is_decoded(
    written: str, raw_path: str, path: str
) -> None:
    scope = scope_of(written)
    assert (scope["raw_path"], scope["path"]) == (raw_path, path)


def test_a_target_goes_out_as_it_is() -> None:
    scope = scope_of("/", request={"extensions": {"target": b"//x/../%2e%2e/y?z"}})
    assert (scope["raw_path"], scope["query_string"]) == ("//x/../%2e%2e/y", "z")


def test_an_asterisk_has_no_root_path() -> None:
    scope = scope_of("/", "OPTIONS", root_path="/root", request={"extensions": {"target": b"*"}})
    assert (scope["raw_path"], scope["path"]) == ("*", "*")


def test_the_root_path_is_part_of_the_path() -> None:
    scope = scope_of("/a", root_path="/é")
    assert (scope["root_path"], scope["path"], scope["raw_path"]) == ("/é", "/é/a", "/%C3%A9/a")


def test_the_base_url_gives_scheme_and_server() -> None:
    scope = scope_of("/", base_url="https://example.com")
    assert (scope["scheme"], scope["server"]) == ("https", ["example.com", 443])


def test_the_clients_address_can_be_chosen_or_unknown() -> None:
    assert scope_of("/", client=("10.0.0.1", 1))["client"] == ["10.0.0.1", 1]
    assert scope_of("/", client=None)["client"] is None


async def sign_in(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/in":
        await answer(send, b"", 303, (b"location", b"/me"), (b"set-cookie", b"name=ann; Path=/"))
    else:
        await answer(send, dict(scope["headers"]).get(b"cookie", b"nobody"))


def test_cookies_persist() -> None:
    with TestClient(sign_in) as client:
        assert client.get("/me").text == "nobody"
        client.get("/in")
        assert client.get("/me").text == "name=ann"


def test_redirects_are_followed_on_request() -> None:
    with TestClient(sign_in) as client:
        assert client.get("/in").status_code == 303
        assert client.get("/in", follow_redirects=True).text == "name=ann"
    with TestClient(sign_in, follow_redirects=True) as client:
        assert client.get("/in").text == "name=ann"


def test_auth_is_httpx2s() -> None:
    assert ["authorization", "Basic YTpi"] in scope_of("/", auth=("a", "b"))["headers"]


async def long_body(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else b"hello"})


def test_head_has_a_length_and_no_body() -> None:
    with TestClient(long_body) as client:
        response = client.head("/")
    assert (response.headers["content-length"], response.content) == ("5", b"")


identity: contextvars.ContextVar[str] = contextvars.ContextVar("identity", default="none")


async def who(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(send, f"{identity.get()} {id(asyncio.get_running_loop())} {threading.get_ident()}".encode())


def test_all_requests_run_on_one_loop_in_another_thread() -> None:
    with TestClient(who) as client:
        seen = {client.get("/").text for _ in range(3)}
    assert len(seen) == 1
    assert str(threading.get_ident()) not in seen.pop()


def test_the_application_sees_the_callers_context_variables() -> None:
    context = contextvars.copy_context()
    context.run(identity.set, "ann")
    with TestClient(who) as client:
        assert context.run(client.get, "/").text.startswith("ann ")


def test_threads_share_a_client() -> None:
    barrier = asyncio.Barrier(4)

    @http
    async def meet(scope: Scope, receive: Receive, send: Send) -> None:
        await barrier.wait()
        await answer(send, scope["path"].encode())

    with TestClient(meet) as client, ThreadPoolExecutor(4) as pool:
        texts = pool.map(lambda n: client.get(f"/{n}").text, range(4))
        assert list(texts) == ["/0", "/1", "/2", "/3"]


def test_tasks_share_an_asynchronous_client() -> None:
    barrier = asyncio.Barrier(4)

    @http
    async def meet(scope: Scope, receive: Receive, send: Send) -> None:
        await barrier.wait()
        await answer(send, scope["path"].encode())

    async def scenario() -> list[str]:
        async with AsyncTestClient(meet) as client:
            responses = await asyncio.gather(*(client.get(f"/{n}") for n in range(4)))
            return [response.text for response in responses]

    assert asyncio.run(scenario()) == ["/0", "/1", "/2", "/3"]


def test_an_asynchronous_client_runs_the_application_on_its_callers_loop() -> None:
    async def scenario() -> None:
        async with AsyncTestClient(who) as client:
            assert (await client.get("/")).text.endswith(
                f"{id(asyncio.get_running_loop())} {threading.get_ident()}"
            )

    asyncio.run(scenario())


def test_a_client_works_without_a_with_block() -> None:
    client = TestClient(show_scope)
    assert client.get("/").status_code == 200
    client.close()
    client.close()


def client_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "wadjet-test-client"]


def test_closing_ends_the_thread() -> None:
    others = client_threads()  # of clients that earlier tests have forgotten, and nobody has collected yet
    client = TestClient(show_scope)
    assert client_threads() == others
    client.get("/")
    (thread,) = set(client_threads()) - set(others)
    client.close()
    assert not thread.is_alive()
    with pytest.raises(RuntimeError, match="closed"):
        client.get("/")


def test_a_forgotten_client_ends_its_thread() -> None:
    others = client_threads()
    TestClient(show_scope).get("/")
    gc.collect()
    own = [thread for thread in client_threads() if thread not in others]
    for thread in own:
        thread.join(5)
    assert not any(thread.is_alive() for thread in own)


def test_a_timeout_is_a_time_for_the_application_to_answer() -> None:
    @http
    async def sleep(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.request"
        assert (await receive())["type"] == "http.disconnect"

    with TestClient(sleep) as client, pytest.raises(httpx2.ReadTimeout):
        client.get("/", timeout=0.01)


def test_pytest_does_not_collect_the_clients() -> None:
    assert not TestClient.__test__
    assert not AsyncTestClient.__test__


def test_the_client_without_httpx2_names_the_extra() -> None:
    program = "import sys; sys.modules['httpx2'] = None; import wadjet.testing"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert 'MissingExtra: wadjet.testing needs httpx2: pip install "wadjet[test]"' in done.stderr
