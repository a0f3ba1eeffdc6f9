"""What is wrong with WebOb's messages, and not with ours. Numbers are those of the list of findings; exceptions are apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.http.scopes import scope
from wadjet import Request, Response, Wadjet
from wadjet.http.exceptions import BadRequest
from wadjet.http.multidict import MultiDict
from wadjet.testing import TestClient

EAST = timezone(timedelta(hours=9))


def echo() -> TestClient:
    app = Wadjet()

    @app.get("/{rest}")
    async def index(request: Request, rest: str) -> Any:
        return {"path": rest, "query": [*request.GET.items()]}

    return TestClient(app, raise_server_exceptions=False)


# -- 3: fields --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\0b", "a\rb"])
def test_3_no_value_brings_a_field_whichever_way_it_comes_in(value: str) -> None:
    """RSP-02 to RSP-05."""
    response = Response("x")

    def by_item() -> None:
        response.headers["x-a"] = value

    def by_append() -> None:
        response.headers.append("x-a", value)

    def by_update() -> None:
        response.headers.update({"x-a": value})

    def by_list() -> None:
        response.headerlist = [("x-a", value)]

    def by_appending_to_the_list() -> None:
        response.headerlist.append(("x-a", value))

    for way in (by_item, by_append, by_update, by_list, by_appending_to_the_list):
        with pytest.raises(ValueError):
            way()
    with pytest.raises(ValueError):
        Response("x", headers={"x-a": value})
    assert "x-evil" not in response.headers


# -- 4: who is believed -----------------------------------------------------------------------------------------------------


def test_4_nobody_is_believed_who_says_where_he_comes_from() -> None:
    forwarded = {
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-host": "evil.test",
        "x-forwarded-proto": "https",
    }
    request = Request(scope(headers=forwarded, client=("192.0.2.1", 5000)))
    assert request.client == ("192.0.2.1", 5000)
    assert (request.host, request.scheme) == ("own.test", "http")


@pytest.mark.parametrize(
    "location", ["https:evil", "javascript:alert(1)", "\x0b//evil", "\x0c//evil", " //evil", "/\t/evil"]
)
def test_4_a_location_leads_where_it_seems_to(location: str) -> None:
    with pytest.raises(ValueError, match="Location"):
        Response(location=location)


# -- 5: what a client sends is never a 500 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/%ff", "/p?a=%ff", "/p?%ff", "/a%zz", "/p?a=%zz", "/p?a=%"])
def test_5_a_target_that_is_no_text_is_the_clients_fault(target: str) -> None:
    assert echo().get(target).status_code in {200, 400}


@pytest.mark.parametrize(
    "field", [{"range": "bytes=-"}, {"max-forwards": "x"}, {"if-modified-since": "x"}, {"accept": ";;"}]
)
def test_5_a_field_that_cannot_be_read_is_as_if_it_were_not_there(field: dict[str, str]) -> None:
    assert echo().get("/p", headers=field).status_code == 200


# -- 6, 7: queries ----------------------------------------------------------------------------------------------------------


def test_6_there_is_a_limit_to_the_parameters_of_a_query() -> None:
    with pytest.raises(BadRequest):
        _ = Request(scope(query_string=b"a=1&" * 5000)).GET


def test_7_a_semicolon_is_data() -> None:
    assert echo().get("/p?a=1;b=2").json()["query"] == [["a", "1;b=2"]]


def test_7_a_plus_is_no_digit() -> None:
    assert Request(scope(query_string=b"a=%+1")).GET["a"] == "% 1"


# -- 11: moments ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["date", "expires", "last_modified"])
def test_11_a_moment_keeps_its_place_in_time(name: str) -> None:
    response = Response("x")
    setattr(response, name, datetime(2024, 1, 1, 9, tzinfo=EAST))
    assert response.headers[name.replace("_", "-")] == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert getattr(response, name) == datetime(2024, 1, 1, tzinfo=UTC)


def test_11_retry_after_is_a_moment_in_utc() -> None:
    response = Response("x", retry_after=30)
    assert response.headers["retry-after"] == "30"
    assert response.retry_after is not None
    assert response.retry_after.tzinfo is UTC


def test_11_a_cookie_has_the_date_of_http() -> None:
    response = Response("x")
    response.set_cookie("a", "b", expires=datetime(2024, 1, 1, 9, tzinfo=EAST))
    assert "expires=mon, 01 jan 2024 00:00:00 gmt" in response.headers["set-cookie"].lower()


# -- 13: multidicts ---------------------------------------------------------------------------------------------------------


def test_13_all_of_a_multidict_means_the_last_value() -> None:
    pairs = MultiDict([("a", 1), ("a", 2)])
    assert (pairs["a"], pairs.get("a"), pairs.setdefault("a", 9)) == (2, 2, 2)
    assert pairs.pop("a") == 2


def test_13_its_views_can_be_read_again() -> None:
    keys = MultiDict([("a", 1), ("a", 2)]).keys()
    assert list(keys) == list(keys) == ["a", "a"]


# -- 14: what changes together ----------------------------------------------------------------------------------------------


def test_14_a_copy_shares_nothing_that_changes() -> None:
    first = Response("x", headers={"x-a": "1"})
    second = first.copy()
    second.headers["x-a"] = "2"
    second.body = b"y"
    assert (first.headers["x-a"], first.body) == ("1", b"x")


def test_14_another_charset_encodes_the_text_again() -> None:
    response = Response("é")
    response.charset = "latin-1"
    assert (response.body, response.text) == (b"\xe9", "é")


def test_14_headers_do_not_take_the_content_type_away() -> None:
    assert Response("x", headers={"x-a": "1"}).headers["content-type"] == "text/plain; charset=utf-8"


def test_14_a_status_set_later_counts_when_the_response_leaves() -> None:
    app = Wadjet()

    @app.get("/")
    async def index() -> Response[str]:
        response = Response("content")
        response.status_code = 204
        return response

    response = TestClient(app).get("/")
    assert (response.status_code, response.content) == (204, b"")
    assert {"content-length", "content-type"}.isdisjoint(response.headers)


@pytest.mark.parametrize("status", [0, 99, 600, "abc", "", True, None])
def test_14_a_status_that_is_none_says_so(status: Any) -> None:
    response = Response("x")
    with pytest.raises((ValueError, TypeError), match="status|int"):
        response.status = status


@pytest.mark.parametrize("name", ["", "a b", "a=b", "a;b", "é", "a\r\nb"])
def test_14_a_name_that_no_cookie_has_says_so(name: str) -> None:
    with pytest.raises(ValueError, match="cookie"):
        Response("x").set_cookie(name, "b")


# -- 19: cookies of today ---------------------------------------------------------------------------------------------------


def test_19_a_cookie_is_lax_unless_told_otherwise() -> None:
    response = Response("x")
    response.set_cookie("a", "b")
    assert "samesite=lax" in response.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("__Host-a", {"secure": True, "path": "/x"}),
        ("__Host-a", {"secure": False}),
        ("__Host-a", {"secure": True, "domain": "own.test"}),
        ("__Secure-a", {}),
        ("a", {"samesite": "none"}),
        ("a", {"partitioned": True}),
    ],
)
def test_19_a_cookie_that_a_browser_would_refuse_is_refused_here(
    name: str, attributes: dict[str, Any]
) -> None:
    with pytest.raises(ValueError):
        Response("x").set_cookie(name, "b", **attributes)


def test_19_a_partitioned_cookie_says_so() -> None:
    response = Response("x")
    response.set_cookie("__Host-a", "b", secure=True, partitioned=True)
    assert "partitioned" in response.headers["set-cookie"].lower()
