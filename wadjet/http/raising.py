"""Responses that can be raised: the base classes. One class for each status is in ``exceptions.py``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Unpack

from ..errors import InvalidStatusError
from .attributes import CONTENTS, ContentAttributes
from .outgoing import Fields, Response
from .status import reason

__all__ = [
    "ClientDisconnect",
    "ClientError",
    "Error",
    "HTTPException",
    "Redirection",
    "ServerError",
    "Success",
]


class ClientDisconnect(Exception):
    """The client left before its body had arrived, or before the response had been sent. Nobody is there to answer."""


class HTTPException(Response[None], Exception):
    """A response to raise or to return, with any status.

    Its body is negotiated when it is prepared, into a fresh response, so that one instance can be raised many times: HTML for
    browsers, problem details (RFC 9457) for API clients, plain text where that was asked for. A body that is set wins.

    Args:
        status_code: 100-599.
        detail: what happened, for the client; escaped where the form asks for it.
        headers: a mapping or pairs.
        comment: more, for whoever reads the source of the page.
        **attributes: as :class:`Response`.
    """

    code: ClassVar[int] = 500
    explanation: ClassVar[str] = ""

    def __init__(
        self,
        status_code: int | None = None,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        super().__init__(None, self.code if status_code is None else status_code, headers, **attributes)
        self.args = (detail,)
        self.detail = detail
        self.comment = comment
        #: Further members of the problem details.
        self.extensions: dict[str, object] = {}
        if not attributes.keys() & CONTENTS:
            self._body = None
        if self.status_code == 401 and "www-authenticate" not in self.headers:
            self.headers.set("www-authenticate", "Bearer")  # RFC 9110 §15.5.2: a challenge must be there

    @property
    def is_negotiable(self) -> bool:
        """Whether the body is still to be made."""
        return self._body is None and self._iterable is None

    @property
    def body(self) -> bytes:
        """The body that was set; empty while it is to be negotiated."""
        return b"" if self.is_negotiable else super().body

    @body.setter
    def body(self, value: bytes | str) -> None:
        self._set_body(value)

    @property
    def title(self) -> str:
        """The reason phrase of the status."""
        return reason(self.status_code)

    def __str__(self) -> str:
        return (self.explanation or self.title) if self.detail is None else self.detail


class Success(HTTPException):
    """2xx, raised."""

    code = 200

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        super().__init__(None, detail, headers, comment, **attributes)


class Redirection(HTTPException):
    """3xx: what was asked for is elsewhere.

    Args:
        location: a path or an http(s) URL.
        detail: as :class:`HTTPException`.
        headers: as :class:`HTTPException`.
        comment: as :class:`HTTPException`.
        **attributes: as :class:`Response`.
    """

    code = 302

    def __init__(
        self,
        location: str,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        super().__init__(None, detail, headers, comment, **attributes)
        self.location = location


class Error(HTTPException):
    """An error response, by its number (view.py): ``raise Error(404)``.

    Args:
        status: 400-599.
        message: for the client; None for the standard reason, an empty text for an empty body.
        headers: a mapping or pairs.
        comment: as :class:`HTTPException`.
        **attributes: as :class:`Response`.

    Raises:
        InvalidStatusError: the status is not that of an error.
    """

    code = 400

    def __init__(
        self,
        status: int = 400,
        message: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        if isinstance(status, bool) or not 400 <= status <= 599:
            raise InvalidStatusError(
                f"Error({status!r}): an error has a status from 400 to 599; for others return a Response"
            )
        super().__init__(status, message, headers, comment, **attributes)

    @property
    def message(self) -> str | None:
        """What the client is told; None for the standard reason."""
        return self.detail


class _NamedError(Error):
    """An error whose class says the status."""

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[ContentAttributes],
    ) -> None:
        super().__init__(self.code, detail, headers, comment, **attributes)

    def set_header(self, name: str, value: str | int | Iterable[str] | None) -> None:
        """Set a field that the status asks for, unless there is nothing to say or it is there already."""
        if value is not None and name not in self.headers:
            self.headers.set(name, str(value) if isinstance(value, str | int) else ", ".join(value))


class ClientError(_NamedError):
    """4xx: the fault is the client's."""

    code = 400


class ServerError(_NamedError):
    """5xx: the fault is ours."""

    code = 500
