"""Decorators: below a verb or above it, on functions of every kind, and where a wrapper hides them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from tests.driving import run
from wadjet import Request, View, Wadjet, action
from wadjet import get as verb_get
from wadjet.auth import (
    BasePermission,
    HasPermission,
    HasRole,
    KeptToken,
    MemoryTokens,
    MemoryUser,
    TokenAuthentication,
    digest_of,
    login_required,
    permission_required,
    requires,
    role_required,
    staff_required,
    superuser_required,
)
from wadjet.errors import ConfigError, SealedError
from wadjet.middleware import AuthenticationMiddleware
from wadjet.testing import TestClient

USERS = {
    "ann": MemoryUser(1, "ann"),
    "ed": MemoryUser(2, "ed", roles=frozenset({"editor"}), permissions=frozenset({"book.edit"})),
    "stef": MemoryUser(3, "stef", is_staff=True),
    "sue": MemoryUser(4, "sue", is_superuser=True),
}


def application() -> Wadjet:
    tokens = MemoryTokens()
    for name, user in USERS.items():
        tokens.put(digest_of(name), KeptToken(user))
    return Wadjet(middleware=[(AuthenticationMiddleware, {"backends": [TokenAuthentication(tokens)]})])


def status(app: Wadjet, path: str, name: str = "") -> int:
    fields = [("authorization", f"Bearer {name}")] if name else []
    return run(app, "GET", path, headers=fields).status


@pytest.mark.parametrize(
    ("decorator", "allowed"),
    [
        (login_required, {"ann", "ed", "stef", "sue"}),
        (login_required(), {"ann", "ed", "stef", "sue"}),
        (staff_required, {"stef"}),
        (superuser_required, {"sue"}),
        (role_required("editor"), {"ed"}),
        (permission_required("book.edit"), {"ed"}),
        (requires(HasRole("editor")), {"ed"}),
    ],
)
def test_who_may(decorator: Callable[..., Any], allowed: set[str]) -> None:
    app = application()

    @app.get("/here")
    @decorator
    async def here() -> str:
        return "here"

    found = {name: status(app, "/here", name) for name in USERS}
    assert {name for name, code in found.items() if code == 200} == allowed
    assert set(found.values()) <= {200, 403}
    assert status(app, "/here") == 401


async def asynchronous(n: int = 0) -> str:
    return "here"


def plain(request: Request, n: int = 0) -> str:
    return request.path


async def streaming(n: int = 0) -> AsyncIterator[str]:
    yield "here"


def pulled(n: int = 0) -> Iterator[str]:
    yield "here"


@pytest.mark.parametrize("function", [asynchronous, plain, streaming, pulled])
@pytest.mark.parametrize("decorator", [login_required, permission_required("book.edit")])
@pytest.mark.parametrize("is_above", [False, True], ids=["below the verb", "above the verb"])
def test_on_functions_of_every_kind(decorator: Any, function: Any, is_above: bool) -> None:
    app = application()
    if is_above:
        decorator(app.get("/here")(function))
    else:
        app.get("/here")(decorator(function))
    assert [status(app, "/here", name) for name in ("", "ed")] == [401, 200]


def test_who_may_not_is_told_so_before_anything_is_bound() -> None:
    app = application()

    @app.get("/here")
    @login_required
    async def here(n: int) -> str:
        return str(n)

    assert status(app, "/here?n=x") == 401
    assert status(app, "/here?n=x", "ann") == 422


def hiding(function: Any) -> Any:
    """A decorator that copies nothing."""

    async def inner(request: Request) -> Any:
        return await function(request=request)

    return inner


def test_a_wrapper_that_hides_the_mark_opens_nothing() -> None:
    app = application()
    app.get("/login")(hiding(login_required(asynchronous)))
    app.get("/edit")(hiding(permission_required("book.edit")(asynchronous)))
    assert [status(app, "/login", name) for name in ("", "ann")] == [401, 200]
    assert [status(app, "/edit", name) for name in ("", "ann", "ed")] == [401, 403, 200]


def test_a_plain_function_that_cannot_wait_says_so() -> None:
    app = application()
    decorated = permission_required("book.edit")(plain)

    @app.get("/here")
    def here(request: Request) -> Any:
        return decorated(request)

    with TestClient(app) as client, pytest.raises(ConfigError, match="write `async def`"):
        client.get("/here", headers={"authorization": "Bearer ed"})


class Delegates(BasePermission):
    """Returns what it was not made to wait for."""

    def has_permission(self, request: Request, view: Any) -> Any:
        return HasPermission("book.edit").has_permission(request, view)


def test_an_answer_that_nobody_waited_for_is_waited_for() -> None:
    app = application()
    app.get("/marked")(requires(Delegates)(asynchronous))
    app.get("/hidden")(hiding(requires(Delegates)(asynchronous)))
    assert [status(app, "/marked", name) for name in ("", "ann", "ed")] == [401, 403, 200]
    assert [status(app, "/hidden", name) for name in ("", "ann", "ed")] == [401, 403, 200]


def test_several_are_all_asked() -> None:
    app = application()
    app.get("/here")(role_required("editor")(staff_required(asynchronous)))
    assert [status(app, "/here", name) for name in ("ed", "stef")] == [403, 403]


class Counts(BasePermission):
    asked = 0

    async def has_permission(self, request: Request, view: Any) -> bool:
        Counts.asked += 1
        return True


def test_what_was_asked_before_the_handler_is_not_asked_again() -> None:
    app = application()
    app.get("/here")(requires(Counts)(asynchronous))
    Counts.asked = 0
    assert status(app, "/here", "ann") == 200
    assert Counts.asked == 1


def test_methods_of_views_and_actions() -> None:
    class Books(View):
        @login_required
        async def get(self) -> str:
            return "books"

        @staff_required
        def post(self, request: Request) -> str:
            return "new"

        @action()
        @role_required("editor")
        async def drafts(self) -> str:
            return "drafts"

        @verb_get("/plain")
        @login_required
        async def plain(self, request: Request) -> str:
            return "plain"

        async def put(self) -> str:
            return "open"

    app = application()
    app.include(Books, prefix="/books")
    assert [status(app, "/books", name) for name in ("", "ann")] == [401, 200]
    assert [status(app, "/books/drafts", name) for name in ("", "ann", "ed")] == [401, 403, 200]
    assert [status(app, "/books/plain", name) for name in ("", "ann")] == [401, 200]
    assert run(app, "POST", "/books").status == 401
    assert run(app, "PUT", "/books").status == 200


def test_the_login_may_be_the_name_of_a_route_wherever_it_is_mounted() -> None:
    app, town = application(), Wadjet()
    app.get("/log-in", name="login")(plain)
    app.get("/page")(login_required(login_url="login")(asynchronous))
    town.mount("/library", app)
    sent = run(town, "GET", "/library/page", headers=[("accept", "text/html")])
    assert sent.field(b"location") == b"http://localhost/library/log-in?next=/library/page"


def test_a_browser_that_shows_a_page_is_sent_to_the_login_and_nobody_else() -> None:
    app = application()
    app.get("/page")(login_required(login_url="/login")(asynchronous))
    app.post("/page")(login_required(login_url="/login?from=page")(plain))
    app.get("/other")(login_required(login_url="/login?a=b")(asynchronous))
    browser = [("accept", "text/html,*/*;q=0.8")]
    sent = run(app, "GET", "/page?n=1&next=//evil.test", headers=browser)
    assert (sent.status, sent.field(b"location")) == (303, b"/login?next=/page%3Fn%3D1%26next%3D//evil.test")
    assert run(app, "GET", "/other", headers=browser).field(b"location") == b"/login?a=b&next=/other"
    assert run(app, "GET", "/page").status == 401
    assert run(app, "POST", "/page", headers=browser).status == 401
    assert status(app, "/page", "ann") == 200


def test_a_handler_that_is_called_by_hand_needs_a_request() -> None:
    decorated = login_required(asynchronous)
    with pytest.raises(TypeError, match="has a permission, and needs a request"):
        asyncio.run(decorated())
    request = Request.blank("/")
    request.user = USERS["ann"]
    assert asyncio.run(login_required(plain_async)(request)) == "/"


async def plain_async(request: Request) -> str:
    return request.path


@pytest.mark.parametrize("decorator", [role_required, permission_required])
def test_parentheses_that_are_missing_are_asked_for(decorator: Any) -> None:
    with pytest.raises(ConfigError, match="takes the name"):
        decorator(asynchronous)


def test_a_class_of_views_says_it_itself() -> None:
    with pytest.raises(ConfigError, match="write permission_classes"):
        login_required(View)


def test_a_route_that_is_being_served_takes_no_more() -> None:
    app = application()
    route = app.get("/here")(asynchronous)
    assert status(app, "/here") == 200
    with pytest.raises(SealedError, match="comes too late"):
        login_required(route)
