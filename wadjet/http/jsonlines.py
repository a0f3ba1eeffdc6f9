"""JSON Lines: a stream of JSON documents, each on a line of its own."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, Unpack

from ..media import json
from .outgoing import Attributes, Fields
from .streams import StreamingResponse

__all__ = ["Documents", "JSONLinesResponse"]

Documents = AsyncIterable[Any] | Iterable[Any] | Callable[[], AsyncIterable[Any] | Iterable[Any]]


class JSONLinesResponse(StreamingResponse):
    """A stream of JSON documents, one a line: ``application/jsonl``.

    Args:
        content: as :class:`StreamingResponse`, of anything that :func:`wadjet.media.json.dumps` can write; bytes leave as they
            are, for lines that are written already.
        status_code: 100-599.
        headers: a mapping or pairs.
        media_type: another name of the same, ``application/x-ndjson`` for example.
        **attributes: as :class:`Response`.
    """

    # No name is registered. RFC 6648 §2: a new one does not begin with "x-".
    media_type = "application/jsonl"

    def __init__(
        self,
        content: Documents,
        status_code: int | None = None,
        headers: Fields = None,
        media_type: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(content, status_code, headers, media_type, **attributes)

    def encoded(self, chunk: object) -> bytes:
        """Return a document on its line; bytes are lines that are written already.

        Raises:
            TypeError: it has no JSON form.
        """
        return chunk if isinstance(chunk, bytes) else json.dumps(chunk) + b"\n"
