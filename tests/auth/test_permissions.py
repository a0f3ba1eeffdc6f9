"""Permissions: each asks one thing, and they compose as logic does."""

from __future__ import annotations

import asyncio
import itertools
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet import Request
from wadjet.auth import (
    AllowAny,
    BasePermission,
    HasPermission,
    HasRole,
    HasScope,
    IsAdmin,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
    IsStaff,
    IsSuperuser,
    MemoryUser,
)
from wadjet.auth.permissions import answered, permissions_of
from wadjet.errors import ConfigError
from wadjet.http.identity import AnonymousUser

NOBODY = AnonymousUser()
ANN = MemoryUser(1, "ann")
EDITOR = MemoryUser(2, "ed", roles=frozenset({"editor"}), permissions=frozenset({"book.edit"}))
STAFF = MemoryUser(3, "stef", is_staff=True)
SUPER = MemoryUser(4, "sue", is_superuser=True)
EVERYBODY = {"nobody": NOBODY, "ann": ANN, "editor": EDITOR, "staff": STAFF, "super": SUPER}


def asking(user: Any, method: str = "GET", auth: dict[str, Any] | None = None) -> Request:
    request = Request.blank("/", method=method)
    request.user = user
    request.auth = auth or {"type": "none"}
    return request


def allows(permission: Any, request: Request, *obj: Any) -> bool:
    (asked,) = permissions_of([permission], "here")

    async def ask() -> bool:
        if obj:
            return await answered(asked.has_object_permission(request, None, *obj))
        return await answered(asked.has_permission(request, None))

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("permission", "allowed"),
    [
        (AllowAny, {"nobody", "ann", "editor", "staff", "super"}),
        (IsAuthenticated, {"ann", "editor", "staff", "super"}),
        (~IsAuthenticated, {"nobody"}),
        (IsAdmin, {"staff", "super"}),
        (IsStaff, {"staff"}),
        (IsSuperuser, {"super"}),
        (HasRole("editor"), {"editor"}),
        (HasRole("author", "editor"), {"editor"}),
        # A superuser passes by no other door.
        (HasPermission("book.edit"), {"editor"}),
        (IsAuthenticated & ~IsAdmin, {"ann", "editor"}),
        (HasRole("editor") | IsAdmin, {"editor", "staff", "super"}),
        (~(HasRole("editor") | IsAdmin), {"nobody", "ann"}),
        (IsAuthenticated() & (HasRole("editor") | IsSuperuser()), {"editor", "super"}),
    ],
)
def test_who_may(permission: Any, allowed: set[str]) -> None:
    assert {name for name, user in EVERYBODY.items() if allows(permission, asking(user))} == allowed


@pytest.mark.parametrize(
    ("method", "allowed"),
    [("GET", True), ("HEAD", True), ("OPTIONS", True), ("QUERY", True), ("POST", False)],
)
def test_reading_is_free_where_only_writing_needs_a_user(method: str, allowed: bool) -> None:
    assert allows(IsAuthenticatedOrReadOnly, asking(NOBODY, method)) is allowed
    assert allows(IsAuthenticatedOrReadOnly, asking(ANN, method))


@pytest.mark.parametrize(
    ("auth", "allowed"),
    [
        ({"type": "token", "scopes": frozenset({"read"})}, True),
        ({"type": "jwt", "claims": {"scope": "write read"}}, True),
        ({"type": "jwt", "claims": {"scope": "reader"}}, False),
        ({"type": "jwt", "claims": {"scope": ["read"]}}, False),
        ({"type": "none"}, False),
    ],
)
def test_a_scope_is_of_the_token(auth: dict[str, Any], allowed: bool) -> None:
    assert allows(HasScope("read"), asking(ANN, auth=auth)) is allowed


def test_what_only_looks_like_a_user_is_not_known() -> None:
    for user in (
        None,
        object(),
        SimpleNamespace(is_authenticated=1),
        SimpleNamespace(is_authenticated=lambda: True),
    ):
        assert not allows(IsAuthenticated, asking(user))
    assert not allows(HasPermission("x"), asking(SimpleNamespace(is_authenticated=True)))
    assert not allows(IsStaff, asking(SimpleNamespace(is_authenticated=False, is_staff=True)))


