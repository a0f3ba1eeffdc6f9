from typing import Any

import pytest

from tests.http.scopes import scope
from wadjet.errors import ConfigError
from wadjet.http.exceptions import BadRequest
from wadjet.http.request import Request


def incoming(headers: dict[str, str] | None = None, **more: Any) -> Request:
    return Request(scope(headers=headers, **more))


@pytest.mark.parametrize("kind", ["lifespan", "x"])
def test_a_scope_of_another_type_is_refused(kind: str) -> None:
    with pytest.raises(TypeError, match=f"takes a scope of type http or websocket, not '{kind}'"):
        Request({"type": kind})


def test_the_head_is_as_the_scope_has_it() -> None:
    found = incoming(method="PUT", path="/a b", query_string=b"x=1", client=("1.2.3.4", 5))
    assert (found.method, found.path, found.http_version, found.client) == (
        "PUT",
        "/a b",
        "1.1",
        ("1.2.3.4", 5),
    )
    assert incoming().client is None
    assert repr(found) == "<Request PUT /a b>"


def test_headers_are_found_in_any_case_and_the_last_counts() -> None:
    """HDR-10, HDR-12."""
    found = Request({**scope(), "headers": [(b"x-a", b"one"), (b"x-a", b"two"), (b"x-b", b"caf\xe9")]})
    assert (found.headers["X-A"], found.headers.getall("x-a")) == ("two", ["one", "two"])
    assert found.header(b"x-a") == b"two"
    assert found.header(b"x-c") is None
    assert found.headers["x-b"] == "café"
    with pytest.raises(TypeError):
        found.headers["x"] = "1"  # type: ignore[index]


def test_the_query_is_decoded_once() -> None:
    found = incoming(query_string=b"a=1&a=2&b=%C3%A9+x&c=%zz")
    assert found.query_params is found.query_params
    assert found.GET.getall("a") == ["1", "2"]
    assert (found.GET["a"], found.GET["b"], found.GET["c"]) == ("2", "é x", "%zz")


def test_a_query_beyond_the_limits_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="more than 1000"):
        _ = incoming(query_string=b"a&" * 1001).query_params


def test_cookies_are_those_of_all_fields_and_the_first_of_a_name_counts() -> None:
    """CK-53."""
    found = Request({**scope(), "headers": [(b"cookie", b"a=1; b=2"), (b"cookie", b"a=3; c=4")]})
    assert found.cookies == {"a": "1", "b": "2", "c": "4"}
    assert found.cookies is found.cookies


def test_cookies_beyond_the_limits_are_a_bad_request() -> None:
    """CK-20."""
    with pytest.raises(BadRequest):
        _ = incoming({"cookie": "; ".join(f"a{n}=1" for n in range(1500))}).cookies


@pytest.mark.parametrize(
    ("field", "kind"),
    [(None, ""), ("", ""), ("Text/HTML; charset=x", "text/html"), (" application/JSON ", "application/json")],
)
def test_the_content_type_is_without_parameters_and_in_small_letters(field: str | None, kind: str) -> None:
    assert incoming({} if field is None else {"content-type": field}).content_type == kind


def test_nobody_asks_without_authentication() -> None:
    found = incoming()
    assert not found.user
    assert not found.user.is_authenticated
    assert found.auth == {"type": "none"}
    found.user, found.auth = "me", {"type": "token"}
    assert (found.user, found.auth) == ("me", {"type": "token"})


def test_a_missing_session_names_the_middleware() -> None:
    with pytest.raises(ConfigError, match="add SessionMiddleware"):
        _ = incoming().session
    assert incoming(session={"a": 1}).session == {"a": 1}


def test_path_params_have_pyramid_s_name_too() -> None:
    found = incoming()
    found.path_params = {"a": 1}
    assert found.matchdict == {"a": 1}


def test_state_is_the_scope_s() -> None:
    state: dict[str, Any] = {"a": 1}
    assert incoming(state=state).state is state
    assert incoming().state == {}
