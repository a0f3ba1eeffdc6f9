"""The order of messages: what may follow what, in each protocol of ASGI.

A conversation is shown every message before it is passed on, then the end, and raises LintError. No I/O.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import ClassVar, TypeAlias

from ..types import Message, Scope
from .faults import require
from .fields import check_response_headers
from .vocabulary import check_message

__all__ = ["CONVERSATIONS", "Conversation"]

# What a side has said last, in the words of the messages about it.
NOTHING = "nothing"
HEAD = "the head"
PART = "a part of the body"
BODY = "the body"
WHOLE = "all there was to send"
OPENING = "the opening"
STARTED = "that it has started"
FAREWELL = "good-bye"

#: After which words of its own a side may send which message.
Order: TypeAlias = Mapping[str, AbstractSet[str]]

UNFINISHED = frozenset({NOTHING, HEAD, PART})
EXTENSIONS = {
    **{
        f"http.response.{name}": f"http.response.{name}"
        for name in ("trailers", "pathsend", "zerocopysend", "push", "early_hint", "debug")
    },
    "websocket.http.response.start": "websocket.http.response",
    "websocket.http.response.body": "websocket.http.response",
}


class Conversation(ABC):
    """What an application and its server have said to each other about one scope."""

    sendable: ClassVar[Order]
    receivable: ClassVar[Order]

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.is_gone = False  # the client has left: nothing more is owed to it
        self.said = NOTHING
        self.heard = NOTHING

    def send(self, message: Message) -> Message:
        """Check what the application sends, and give it with headers that can be read again."""
        kind = self._check(message, "the application", self.sendable, self.said)
        return self.on_send(kind, message)

    def receive(self, message: Message) -> None:
        """Check what the server gives."""
        kind = self._check(message, "the server", self.receivable, self.heard)
        self.is_gone = self.is_gone or kind.endswith(".disconnect")
        self.on_receive(kind, message)

    @abstractmethod
    def on_send(self, kind: str, message: Message) -> Message:
        """Check the rules of `kind`, and note what was said."""

    @abstractmethod
    def on_receive(self, kind: str, message: Message) -> None:
        """Check the rules of `kind`, and note what was heard."""

    @abstractmethod
    def end(self) -> None:
        """Check that the application may return now."""

    def _check(self, message: Message, side: str, legal: Order, last: str) -> str:
        kind = check_message(message)
        source = f"ASGI, {kind}"
        require(kind in legal, f"{side} may send none but {', '.join(legal)}", message, source)
        offered = self.scope.get("extensions") or {}
        extension = EXTENSIONS.get(kind)
        is_offered = extension is None or extension in offered
        require(is_offered, f"{kind} must be offered by the scope", message, source)
        demand = f"{kind} is out of order: {side} has sent {last}"
        require(last in legal[kind], demand, message, source)
        return kind


class HTTPConversation(Conversation):
    """One request and one response (ASGI HTTP 2.5)."""

    sendable: ClassVar[Order] = {
        "http.response.start": {NOTHING},
        "http.response.body": {HEAD, PART},
        "http.response.zerocopysend": {HEAD, PART},
        "http.response.pathsend": {HEAD},
        "http.response.trailers": {BODY},
        "http.response.push": UNFINISHED,
        "http.response.early_hint": UNFINISHED,
        "http.response.debug": UNFINISHED,
    }
    receivable: ClassVar[Order] = {
        "http.request": {NOTHING, PART},
        "http.disconnect": {NOTHING, PART, WHOLE, FAREWELL},
    }

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self._status = 0
        self._has_trailers = False
        self._declared_bytes: int | None = None
        self._sent_bytes = 0

    def on_receive(self, kind: str, message: Message) -> None:
        """Note how far the request has come."""
        if kind == "http.disconnect":
            self.heard = FAREWELL
            return
        self.heard = PART if message.get("more_body") else WHOLE

    def on_send(self, kind: str, message: Message) -> Message:
        """Check the response's head, or the length of its body."""
        match kind:
            case "http.response.start":
                return self._begin(message)
            case "http.response.body":
                self._count(message.get("body", b""))
                self._go_on(message)
            case "http.response.zerocopysend" | "http.response.pathsend":
                self._declared_bytes = None  # what the server reads from a file is not ours to count
                self._go_on(message)
            case "http.response.trailers":
                self.said = BODY if message.get("more_trailers") else WHOLE
        return message

    def end(self) -> None:
        """Check that the response is complete, unless nobody waits for it."""
        if not self.is_gone:
            demand = "an application must send the whole response before it returns"
            require(self.said == WHOLE, demand, self.said, "ASGI HTTP, Response Body")

    def _begin(self, message: Message) -> Message:
        self._status = message["status"]
        headers = check_response_headers(message.get("headers", ()), self._status)
        length = dict(headers).get(b"content-length")
        if length is not None and self._status != 304 and self.scope["method"] != "HEAD":
            self._declared_bytes = int(length)
        self._has_trailers = message.get("trailers", False)
        self.said = HEAD
        return {**message, "headers": headers}

    def _count(self, body: bytes) -> None:
        self._sent_bytes += len(body)
        bodiless = self._status < 200 or self._status in {204, 205, 304}
        require(not (body and bodiless), f"a {self._status} must have no body", body, "RFC 9110 §6.4.1")
        is_head = self.scope["method"] == "HEAD"
        require(not (body and is_head), "the response to HEAD must have no body", body, "RFC 9110 §9.3.2")
        if self._declared_bytes is not None:
            demand = f"a body must be as long as its content-length, {self._declared_bytes} bytes"
            require(self._sent_bytes <= self._declared_bytes, demand, self._sent_bytes, "RFC 9110 §8.6")

    def _go_on(self, message: Message) -> None:
        if message.get("more_body"):
            self.said = PART
            return
        self.said = BODY if self._has_trailers else WHOLE
        if self._declared_bytes is not None:
            demand = f"a body must be as long as its content-length, {self._declared_bytes} bytes"
            require(self._sent_bytes == self._declared_bytes, demand, self._sent_bytes, "RFC 9110 §8.6")


