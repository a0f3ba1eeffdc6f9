"""Request ids: one name for a request in the response, in every log line, and in the logs of what stands before."""

from __future__ import annotations

import os
import re

from ..errors import PolicyError
from ..http.headers import field_value
from ..http.parameters import is_token
from ..http.request import Request
from ..http.response import Head
from ..logs import REQUEST_ID
from ..types import ASGIApp
from .base import BaseMiddleware

__all__ = ["RequestIdMiddleware"]

#: SECURITY: what others may call a request stands in logs and fields as it is: no white space, no markup, no line ends.
_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._:+/=@-]{0,127}")


class RequestIdMiddleware(BaseMiddleware):
    """Gives every request an id: in ``request.state["request_id"]``, in the response, and as ``request_id`` in log records.

    The id that a request brings is taken from trusted proxies only, and only if it looks like one.

    Args:
        app: the application inside.
        header: the field that has it; None for the setting ``REQUEST_ID_HEADER``.

    Raises:
        PolicyError: no field is called so; it is a ValueError.
    """

    def __init__(self, app: ASGIApp, header: str | None = None) -> None:
        super().__init__(app)
        name = self.settings.REQUEST_ID_HEADER if header is None else header
        if not is_token(name):
            raise PolicyError(f"request id: {name!r} is no name of a field; write one, as 'X-Request-ID'")
        self._name = name.lower().encode()

    def before(self, request: Request) -> None:
        """Give the request its id."""
        given = request.header(self._name) if request.is_proxied() else None
        is_one = given is not None and _ID.fullmatch(given)
        identifier = given.decode() if given is not None and is_one else os.urandom(16).hex()
        request.state["request_id"] = identifier
        REQUEST_ID.set(identifier)

    before_socket = before

    def after(self, request: Request, response: Head) -> None:
        """Tell the client."""
        # SECURITY: checked, for anybody inside may have changed it.
        response.add_field(self._name, field_value(str(request.state["request_id"]), self._name))
