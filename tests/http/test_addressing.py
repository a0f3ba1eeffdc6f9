from typing import Any

import pytest

from tests.http.scopes import scope
from wadjet import Settings, Wadjet
from wadjet.http.addressing import Addressed, _is_host
from wadjet.http.exceptions import BadRequest
from wadjet.http.request import URL, Request
from wadjet.testing import TestClient


def addressed(path: str = "/", host: str | None = "own.test", **more: Any) -> Addressed:
    found = scope(path, **more)
    found["headers"] = [] if host is None else [(b"host", host.encode("latin-1"))]
    return Addressed(found)


def test_bytes_of_a_query_that_a_server_should_not_have_let_pass_are_encoded() -> None:
    found = addressed("/a", query_string=b'b=\xe9%E9&c="')
    assert found.path_qs == "/a?b=%E9%E9&c=%22"
    assert found.url == "http://own.test/a?b=%E9%E9&c=%22"
    assert found.query_string == 'b=\xe9%E9&c="'


def test_the_family_of_addresses_is_webob_s() -> None:
    found = addressed("/app/a b/é", "Own.test:8080", root_path="/app", query_string=b"x=%20&y")
    assert found.scheme == "http"
    assert not found.is_secure()
    assert (found.host, found.domain, found.host_port) == ("Own.test:8080", "own.test", "8080")
    assert (found.root_path, found.path_info, found.path) == ("/app", "/a b/é", "/app/a b/é")
    assert found.raw_path == b"/app/a%20b/%C3%A9"
    assert found.host_url == "http://own.test:8080"
    assert found.path_url == "http://own.test:8080/app/a%20b/%C3%A9"
    assert found.url == "http://own.test:8080/app/a%20b/%C3%A9?x=%20&y"
    assert isinstance(found.url, URL)
    assert (found.url.host, found.url.port, found.url.query) == ("own.test", 8080, "x=%20&y")


@pytest.mark.parametrize(
    ("scheme", "host", "port", "url"),
    [
        ("http", "own.test", "80", "http://own.test/"),
        ("http", "own.test:80", "80", "http://own.test/"),
        ("https", "own.test", "443", "https://own.test/"),
        ("https", "own.test:80", "80", "https://own.test:80/"),
        ("http", "[::1]:81", "81", "http://[::1]:81/"),
    ],
)
def test_the_port_of_the_scheme_is_left_out(scheme: str, host: str, port: str, url: str) -> None:
    found = addressed(host=host, scheme=scheme)
    assert (found.host_port, found.url) == (port, url)
    assert found.is_secure() is (scheme == "https")


@pytest.mark.parametrize(
    "host", ["evil.test/x", "a b", "own.test:x", "user@own.test", "own.test#", "[::1", "a,b"]
)
def test_an_address_is_never_made_of_a_host_that_is_none(host: str) -> None:
    found = addressed(host=host)
    assert not found.has_valid_host()
    for name in ("url", "host_url", "path_url", "domain"):
        with pytest.raises(BadRequest):
            getattr(found, name)


@pytest.mark.parametrize(
    ("hosts", "version", "valid"),
    [
        (["own.test"], "1.1", True),
        ([], "1.1", False),
        ([], "1.0", True),
        ([], "2", True),
        (["own.test", "own.test"], "1.1", False),
        (["own.test", "evil.test"], "2", False),
    ],
)
def test_one_host_must_be_there(hosts: list[str], version: str, valid: bool) -> None:
    found = scope(http_version=version)
    found["headers"] = [(b"host", host.encode()) for host in hosts]
    assert Addressed(found).has_valid_host() is valid


def test_without_a_host_field_the_server_s_socket_is_no_name() -> None:
    assert addressed(host=None).host == "localhost"
    assert addressed(host=None, server=("10.0.0.1", 8000)).url == "http://localhost/"
    assert addressed(host=None, server=("/run/app.sock", None)).url == "http://localhost/"


def test_the_sent_path_is_kept() -> None:
    found = addressed("/app/a b", root_path="/app", raw_path=b"/app/a%20b")
    assert found.raw_path == b"/app/a%20b"
    assert found.sent_path_info == b"/a%20b"
    assert addressed().sent_path_info is None


