"""SessionMiddleware: the same in a cookie and on the server."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sessions.sites import SECRET, Browser, add_pages
from wadjet import Wadjet
from wadjet.middleware.session import SessionMiddleware

pytestmark = pytest.mark.parametrize("place", ["cookie", "memory"])


def browser(place: str, **scope: Any) -> Browser:
    return Browser(
        add_pages(Wadjet(middleware=[(SessionMiddleware, {"store": place, "secret": SECRET})])), **scope
    )


def test_ses_01_a_value_survives(place: str) -> None:
    client = browser(place)
    client.get("/set")
    assert json.loads(client.get("/get").body)["value"] == "kept"


def test_ses_02_without_a_cookie_there_is_no_value(place: str) -> None:
    assert json.loads(browser(place).get("/get").body) == {"value": None, "user": None, "new": True}


def test_ses_15_a_login_changes_the_identifier_and_the_old_one_is_not_logged_in(place: str) -> None:
    client = browser(place)
    client.get("/set")
    before = dict(client.cookies)
    client.get("/login")
    assert client.cookies != before
    assert json.loads(client.get("/get").body) == {"value": "kept", "user": "7", "new": False}
    client.cookies = before
    assert json.loads(client.get("/get").body)["user"] is None


def test_a_handler_in_a_thread_waits_for_nothing(place: str) -> None:
    client = browser(place)
    client.get("/set")
    assert json.loads(client.get("/thread").body) == {"value": "kept"}