class WebSocketConversation(Conversation):
    """One WebSocket connection, or its denial (ASGI WebSocket 2.5)."""

    sendable: ClassVar[Order] = {
        "websocket.accept": {NOTHING},
        "websocket.send": {OPENING},
        "websocket.close": {NOTHING, OPENING},
        "websocket.http.response.start": {NOTHING},
        "websocket.http.response.body": {HEAD, PART},
    }
    receivable: ClassVar[Order] = {
        "websocket.connect": {NOTHING},
        "websocket.receive": {OPENING},
        "websocket.disconnect": {OPENING, FAREWELL},
    }

    def on_receive(self, kind: str, message: Message) -> None:
        """Note how far the client has come."""
        if kind == "websocket.receive":
            require(self.said == OPENING, f"{kind} must wait for the acceptance", message, f"ASGI, {kind}")
            _check_payload(kind, message)
        self.heard = FAREWELL if self.is_gone else OPENING

    def on_send(self, kind: str, message: Message) -> Message:
        """Check the handshake and what follows it."""
        match kind:
            case "websocket.accept":
                return self._accept(message)
            case "websocket.send":
                _check_payload(kind, message)
            case "websocket.close":
                self.said = WHOLE
            case "websocket.http.response.start":
                headers = check_response_headers(message.get("headers", ()), message["status"])
                self.said = HEAD
                return {**message, "headers": headers}
            case "websocket.http.response.body":
                self.said = PART if message.get("more_body") else WHOLE
        return message

    def end(self) -> None:
        """Check that the handshake was answered."""
        if not self.is_gone:
            demand = "an application must accept, close or deny a WebSocket before it returns"
            require(self.said not in UNFINISHED, demand, self.said, "ASGI WebSocket, Connect")

    def _accept(self, message: Message) -> Message:
        source = "ASGI, websocket.accept"
        chosen, offered = message.get("subprotocol"), self.scope.get("subprotocols", ())
        is_offered = chosen is None or chosen in offered
        require(is_offered, f"a subprotocol must be one of {list(offered)}", chosen, source)
        headers = check_response_headers(message.get("headers", ()), 200)
        is_server_s = any(name == b"sec-websocket-protocol" for name, _ in headers)
        require(not is_server_s, "sec-websocket-protocol must be given as subprotocol", headers, source)
        self.said = OPENING
        return {**message, "headers": headers}


class LifespanConversation(Conversation):
    """The start and the end of an application (ASGI lifespan 2.0)."""

    sendable: ClassVar[Order] = {
        "lifespan.startup.complete": {NOTHING},
        "lifespan.startup.failed": {NOTHING},
        "lifespan.shutdown.complete": {STARTED},
        "lifespan.shutdown.failed": {STARTED},
    }
    receivable: ClassVar[Order] = {"lifespan.startup": {NOTHING}, "lifespan.shutdown": {OPENING}}

    def send(self, message: Message) -> Message:
        """Check an answer; one in another protocol is the server's to refuse: the lifespan is not served."""
        is_foreign = not str(message.get("type")).startswith("lifespan.")
        return message if is_foreign else super().send(message)

    def on_receive(self, kind: str, message: Message) -> None:
        """Note which question the application has to answer."""
        if kind == "lifespan.shutdown":
            demand = "lifespan.shutdown must wait until the application has started"
            require(self.said == STARTED, demand, message, f"ASGI, {kind}")
        self.heard = OPENING if kind == "lifespan.startup" else FAREWELL

    def on_send(self, kind: str, message: Message) -> Message:
        """Check that the application answers a question, and the one that was asked."""
        question = OPENING if "startup" in kind else FAREWELL
        demand = f"{kind} must answer {kind.rpartition('.')[0]}, which the application has not received"
        require(self.heard == question, demand, message, f"ASGI, {kind}")
        self.said = STARTED if kind == "lifespan.startup.complete" else WHOLE
        return message

    def end(self) -> None:
        """Check that no question is left without an answer."""
        demand = (
            "an application that receives lifespan.startup must stay until it has answered lifespan.shutdown"
        )
        require(self.heard == NOTHING or self.said == WHOLE, demand, self.said, "ASGI lifespan, Shutdown")


def _check_payload(kind: str, message: Message) -> None:
    given = [key for key in ("bytes", "text") if message.get(key) is not None]
    require(len(given) == 1, f"{kind} must have either bytes or text", message, f"ASGI, {kind}")


CONVERSATIONS: dict[str, type[Conversation]] = {
    "http": HTTPConversation,
    "websocket": WebSocketConversation,
    "lifespan": LifespanConversation,
}
