"""Access control lists: ``__acl__`` of a resource, and of those above it, says who may do what (Pyramid)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..http.request import Request
from .resources import lineage

__all__ = [
    "ALL_PERMISSIONS",
    "DENY_ALL",
    "Allow",
    "Authenticated",
    "Deny",
    "Everyone",
    "permits",
    "principals_of",
]

Allow = "Allow"
Deny = "Deny"
Everyone = "system.Everyone"
Authenticated = "system.Authenticated"


class _All(Collection[str]):
    """Every permission there is."""

    def __contains__(self, permission: object) -> bool:
        return True

    def __iter__(self) -> Any:
        raise TypeError("all permissions cannot be listed")

    def __len__(self) -> int:
        raise TypeError("all permissions cannot be counted")

    def __repr__(self) -> str:
        return "ALL_PERMISSIONS"


ALL_PERMISSIONS = _All()
DENY_ALL = (Deny, Everyone, ALL_PERMISSIONS)


def permits(context: Any, principals: Collection[str], permission: str) -> bool:
    """Tell whether a resource lets some principals do something.

    The lists are read from the resource upwards, and each from its first entry; the first entry decides that names one of the
    principals and the permission. Where none does, the answer is no.

    Args:
        context: the resource.
        principals: as :func:`principals_of` gives them.
        permission: its name.
    """
    for resource in lineage(context):
        found = getattr(resource, "__acl__", ())
        for action, principal, permissions in found() if callable(found) else found:
            named = (permissions,) if isinstance(permissions, str) else permissions
            if principal in principals and permission in named:
                # SECURITY: an action that is misspelt lets nobody in.
                return bool(action == Allow)
    return False


def principals_of(request: Request) -> frozenset[str]:
    """Return what access control lists call who is asking.

    That is ``Everyone``; and of a user who is known ``Authenticated``, ``user:<id>``, ``role:<name>`` for each of ``user.roles``
    and ``group:<name>`` for each of ``user.groups``, where they are texts.
    """
    user = request.identity
    if user is None:
        return frozenset({Everyone})
    named = {
        f"{kind}:{name}"
        for kind, attribute in (("role", "roles"), ("group", "groups"))
        for name in getattr(user, attribute, None) or ()
        if isinstance(name, str)
    }
    return frozenset({Everyone, Authenticated, f"user:{request.authenticated_userid}", *named})
