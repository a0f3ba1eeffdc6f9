"""What is left to do when a response has left: taken down with the request, begun by the application that answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..logs import REQUEST_ID, printable
from .exceptions import ClientDisconnect
from .works import Work

__all__ = ["leave"]


def leave(request: Any, works: Sequence[Work]) -> None:
    """Begin with work when a request is over, unless the request has failed; a response that is raised keeps its own work.

    Args:
        request: the request.
        works: what is to be done, in this order.

    Raises:
        ConfigError: no application is answering, so nobody would wait for the work.
    """
    if not works:
        return
    app = request.app

    def begin(request: Any) -> None:
        error = request.first.exception
        if isinstance(error, ClientDisconnect | None) or _is_answer(error, works):
            name = f"{request.method} {printable(request.path)}"
            identifier = REQUEST_ID.get()
            app.background.start(works, name if identifier is None else f"{name} [{identifier}]")

    request.add_finished_callback(begin)


def _is_answer(error: BaseException, works: Sequence[Work]) -> bool:
    """Tell whether an exception is an answer that has brought this work, or says that nobody has failed."""
    if getattr(error, "works", None) is works:
        return True
    status = getattr(error, "status_code", None)
    return isinstance(status, int) and status < 400
