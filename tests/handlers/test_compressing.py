"""``response_zlib_*``: one route's content leaves compressed where the client takes it."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from wadjet import Wadjet, get
from wadjet.errors import ConfigError
from wadjet.testing import TestClient

TEXT = "The quick brown fox. " * 200


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1, thread_name_prefix="own") as pool:
        yield pool


def ask(value: Any, accept: str | None = "gzip", **options: Any) -> Any:
    async def handler():  # type: ignore[no-untyped-def]
        return value

    fields = {} if accept is None else {"accept-encoding": accept}
    client = TestClient(Wadjet(routes=[get("/", handler, **options)]))
    client.headers.pop("accept-encoding", None)
    return client.get("/", headers=fields)


@pytest.mark.parametrize(
    "options", [{"response_zlib_executor_size": 100}, {"response_zlib_executor": zlib.compress}]
)
def test_either_option_turns_it_on(options: Any) -> None:
    found = ask(TEXT, "gzip, deflate", **options)
    assert found.headers["content-encoding"] in {"gzip", "deflate"}
    assert found.headers["vary"] == "Accept-Encoding"
    assert int(found.headers["content-length"]) < len(TEXT)
    assert found.text == TEXT


@pytest.mark.parametrize("accept", [None, "identity", "gzip;q=0", "compress"])
def test_a_client_that_takes_none_gets_it_as_it_is(accept: str | None) -> None:
    found = ask(TEXT, accept, response_zlib_executor_size=100)
    assert "content-encoding" not in found.headers
    assert (found.text, found.headers["vary"]) == (TEXT, "Accept-Encoding")


def test_without_the_options_nothing_is_compressed() -> None:
    found = ask(TEXT)
    assert "content-encoding" not in found.headers
    assert "vary" not in found.headers


def test_what_is_short_is_left_alone() -> None:
    assert "content-encoding" not in ask("x" * 400, response_zlib_executor=zlib.compress).headers
    assert "content-encoding" not in ask("x" * 2000, response_zlib_executor_size=2000).headers
    assert "content-encoding" in ask("x" * 2001, response_zlib_executor_size=2000).headers


def test_a_function_makes_what_deflate_is() -> None:
    calls: list[tuple[int, str]] = []

    def compress(data: bytes) -> bytes:
        calls.append((len(data), threading.current_thread().name))
        return zlib.compress(data, 9)

    assert ask(TEXT, "deflate", response_zlib_executor=compress).text == TEXT
    assert ask(TEXT, "gzip", response_zlib_executor=compress).text == TEXT
    assert [size for size, _ in calls] == [len(TEXT)]


def test_threads_given_do_the_work_above_the_size(threads: ThreadPoolExecutor) -> None:
    seen: list[int] = []
    submit = threads.submit

    def watched(function: Any, data: bytes) -> Any:
        seen.append(len(data))
        return submit(function, data)

    threads.submit = watched  # type: ignore[method-assign,assignment]
    options: Any = {"response_zlib_executor": threads, "response_zlib_executor_size": 1000}
    assert ask("y" * 900, **options).headers["content-encoding"] == "gzip"
    assert seen == []
    assert ask(TEXT, **options).text == TEXT
    assert seen == [len(TEXT)]


def test_a_stream_is_compressed_while_it_is_made(threads: ThreadPoolExecutor) -> None:
    @get("/", response_content_type="text/plain", response_zlib_executor=threads)
    async def handler() -> AsyncIterator[str]:
        for _ in range(3):
            yield TEXT

    with TestClient(Wadjet(routes=[handler])) as client:
        with client.stream("GET", "/", headers={"accept-encoding": "gzip"}) as found:
            raw = b"".join(found.iter_raw())
        assert found.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw).decode() == TEXT * 3


def test_an_error_of_the_route_is_compressed_like_any_answer() -> None:
    @get("/", response_zlib_executor_size=10)
    async def handler() -> str:
        raise ValueError("secret")

    client = TestClient(Wadjet(routes=[handler]), raise_server_exceptions=False)
    found = client.get("/", headers={"accept-encoding": "gzip"})
    assert (found.status_code, found.headers["content-encoding"]) == (500, "gzip")
    assert found.json()["status"] == 500


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"response_zlib_executor": 7}, "is neither an executor nor a function, as zlib.compress"),
        ({"response_zlib_executor_size": -1}, "is not a number of bytes, as 1024"),
        ({"response_zlib_executor_size": True}, "is not a number of bytes, as 1024"),
    ],
)
def test_options_that_cannot_be_fail_at_assembly(options: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"test_compressing\.py:\d+: .*{message}"):
        ask(TEXT, **options)


def test_another_process_cannot_do_it() -> None:
    with ProcessPoolExecutor(1) as processes, pytest.raises(ConfigError, match="give a ThreadPoolExecutor"):
        ask(TEXT, response_zlib_executor=processes)