class Says(BasePermission):
    """Says what it was told: of requests, and of objects."""

    def __init__(self, request: bool, obj: bool) -> None:
        self._request, self._obj = request, obj

    def has_permission(self, request: Request, view: Any) -> bool:
        return self._request

    async def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return self._obj


class IsOwner(BasePermission):
    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return bool(obj == request.user.id)


def whole(permission: Any, request: Request, obj: Any) -> bool:
    """Ask both, as a view does."""
    return allows(permission, request) and allows(permission, request, obj)


@pytest.mark.parametrize("values", list(itertools.product([False, True], repeat=4)))
def test_together_both_questions_follow_logic(values: tuple[bool, bool, bool, bool]) -> None:
    one, two = Says(*values[:2]), Says(*values[2:])
    first, second = all(values[:2]), all(values[2:])
    request = asking(NOBODY)
    assert whole(one & two, request, 1) is (first and second)
    assert whole(one | two, request, 1) is (first or second)
    assert whole(~one, request, 1) is not first
    assert whole(~(one & ~two), request, 1) is not (first and not second)


def test_an_object_is_let_through_only_by_who_let_the_request_through() -> None:
    """The one that denies the request has nothing to say for the object."""
    assert not allows(Says(False, True) | Says(True, False), asking(NOBODY), 1)


def test_what_speaks_of_objects_only_can_be_denied_too() -> None:
    mine, others = asking(ANN), asking(EDITOR)
    assert whole(IsOwner, mine, 1)
    assert not whole(IsOwner, others, 1)
    assert not whole(~IsOwner, mine, 1)
    assert whole(~IsOwner, others, 1)
    assert whole(IsOwner | IsAdmin, asking(STAFF), 1)
    assert not whole(~IsAuthenticated, mine, 1)


@given(
    st.recursive(
        st.booleans(),
        lambda inner: st.tuples(st.sampled_from("&|"), inner, inner) | inner.map(lambda one: ("~", one)),
    )
)
def test_any_composition_follows_logic(tree: Any) -> None:
    def built(node: Any) -> BasePermission:
        if isinstance(node, bool):
            return Says(node, True)
        if node[0] == "~":
            return ~built(node[1])
        return built(node[1]) & built(node[2]) if node[0] == "&" else built(node[1]) | built(node[2])

    def value(node: Any) -> bool:
        if isinstance(node, bool):
            return node
        if node[0] == "~":
            return not value(node[1])
        return (value(node[1]) and value(node[2])) if node[0] == "&" else (value(node[1]) or value(node[2]))

    assert whole(built(tree), asking(NOBODY), 1) is value(tree)


def test_a_forgotten_answer_is_a_no() -> None:
    class Forgets(BasePermission):
        def has_permission(self, request: Request, view: Any) -> Any:
            return None

    assert not allows(Forgets, asking(ANN))


@pytest.mark.parametrize(
    ("given_value", "message"),
    [
        ([HasRole("a"), "IsAuthenticated"], "is no permission"),
        ([HasPermission], "needs arguments"),
        (IsAuthenticated, "is a list of permissions"),
        ("IsAuthenticated", "is a list of permissions"),
    ],
)
def test_what_lists_no_permissions_is_refused(given_value: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        permissions_of(given_value, "here: permission_classes")


def test_a_class_of_permissions_is_a_type_in_annotations_still() -> None:
    assert IsAuthenticated | None == None | IsAuthenticated
    assert not isinstance(IsAuthenticated | None, BasePermission)


def test_what_needs_a_user_is_told_from_what_does_not() -> None:
    assert [
        one.needs_user
        for one in (IsAuthenticated & AllowAny, IsAuthenticated | AllowAny, ~IsAuthenticated, AllowAny())
    ] == [True, False, False, False]
