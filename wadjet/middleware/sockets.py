"""Handshakes: whose pages they come from, and how one is refused: with a response, where the server can send one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..conf.settings import Settings
from ..http.asgi import send_response
from ..http.constantfields import ConstantFields
from ..http.request import Request
from ..http.response import Response
from ..security.senders import Ruling, Sender, origin_of, rule
from ..types import Message, Receive, Send
from .hooks import Constant

__all__ = ["Constants", "constants_of", "denying_with", "is_own", "refuse", "trusted_origins"]

#: Fields that every refusal has, innermost first, by the scheme of the handshake.
Constants = Mapping[str, Sequence[ConstantFields]]

#: The ASGI extension for responses to handshakes.
_RESPONSES = "websocket.http.response"
_DENIAL = f"{_RESPONSES}.start"
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


def constants_of(hooks: Sequence[Constant]) -> Constants:
    """Return the fields that refusals have.

    Args:
        hooks: what stands around the handler, outermost first.
    """
    return {
        scheme: [fields for hook in reversed(hooks) for fields in hook.constant_fields(like)]
        for scheme, like in _SCHEMES.items()
    }


def denying_with(constants: Constants, request: Request, send: Send) -> Send:
    """Return a ``send`` by which refusals of a handshake have fields, whoever refuses.

    Args:
        constants: the fields.
        request: the handshake.
        send: where messages go.
    """
    added = constants.get(request.scheme, constants["ws"])
    if not added:
        return send

    async def denying(message: Message) -> None:
        if message["type"] == _DENIAL:
            # SECURITY: what is inside may send the same message to everyone; only a copy is changed.
            fields = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
            for constant in added:
                fields = constant.merged(fields)
            message = {**message, "headers": fields}
        await send(message)

    return denying


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
