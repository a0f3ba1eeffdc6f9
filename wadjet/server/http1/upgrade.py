"""Upgrades: WebSockets are handed to uvicorn's protocol; any other protocol is not spoken here, which is no error."""

from __future__ import annotations

from typing import Any

from ...http.wire import request_head
from ...types import RawHeaders
from .heads import without_upgrade

__all__ = ["hand_over", "is_websocket", "rewritten"]


def is_websocket(method: bytes, version: str, notable: RawHeaders) -> bool:
    """Tell whether a request that wants another protocol wants WebSockets (RFC 6455 §4.1)."""
    wishes = [value.lower() for name, value in notable if name == b"upgrade"]
    return method == b"GET" and version == "1.1" and wishes == [b"websocket"]


def rewritten(method: bytes, target: bytes, version: str, fields: RawHeaders) -> bytes:
    """Return the head of a request without its wish for another protocol, which a server may ignore (RFC 9110 §7.8)."""
    return request_head(method, target, version, without_upgrade(fields))


def hand_over(lane: Any, transport: Any, head: bytes) -> None:
    """Give a connection to uvicorn's WebSocket protocol, as uvicorn's own HTTP protocols do.

    Args:
        lane: of the connection.
        transport: of the connection.
        head: the head of the request, again as text.
    """
    protocol = lane.config.ws_protocol_class(
        config=lane.config, server_state=lane.server_state, app_state=lane.app_state
    )
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    protocol.data_received(head)
