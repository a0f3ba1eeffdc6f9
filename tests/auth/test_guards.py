"""Guards: what routes, views and actions ask, by their options."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.auth.test_decorators import USERS, status
from tests.driving import run
from wadjet import Request, Router, Settings, View, Wadjet, action
from wadjet import get as verb_get
from wadjet.auth import (
    AllowAny,
    APIKeyAuthentication,
    BasePermission,
    HasPermission,
    IsAdmin,
    IsAuthenticated,
    KeptToken,
    MemoryTokens,
    TokenAuthentication,
    check_object_permissions,
    digest_of,
)
from wadjet.errors import ConfigError
from wadjet.http.exceptions import PermissionDenied
from wadjet.middleware import AuthenticationMiddleware, BaseMiddleware


def tokens(kind: type[MemoryTokens] = MemoryTokens) -> MemoryTokens:
    made = kind()
    for name, user in USERS.items():
        made.put(digest_of(name), KeptToken(user))
    return made


class SlowTokens(MemoryTokens):
    """Tokens that have to be waited for."""

    async def find(self, digest: str, /) -> KeptToken | None:  # type: ignore[override]  # either is a TokenSource
        await asyncio.sleep(0)
        return super().find(digest)


def application(**options: Any) -> Wadjet:
    backends = [TokenAuthentication(tokens())]
    return Wadjet(middleware=[(AuthenticationMiddleware, {"backends": backends})], **options)


async def here(request: Request) -> str:
    return str(getattr(request.user, "username", "nobody"))


class Slow(BasePermission):
    """Takes its time, and lets those through whose name is long."""

    message = "Your name is too short."

    async def has_permission(self, request: Request, view: Any) -> bool:
        await asyncio.sleep(0)
        return bool(request.user) and len(request.user.username) > 3


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        ([], [200, 200, 200]),
        ([AllowAny], [200, 200, 200]),
        ([IsAuthenticated], [401, 200, 200]),
        ([IsAuthenticated, IsAdmin], [401, 403, 200]),
        ([Slow], [401, 403, 200]),
        ([Slow, IsAdmin], [401, 403, 200]),
        ([Slow, HasPermission("x")], [401, 403, 403]),
        ((IsAuthenticated & ~IsAdmin,), [401, 200, 403]),
    ],
)
def test_a_function_says_who_may(permissions: Any, expected: list[int]) -> None:
    app = application()
    app.get("/here", permission_classes=permissions)(here)
    assert [status(app, "/here", name) for name in ("", "ann", "stef")] == expected


def test_a_refusal_says_why_and_nothing_is_read_or_bound_before() -> None:
    app = application()

    @app.post("/here", permission_classes=[Slow])
    async def post(n: int) -> str:
        return str(n)

    sent = run(app, "POST", "/here?n=x", content=b"content", headers=[("authorization", "Bearer ann")])
    assert sent.status == 403
    assert b"Your name is too short." in sent.body
    assert run(app, "POST", "/here?n=x", content=b"content").status == 401


class Books(View):
    permission_classes = [IsAuthenticated]

    async def get(self) -> str:
        return "books"

    @action(detail=True)
    async def cover(self, id: int) -> str:
        return "cover"

    @action(detail=False)
    @verb_get(permission_classes=[AllowAny])
    async def open(self) -> str:
        return "open"

    @action(methods=["POST"], detail=False)
    @verb_get(permission_classes=[IsAdmin])
    async def publish(self) -> str:
        return "published"


def test_a_view_says_it_for_all_its_methods_and_actions_and_a_method_for_itself() -> None:
    app = application()
    app.include(Books, prefix="/books")
    assert [status(app, "/books", name) for name in ("", "ann")] == [401, 200]
    assert [status(app, "/books/1/cover", name) for name in ("", "ann")] == [401, 200]
    assert [status(app, "/books/open", name) for name in ("", "ann")] == [200, 200]
    answers = [
        run(app, "POST", "/books/publish", headers=[("authorization", f"Bearer {name}")]).status
        for name in ("ann", "stef")
    ]
    assert answers == [403, 200]
    assert run(app, "HEAD", "/books").status == 401


def test_a_view_with_a_dispatch_of_its_own_is_guarded_too() -> None:
    class Dispatching(View):
        permission_classes = [IsAdmin]

        async def dispatch(self, request: Request, /, **kwargs: Any) -> Any:
            raise AssertionError

        async def get(self) -> str:
            return "never"

    app = application()
    app.include(Dispatching, prefix="/here")
    assert status(app, "/here") == 401


def test_a_router_says_it_for_what_it_holds() -> None:
    app = application()
    router = Router(prefix="/staff", permission_classes=[IsAdmin])
    router.get("/here")(here)
    router.get("/open", permission_classes=[])(here)
    app.include(router)
    assert [status(app, "/staff/here", name) for name in ("", "ann", "stef")] == [401, 403, 200]
    assert status(app, "/staff/open") == 200


def test_settings_say_it_for_all_routes_that_say_nothing() -> None:
    defaults = Settings(DEFAULT_PERMISSION_CLASSES=("wadjet.auth.IsAuthenticated",))
    app = application(settings=defaults)
    app.get("/here")(here)
    app.get("/open", permission_classes=[])(here)
    assert [status(app, path) for path in ("/here", "/open", "/nowhere")] == [401, 200, 404]
    assert status(app, "/here", "ann") == 200


class IsOwner(BasePermission):
    message = "Not yours."

    async def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return bool(obj == request.user.username)


class Notes(View):
    permission_classes = [IsAuthenticated, IsOwner | IsAdmin]

    async def get(self, request: Request, owner: str) -> str:
        await self.check_object_permissions(request, owner)
        return "note"


def test_an_object_is_asked_about_in_a_view_and_in_a_function() -> None:
    app = application()
    app.include(Notes, prefix="/notes/{owner}")

    @app.get("/own/{owner}", permission_classes=Notes.permission_classes)
    async def own(request: Request, owner: str) -> str:
        await check_object_permissions(request, owner)
        return "note"

    @app.get("/unasked/{owner}")
    async def unasked(request: Request, owner: str) -> str:
        await check_object_permissions(request, owner)
        return "note"

    for path in ("/notes/ann", "/own/ann"):
        assert [status(app, path, name) for name in ("", "ann", "ed", "stef")] == [401, 200, 403, 200]
    assert status(app, "/unasked/ann") == 200


def test_an_object_is_asked_about_where_nobody_is_known() -> None:
    app = application()

    @app.get("/here", permission_classes=[IsOwner])
    async def own(request: Request) -> str:
        await check_object_permissions(request, "ann")
        return "note"

    @app.get("/error", permission_classes=[IsOwner])
    async def error(request: Request) -> Any:
        try:
            await check_object_permissions(request, "ann")
        except PermissionDenied as refused:
            return refused.detail

    assert status(app, "/here", "ann") == 200
    assert run(app, "GET", "/error", headers=[("authorization", "Bearer ed")]).body == b"Not yours."


def test_what_a_permission_is_told_of_the_view() -> None:
    seen: list[Any] = []

    class Notes(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            seen.append(view)
            return True

    app = application()
    app.get("/function", permission_classes=[Notes])(here)

    class Seen(View):
        permission_classes = [Notes]

        async def get(self) -> str:
            return "x"

    app.include(Seen, prefix="/view")
    assert [status(app, path) for path in ("/function", "/view")] == [200, 200]
    assert seen == [here, Seen]


@pytest.mark.parametrize("kind", [MemoryTokens, SlowTokens])
@pytest.mark.parametrize("permissions", [[IsAuthenticated], [Slow], []])
def test_a_route_has_ways_of_its_own_to_find_out_who_asks(
    kind: type[MemoryTokens], permissions: list[Any]
) -> None:
    app = application()
    own = [APIKeyAuthentication(tokens(kind))]
    app.get("/own", authentication_classes=own, permission_classes=permissions)(here)
    app.get("/usual")(here)
    key, token = [("x-api-key", "stef")], [("authorization", "Bearer stef")]
    assert run(app, "GET", "/own", headers=key).body == b"stef"
    assert run(app, "GET", "/usual", headers=key).body == b"nobody"
    assert run(app, "GET", "/usual", headers=token).body == b"stef"
    sent = run(app, "GET", "/own", headers=token)
    if permissions:
        assert (sent.status, sent.field(b"www-authenticate")) == (401, b'ApiKey header="X-API-Key"')
    else:
        assert sent.body == b"nobody"


def test_a_route_may_have_no_way_at_all() -> None:
    app = application()
    app.get("/here", authentication_classes=[])(here)
    assert run(app, "GET", "/here", headers=[("authorization", "Bearer wrong")]).body == b"nobody"


def test_permissions_believe_whoever_says_who_asks() -> None:
    class Says(BaseMiddleware):
        def before(self, request: Request) -> None:
            request.user = USERS["stef"]

    app = Wadjet(middleware=[Says])
    app.get("/here", permission_classes=[IsAdmin])(here)
    app.get("/nobody", authentication_classes=[], permission_classes=[IsAdmin])(here)
    assert run(app, "GET", "/here").body == b"stef"
    assert run(app, "GET", "/nobody").status == 401
    alone = Wadjet()
    alone.get("/here", permission_classes=[IsAdmin])(here)
    assert run(alone, "GET", "/here").field(b"www-authenticate") == b"Bearer"


def test_error_handlers_of_the_route_are_asked() -> None:
    app = application()
    route = app.get("/here", permission_classes=[IsAdmin])(here)

    @route.error(401)
    async def nobody(request: Request) -> Any:
        return f"please log in, {request.user!r}", 401

    sent = run(app, "GET", "/here")
    assert (sent.status, sent.body) == (401, b"please log in, <AnonymousUser>")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"permission_classes": IsAdmin}, "is not a list"),
        ({"permission_classes": ["IsAdmin"]}, "is no permission"),
        ({"authentication_classes": [object()]}, "does not find out who is asking"),
        ({"authentication_classes": ["nowhere.Nothing"]}, "cannot be imported"),
        ({"authentication_classes": [TokenAuthentication]}, "give an instance"),
        ({"throttle_classes": ["nowhere.Nothing"]}, "cannot be imported"),
        ({"throttle_classes": [IsAdmin]}, "is no throttle"),
        ({"throttle_classes": "5/minute"}, "is not a list"),
    ],
)
def test_options_that_cannot_be_are_refused_at_assembly(options: dict[str, Any], message: str) -> None:
    app = application()
    app.get("/here", **options)(here)
    with pytest.raises(ConfigError, match=message):
        app.seal()