@pytest.mark.parametrize(
    ("root", "path", "info"),
    [
        ("", "/a", "/a"),
        ("/app", "/app/a", "/a"),
        ("/app", "/app", ""),
        ("/app", "/apple", "/apple"),
        ("/app", "/a", "/a"),
    ],
)
def test_the_path_below_the_root_is_told(root: str, path: str, info: str) -> None:
    assert addressed(path, root_path=root).path_info == info


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("//evil.test", id="RDR-28"),
        pytest.param("///evil.test", id="RDR-29"),
        pytest.param("////evil.test", id="RDR-30"),
        pytest.param("https:/evil.test", id="RDR-35"),
        pytest.param("https://evil.test", id="RDR-37"),
        pytest.param("HTTPS://evil.test", id="RDR-38"),
        pytest.param("javascript:alert(1)", id="RDR-39"),
        pytest.param("JaVaScRiPt:alert(1)", id="RDR-40"),
        pytest.param("data:text/html,x", id="RDR-41"),
        pytest.param(" //evil.test", id="RDR-43"),
        pytest.param("/\t/evil.test", id="RDR-44"),
        pytest.param("\x00//evil.test", id="RDR-46"),
        pytest.param("https://own.test@evil.test", id="RDR-48"),
        pytest.param("https://own.test:pw@evil.test", id="RDR-49"),
        pytest.param("https://evil.test?own.test", id="RDR-52"),
        pytest.param("https://evil.test\\@own.test", id="RDR-53"),
        pytest.param("//own.test@evil.test", id="RDR-55"),
        pytest.param("http://[::1", id="RDR-56"),
        pytest.param("///\\evil.test", id="RDR-60"),
        pytest.param("ftp://own.test/x", id="RDR-61"),
        pytest.param("//evil%E3%80%82test", id="RDR-62"),
        pytest.param("http:evil.test", id="RDR-63"),
        pytest.param("", id="empty"),
    ],
)
def test_a_target_that_leaves_the_host_is_replaced(target: str) -> None:
    assert addressed().safe_url(target) == "/"
    assert addressed().safe_url(target, "/home") == "/home"


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/ok", id="RDR-64"),
        pytest.param("/ok?u=//evil.test", id="RDR-65"),
        pytest.param("ok/next", id="RDR-67"),
        pytest.param("/ok/https://evil.test", id="RDR-68"),
        pytest.param("https://own.test/ok", id="RDR-69"),
        pytest.param("http://OWN.test/ok", id="capitals"),
    ],
)
def test_a_target_on_the_own_host_is_kept(target: str) -> None:
    assert addressed().safe_url(target) == target


def test_a_target_is_safe_only_below_a_host_that_is_one() -> None:
    assert addressed(host="evil.test/x").safe_url("https://evil.test/x") == "/"


def test_the_address_of_a_route_is_whole() -> None:
    app = Wadjet()

    @app.get("/users/{id:int}", name="user")
    async def user(request: Request, id: int) -> str:
        return request.url_for("user", id=id + 1)

    with TestClient(app, root_path="/v 1") as client:
        assert client.get("/users/1").text == "http://localhost/v%201/users/2"


@pytest.mark.parametrize(
    ("root", "path", "sent", "info"),
    [
        ("/a", "/ab/c d", b"/ab/c%20d", b"/ab/c%20d"),
        ("/a", "/a/b/c", b"/a/b%2Fc", b"/b%2Fc"),
        ("/a", "/a", b"/%61", b""),
        ("/é", "/é/b/c", b"/%c3%a9/b%2fc", b"/b%2fc"),
        ("/a/b", "/a/b/c", b"/a%2Fb/c", None),
        ("/v1", "/v1/x", b"/x", None),
        ("", "/a b", b"/a%20b", b"/a%20b"),
    ],
)
def test_the_sent_path_below_the_root_is_told(root: str, path: str, sent: bytes, info: bytes | None) -> None:
    assert addressed(path, root_path=root, raw_path=sent).sent_path_info == info


def test_a_host_longer_than_any_is_refused_and_not_kept() -> None:
    _is_host.cache_clear()
    assert not addressed(host="a" * 100_000).has_valid_host()
    assert _is_host.cache_info().currsize == 0
    assert addressed(host=f"{'a' * 255}:65535").has_valid_host()


def test_an_empty_host_field_is_none() -> None:
    """HOST-12: an http URI without a host is invalid (RFC 9110 section 4.2.1)."""
    request = Request({"type": "http", "path": "/", "headers": [(b"host", b"")]})
    assert not request.has_valid_host()


def test_a_redirect_may_go_to_the_hosts_of_the_setting() -> None:
    app = Wadjet(Settings(ALLOWED_REDIRECT_HOSTS=("partner.test", "other.test:8443")))

    @app.get("/")
    async def index(request: Request, next: str) -> str:
        return request.safe_url(next)

    with TestClient(app) as client:
        for target, allowed in (
            ("https://partner.test/x", True),
            ("https://other.test:8443/x", True),
            ("https://other.test/x", False),
            ("https://sub.partner.test/x", False),
            ("javascript:alert(1)", False),
            ("/basket", True),
        ):
            assert client.get("/", params={"next": target}).text == (target if allowed else "/")
