"""Compression: content leaves in a coding that the client takes (RFC 9110 §8.4, §12.5.3)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from ..conf.settings import Settings
from ..errors import PolicyError
from ..http.compression import CODINGS, Encoder, encoder_for, negotiate
from ..http.parameters import is_token, media_type
from ..http.request import Request
from ..http.response import Head
from ..types import ASGIApp
from .base import BaseMiddleware

__all__ = ["CompressionMiddleware", "CompressionPolicy"]


@dataclasses.dataclass(frozen=True)
class CompressionPolicy:
    """What is compressed, and how.

    Args:
        minimum_size: content of no more bytes leaves as it is.
        codings: the preferred one first; one that is not installed is left out.
        excluded_types: the beginnings of media types that leave as they are, beside those that are compressed already.

    Raises:
        PolicyError: a value that cannot be; it is a ValueError.
    """

    minimum_size: int
    codings: tuple[str, ...]
    excluded_types: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if type(self.minimum_size) is not int or self.minimum_size < 0:
            raise PolicyError(f"compression: minimum_size={self.minimum_size!r} is no number of bytes from 0")
        unknown = [coding for coding in self.codings if coding not in CODINGS]
        if unknown or not self.codings:
            raise PolicyError(f"compression: codings={self.codings!r} are not some of {', '.join(CODINGS)}")
        for prefix in self.excluded_types:
            kind, _, rest = prefix.partition("/")
            if prefix != prefix.lower() or not is_token(kind) or not (is_token(rest) or prefix == f"{kind}/"):
                raise PolicyError(
                    f"compression: excluded_types has {prefix!r}, which begins no media type; write 'image/' or 'text/css'"
                )

    @classmethod
    def of(cls, settings: Settings, **given: Any) -> CompressionPolicy:
        """Return the policy of arguments, each of which a setting stands for where it is None."""
        size, codings, excluded = given["minimum_size"], given["codings"], given["excluded_types"]
        return cls(
            settings.COMPRESSION_MINIMUM_SIZE if size is None else size,
            _texts("codings", settings.COMPRESSION_CODINGS if codings is None else codings),
            _texts("excluded_types", settings.COMPRESSION_EXCLUDED_TYPES if excluded is None else excluded),
        )


class CompressionMiddleware(BaseMiddleware):
    """Compresses what becomes shorter by it, for clients that take it: Zstandard, Brotli (``wadjet[compress]``) and gzip.

    Streams are compressed piece by piece, so that a client can read each when it comes; much of it at once in a thread. Left as
    they are: short content, types that are compressed already, parts (206), what is encoded already, what says ``no-transform``,
    and what another site asks for with a client's credentials.

    Args:
        app: the application inside.
        minimum_size: content of no more bytes leaves as it is; None for the setting ``COMPRESSION_MINIMUM_SIZE``.
        codings: the preferred one first; None for ``COMPRESSION_CODINGS``.
        excluded_types: the beginnings of media types that leave as they are; None for ``COMPRESSION_EXCLUDED_TYPES``.

    Raises:
        PolicyError: a value that cannot be; it is a ValueError.
    """

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int | None = None,
        codings: Iterable[str] | None = None,
        excluded_types: Iterable[str] | None = None,
    ) -> None:
        super().__init__(app)
        self.policy = CompressionPolicy.of(
            self.settings, minimum_size=minimum_size, codings=codings, excluded_types=excluded_types
        )

    def after(self, request: Request, response: Head) -> None:
        """Let the content pass through an encoder, if it may, if that is of use, and if the client takes it."""
        policy = self.policy
        length = response.length
        # PERF(bench: stack_compression): most answers are short, and a head that is ready stays so.
        if length is not None and 0 < length <= policy.minimum_size:
            return
        if policy.excluded_types and media_type(response.content_type or "").startswith(
            policy.excluded_types
        ):
            return
        known = request.headers.joined("if-none-match") if response.status_code == 304 else None
        negotiate(response, lambda: self._encoder(request), policy.minimum_size, known)

    def _encoder(self, request: Request) -> Encoder | None:
        if _is_probed(request):
            return None
        return encoder_for(request.headers.joined("accept-encoding"), self.policy.codings)


def _is_probed(request: Request) -> bool:
    """Tell whether another site asks in a client's name.

    SECURITY: the length of what is compressed tells whether it has what the request has said; asked often enough, a secret
    beside it (BREACH, CVE-2013-3587). Only the client's own requests have its secrets in the answer.
    """
    if request.header(b"sec-fetch-site") != b"cross-site":
        return False
    return request.header(b"cookie") is not None or request.header(b"authorization") is not None


def _texts(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        raise PolicyError(f"compression: {name}={value!r} is a text; write a list, as [{value!r}]")
    return tuple(value)
