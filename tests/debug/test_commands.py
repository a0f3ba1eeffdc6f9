"""The request once more: the command asks the same, the test fails the same, and nothing gets out of its quotes."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.driving import http_scope
from wadjet import Request, Wadjet
from wadjet.conf.masking import MASK
from wadjet.debug.commands import as_curl, as_test, content_of, target_of
from wadjet.debug.secrets import Masker
from wadjet.testing import TestClient

HEADERS = [
    ("host", "shop.test:8000"),
    ("accept", "*/*"),
    ("cookie", "sid=12345678"),
    ("x-odd", "it's $HOME `id`"),
]


def asked(
    method: str = "GET", target: str = "/", headers: list[tuple[str, str]] = HEADERS, content: bytes = b""
) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    request = Request(http_scope(method, target, headers), receive)
    asyncio.run(request.body())
    return request


def test_the_command_says_what_was_asked() -> None:
    command = as_curl(
        asked("POST", "/a b?x=1&token=abc&flag", content=b'{"name": "bo", "password": "x"}'), Masker()
    )
    assert shlex.split(command.replace("\\\n", "")) == [
        *("curl", "--globoff", "--path-as-is", "--request", "POST"),
        f"http://shop.test:8000/a b?x=1&token={MASK}&flag",
        *("--header", "accept: */*", "--header", f"cookie: {MASK}", "--header", "x-odd: it's $HOME `id`"),
        *("--data-raw", f'{{"name": "bo", "password": "{MASK}"}}'),
    ]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_a_shell_gets_the_bytes_that_were_sent() -> None:
    content = b"@/etc/passwd\n\t'\\ \x1b[31m\xc3\xa9 \x7f"
    command = as_curl(asked("POST", content=content), Masker())
    assert command.isascii() or "é" in command
    assert not {"\x1b", "\t", "\x7f"} & set(command)
    script = f'curl() {{ while [ $# -gt 1 ]; do shift; done; printf "%s" "$1"; }}\n{command}'
    assert (
        subprocess.run(["bash", "-c", script], capture_output=True, check=True, timeout=30).stdout == content
    )


@given(st.text(), st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)), st.binary())
def test_what_a_client_sends_stays_in_its_quotes(path: str, value: str, content: bytes) -> None:
    scope = http_scope("POST", "/", [("host", "own.test"), ("x-any", value)])
    scope["path"], scope["raw_path"] = f"/{path}", None
    request = Request(scope)
    request.first.content.data = content
    command = as_curl(request, Masker())
    assert command.startswith("curl --globoff --path-as-is --request POST ")
    if "$'" not in command:
        assert shlex.split(command)[:3] == ["curl", "--globoff", "--path-as-is"]
    compile(as_test(request, Masker()), "<test>", "exec")


def test_content_is_what_has_arrived() -> None:
    request = asked("POST", content=b"whole")
    assert content_of(request) == b"whole"
    streamed = Request(http_scope("POST"))
    streamed.first.content.data = None
    streamed.first.content.chunks = [b"what ", bytearray(b"came")]
    assert content_of(streamed) == b"what came"


def test_the_target_is_as_it_was_sent() -> None:
    assert target_of(asked(target="/a%2Fb?x=%41&api_key=k"), Masker()) == f"/a%2Fb?x=%41&api_key={MASK}"
    assert target_of(asked(target="/only"), Masker()) == "/only"


@pytest.fixture
def shop() -> Any:
    """Give a module with an application that fails."""
    module = ModuleType("shop_that_fails")
    app = Wadjet(debug=True)

    @app.post("/orders/{number:int}")
    async def order(number: int, request: Request) -> None:
        raise LookupError(
            f"{number} {request.query_string} {await request.text()} {request.headers['x-odd']}"
        )

    module.__dict__["site"] = app
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_the_test_runs_and_fails_as_the_request_did(shop: Any) -> None:
    client = TestClient(shop.site, base_url="http://shop.test", raise_server_exceptions=False)
    answer = client.post(
        "/orders/7?x=%C3%A9", content='it\'s\n"é"', headers={"accept": "application/json", "x-odd": "'''\\"}
    )
    written = answer.json()["test"]
    names: dict[str, Any] = {}
    exec(written, names)
    assert "from shop_that_fails import site\n" in written
    with pytest.raises(LookupError) as caught:
        names["test_post_orders_7"]()
    assert str(caught.value) == "7 x=%C3%A9 it's\n\"é\" '''\\"


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "test_get"), ("/a-b/c.d", "test_get_a_b_c_d"), ("/é/'", "test_get"), ("/__x__", "test_get_x")],
)
def test_the_test_has_a_name_that_is_one(path: str, name: str) -> None:
    assert f"def {name}():" in as_test(asked(target=path), Masker())


def test_the_application_is_guessed_where_nobody_knows_it() -> None:
    assert "from main import app\n" in as_test(asked(), Masker())


def test_the_application_of_a_program_is_imported_from_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    main = ModuleType("__main__")
    request = asked()
    app = Wadjet()
    main.__dict__.update(site=app, __file__="/home/bo/shop.py")
    monkeypatch.setitem(sys.modules, "__main__", main)
    request.plan = app.seal().dispatch(request)
    assert "from shop import site\n" in as_test(request, Masker())
