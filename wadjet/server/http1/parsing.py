"""Parsing: what the parser finds becomes requests. The callbacks only record; nothing is answered in them."""

from __future__ import annotations

from typing import Any, cast

import httptools

from ...http.clienterrors import RequestHeaderFieldsTooLarge
from ...http.incoming import Arrival
from ...http.request import DEFAULT_LIMIT, Request
from ...http.servererrors import NotImplemented as NotSupported
from ...http.servererrors import VersionNotSupported
from ...types import RawHeaders, Scope
from .answering import Answering
from .content import Reading, WireBody
from .heads import NOTABLE, check_size, framing_of, split_target, with_host
from .lane import Lane
from .upgrade import is_websocket

__all__ = ["BETWEEN", "CONTENT", "DEAF", "HEAD", "Parsing"]

#: What the parser is at: between two requests, in a head, in content; or after the last request.
BETWEEN, HEAD, CONTENT, DEAF = range(4)

#: A request that announces more content than this is answered from its head on, any other when it is whole.
_WHOLE_BYTES = 65536

_METHODS = {name.encode(): name for name in ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")}
_SLASH, _PERCENT, _HASH = b"/%#"


class Parsing(Answering):
    """The parsing half of a connection.

    Args:
        lane: what it shares with the others.
    """

    __slots__ = (
        "_keep_alive",
        "_next",
        "body",
        "fields",
        "has_tabs",
        "head_bytes",
        "is_trusted",
        "notable",
        "parser",
        "phase",
        "upgrade",
        "url",
    )

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.parser: Any = httptools.HttpRequestParser(self)
        self.phase = BETWEEN
        self.url = b""
        self.fields: RawHeaders = []
        #: Those that are the connection's.
        self.notable: RawHeaders | None = None
        #: Whether a value may end with a tab, which the parser leaves there.
        self.has_tabs = False
        #: Bytes of a head that comes in more than one piece; 0 for one that is shorter than every limit.
        self.head_bytes = 0
        #: The content that is arriving.
        self.body: WireBody | None = None
        #: The request that waits for its content, if it does.
        self._next: Request | None = None
        self._keep_alive = True
        #: Whether what the client says of others is believed.
        self.is_trusted = False
        #: What the request at which the parser has stopped wants: True for WebSockets, False for something else.
        self.upgrade: bool | None = None

    def on_message_begin(self) -> None:
        """A request begins."""
        self.phase = HEAD
        self.url = b""
        self.fields = []
        self.notable = None

    def on_url(self, url: bytes) -> None:
        """A piece of the target has come."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field has come; or a trailer, which nobody reads (RFC 9110 §6.5.1)."""
        name = name.lower()
        if name in NOTABLE:
            if self.notable is None:
                self.notable = []
            self.notable.append((name, value.strip(b" \t")))
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole: make a request of it.

        Raises:
            HTTPException: the connection refuses it.
        """
        url, fields, settings = self.url, self.fields, self.lane.settings
        method: bytes = self.parser.get_method()
        version: str = self.parser.get_http_version()
        if self.head_bytes:
            check_size(method, url, fields, settings.MAX_REQUEST_LINE, settings.MAX_HEADER_BYTES)
            self.head_bytes = 0
        if len(fields) > settings.MAX_HEADER_COUNT:
            raise RequestHeaderFieldsTooLarge(
                f"The request has more than {settings.MAX_HEADER_COUNT} fields."
            )
        if self.has_tabs:
            fields = [(name, value.strip(b" \t")) for name, value in fields]
        self.phase = CONTENT
        self._keep_alive = True
        if (self.notable is not None or version != "1.1") and not self._is_request(method, version):
            return
        if url[0] == _SLASH and not (_PERCENT in url or _HASH in url or self.is_trusted):
            # PERF(bench: wire_plaintext): split_target(), written out for what most targets are.
            sent, _, query = url.partition(b"?")
            target, arrival = (sent.decode("ascii"), sent, query), cast("Arrival", self)
        else:
            target, arrival, fields = self._found(url, fields)
        name = _METHODS.get(method) or method.decode("ascii")
        self._take(Request.arrived(arrival, name, target, fields, version))

    def _is_request(self, method: bytes, version: str) -> bool:
        """Read what the head says to the connection; tell whether it is a request, and not the wish for another protocol."""
        if version not in {"1.0", "1.1"}:
            raise VersionNotSupported("The server speaks HTTP/1.1 here.")
        if method == b"CONNECT":
            raise NotSupported("The server is no tunnel.")
        notable = self.notable or []
        framing = framing_of(notable, version)
        self._keep_alive = self.parser.should_keep_alive()
        if self.parser.should_upgrade():
            is_free = (
                self.request is None and not self.arrived and self.lane.config.ws_protocol_class is not None
            )
            self.upgrade = is_free and is_websocket(method, version, notable)
            return False
        if framing.length != 0:
            self.body = WireBody(
                cast("Reading", self), framing.length, DEFAULT_LIMIT, expects=framing.expects
            )
            self.fields = []  # what comes now are trailers
        return True

    def _found(self, url: bytes, fields: RawHeaders) -> tuple[tuple[str, bytes, bytes], Arrival, RawHeaders]:
        """Return the target, where it came from, and the fields, the plain way."""
        path, sent, query, authority = split_target(url)
        arrival: Arrival = self
        if self.is_trusted:
            seen = self.lane.proxies.seen(self.client, self.scheme, fields)
            arrival = Believed(self, seen.client, seen.scheme)
            authority = seen.host or authority
        if authority is not None:
            fields = with_host(fields, authority)
        return (path, sent, query), arrival, fields

    def _take(self, request: Request) -> None:
        """Let a request wait for its turn, or for its content first."""
        if self.lane.root_path:
            request.root_path = self.lane.root_path
            request.path = request.root_path + request.path
            request.sent_path = request.root_path.encode() + (request.sent_path or b"")
        body = request._content = self.body  # noqa: SLF001 - its content is what this connection brings
        if body is None or (body.length is not None and body.length <= _WHOLE_BYTES and not body.expects):
            self._next = request
        else:
            self.arrived.append((request, self._keep_alive))

    def on_body(self, data: bytes) -> None:
        """A piece of the content has come."""
        if self.body is not None:
            self.body.feed(data)

    def on_message_complete(self) -> None:
        """A request has come to its end."""
        self.phase = BETWEEN if self._keep_alive else DEAF
        if self.body is not None:
            self.body.end()
            self.body = None
        if self._next is not None:
            self.arrived.append((self._next, self._keep_alive))
            self._next = None

    @property
    def is_awaited(self) -> bool:
        """Whether a request waits for its content before it is answered."""
        return self._next is not None

    def forget(self) -> None:
        """Let go of what has not come to its end."""
        self._next = self.body = None


class Believed:
    """A connection as a trusted proxy tells of it.

    Args:
        connection: the proxy's.
        client: whose request it is.
        scheme: how that one came.
    """

    __slots__ = ("_connection", "client", "scheme")

    def __init__(self, connection: Answering, client: tuple[str, int] | None, scheme: str) -> None:
        self._connection = connection
        self.client = client
        self.scheme = scheme

    def new_state(self) -> dict[str, Any]:
        """Return what the state of a request begins with."""
        return self._connection.new_state()

    def content_of(self, request: Request) -> Any:
        """Return the content of a request that announces none."""
        return self._connection.content_of(request)

    def scope_of(self, request: Request) -> Scope:
        """Return an ASGI scope that says the same as the request."""
        return self._connection.scope_of(request)
