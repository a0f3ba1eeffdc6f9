"""OpenViper's defects in authentication and permissions: ours has none of them."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from tests.auth.test_decorators import application, status
from wadjet import Request, View, action
from wadjet.auth import AllowAny, HasPermission, IsAdmin, IsAuthenticated, Passwords
from wadjet.middleware import AuthenticationMiddleware, Throttle
from wadjet.middleware.auth import AuthenticationMiddleware as OfTheDocument
from wadjet.security.passwords import Argon2


class Once(Throttle):
    rate = "1/hour"


@pytest.mark.parametrize(
    ("permission", "expected"),
    [(IsAuthenticated | AllowAny, 200), (IsAuthenticated & AllowAny, 401), (~IsAuthenticated, 200)],
)
def test_w12_composed_permissions_work_in_views(permission: Any, expected: int) -> None:
    class Composed(View):
        permission_classes = [permission]

        async def get(self) -> str:
            return "composed"

    app = application()
    app.include(Composed, prefix="/here")
    assert status(app, "/here") == expected


def test_w13_actions_do_not_skip_throttles() -> None:
    class Throttled(View):
        throttle_classes = [Once]

        @action()
        async def more(self) -> str:
            return "more"

    app = application()
    app.include(Throttled, prefix="/here")
    assert [status(app, "/here/more") for _ in range(2)] == [200, 429]


def test_w13_superusers_pass_where_it_says_so_and_nowhere_else() -> None:
    app = application()

    @app.get("/here", permission_classes=[HasPermission("book.edit")])
    async def here() -> str:
        return "here"

    @app.get("/admin", permission_classes=[IsAdmin])
    async def admin() -> str:
        return "admin"

    assert [status(app, path, "sue") for path in ("/here", "/admin")] == [403, 200]


def test_w13_who_is_not_known_gets_401_and_who_is_gets_403() -> None:
    app = application()

    @app.get("/here", permission_classes=[IsAdmin])
    async def here(request: Request) -> str:
        return request.path

    assert [status(app, "/here", name) for name in ("", "ann")] == [401, 403]


def test_w23_passwords_are_hashed_off_the_loop() -> None:
    class Noting(Argon2):
        thread: threading.Thread | None = None

        def hash(self, password: str) -> str:
            self.thread = threading.current_thread()
            return super().hash(password)

    hasher = Noting(1, 8, 1)
    passwords = Passwords(hasher)
    asyncio.run(passwords.hash("x"))
    passwords.close()
    assert hasher.thread is not None
    assert hasher.thread is not threading.current_thread()


def test_w25_there_is_one_authentication_middleware() -> None:
    assert AuthenticationMiddleware is OfTheDocument
