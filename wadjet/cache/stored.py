"""Stored: an answer that is kept, in the form that makes the most of it ready; and as bytes, for other processes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from ..http.headers import encode_fields
from ..http.response import Response
from ..http.responsehead import FieldPairs
from ..media import json

__all__ = ["Kept", "Stored"]

#: The form of the bytes; what has another one is not read.
_VERSION = 1
#: Fields that say how long an answer is good: then it has to say how old it is (RFC 9111 §5.1).
_FRESHNESS = frozenset({b"cache-control", b"expires"})


class Kept(Response[Any]):
    """A response out of a cache. It was made for one request, so nobody needs a copy of it."""


class Stored:
    """An answer that is kept: 200, whole, and nobody's own.

    Args:
        body: its content.
        fields: its fields, without its length.
        made_at: when the handler had made it, by ``clock``.
        clock: gives seconds.
        left: for how many requests it is good; None for any number.
        is_conditional: whether conditions and ranges of requests are answered.
        identity: tells it from others under its key.
    """

    __slots__ = (
        "_clock",
        "_is_dated",
        "_is_plain",
        "_make",
        "body",
        "fields",
        "identity",
        "is_conditional",
        "left",
        "made_at",
    )

    def __init__(
        self,
        body: bytes,
        fields: FieldPairs,
        made_at: float,
        clock: Callable[[], float],
        *,
        left: int | None = None,
        is_conditional: bool = False,
        identity: str = "",
    ) -> None:
        self.body = body
        self.fields = fields
        self.made_at = made_at
        self.left = left
        self.is_conditional = is_conditional
        self.identity = identity or secrets.token_hex(8)
        self._clock = clock
        self._make = Kept.maker(bytes, 200, fields)
        self._is_dated = any(name in _FRESHNESS for name, _ in fields)
        self._is_plain = not (self._is_dated or is_conditional)

    @property
    def size(self) -> int:
        """About how many bytes it takes: its fields are there twice, as pairs and as text."""
        return len(self.body) + sum(2 * (len(name) + len(value)) + 100 for name, value in self.fields) + 500

    def take(self) -> bool:
        """Take it for one more request; tell whether it was good for another."""
        if self.left is None:
            return True
        self.left -= 1
        return self.left >= 0

    def first_response(self) -> Response[Any]:
        """Return it for the request that it was made for: it has no age."""
        response = self._make(self.body)
        if self.is_conditional:
            response.conditional_response = True
        return response

    def response(self) -> Response[Any]:
        """Return it for one request."""
        # PERF(bench: wire_cached): most need nothing but their body.
        return self._make(self.body) if self._is_plain else self._aged()

    def ready_response(self) -> Response[Any] | None:
        """Return it for one request, if it only has to be sent; None where it has an age, or conditions have to be looked at."""
        return self._make(self.body) if self._is_plain else None

    def _aged(self) -> Response[Any]:
        response = self.first_response()
        if self._is_dated:
            response.headers.set("age", max(0, int(self._clock() - self.made_at)))
        return response

    def dump(self, mark: str) -> bytes:
        """Return it as bytes: a line of JSON, and the content.

        Args:
            mark: what was true when it was made, for :meth:`load`.
        """
        head = {
            "version": _VERSION,
            "mark": mark,
            "identity": self.identity,
            "made_at": self.made_at,
            "is_conditional": self.is_conditional,
            "fields": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in self.fields],
        }
        return json.dumps(head) + b"\n" + self.body

    @classmethod
    def load(cls, document: bytes, mark: str, clock: Callable[[], float]) -> Stored | None:
        """Read what :meth:`dump` has written; None for anything else, and for what was made under another mark."""
        line, _, body = document.partition(b"\n")
        try:
            # SECURITY: CWE-502: a document and no pickle; its fields are checked like those of a developer.
            head = json.loads(line)
            if head["version"] != _VERSION or head["mark"] != mark:
                return None
            return cls(
                body,
                tuple(encode_fields([(name, value) for name, value in head["fields"]])),
                float(head["made_at"]),
                clock,
                is_conditional=head["is_conditional"] is True,
                identity=str(head["identity"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
