"""The ways to say Set-Cookie on a response, and to take it back."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from ..types import RawHeaders
from .cookies import format_cookie

__all__ = ["CookieSetter", "SameSite"]

R = TypeVar("R", bound="CookieSetter")

SameSite = Literal["lax", "strict", "none", "Lax", "Strict", "None"]


class CookieSetter:
    """The cookie methods of every response."""

    @property
    def raw_headers(self) -> RawHeaders:
        """The fields, open to change; the response has them."""
        raise AttributeError("raw_headers")

    def set_cookie(
        self,
        name: str | None = None,
        value: str | None = "",
        max_age: int | timedelta | None = None,
        *,
        key: str | None = None,
        expires: datetime | timedelta | int | str | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
        overwrite: bool = False,
    ) -> None:
        """Add a Set-Cookie field (RFC 6265bis).

        Args:
            name: a token; ``__Host-`` and ``__Secure-`` ask for what they promise.
            value: cookie text; None deletes the cookie.
            max_age: seconds to live, or a timedelta; sets Expires too; 0 deletes.
            key: ``name`` under its other name.
            expires: when it ends, instead of ``max_age``; a timedelta is from now.
            path: below which path it is sent.
            domain: to which domain and its subdomains; None for this host alone.
            secure: only over https.
            httponly: out of reach of scripts.
            samesite: ``lax``, ``strict``, ``none`` or None.
            partitioned: one jar for each top-level site.
            overwrite: take the place of what this response has said of a cookie of that name.

        Raises:
            TypeError: no name, or two.
            ValueError: a part that cannot stand in the field, or a combination that browsers refuse.
        """
        name = _only_name(name, key)
        now = time.time()
        if isinstance(expires, timedelta):
            expires = int(now + expires.total_seconds())
        field = format_cookie(
            name,
            "" if value is None else value,
            max_age=0 if value is None else max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
            now=now,
        )
        if overwrite:
            self.unset_cookie(name, strict=False)
        self.raw_headers.append((b"set-cookie", field))

    def unset_cookie(self, name: str, strict: bool = True) -> None:
        """Take back what this response has said of a cookie; the fields of other cookies stay as they are.

        Args:
            name: of the cookie; its case counts.
            strict: a cookie that was not set is an error.

        Raises:
            KeyError: it was not set.
        """
        fields = self.raw_headers
        start = name.encode("latin-1", "replace") + b"="
        kept = [field for field in fields if field[0] != b"set-cookie" or not field[1].startswith(start)]
        if strict and len(kept) == len(fields):
            raise KeyError(name)
        fields[:] = kept

    def merge_cookies(self, response: R) -> R:
        """Add the cookies that are set here to another response, which is returned.

        Args:
            response: whose fields are added to.
        """
        response.raw_headers.extend(field for field in self.raw_headers if field[0] == b"set-cookie")
        return response

    def delete_cookie(
        self,
        name: str | None = None,
        path: str | None = "/",
        domain: str | None = None,
        *,
        key: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Add a Set-Cookie field that ends the cookie; it names the same attributes that set it."""
        name = _only_name(name, key)
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


def _only_name(name: str | None, key: str | None) -> str:
    if name is not None and key is None:
        return name
    if key is None or name is not None:
        raise TypeError("a cookie has one name: give it first, or as key=")
    return key
