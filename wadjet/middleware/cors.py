"""Cross-origin resource sharing: which other sites' scripts may read the answers (Fetch §3.2)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from ..conf.settings import Settings
from ..errors import PolicyError
from ..http.constantfields import ConstantFields
from ..http.exceptions import Forbidden
from ..http.parameters import is_token
from ..http.request import Request
from ..http.response import Head, Response
from ..security.origins import ANY, Origins
from ..types import ASGIApp
from .base import BaseMiddleware

__all__ = ["CORSMiddleware", "CORSPolicy"]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_ALLOWED = b"access-control-allow-origin"
#: What the answer to a preflight depends on.
_ASKED = ("Access-Control-Request-Method", "Access-Control-Request-Headers")
#: More names than any script sends fields.
_MOST_HEADERS = 1000
#: How many origins that patterns allow are remembered with their fields.
_MOST_ORIGINS = 256


@dataclasses.dataclass(frozen=True)
class CORSPolicy:
    """Who may read, and what they may ask for.

    Args:
        origins: whose scripts may read.
        credentials: whether they may when the browser has sent cookies.
        methods: what they may ask; ``*`` for every method.
        headers: fields that they may set, in small letters; ``*`` for every one.
        exposed: fields that they may read.
        max_age: seconds that a browser may remember it.

    Raises:
        PolicyError: everybody would be trusted with credentials, or a value that no field can have.
    """

    origins: Origins
    credentials: bool
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int

    def __post_init__(self) -> None:
        """Refuse what is not safe, or cannot be said."""
        for names in (self.methods, self.headers, self.exposed):
            wrong = [name for name in names if not is_token(name)]
            if wrong:
                raise PolicyError(f"CORS: {wrong[0]!r} is no name of a method or field")
        if type(self.max_age) is not int or self.max_age < 0:
            raise PolicyError(f"CORS: max_age={self.max_age!r} is no number of seconds from 0")
        if not self.credentials:
            return
        if self.origins.is_wide:
            raise PolicyError(
                "CORS: allow_credentials=True cannot be combined with a wildcard origin that stands for every host, or with "
                "'null', which every site's page in a sandboxed frame is; "
                "write the origins that are trusted, as ['https://app.example.com']"
            )
        if ANY in self.exposed:
            raise PolicyError("CORS: with credentials '*' exposes nothing (Fetch §3.2.5); name the fields")

    @classmethod
    def of(cls, settings: Settings, **given: Any) -> CORSPolicy:
        """Return the policy of arguments, each of which a setting stands for where it is None."""

        def chosen(name: str, setting: Any) -> Any:
            return setting if given[name] is None else given[name]

        origins = chosen("allowed_origins", settings.CORS_ALLOWED_ORIGINS)
        headers = _texts(chosen("allowed_headers", settings.CORS_ALLOWED_HEADERS), "allowed_headers")
        return cls(
            Origins((ANY,) if origins is None else origins, "CORS allowed_origins"),
            bool(chosen("allow_credentials", settings.CORS_ALLOW_CREDENTIALS)),
            _texts(chosen("allowed_methods", settings.CORS_ALLOWED_METHODS), "allowed_methods"),
            tuple(dict.fromkeys(name.lower() for name in headers)),
            _texts(chosen("expose_headers", settings.CORS_EXPOSE_HEADERS), "expose_headers"),
            chosen("max_age", settings.CORS_MAX_AGE),
        )


class CORSMiddleware(BaseMiddleware):
    """Lets scripts of other origins read answers, and answers what browsers ask before (Fetch §3.2).

    Only a real preflight is answered here: OPTIONS with Origin and Access-Control-Request-Method. Whatever else comes reaches the
    application, from wherever it comes: browsers keep the answer from scripts that may not read it. A WebSocket, which they keep
    from nobody, is refused.

    Args:
        app: the application inside.
        allowed_origins: origins and patterns; ``["*"]`` for all of them, without credentials; none in an empty list.
        allow_credentials: whether requests with cookies may be read.
        allowed_methods: ``["*"]`` for all of them.
        allowed_headers: fields that may be sent; ``["*"]`` for all of them.
        expose_headers: fields that may be read, beside those that always may.
        max_age: seconds that a browser may remember the answer to a preflight.

    Each that is None is the setting ``CORS_…``.

    Raises:
        PolicyError: a wildcard with credentials, or a value that cannot be; it is a ValueError.
    """

    def __init__(
        self,
        app: ASGIApp,
        allowed_origins: Iterable[str] | None = None,
        allow_credentials: bool | None = None,
        allowed_methods: Iterable[str] | None = None,
        allowed_headers: Iterable[str] | None = None,
        expose_headers: Iterable[str] | None = None,
        max_age: int | None = None,
    ) -> None:
        super().__init__(app)
        self.policy = policy = CORSPolicy.of(
            self.settings,
            allowed_origins=allowed_origins,
            allow_credentials=allow_credentials,
            allowed_methods=allowed_methods,
            allowed_headers=allowed_headers,
            expose_headers=expose_headers,
            max_age=max_age,
        )
        #: Whether no answer depends on who asks.
        self._is_constant = policy.origins.is_any or not policy.origins
        self._vary = () if self._is_constant else ("Origin",)
        self._refused = ConstantFields(vary=self._vary)
        self._public = self._fields_for(b"*") if policy.origins.is_any else self._refused
        #: What each origin that is written out is told.
        self._known = {origin: self._fields_for(origin) for origin in policy.origins.exact}
        self._matched: dict[bytes, ConstantFields] = {}
        # Where everything is allowed, the usual methods are named, and the one that is asked for.
        self._methods = _METHODS if ANY in policy.methods else policy.methods
        self._headers = frozenset(policy.headers)

    def before(self, request: Request) -> Response[Any] | None:
        """Answer a preflight."""
        if request.sent_method != "OPTIONS":
            return None
        method = request.header(b"access-control-request-method")
        origin = _origin_of(request)
        if method is None or origin is None:
            return None
        response = self._preflight(request, origin, method.decode("latin-1"))
        response.headers.add_vary(*self._vary, *_ASKED)
        return response

    def after(self, request: Request, response: Head) -> None:
        """Say who may read the answer."""
        if self._is_constant:
            response.add_constant(self._public)
            return
        origin = _origin_of(request)
        fields = None if origin is None else self._known.get(origin) or self._told(origin)
        response.add_constant(fields or self._refused)

    def before_socket(self, request: Request) -> Response[Any] | None:
        """Refuse a WebSocket of a script that may not have it: browsers ask nobody, and always send cookies.

        One without Origin is no browser's. Where any origin is allowed, which is without credentials, another site's handshake
        may not bring any.
        """
        origin = _origin_of(request)
        if origin is None or origin == _own_origin(request):
            return None
        is_public = self.policy.origins.is_any
        if self.policy.origins.allows(origin) and not (is_public and _has_credentials(request)):
            return None
        return Forbidden("CORS: this origin may not open WebSockets here.")

    def _told(self, origin: bytes) -> ConstantFields | None:
        """Return the fields that an origin is told that is not written out; None where it may not read."""
        fields = self._matched.get(origin)
        if fields is None and self.policy.origins.allows(origin):
            fields = self._fields_for(origin)
            if len(self._matched) >= _MOST_ORIGINS:
                self._matched.clear()
            self._matched[origin] = fields
        return fields

    def _fields_for(self, origin: bytes) -> ConstantFields:
        fields: list[tuple[bytes, str | bytes]] = [(_ALLOWED, origin)]
        if self.policy.credentials:
            fields.append((b"access-control-allow-credentials", "true"))
        if self.policy.exposed:
            fields.append((b"access-control-expose-headers", ", ".join(self.policy.exposed)))
        return ConstantFields(fields, vary=self._vary, unless=_ALLOWED)

    def _preflight(self, request: Request, origin: bytes, method: str) -> Response[Any]:
        """Answer a preflight with all that is allowed, or refuse it: its own rules decide, and not only the browser's."""
        asked = _names_of(request)
        if not self.policy.origins.allows(origin):
            return Forbidden("CORS: this origin may not ask.")
        if not self._allows_method(method):
            return Forbidden("CORS: this method is not allowed.")
        if asked is None or not (ANY in self._headers or self._headers.issuperset(asked)):
            return Forbidden("CORS: one of these headers is not allowed.")
        return self._granted(origin, method, asked)

    def _allows_method(self, method: str) -> bool:
        methods = self.policy.methods
        return method in methods or (ANY in methods and is_token(method))

    def _granted(self, origin: bytes, method: str, asked: Iterable[str]) -> Response[Any]:
        policy = self.policy
        response = Response[Any](None, 204)
        fields = response.headers
        fields.set(_ALLOWED, "*" if policy.origins.is_any else origin)
        if policy.credentials:
            fields.set("access-control-allow-credentials", "true")
        fields.set("access-control-allow-methods", ", ".join(dict.fromkeys([*self._methods, method])))
        # With credentials "*" is no wildcard, and without it does not stand for Authorization (Fetch §3.2.5).
        allowed = asked if ANY in self._headers else policy.headers
        if allowed:
            fields.set("access-control-allow-headers", ", ".join(allowed))
        fields.set("access-control-max-age", policy.max_age)
        return response


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if isinstance(value, str):
        raise PolicyError(f"CORS: {name}={value!r} is a text; write a list, as [{value!r}]")
    return tuple(value)


def _origin_of(request: Request) -> bytes | None:
    """Return the Origin of a request; one that says several is none that anybody allows."""
    origin = None
    for name, value in request.raw_headers:
        if name == b"origin":
            origin = value if origin is None else b""
    return origin


def _names_of(request: Request) -> list[str] | None:
    """Return the names of the fields that a preflight asks for, in small letters; None where they are no names."""
    line = request.headers.joined("access-control-request-headers") or ""
    names = list(dict.fromkeys(name for part in line.lower().split(",") if (name := part.strip(" \t"))))
    return names if len(names) <= _MOST_HEADERS and all(map(is_token, names)) else None


def _own_origin(request: Request) -> bytes:
    """Return the origin of a page that came from where this WebSocket goes."""
    _, _, authority = request.host_url.partition("://")
    return f"{'https' if request.is_secure() else 'http'}://{authority}".encode()


def _has_credentials(request: Request) -> bool:
    return request.header(b"cookie") is not None or request.header(b"authorization") is not None
