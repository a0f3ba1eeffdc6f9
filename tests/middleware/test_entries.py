"""Middleware by its entry in a list, and by settings."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.driving import run
from wadjet import BaseMiddleware, Settings, Wadjet
from wadjet.errors import ConfigError
from wadjet.middleware.base import build_middleware_stack
from wadjet.types import ASGIApp, Receive, Scope, Send


class Mark(BaseMiddleware):
    def __init__(self, app: ASGIApp, mark: str = "class") -> None:
        super().__init__(app)
        self.mark = mark

    def after(self, request: Any, response: Any) -> None:
        response.headers.append("x-mark", self.mark)


def factory(app: ASGIApp) -> Mark:
    return Mark(app, "factory")


async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


HERE = f"{__name__}.Mark"


@pytest.mark.parametrize("app", [foreign, Wadjet()])
def test_the_first_entry_is_the_outermost(app: Any) -> None:
    stack = build_middleware_stack(app, [(Mark, {"mark": "outer"}), factory, HERE, (HERE, {"mark": "inner"})])
    assert run(stack).getall(b"x-mark") == [b"inner", b"class", b"factory", b"outer"]


def test_no_entries_leave_the_application() -> None:
    assert build_middleware_stack(foreign, []) is foreign


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("nowhere.Middleware", "cannot be imported"),
        ((Mark,), "a tuple is"),
        ((Mark, "x"), "a tuple is"),
        (5, "give the class"),
        (Mark(foreign), "give the class"),
        (lambda: foreign, "cannot be made around an application"),
        ((Mark, {"mork": 1}), "cannot be made around an application"),
    ],
)
def test_what_is_no_entry_says_what_to_give(entry: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_middleware_stack(foreign, [entry])


@dataclasses.dataclass(frozen=True)
class Marked(Settings):
    MIDDLEWARE: tuple = (HERE, (Mark, {"mark": "settings"}))  # type: ignore[type-arg]


def test_the_setting_stands_around_what_the_code_gives() -> None:
    app = Wadjet(settings=Marked, middleware=[(Mark, {"mark": "code"})])
    assert run(app).getall(b"x-mark") == [b"code", b"settings", b"class"]


def test_the_environment_names_middleware_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_MIDDLEWARE", f"{HERE}, {HERE}")
    assert run(Wadjet()).getall(b"x-mark") == [b"class", b"class"]
    assert run(Wadjet(settings=Marked)).getall(b"x-mark") == [b"class", b"class"]


class Passing:
    """Middleware of somebody else: it keeps what is inside as ``app``."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Odd:
    """Its settings are none of ours, and it stands in itself."""

    settings = "odd"

    @property
    def app(self) -> Odd:
        return self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await foreign(scope, receive, send)


def test_settings_are_found_through_whatever_stands_around(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Wadjet(settings=Marked)
    assert Mark(app).settings is Mark(Passing(Mark(Passing(app)))).settings is app.settings
    monkeypatch.setenv("WADJET_MAX_BODY_SIZE", "7")
    for inside in (foreign, Passing(foreign), Odd()):
        assert Mark(inside).settings.MAX_BODY_SIZE == 7


@pytest.mark.parametrize("inside", [foreign, Wadjet(settings=Settings(TRUSTED_PROXIES=("10.0.0.1",)))])
def test_hooks_around_any_application_see_what_trusted_proxies_tell(
    inside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WADJET_TRUSTED_PROXIES", "10.0.0.1")
    seen = []

    class Sees(BaseMiddleware):
        def before(self, request: Any) -> None:
            seen.append((request.scheme, request.remote_addr, request.is_proxied()))

    told = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")]
    run(Sees(Sees(inside)), headers=told, client=("10.0.0.1", 1))
    run(Sees(Sees(inside)), headers=told, client=("10.0.0.2", 1))
    assert seen == [("https", "203.0.113.9", True)] * 2 + [("http", "10.0.0.2", False)] * 2
