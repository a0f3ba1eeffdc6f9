"""The report as data: the settings with where they are from, the middleware of the application and of the route."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from tests.driving import http_scope
from wadjet import BaseMiddleware, Request, Settings, Wadjet
from wadjet.conf.masking import MASK
from wadjet.debug.report import Report, Row, Surroundings, report

HERE = "tests.debug.test_report"


@dataclasses.dataclass(frozen=True)
class House(Settings):
    """The house's."""

    MAX_BODY_SIZE: int = 1024
    PAYMENT_API_KEY: str = "pay-me-now"


@dataclasses.dataclass(frozen=True)
class Shop(House):
    """The shop's."""

    SECRET_KEY: str | tuple[str, ...] = ("first-key-of-all", "second-key-of-all")
    REDIS_URL: str | None = "redis://:hunter2@cache/0"
    OTHERS: Mapping[str, Any] = dataclasses.field(default_factory=lambda: {"a": ["first-key-of-all"]})


class Outer(BaseMiddleware):
    """Of the application."""


class Inner(BaseMiddleware):
    """Of a route."""

    def __init__(self, app: Any, name: str = "") -> None:
        super().__init__(app)
        self.name = name


def made(settings: Settings, error: Exception | None = None) -> Report:
    return report(
        error or ValueError("first-key-of-all"), Request(http_scope()), "id", Surroundings(settings)
    )


def rows(found: Report, title: str) -> dict[str, Row]:
    return {row.name: row for section in found.sections if section.title == title for row in section.rows}


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        ("MAX_BODY_SIZE", "1024", "House"),
        ("SECRET_KEY", f"('{MASK}', '{MASK}')", "Shop"),
        ("PAYMENT_API_KEY", f"'{MASK}'", "House"),
        ("REDIS_URL", f"'redis://:{MASK}@cache/0'", "Shop"),
        ("OTHERS", f"{{'a': ['{MASK}']}}", "Shop"),
        ("CSRF_COOKIE_NAME", "'csrftoken'", "the defaults"),
        ("CSRF_COOKIE_SAMESITE", "'Strict'", "the code"),
        ("HEADER_TIMEOUT", "10.0", "the defaults"),
        ("THREAD_POOL_SIZE", "7", "the variable WADJET_THREAD_POOL_SIZE"),
        ("DEBUG", "True", "the code"),
    ],
)
def test_each_setting_tells_where_its_value_is_from(
    name: str, value: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WADJET_THREAD_POOL_SIZE", "7")
    settings = Wadjet(Shop(CSRF_COOKIE_SAMESITE="Strict"), debug=True).settings
    row = rows(made(settings), "Settings")[name]
    assert row.value == value
    assert source in row.note


def test_what_was_chosen_stands_first() -> None:
    (section,) = [section for section in made(Shop()).sections if section.title == "Settings"]
    sources = [row.note for row in section.rows]
    chosen = [source for source in sources if source != "the defaults"]
    assert sources[: len(chosen)] == chosen
    assert len(chosen) == 5


def test_a_secret_setting_is_masked_in_a_message_too() -> None:
    assert made(Shop()).failures[0].said == MASK


def test_what_settings_hold_within_others_and_in_addresses_is_masked_wherever_it_stands() -> None:
    settings = Shop(
        REDIS_URL="redis://:in%2Ftheaddress@cache/0",
        CACHES={"default": {"OPTIONS": {"url": "redis://:in-caches@cache/0", "password": "within-it"}}},
    )
    error = ValueError("in%2Ftheaddress, in/theaddress, in-caches, within-it, 'pay-me-now', cache")
    assert made(settings, error).failures[0].said == f"{MASK}, {MASK}, {MASK}, {MASK}, '{MASK}', cache"


def test_the_name_of_a_parameter_is_read_as_the_application_reads_it() -> None:
    scope = http_scope(target="/login?p%61ssword=hunter2%21x&n=1")
    found = report(ValueError("hunter2!x"), Request(scope), "id", Surroundings(Settings()))
    assert found.target == f"/login?p%61ssword={MASK}&n=1"
    assert found.failures[0].said == MASK
    assert "hunter2" not in repr(found.sections) + found.curl + found.test


def test_the_middleware_of_the_application_and_of_the_route_is_listed() -> None:
    app = Wadjet(debug=True, middleware=[Outer])

    @app.get("/", middleware=[Inner, (Inner, {"name": "second"}), "tests.debug.test_report.Outer"])
    async def index() -> None:
        """Answer nothing."""

    request = Request(http_scope())
    request.plan = app.seal().dispatch(request)
    found = report(ValueError(), request, "id", Surroundings(app.settings, [f"{HERE}:Outer"]))
    listed = [row.value for row in rows(found, "Middleware").values()]
    assert listed == [f"{HERE}.Outer", f"{HERE}.Inner", f"{HERE}.Inner", f"{HERE}.Outer"]


def test_a_request_without_a_plan_has_neither_route_nor_middleware() -> None:
    found = made(Settings())
    assert rows(found, "Route") == rows(found, "Middleware") == {}


def test_form_and_state_are_shown() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"name=bo&password=hunter2hunter2", "more_body": False}

    kind = [("content-type", "application/x-www-form-urlencoded")]
    request = Request(http_scope("POST", headers=kind), receive)
    asyncio.run(request.form())
    request.state["user_token"] = "abc"
    request.state["tenant"] = "hunter2hunter2"
    found = report(ValueError("hunter2hunter2"), request, "id", Surroundings(Settings()))
    assert rows(found, "Form") == {"name": Row("name", "'bo'"), "password": Row("password", MASK)}
    assert rows(found, "Request")["state['user_token']"].value == MASK
    assert rows(found, "Request")["state['tenant']"].value == f"'{MASK}'"
    assert found.failures[0].said == MASK
