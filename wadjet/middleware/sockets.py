"""Refusing a WebSocket: a handshake that is not let through is answered with a response, where the server can send one."""

from __future__ import annotations

from typing import Any

from ..http.asgi import send_response
from ..http.request import Request
from ..http.response import Response
from ..types import Message, Receive, Send

__all__ = ["refuse"]

#: The ASGI extension for responses to handshakes.
_RESPONSES = "websocket.http.response"


async def refuse(response: Response[Any], request: Request, receive: Receive, send: Send) -> None:
    """Answer a handshake with a response; with 403, which is what a close before the accept means, where the server cannot.

    Args:
        response: final.
        request: of a scope of type ``websocket``.
        receive: the server's.
        send: the server's.
    """
    await receive()  # the handshake itself

    async def denying(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    if _RESPONSES in request.extensions:
        await send_response(response, denying, head=False)
    else:
        await send({"type": "websocket.close", "code": 1008, "reason": response.status})
