"""What arrived: the head of a request, parsed when it is first looked at and not before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, cast

from ..errors import ConfigError
from ..types import RawHeaders, Receive, Scope
from .body import Body
from .cookies import cookies_of
from .exceptions import BadRequest
from .headers import Headers
from .identity import AnonymousUser
from .parameters import media_type, parse_parameters
from .urls import QueryParams

__all__ = ["KEY", "Callback", "Incoming", "Planned"]

#: Where a scope holds the request that was made of it first.
KEY = "wadjet.request"

Callback = Callable[..., Awaitable[None] | None]


class Planned(Protocol):
    """What a request knows of the plan that answers it."""

    max_body_size: int
    app: Any


class Incoming:
    """The head of a request.

    Args:
        scope: an ASGI scope of type ``http`` or ``websocket``.
        receive: the server's; without it the request has no content.

    Raises:
        TypeError: another type of scope.
    """

    __slots__ = (
        "_auth",
        "_content",
        "_cookies",
        "_headers",
        "_parent",
        "_query",
        "_receive",
        "_scope",
        "_user",
        "exception",
        "finished_callbacks",
        "is_owned",
        "method",
        "path",
        "path_params",
        "plan",
        "raw_headers",
        "raw_query",
        "response_callbacks",
        "root_path",
        "sent_path",
    )

    def __init__(self, scope: Scope, receive: Receive | None = None) -> None:
        if scope["type"] not in {"http", "websocket"}:
            raise TypeError(f"a request takes a scope of type http or websocket, not {scope['type']!r}")
        self._scope = scope
        self._receive = receive
        # None until they are first looked at.
        self._cookies: dict[str, str] | None = None
        self._headers: Headers | None = None
        self._query: QueryParams | None = None
        self._content: Body | None = None
        #: The method, in capitals as it was sent.
        self.method: str = scope.get("method", "GET")
        #: The whole path, decoded, ``root_path`` included.
        self.path: str = scope["path"]
        #: Below which path the application is mounted, decoded.
        self.root_path: str = scope.get("root_path", "")
        #: The path as it was sent; None where the server does not tell.
        self.sent_path: bytes | None = scope.get("raw_path")
        #: The query as it was sent, without the question mark.
        self.raw_query: bytes = scope.get("query_string", b"")
        #: The fields as the wire has them.
        self.raw_headers: RawHeaders = scope["headers"]
        #: What the path captured, by name.
        self.path_params: dict[str, Any] = {}
        #: The compiled route that answers; None until the path is matched.
        self.plan: Planned | None = None
        #: What went wrong while answering, if anything did.
        self.exception: BaseException | None = None
        #: Whether somebody has undertaken to finish it.
        self.is_owned = False
        known = scope.get(KEY)
        # PERF(bench: inproc_json): no request refers to itself, so each is gone when it is done, without a collection.
        self._parent: Any = None if known is None else known.root
        if self._parent is None:
            self.response_callbacks: list[Callback] = []
            self.finished_callbacks: list[Callback] = []
        else:
            self.response_callbacks = self._parent.response_callbacks
            self.finished_callbacks = self._parent.finished_callbacks

    @property
    def root(self) -> Any:
        """The first request made of the scope; the others share its content and callbacks."""
        return self if self._parent is None else self._parent

    @property
    def scope(self) -> Scope:
        """The ASGI scope. Requests made of it share content, state and callbacks."""
        self._scope.setdefault(KEY, self)
        return self._scope

    def is_head_of(self, scope: Scope) -> bool:
        """Tell whether this request was made of a scope, and the scope has not been changed since."""
        return (
            scope is self._scope
            and self.path == scope["path"]
            and self.method == scope.get("method", "GET")
            and self.raw_headers is scope["headers"]
            and self.raw_query == scope.get("query_string", b"")
            and self.root_path == scope.get("root_path", "")
        )

    @property
    def http_version(self) -> str:
        """The version: ``1.0``, ``1.1``, ``2`` or ``3``."""
        return str(self._scope.get("http_version", "1.1"))

    @property
    def client(self) -> tuple[str, int] | None:
        """Address and port of the client; None for a unix socket."""
        client = self._scope.get("client")
        return None if client is None else (client[0], client[1])

    @property
    def state(self) -> dict[str, Any]:
        """Values of this request: what a lifespan left, and what middleware attach. Shared through the scope."""
        return cast("dict[str, Any]", self._scope.setdefault("state", {}))

    @property
    def app(self) -> Any:
        """The application that answers."""
        if self.plan is None:
            raise ConfigError("request.app: this request is not being answered by an application")
        return self.plan.app

    @property
    def headers(self) -> Headers:
        """The fields, by name in any case."""
        if self._headers is None:
            self._headers = Headers(self.raw_headers)
        return self._headers

    def header(self, name: bytes) -> bytes | None:
        """Return the last value of a field, as bytes; ``name`` in small letters."""
        for known, value in reversed(self.raw_headers):
            if known == name:
                return value
        return None

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies; of two with one name the first counts (RFC 6265 §5.4).

        Raises:
            BadRequest: more cookies than any client sends.
        """
        if self._cookies is None:
            fields = [value.decode("latin-1") for name, value in self.raw_headers if name == b"cookie"]
            try:
                self._cookies = cookies_of(fields)
            except ValueError as error:
                raise BadRequest(str(error)) from None
        return self._cookies

    @property
    def query_string(self) -> str:
        """The query as text, still encoded, without the question mark."""
        return self.raw_query.decode("latin-1")

    @property
    def query_params(self) -> QueryParams:
        """The query as a multidict.

        Raises:
            BadRequest: more parameters than any client sends.
        """
        if self._query is None:
            try:
                self._query = QueryParams(self.raw_query)
            except ValueError as error:
                raise BadRequest(str(error)) from None
        return self._query

    GET = query_params

    @property
    def content_type(self) -> str:
        """The media type of the content, without parameters, in small letters; empty when there is none."""
        field = self.header(b"content-type")
        return "" if field is None else media_type(field.decode("latin-1"))

    @property
    def charset(self) -> str:
        """The charset that the content is said to be in; UTF-8 when nothing is said."""
        field = self.header(b"content-type")
        return (
            "utf-8" if field is None else parse_parameters(field.decode("latin-1"))[1].get("charset", "utf-8")
        )

    @property
    def content_length(self) -> int | None:
        """The declared length of the content in bytes."""
        field = self.header(b"content-length")
        # SECURITY: digits only, and not more of them than int() takes (CVE-2020-10735).
        return int(field) if field is not None and field.isdigit() and len(field) < 20 else None

    @property
    def matchdict(self) -> Mapping[str, Any]:
        """Pyramid's name for :attr:`path_params`."""
        return self.path_params

    @property
    def user(self) -> Any:
        """Who is asking; :class:`AnonymousUser` (falsy) when nobody found out."""
        try:
            return self.root._user  # noqa: SLF001 - the root is of our own class
        except AttributeError:
            return self._scope.get("user") or AnonymousUser()  # other frameworks' middleware leaves it there

    @user.setter
    def user(self, value: object) -> None:
        self.root._user = self._scope["user"] = value  # noqa: SLF001 - as above

    @property
    def auth(self) -> dict[str, Any]:
        """How it was found out; its ``type`` is ``none`` when nobody did."""
        return getattr(self.root, "_auth", {"type": "none"})

    @auth.setter
    def auth(self, value: dict[str, Any]) -> None:
        self.root._auth = value  # noqa: SLF001 - as above

    @property
    def session(self) -> Any:
        """The session.

        Raises:
            ConfigError: nothing provides sessions.
        """
        session = self._scope.get("session")
        if session is None:
            raise ConfigError(
                "request.session: there is no session; add SessionMiddleware to the application's middleware"
            )
        return session

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}>"
