"""Every kind of response. The base class is in ``outgoing.py``; streams are in ``streams.py``, files in ``files.py``."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO, TypeVar, Unpack

from ..media import json as _json
from ..media import registry
from .attributes import CONTENTS
from .compressed import GZipResponse
from .files import FileResponse
from .jsonlines import JSONLinesResponse
from .outgoing import Attributes, Fields, Response, Translate
from .responsehead import Head
from .sse import EventSourceResponse, ServerSentEvent
from .streams import StreamingResponse

__all__ = [
    "HTML",
    "JSON",
    "Attributes",
    "EventSourceResponse",
    "Fields",
    "FileResponse",
    "GZipResponse",
    "HTMLResponse",
    "Head",
    "JSONLinesResponse",
    "JSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "ServerSentEvent",
    "StreamingResponse",
    "Template",
    "Translate",
    "json_response",
]

T = TypeVar("T")


class JSONResponse(Response[Any]):
    """A response whose content is a JSON document.

    Args:
        content: anything that :func:`wadjet.media.json.dumps` can write.
        status_code: 100-599.
        headers: a mapping or pairs.
        indent: a number of spaces a level; compact when None.
        nan: whether a NaN or an infinity is sent as ``"null"``, or an ``"error"``.
        **attributes: as :class:`Response`.
    """

    media_type = registry.JSON
    _indent: int | None = None
    _refuses_nan = False

    def __init__(
        self,
        content: object = None,
        status_code: int | None = None,
        headers: Fields = None,
        indent: int | None = None,
        *,
        nan: Literal["null", "error"] = "null",
        **attributes: Unpack[Attributes],
    ) -> None:
        if nan not in {"null", "error"}:
            raise ValueError(f"nan={nan!r} is neither 'null' nor 'error'")
        self._refuses_nan = nan == "error"
        if indent is not None:
            given: object = indent  # whatever was given
            if not isinstance(given, int) or given < 0:
                raise ValueError(f"indent={indent!r} is not a number of spaces")
            self._indent = indent
        super().__init__(content, status_code, headers, **attributes)

    def encode(self, content: object) -> bytes:
        """Write the document; bytes are taken for a document that is written already."""
        if isinstance(content, bytes):
            return content
        document = _json.dumps_indented(content, self._indent) if self._indent else _json.dumps(content)
        if self._refuses_nan:
            _json.refuse_nan(content, document)
        charset = self.charset
        return document if charset is None else document.decode().encode(charset)


JSON = JSONResponse


class PlainTextResponse(Response[str]):
    """A response of plain text."""

    media_type = registry.TEXT


class Template(NamedTuple):
    """A template that is to be rendered, and with what."""

    name: str
    context: Mapping[str, Any]
    #: Where it is looked for; None: where the application looks.
    directory: str | None


class HTMLResponse(Response[Any]):
    """A response of HTML.

    Args:
        content: text, bytes, a Path or an open text file to read, or an object with ``__html__``.
        status_code: 100-599.
        headers: a mapping or pairs.
        template: the name of a template instead: it is rendered when the response is prepared, by the application's renderer.
        context: what the template can name.
        template_dir: where the template is looked for, instead of where the application looks.
        **attributes: as :class:`Response`.

    Raises:
        ValueError: content and a template; or what belongs to a template without one.
    """

    media_type = registry.HTML

    #: What is to be rendered; None for content that is there.
    template: Template | None = None

    def __init__(
        self,
        content: str | bytes | PathLike[str] | TextIO | object = None,
        status_code: int | None = None,
        headers: Fields = None,
        template: str | None = None,
        context: Mapping[str, Any] | None = None,
        template_dir: str | PathLike[str] | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(content, status_code, headers, **attributes)
        if template is None:
            if context is not None or template_dir is not None:
                raise ValueError("context= and template_dir= are for a template; name it with template=")
            return
        if content is not None or attributes.keys() & CONTENTS:
            raise ValueError("HTMLResponse takes content or a template, not both")
        directory = None if template_dir is None else os.fspath(template_dir)
        self.template = Template(template, dict(context or {}), directory)
        self._body = None

    @property
    def is_description(self) -> bool:
        """Whether a template is still to be rendered."""
        return self.template is not None and self._body is None

    def _translated(self) -> bytes:
        if self.template is not None:
            raise RuntimeError(
                f"the template {self.template.name!r} is rendered when the response is prepared"
            )
        return super()._translated()

    def encode(self, content: Any) -> bytes:
        """Read the content in whichever of its forms it was given."""
        if isinstance(content, PathLike):
            content = Path(content).read_text("utf-8")
        elif hasattr(content, "read"):
            content = content.read()
        return super().encode(content)


HTML = HTMLResponse


class RedirectResponse(Response[None]):
    """A response that sends the client elsewhere (RFC 9110 §15.4).

    Args:
        url: an http(s) URL or a path, written by the developer; percent-encoded, never guessed. A target that came with the
            request goes through ``request.safe_url`` first.
        status_code: 307 keeps the method, 303 makes it GET, 301 and 308 are for ever.
        headers: a mapping or pairs.
        **attributes: as :class:`Response`.

    Raises:
        ValueError: a target with control characters, ``//host``, another scheme; or a status that is not a redirect.
    """

    def __init__(
        self,
        url: str,
        status_code: int = 307,
        headers: Fields = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        if "location" in attributes:
            raise TypeError(f"{type(self).__name__}(): url and location are each where it leads; give one")
        if not 300 <= int(status_code) <= 399:
            raise ValueError(f"a redirect has a status from 300 to 399, not {int(status_code)}")
        super().__init__(None, status_code, headers, **attributes)
        self.location = str.__str__(url)


def json_response(
    content: object,
    status_code: int = 200,
    headers: Fields = None,
    *,
    dumps: Callable[[object], bytes | str] = _json.dumps,
) -> Response[Any]:
    """Return a JSON response written by a function of your own."""
    document = dumps(content)
    body = document.encode() if isinstance(document, str) else document
    return Response(body, status_code, headers, media_type=registry.JSON)
