"""Request ids: one name for a request in the response, in every log line, and in the logs of what stands before."""

from __future__ import annotations

import os
import re
from typing import Any

from ..errors import PolicyError
from ..http.constantfields import ConstantFields
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

_ID_BYTES = 16
_AT_ONCE = 256


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
        self._fields = ConstantFields(own=[self._name])

    def before(self, request: Request) -> None:
        """Give the request its id."""
        identifier = self._given(request) if request.is_proxied() else None
        if identifier is None:
            try:
                identifier = _READY.pop()
            except IndexError:
                identifier = _fresh()
        request.state["request_id"] = identifier
        REQUEST_ID.set(identifier)

    before_socket = before

    def after(self, request: Request, response: Head) -> None:
        """Tell the client."""
        identifier: Any = request.state["request_id"]
        ours = REQUEST_ID.get()
        if ours is not None and identifier is ours:
            response.add_constant_lines(self._fields, b"%b: %b\r\n" % (self._name, ours.encode()))
        else:  # SECURITY: it has to be checked: somebody inside has changed it
            response.add_field(self._name, field_value(str(identifier), self._name))

    def _given(self, request: Request) -> str | None:
        """Return the id that a request has brought, if it is one."""
        field = request.header(self._name)
        return field.decode() if field is not None and _ID.fullmatch(field) else None


#: Ids that nobody has yet.
_READY: list[str] = []


def _fresh() -> str:
    """Return an id, and have more ready."""
    # PERF(bench: stack_request_id): one question to the system for many ids.
    chance = os.urandom(_ID_BYTES * _AT_ONCE).hex()
    _READY.extend(chance[start : start + 2 * _ID_BYTES] for start in range(0, len(chance), 2 * _ID_BYTES))
    return _READY.pop()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_READY.clear)  # else two processes would give the same
