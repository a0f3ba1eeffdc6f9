"""Permissions: what is asked of whoever asks. They compose: ``IsAuthenticated & ~IsAdmin``, ``HasRole("editor") | IsAdmin``."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Iterable
from typing import Any, TypeAlias

from ..errors import ConfigError
from ..http.request import Request

__all__ = [
    "AllowAny",
    "BasePermission",
    "HasPermission",
    "HasRole",
    "HasScope",
    "IsAdmin",
    "IsAuthenticated",
    "IsAuthenticatedOrReadOnly",
    "IsStaff",
    "IsSuperuser",
    "answered",
    "is_known",
    "made",
    "permissions_of",
]

#: RFC 9110 §9.2.1, RFC 10008.
_READING = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
Answer: TypeAlias = bool | Awaitable[bool]


class _Composable(type):
    """Lets classes compose as their instances do."""

    def __and__(cls, other: Any) -> BasePermission:
        return _Both(made(cls), made(other))

    def __or__(cls, other: Any) -> Any:
        if _Composable in {type(other), type(type(other))}:
            return _Either(made(cls), made(other))
        return super().__or__(other)  # an annotation

    def __invert__(cls) -> BasePermission:
        return _Not(made(cls))


class BasePermission(metaclass=_Composable):
    """One thing that is asked of whoever asks: subclass it, and write either method, or both; each may be ``async def``."""

    #: What a refusal says.
    message: str | None = None
    #: Whether who is asking has to be known; for the OpenAPI document.
    needs_user: bool = True

    @property
    def judges_objects(self) -> bool:
        """Whether it says anything of objects."""
        return type(self).has_object_permission is not BasePermission.has_object_permission

    def has_permission(self, request: Request, view: Any) -> Answer:
        """Tell whether a request may go on.

        Args:
            request: the request.
            view: the class of views that answers, or the function.
        """
        return True

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> Answer:
        """Tell whether a request may have to do with an object.

        Args:
            request: the request.
            view: the class of views that answers, or the function.
            obj: what it is about.
        """
        return True

    def refusal(self, request: Request) -> Exception | None:
        """Return what answers who may not; None for 401, or 403 where it is known who asks."""
        return None

    def __and__(self, other: Any) -> BasePermission:
        return _Both(self, made(other))

    def __or__(self, other: Any) -> BasePermission:
        return _Either(self, made(other))

    def __invert__(self) -> BasePermission:
        return _Not(self)


async def answered(answer: Answer) -> bool:
    """Wait for an answer, if it has to be waited for."""
    # SECURITY: what is neither True nor an awaitable of it is not taken for a yes by whoever forgot a `return`.
    return bool(await answer if inspect.isawaitable(answer) else answer)


class _Both(BasePermission):
    def __init__(self, first: BasePermission, second: BasePermission) -> None:
        self._first, self._second = first, second
        self.needs_user = first.needs_user or second.needs_user

    @property
    def judges_objects(self) -> bool:
        return self._first.judges_objects or self._second.judges_objects

    async def has_permission(self, request: Request, view: Any) -> bool:
        return await answered(self._first.has_permission(request, view)) and await answered(
            self._second.has_permission(request, view)
        )

    async def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return await answered(self._first.has_object_permission(request, view, obj)) and await answered(
            self._second.has_object_permission(request, view, obj)
        )


class _Either(BasePermission):
    def __init__(self, first: BasePermission, second: BasePermission) -> None:
        self._each = (first, second)
        self.needs_user = first.needs_user and second.needs_user

    @property
    def judges_objects(self) -> bool:
        return any(one.judges_objects for one in self._each)

    async def has_permission(self, request: Request, view: Any) -> bool:
        for one in self._each:
            if await answered(one.has_permission(request, view)):
                return True
        return False

    async def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        # SECURITY: the one that lets the object through has to let the request through too.
        for one in self._each:
            if await answered(one.has_permission(request, view)) and await answered(
                one.has_object_permission(request, view, obj)
            ):
                return True
        return False


class _Not(BasePermission):
    def __init__(self, one: BasePermission) -> None:
        self._one = one
        self.needs_user = False

    @property
    def judges_objects(self) -> bool:
        return self._one.judges_objects

    async def has_permission(self, request: Request, view: Any) -> bool:
        # Where the object decides, it is not known yet what there is to deny.
        return self.judges_objects or not await answered(self._one.has_permission(request, view))

    async def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return not (
            await answered(self._one.has_permission(request, view))
            and await answered(self._one.has_object_permission(request, view, obj))
        )


class AllowAny(BasePermission):
    """Everybody."""

    needs_user = False


class IsAuthenticated(BasePermission):
    """Who is known."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether it is known who asks."""
        return (
            getattr(request.user, "is_authenticated", False) is True
        )  # PERF(bench: inproc_token): is_known()


class IsAuthenticatedOrReadOnly(BasePermission):
    """Who is known, and whoever only reads: GET, HEAD, OPTIONS, QUERY."""

    needs_user = False

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the method is safe, or it is known who asks."""
        return request.method in _READING or is_known(request.user)


class _HasFlag(BasePermission):
    flags: tuple[str, ...]

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return is_known(user) and any(getattr(user, flag, False) is True for flag in self.flags)


class IsAdmin(_HasFlag):
    """Who has ``is_staff`` or ``is_superuser``."""

    flags = ("is_staff", "is_superuser")


class IsStaff(_HasFlag):
    """Who has ``is_staff``."""

    flags = ("is_staff",)


class IsSuperuser(_HasFlag):
    """Who has ``is_superuser``."""

    flags = ("is_superuser",)


class HasRole(BasePermission):
    """Who has one of these roles in ``user.roles``.

    Args:
        *names: of roles.
    """

    def __init__(self, *names: str) -> None:
        self._names = frozenset(names)

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the user has a role."""
        user = request.user
        return is_known(user) and not self._names.isdisjoint(getattr(user, "roles", ()))


class HasPermission(BasePermission):
    """Who has a permission: ``user.has_perm(name)``. A superuser has it too only if that says so.

    Args:
        name: of the permission.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    async def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the user has the permission."""
        user = request.user
        ask = getattr(user, "has_perm", None)
        return is_known(user) and ask is not None and await answered(ask(self._name))


class HasScope(BasePermission):
    """Whose token is good for something: a scope of an opaque token or API key, or of the claim ``scope`` (RFC 8693 §4.2).

    Args:
        name: of the scope.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the token has the scope."""
        auth = request.auth
        said: Any = auth.get("claims", {}).get("scope", "")
        claimed = said.split(" ") if isinstance(said, str) else ()
        return self._name in auth.get("scopes", ()) or self._name in claimed


def is_known(user: Any) -> bool:
    """Tell whether a user is somebody."""
    return getattr(user, "is_authenticated", False) is True


def made(permission: Any) -> BasePermission:
    """Return a permission of itself or its class.

    Raises:
        ConfigError: it is none, or cannot be made of nothing.
    """
    if isinstance(permission, BasePermission):
        return permission
    if not (isinstance(permission, type) and issubclass(permission, BasePermission)):
        raise ConfigError(
            f"{permission!r} is no permission; give a subclass of BasePermission, or an instance"
        )
    try:
        return permission()
    except TypeError as error:
        raise ConfigError(f"{permission.__name__} needs arguments: {error}; give an instance") from error


def permissions_of(given: Any, where: str) -> tuple[BasePermission, ...]:
    """Return the permissions of a list.

    Raises:
        ConfigError: it is none, or lists what is none.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ConfigError(f"{where} is a list of permissions, as [IsAuthenticated]; {given!r} is none")
    return tuple(made(each) for each in given)
