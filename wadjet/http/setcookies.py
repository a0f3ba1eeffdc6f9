"""The three ways to say Set-Cookie on a response."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Literal

from ..types import RawHeaders
from .cookies import format_cookie

__all__ = ["CookieSetter", "SameSite"]

SameSite = Literal["lax", "strict", "none", "Lax", "Strict", "None"]


class CookieSetter:
    """The cookie methods of every response."""

    @property
    def raw_headers(self) -> RawHeaders:
        """The fields, open to change; the response has them."""
        raise AttributeError("raw_headers")

    def set_cookie(
        self,
        name: str,
        value: str = "",
        max_age: int | timedelta | None = None,
        *,
        expires: datetime | int | str | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Add a Set-Cookie field (RFC 6265bis).

        Args:
            name: a token; ``__Host-`` and ``__Secure-`` ask for what they promise.
            value: cookie text.
            max_age: seconds to live, or a timedelta; sets Expires too; 0 deletes.
            expires: when it ends, instead of ``max_age``.
            path: below which path it is sent.
            domain: to which domain and its subdomains; None for this host alone.
            secure: only over https.
            httponly: out of reach of scripts.
            samesite: ``lax``, ``strict``, ``none`` or None.
            partitioned: one jar for each top-level site.

        Raises:
            ValueError: a part that cannot stand in the field, or a combination that browsers refuse.
        """
        field = format_cookie(
            name,
            value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
            now=time.time(),
        )
        self.raw_headers.append((b"set-cookie", field))

    def delete_cookie(
        self,
        name: str,
        path: str | None = "/",
        domain: str | None = None,
        *,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Add a Set-Cookie field that ends the cookie; it names the same attributes that set it."""
        secure = secure or name.lower().startswith(("__host-", "__secure-"))
        self.set_cookie(
            name,
            max_age=0,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    def cookie(
        self,
        key: str,
        value: str = "",
        *,
        max_age: int | None = None,
        expires: datetime | int | None = None,
        path: str | None = None,
        domain: str | None = None,
        http_only: bool = False,
        same_site: SameSite = "lax",
        partitioned: bool = False,
        secure: bool = False,
    ) -> None:
        """Add a cookie, in view.py's spelling of :meth:`set_cookie`."""
        self.set_cookie(
            key,
            value,
            max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=http_only,
            samesite=same_site,
            partitioned=partitioned,
        )
