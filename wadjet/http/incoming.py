"""What arrived: the head of a request, parsed when it is first looked at and not before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Protocol, Self

from ..types import RawHeaders, Receive, Scope
from .body import Body
from .exceptions import BadRequest
from .forms import FormLimits, known_charset
from .headers import Headers, MutableHeaders
from .parameters import is_token
from .queries import parse_query, parse_query_values
from .urls import QueryParams, quote_query

__all__ = ["EARLY_HINT", "HINTS", "KEY", "Arrival", "Callback", "Incoming", "Planned"]

#: Where a scope holds the request that was made of it first.
KEY = "wadjet.request"
#: Where a scope holds its ``send``; and what a server that can send early hints calls them (ASGI extension).
HINTS, EARLY_HINT = "wadjet.hints", "http.response.early_hint"

_new: Any = object.__new__
_TYPES = frozenset({"http", "websocket"})

#: Which slot holds which part of a scope's head.
_SLOTS = {
    "method": "sent_method",
    "path": "path",
    "raw_path": "sent_path",
    "root_path": "root_path",
    "query_string": "raw_query",
}
#: What is made of the head when it is first looked at, and unset before.
_MADE_OF_HEAD = ("_body_file", "_fields", "_form")

Callback = Callable[..., Awaitable[None] | None]


class Planned(Protocol):
    """What a request knows of the plan that answers it."""

    max_body_size: int
    form_limits: FormLimits
    content_encodings: tuple[str, ...]
    app: Any


class Arrival(Protocol):
    """What a request knows of the connection that it came on, where no ASGI scope tells."""

    client: tuple[str, int] | None
    scheme: str
    is_proxied: bool

    def new_state(self) -> dict[str, Any]:
        """Return what the state of a request begins with."""

    def content_of(self, request: Any) -> Body:
        """Return the content of a request that announces none: it tells when the client has left."""

    def scope_of(self, request: Any) -> Scope:
        """Return an ASGI scope that says the same as the request."""

    def write_hints(self, request: Any, links: RawHeaders) -> None:
        """Tell the client early what it will need, if that is still possible."""


class Incoming:
    """The head of a request.

    Args:
        scope: an ASGI scope of type ``http`` or ``websocket``.
        receive: the server's; without it the request has no content.

    Raises:
        TypeError: another type of scope.
    """

    __slots__ = (
        "_arrival",
        "_charset",
        "_content",
        "_cookies",
        "_decoded",
        "_environ",
        "_exception",
        "_fields",
        "_headers",
        "_is_made",
        "_parent",
        "_query",
        "_receive",
        "_scope",
        "_state",
        "_user",
        "finished_callbacks",
        "http_version",
        "is_owned",
        "is_personal",
        "json_at_hand",
        "path",
        "path_params",
        "plan",
        "rate_counted",
        "raw_headers",
        "raw_query",
        "response_callbacks",
        "root_path",
        "sent_method",
        "sent_path",
    )

    #: The charset of queries and forms that say nothing of theirs; a subclass may choose another.
    default_charset: ClassVar[str] = "utf-8"

    # Unset until they are needed.
    _fields: dict[str, Any]
    _is_made: bool
    _user: Any

    def __init__(self, scope: Scope, receive: Receive | None = None, *, charset: str | None = None) -> None:
        if scope.get("type") not in _TYPES:
            scope = self._adopted(scope)
        #: What was chosen for this request, instead of its class's.
        self._charset: str | None = None if charset is None else known_charset(charset)
        self._scope: Scope | None = scope
        self._receive = receive
        self._arrival: Arrival | None = None
        # None until they are first looked at.
        self._cookies: dict[str, str] | None = None
        self._headers: Headers | None = None
        self._query: QueryParams | None = None
        self._content: Body | None = None
        #: The content as a handler reads it: decompressed, if it has to be; and that of JSON, where :meth:`is_at_hand` saw it.
        self._decoded: Body | None = None
        self.json_at_hand: bytes | None = None
        #: PERF(bench: wire_plaintext): the method without the guard around :attr:`method`, for what runs on every request.
        self.sent_method: str = scope.get("method", "GET")
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
        #: The version: ``1.0``, ``1.1``, ``2`` or ``3``.
        self.http_version: str = scope.get("http_version", "1.1")
        #: What the path captured, by name.
        self.path_params: dict[str, Any] = {}
        #: The compiled route that answers; None until the path is matched.
        self.plan: Planned | None = None
        self._exception: BaseException | None = None
        #: What rate limits have counted, for what they tell the client: the innermost one, its verdict, and what others have.
        self.rate_counted: Any = None
        #: Whether somebody has undertaken to finish it.
        self.is_owned = False
        #: Whether something was read that this client alone has: its user, session, cookies. Then the answer is not for others.
        self.is_personal = False
        known = scope.get(KEY)
        # PERF(bench: inproc_json): no request refers to itself, so each is gone when it is done, without a collection.
        self._parent: Any = None if known is None else known.first
        if self._parent is None:
            self.response_callbacks: list[Callback] = []
            self.finished_callbacks: list[Callback] = []
        else:
            self.response_callbacks = self._parent.response_callbacks
            self.finished_callbacks = self._parent.finished_callbacks

    @classmethod
    def arrived(
        cls, arrival: Arrival, method: str, path: str, sent: bytes, query: bytes, fields: RawHeaders
    ) -> Self:
        """Return a request that came on a connection of our own: the same as one made of a scope that says the same.

        Args:
            arrival: the connection.
            method: in capitals.
            path: decoded.
            sent: the path as it was sent.
            query: as it was sent.
            fields: as the wire has them, names in small letters.
        """
        # PERF(bench: wire_plaintext): slot by slot; no scope is made of what has just been parsed.
        self: Self = _new(cls)
        self._arrival = arrival
        self._scope = self._cookies = self._headers = self._query = self._content = self._decoded = None
        self.plan = self._exception = self._parent = self._charset = self.json_at_hand = None
        self.rate_counted = None
        self.is_owned = self.is_personal = False
        self.sent_method = method
        self.path = path
        self.sent_path = sent
        self.raw_query = query
        self.raw_headers = fields
        self.http_version = "1.1"
        self.root_path = ""
        self.path_params = {}
        self.response_callbacks = []
        self.finished_callbacks = []
        return self

    def _adopted(self, environ: Scope) -> Scope:
        """Return the scope of something that is none itself."""
        raise TypeError(f"a request takes a scope of type http or websocket, not {environ.get('type')!r}")

    # -- requests of our own making -----------------------------------------------------------------------------------------

    @property
    def is_made(self) -> bool:
        """Whether the request is of our own making, and can be changed."""
        return getattr(self, "_is_made", False)

    def check_made(self, what: str) -> None:
        """Raise AttributeError when the request was received."""
        if not self.is_made:
            raise AttributeError(
                f"request.{what} cannot be set: this request was received; change a copy, as in "
                f"`mine = request.copy(); mine.{what} = ...`"
            )

    def _change(self, what: str, **head: Any) -> None:
        """Change parts of the head, named as in a scope; what was made of them before is forgotten.

        Raises:
            AttributeError: the request was received.
        """
        self.check_made(what)
        assert self._scope is not None  # which those of our own making are made of
        self._scope.update(head)
        for key in head.keys() & _SLOTS.keys():
            setattr(self, _SLOTS[key], head[key])
        self._query = self._cookies = self._decoded = self.json_at_hand = None
        for name in _MADE_OF_HEAD:
            if hasattr(self, name):
                delattr(self, name)

    # -- the head -----------------------------------------------------------------------------------------------------------

    @property
    def method(self) -> str:
        """The method, in capitals as it was sent."""
        return self.sent_method

    @method.setter
    def method(self, value: str) -> None:
        if not is_token(value):
            raise ValueError(f"method {value!r:.60} is not a token (RFC 9110 §9.1)")
        self._change("method", method=value)

    @property
    def first(self) -> Any:
        """The first request made of the scope; the others share its content and callbacks."""
        return self if self._parent is None else self._parent

    @property
    def scope(self) -> Scope:
        """The ASGI scope. Requests made of it share content, state and callbacks."""
        scope = self._scope
        if scope is None:
            assert self._arrival is not None
            scope = self._scope = self._arrival.scope_of(self)
            if user := getattr(self, "_user", None):
                scope["user"] = user
        scope.setdefault(KEY, self)
        if "session" not in scope and (session := self.opened_session(opens=True)) is not None:
            scope["session"] = session
        return scope

    def opened_session(self, *, opens: bool = False) -> Any:
        """Return the session, where something provides one."""
        return None

    @property
    def extensions(self) -> Mapping[str, Any]:
        """What the server offers beyond ASGI, as its scope says."""
        return (self._scope or {}).get("extensions") or {}

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
    def client(self) -> tuple[str, int] | None:
        """Address and port of the client; None for a unix socket."""
        if self._arrival is not None:
            return self._arrival.client
        client = (self._scope or {}).get("client")
        return None if client is None else (client[0], client[1])

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""
        return (
            str((self._scope or {}).get("scheme", "http")) if self._arrival is None else self._arrival.scheme
        )

    @scheme.setter
    def scheme(self, value: str) -> None:
        if value not in {"http", "https"}:
            raise ValueError(f"scheme {value!r:.40} is neither 'http' nor 'https'")
        self._change("scheme", scheme=value)

    @property
    def state(self) -> dict[str, Any]:
        """Values of this request: what a lifespan left, and what middleware attach. Shared through the scope."""
        if self._scope is not None:
            state: dict[str, Any] = self._scope.setdefault("state", {})
            return state
        # PERF(bench: stack_request_id): to catch an AttributeError costs more than all the rest.
        found: dict[str, Any] | None = getattr(self, "_state", None)
        if found is None:
            assert self._arrival is not None
            found = self._state = self._arrival.new_state()
        return found

    @property
    def headers(self) -> Headers:
        """The fields, by name in any case; those of a request of our own making are :class:`MutableHeaders`."""
        if self._headers is None:
            self._headers = (MutableHeaders if self.is_made else Headers)(self.raw_headers)
        return self._headers

    @property
    def parsed_fields(self) -> dict[str, Any]:
        """The fields that have been parsed, by the names of their attributes."""
        try:
            return self._fields
        except AttributeError:
            self._fields = {}
            return self._fields

    def set_field(self, name: bytes, value: str | None) -> None:
        """Set a field of a request of our own making; None removes it.

        Raises:
            ValueError: a control character, or one beyond Latin-1.
        """
        fields = MutableHeaders(self.raw_headers)
        fields.delete(name) if value is None else fields.set(name, value)
        self._change(name.decode())

    def header(self, name: bytes) -> bytes | None:
        """Return the last value of a field, as bytes; ``name`` in small letters."""
        for known, value in reversed(self.raw_headers):
            if known == name:
                return value
        return None

    @property
    def query_string(self) -> str:
        """The query as text, still encoded, without the question mark."""
        return self.raw_query.decode("latin-1")

    @query_string.setter
    def query_string(self, value: str) -> None:
        self._change("query_string", query_string=quote_query(value).encode())

    @property
    def query_params(self) -> QueryParams:
        """The query as a multidict.

        Raises:
            BadRequest: more parameters than any client sends.
        """
        if self._query is None:
            try:
                charset, raw = self._charset or self.default_charset, self.raw_query
                self._query = QueryParams(raw if charset == "utf-8" else parse_query(raw, charset=charset))
            except ValueError as error:
                raise BadRequest(str(error)) from None
        return self._query

    def query_values(self) -> dict[str, list[str]]:
        """Return the values of each name of the query, as :attr:`query_params` has them; raises as that.

        PERF(bench: inproc_query): for handlers, which ask by name; no multidict is made of a query that nobody else looks at.
        """
        if self._query is not None:
            return self._query.dict_of_lists()
        try:
            return parse_query_values(self.raw_query, charset=self._charset or self.default_charset)
        except ValueError as error:
            raise BadRequest(str(error)) from None

    GET = str_GET = query_params  # noqa: N815 - WebOb's names

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.path}>"
