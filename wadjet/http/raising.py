"""Responses that can be raised: the base classes. One class for each status is in ``exceptions.py``."""

from __future__ import annotations

import secrets
from string import Template
from typing import Any, Self, TypeVar, Unpack, cast

from ..errors import InvalidStatusError
from ..logs import errors as _log
from ..logs import printable
from ..types import Scope
from .attributes import CONTENTS, ContentAttributes
from .headers import Headers
from .outgoing import Fields, Response
from .problem import JSONFormatter, Variables, represent, variables_of
from .status import reason

__all__ = [
    "Attributes",
    "ClientDisconnect",
    "ClientError",
    "Error",
    "HTTPException",
    "Redirection",
    "ServerError",
    "Success",
    "error_id",
]


class ClientDisconnect(Exception):
    """The client left before its body had arrived, or before the response had been sent. Nobody is there to answer."""


T = TypeVar("T")


def error_id() -> str:
    """Return a name for one failure, for the client's report and for the log."""
    return secrets.token_hex(8)


class Attributes(ContentAttributes, total=False):
    """What every exception takes as keywords beside its arguments."""

    body_template: str
    json_formatter: JSONFormatter


class HTTPException(Response[None], Exception):
    """A response to raise or to return, with any status.

    Its body is negotiated when it is prepared, into a fresh response, so that one instance can be raised many times: HTML for
    browsers, problem details (RFC 9457) for API clients, plain text where that was asked for. A body that is set wins.

    Args:
        status_code: 200-599.
        detail: what happened, for the client; escaped where the form asks for it. An empty text is an empty body.
        headers: a mapping or pairs.
        comment: more, for whoever reads the source of the page.
        **attributes: as :class:`Response`; ``body_template``, HTML with ``${explanation}``, ``${detail}``, ``${comment}``,
            ``${html_comment}``, ``${br}``, fields of the response and names of the WSGI environ, all escaped; and
            ``json_formatter``, which makes the JSON document.

    Raises:
        InvalidStatusError: an interim status, after which a client would wait for the response for ever.
    """

    #: What a class says of its instances; a subclass may say it anew (WebOb's and Pyramid's names).
    code: int = 500
    explanation: str = ""
    empty_body: bool = False
    body_template_obj: Template | None = None
    html_template_obj: Template | None = None
    plain_template_obj: Template | None = None
    json_formatter: JSONFormatter | None = None

    def __init__(
        self,
        status_code: int | None = None,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        template = attributes.pop("body_template", None)
        if template is not None:
            self.body_template_obj = Template(template)
        formatter = attributes.pop("json_formatter", None)
        if formatter is not None:
            self.json_formatter = formatter
        if status_code is not None:
            self.code = status_code
        super().__init__(None, self.code, headers, **cast("ContentAttributes", attributes))
        if self.status_code < 200:  # RFC 9110 §15.2
            raise InvalidStatusError(f"{self.status} is an interim status; it cannot answer a request")
        given: object = detail
        if not isinstance(given, str | None):
            raise TypeError(
                f"the detail of {type(self).__name__} is text, not {type(given).__name__}; further members of the document "
                "go into error.extensions"
            )
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

    @body.deleter
    def body(self) -> None:
        self.replace_body(b"")

    @property
    def title(self) -> str:
        """The reason phrase of the status."""
        return reason(self.status_code)

    def represent(self, accept: str | None, variables: Variables = dict) -> Response[Any]:
        """Return the response as it leaves: with a body that the client can read, unless one was set.

        Args:
            accept: the request's Accept field.
            variables: gives the request by its CGI names; called for templates and formatters only.
        """
        return represent(self.reported(variables), accept, variables) if self.is_negotiable else self

    def reported(self, variables: Variables, cause: BaseException | None = None) -> Self:
        """Return what the client is told of a failure of the server: with an id, under which it is written into the log.

        Args:
            variables: gives the request by its CGI names; called for such a failure only.
            cause: what else the log tells, and the client does not.
        """
        if self.status_code < 500 or "id" in self.extensions:
            return self
        request, error, identifier = variables(), self.take(), error_id()
        error.extensions["id"] = identifier
        path = f"{request.get('SCRIPT_NAME', '')}{request.get('PATH_INFO', '')}"
        method = request.get("REQUEST_METHOD", "")
        _log.error(
            "%s %s: %s [%s]",
            method,
            printable(path),
            self.status,
            identifier,
            exc_info=cause,
            extra={"error_id": identifier},
        )
        return error

    def __str__(self) -> str:
        return (self.explanation or self.title) if self.detail is None else self.detail

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle what it is, not how it was called: each class has other arguments."""
        return _blank, (type(self),), {**self.__dict__, "args": self.args}

    def _twin(self) -> Self:
        twin = super()._twin()
        twin.args, twin.extensions = self.args, dict(self.extensions)
        return twin

    async def ready(self, scope: Scope) -> Response[Any]:
        """Return the response in the form that the scope's Accept asks for."""
        final = await super().ready(scope)
        return final.represent(Headers(scope["headers"]).joined("accept"), lambda: variables_of(scope))


def _blank(cls: type[T]) -> T:
    return cls.__new__(cls)


class Success(HTTPException):
    """2xx, raised."""

    code = 200

    def __init__(
        self,
        detail: str | None = None,
        headers: Fields = None,
        comment: str | None = None,
        **attributes: Unpack[Attributes],
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
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(None, detail, headers, comment, **attributes)
        given: object = location
        if not isinstance(given, str):
            raise TypeError(
                f"{type(self).__name__}() says where first: a path or a URL, not {location!r:.60}"
            )
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
        **attributes: Unpack[Attributes],
    ) -> None:
        given: object = status
        if not isinstance(given, int) or isinstance(given, bool) or not 400 <= given <= 599:
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
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(self.code, detail, headers, comment, **attributes)


class ClientError(_NamedError):
    """4xx: the fault is the client's."""

    code = 400


class ServerError(_NamedError):
    """5xx: the fault is ours."""

    code = 500
