"""The samples of "Returning Responses" (view.py), on the wire."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.samples.catalogue import FOLDER
from tests.samples.loader import load
from wadjet import Error, Response, new_app
from wadjet.testing import TestClient


def client(file: str, **prelude: object) -> TestClient:
    """Load a sample and talk to its application."""
    return TestClient(load(f"viewpy/{file}", prelude).app)


def test_any_order() -> None:
    response = client("01_any_order.py").get("/")
    assert response.status_code == 201
    assert response.headers["x-my-header"] == "my_header"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.content == b"Hello, view.py"


@pytest.mark.parametrize("file", ["02_returned_error.py", "03_raised_error.py"])
def test_a_good_number_is_answered(file: str) -> None:
    response = client(file).get("/", params={"number": 2})
    assert (response.status_code, response.content) == (200, b"your number is 2")


def test_returned_error() -> None:
    response = client("02_returned_error.py").get("/", params={"number": 1})
    assert (response.status_code, response.content) == (400, b"number cannot be one")


def test_raised_error() -> None:
    response = client("03_raised_error.py").get("/", params={"number": 1}, headers={"accept": "text/plain"})
    assert response.status_code == 400
    assert response.content == b"400 Bad Request\n\nBad Request"


@pytest.mark.parametrize("query", ["", "?number=one"])
def test_a_number_that_is_none_is_unprocessable(query: str) -> None:
    assert client("02_returned_error.py").get(f"/{query}").status_code == 422


@pytest.fixture
def address() -> Iterator[str]:
    """Start ``03_raised_error.py`` as a program of its own; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    file = FOLDER / "viewpy" / "03_raised_error.py"
    server = subprocess.Popen([sys.executable, str(file)], env={**os.environ, "WADJET_PORT": port})
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def asked(url: str, seconds: float = 20) -> tuple[int, bytes]:
    """Ask a server that may still be starting."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=seconds) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_a_sample_is_a_program(address: str) -> None:
    assert asked(f"{address}/?number=2") == (200, b"your number is 2")
    status, body = asked(f"{address}/?number=1")
    assert status == 400
    assert b'"status":400' in body


def test_cache_rate() -> None:
    api = client("04_cache_rate.py")
    assert {api.get("/").content for _ in range(12)} == {b"..."}


def test_cache_count() -> None:
    sample = load("viewpy/05_cache_count.py")
    api = TestClient(sample.app)
    assert [api.get("/").text for _ in range(20)] == ["2"] * 10 + ["3"] * 10
    assert sample.count == 3


def test_result_object() -> None:
    response = client("06_result_object.py").get("/")
    assert (response.status_code, response.content) == (200, b"Hello from MyObject!")
    assert response.headers["x-www-myobject"] == "foo"


def test_result_function() -> None:
    response = client("07_result_function.py", app=new_app()).get("/")
    assert (response.status_code, response.content) == (200, b"Hello, view.py!")
    assert response.headers["foo"] == "bar"


def test_response_wraps_result() -> None:
    response = client("08_response_wraps_result.py").get("/")
    assert (response.status_code, response.content) == (200, b"test")


def test_cookie() -> None:
    response = client("09_cookie.py", app=new_app(), Response=Response).get("/")
    assert response.content == b"Ellipsis"
    assert response.headers.get_list("set-cookie") == ["hello=world; SameSite=Lax"]


def test_unreturned_response() -> None:
    response = client("10_unreturned_response.py").get("/")
    assert response.content == b"..."
    assert "set-cookie" not in response.headers


def test_repr_strategy() -> None:
    response = client("11_repr_strategy.py").get("/")
    assert response.content == b"'hi'"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_typed_response() -> None:
    sample = load("viewpy/12_typed_response.py", {"Response": Response})
    app = new_app()

    @app.get("/")
    async def index() -> object:
        return sample.MyResponse("mine")

    response = TestClient(app).get("/")
    assert (response.status_code, response.content) == (200, b"mine")


def test_custom_strategy() -> None:
    sample = load("viewpy/13_custom_strategy.py")
    app = new_app()

    @app.get("/")
    async def index() -> object:
        return sample.ListResponse(["a", "b", "c"])

    response = TestClient(app).get("/")
    assert (response.status_code, response.content) == (200, b"a b c")


def test_route_middleware(capsys: pytest.CaptureFixture[str]) -> None:
    response = client("14_route_middleware.py").get("/")
    assert (response.status_code, response.content) == (204, b"")
    assert capsys.readouterr().out == "this is called before index()!\n"


def test_an_error_is_for_errors_only() -> None:
    with pytest.raises(ValueError, match="400 to 599"):
        raise Error(200)
