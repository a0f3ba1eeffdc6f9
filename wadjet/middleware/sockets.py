"""Handshakes: whose pages they come from, and how one is refused: with a response, where the server can send one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..conf.settings import Settings
from ..http.asgi import send_response
from ..http.request import Request
from ..http.response import Response
from ..security.senders import Ruling, Sender, origin_of, rule
from ..types import Message, Receive, Send

__all__ = ["is_own", "refuse", "trusted_origins"]

#: The ASGI extension for responses to handshakes.
_RESPONSES = "websocket.http.response"
#: What a page speaks that opens a WebSocket.
_SCHEMES = {"ws": "http", "wss": "https"}


def trusted_origins(settings: Settings) -> frozenset[str]:
    """Return the origins beside the site's own that may act in a client's name."""
    return frozenset(
        origin for each in settings.CSRF_TRUSTED_ORIGINS if (origin := origin_of(each)) is not None
    )


def is_own(request: Request, trusted: Collection[str]) -> bool:
    """Tell whether a handshake comes from a page of the site itself, or from no browser.

    Args:
        request: of a scope of type ``websocket``.
        trusted: origins beside the site's own.
    """
    sender = Sender(
        request.headers.joined("origin"),
        None,
        None,
        _SCHEMES.get(request.scheme, request.scheme),
        request.host,
    )
    return rule(sender, trusted) in {Ruling.PASSES, Ruling.SAYS_NOTHING}


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
