"""Who is asking, and what they may: ways to find out, accounts, permissions. Each is loaded when it is first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accounts import Accounts
    from .basic import BasicAuthentication
    from .decorators import (
        login_required,
        permission_required,
        requires,
        role_required,
        staff_required,
        superuser_required,
    )
    from .guards import check_object_permissions
    from .identity import Authentication, Identity
    from .jwt import ClaimsUser, JWTAuthentication, JWTs
    from .jwtkeys import JWTKey
    from .logins import authenticate, login, logout
    from .passwords import Passwords
    from .permissions import (
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
    )
    from .remembering import forget, remember
    from .revoked import MemoryRevoked, Revoked, StoreRevoked
    from .sessions import SessionAuthentication
    from .tokens import (
        APIKeyAuthentication,
        KeptToken,
        MemoryTokens,
        TokenAuthentication,
        TokenSource,
        digest_of,
        new_token,
    )
    from .users import MemoryUser, MemoryUsers, UserSource

__all__ = [
    "APIKeyAuthentication",
    "Accounts",
    "AllowAny",
    "Authentication",
    "BasePermission",
    "BasicAuthentication",
    "ClaimsUser",
    "HasPermission",
    "HasRole",
    "HasScope",
    "Identity",
    "IsAdmin",
    "IsAuthenticated",
    "IsAuthenticatedOrReadOnly",
    "IsStaff",
    "IsSuperuser",
    "JWTAuthentication",
    "JWTKey",
    "JWTs",
    "KeptToken",
    "MemoryRevoked",
    "MemoryTokens",
    "MemoryUser",
    "MemoryUsers",
    "Passwords",
    "Revoked",
    "SessionAuthentication",
    "StoreRevoked",
    "TokenAuthentication",
    "TokenSource",
    "UserSource",
    "authenticate",
    "check_object_permissions",
    "digest_of",
    "forget",
    "login",
    "login_required",
    "logout",
    "new_token",
    "permission_required",
    "remember",
    "requires",
    "role_required",
    "staff_required",
    "superuser_required",
]

_ROOMS = {
    "accounts": ("Accounts",),
    "basic": ("BasicAuthentication",),
    "decorators": (
        "login_required",
        "permission_required",
        "requires",
        "role_required",
        "staff_required",
        "superuser_required",
    ),
    "guards": ("check_object_permissions",),
    "identity": ("Authentication", "Identity"),
    "jwt": ("ClaimsUser", "JWTAuthentication", "JWTs"),
    "jwtkeys": ("JWTKey",),
    "logins": ("authenticate", "login", "logout"),
    "passwords": ("Passwords",),
    "permissions": (
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
    ),
    "remembering": ("forget", "remember"),
    "revoked": ("MemoryRevoked", "Revoked", "StoreRevoked"),
    "sessions": ("SessionAuthentication",),
    "tokens": (
        "APIKeyAuthentication",
        "KeptToken",
        "MemoryTokens",
        "TokenAuthentication",
        "TokenSource",
        "digest_of",
        "new_token",
    ),
    "users": ("MemoryUser", "MemoryUsers", "UserSource"),
}
_HOME = {name: module for module, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """Load what is asked for (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
