"""Parsing: what the parser finds becomes requests. The callbacks only record; nothing is answered in them."""

from __future__ import annotations

from typing import Any, cast

import httptools

from ...http.clienterrors import RequestHeaderFieldsTooLarge
from ...http.content import DEFAULT_LIMIT
from ...http.forwarded import PROXIED
from ...http.request import Request
from ...http.servererrors import NotImplemented as NotSupported
from ...http.servererrors import VersionNotSupported
from ...types import RawHeaders, Scope
from .answering import Answering
from .content import Reading, WireBody
from .heads import NOTABLE, check_size, framing_of, plain_length, split_target, with_host
from .lane import Lane
from .upgrade import is_websocket

__all__ = ["BETWEEN", "CONTENT", "DEAF", "HEAD", "Parsing"]

#: What the parser is at: between two requests, in a head, in content; or after the last request.
BETWEEN, HEAD, CONTENT, DEAF = range(4)

#: A request that announces more content than this is answered from its head on, any other when it is whole.
_WHOLE_BYTES = 65536


class _Methods(dict[bytes, str]):
    """Methods as text; the parser knows some forty and refuses others, so there are no more here."""

    def __missing__(self, method: bytes) -> str:
        if method == b"CONNECT":  # wherever it is asked for: the parser stops after it, for a tunnel to begin
            raise NotSupported("The server is no tunnel.")
        text = self[method] = method.decode("ascii")
        return text


_METHODS = _Methods()
_SLASH, _PERCENT, _HASH = b"/%#"
#: PERF(bench: wire_plaintext): bound once.
_arrived = Request.arrived


class Parsing(Answering):
    """The parsing half of a connection.

    Args:
        lane: what it shares with the others.
    """

    __slots__ = (
        "_next",
        "body",
        "fields",
        "head_bytes",
        "is_counted",
        "is_trusted",
        "notable",
        "parser",
        "phase",
        "upgrade",
        "url",
        "version",
    )

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        self.parser: Any = httptools.HttpRequestParser(self)
        self.phase = BETWEEN
        self.url = b""
        self.version = "1.1"
        self.fields: RawHeaders = []
        #: Those that are the connection's.
        self.notable: RawHeaders | None = None
        #: Whether a head has to be looked at again: it may be too long.
        self.is_counted = False
        #: Bytes of a head that comes in more than one piece; 0 for one that is shorter than every limit.
        self.head_bytes = 0
        #: The content that is arriving.
        self.body: WireBody | None = None
        #: The request that waits for its content, if it does.
        self._next: Request | None = None
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
        # The parser leaves what follows a value, and refuses all that strip() takes but blanks and tabs (RFC 9110 §5.5).
        name, value = name.lower(), value.strip()
        if name in NOTABLE:
            if self.notable is None:
                self.notable = []
            self.notable.append((name, value))
        self.fields.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole: make a request of it.

        Raises:
            HTTPException: the connection refuses it.
        """
        url, fields, parser, lane = self.url, self.fields, self.parser, self.lane
        method: bytes = parser.get_method()
        if self.is_counted or len(fields) > lane.most_fields:
            self._check_head(method, url, fields)
        self.phase = CONTENT
        length = 0 if self.notable is None else plain_length(self.notable)
        # PERF(bench: wire_plaintext): what stays without being asked to is HTTP/1.1, which is dearer to ask for.
        if length is None or not parser.should_keep_alive():
            self._read_unusual(method, url, fields)
            return
        if url[0] != _SLASH or _PERCENT in url or _HASH in url or lane.is_elsewhere:
            request = self._found(method, url, fields)
        else:
            # PERF(bench: wire_plaintext): _found(), written out for what most targets are.
            sent, _, query = url.partition(b"?")
            request = _arrived(self, _METHODS[method], sent.decode("ascii"), sent, query, fields)
        if length:
            connection: Any = self
            self.body = request._content = WireBody(connection, length, DEFAULT_LIMIT)  # noqa: SLF001 - as _announce()
        # PERF(bench: wire_body): _announce(), written out for what expects nothing.
        if length <= _WHOLE_BYTES:
            self._next = request
        else:
            self.is_unusual = True
            self.arrived.append(request)

    def _check_head(self, method: bytes, url: bytes, fields: RawHeaders) -> None:
        """Refuse a head that is too long."""
        settings = self.lane.settings
        check_size(method, url, fields, settings.MAX_REQUEST_LINE, settings.MAX_HEADER_BYTES)
        self.head_bytes = 0
        if len(fields) > settings.MAX_HEADER_COUNT:
            raise RequestHeaderFieldsTooLarge(
                f"The request has more than {settings.MAX_HEADER_COUNT} fields."
            )

    def _read_unusual(self, method: bytes, url: bytes, fields: RawHeaders) -> None:
        """Make a request of a head that says something to the connection."""
        self.is_unusual = True
        if not self._is_request(method):
            return
        request = self._found(method, url, fields)
        request.http_version = self.version
        self._announce(request)

    def _announce(self, request: Request) -> None:
        """Let a request wait for its content, if that is short; else it is answered while it comes."""
        body = request._content = self.body  # noqa: SLF001 - its content is what this connection brings
        if body is None or (body.length is not None and body.length <= _WHOLE_BYTES and not body.expects):
            self._next = request
        else:
            self.arrived.append(request)  # it is answered while its content comes

    def _is_request(self, method: bytes) -> bool:
        """Read what the head says to the connection; tell whether it is a request, and not the wish for another protocol."""
        self.version = version = self.parser.get_http_version()
        if version not in {"1.0", "1.1"}:
            raise VersionNotSupported("The server speaks HTTP/1.1 here.")
        if method == b"CONNECT":
            raise NotSupported("The server is no tunnel.")
        notable = self.notable or []
        framing = framing_of(notable, version)
        if not self.parser.should_keep_alive():
            self.is_last = True
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

    def _found(self, method: bytes, url: bytes, fields: RawHeaders) -> Request:
        """Return the request, the plain way: whatever its target is, and whoever has forwarded it."""
        name = _METHODS[method]
        path, sent, query, authority = split_target(url)
        arrival: Any = self
        lane = self.lane
        if self.is_trusted:
            seen = lane.proxies.seen(self.client, self.scheme, fields)
            arrival = Believed(self, seen.client, seen.scheme)
            authority = seen.host or authority
        if authority is not None:
            fields = with_host(fields, authority, self.parser.get_http_version())
        root = lane.root_path
        request = Request.arrived(arrival, name, root + path, root.encode() + sent, query, fields)
        request.root_path = root
        return request

    def on_body(self, data: bytes) -> None:
        """A piece of the content has come."""
        if self.body is not None:
            self.body.feed(data)

    def on_message_complete(self) -> None:
        """A request has come to its end."""
        self.phase = DEAF if self.is_last else BETWEEN
        body = self.body
        if body is not None:
            if not body.is_complete:
                body.end()
            self.body = None
        if self._next is not None:
            self.arrived.append(self._next)
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

    is_proxied = True

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
        return {**self._connection.scope_of(request), PROXIED: True}
