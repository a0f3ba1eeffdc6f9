"""What a file of a form may be."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, Self

from ..media.magic import types_in
from .parameters import is_token

__all__ = ["FileRules"]


class FileRules(NamedTuple):
    """What one file of a form may be."""

    #: The most bytes; None for whatever the content may have.
    max_size: int | None = None
    #: The media types that are taken, in small letters; empty for all.
    content_types: tuple[str, ...] = ()

    @classmethod
    def of(cls, max_size: Any, content_types: str | Collection[Any] | None) -> Self:
        """Check rules as they were written; of a range, ``image/*``, those types are meant that have a magic number.

        Raises:
            ValueError: a size or a media type that is none.
        """
        if max_size is not None and not (type(max_size) is int and max_size > 0):
            raise ValueError(f"max_size={max_size!r} is no number of bytes; write as 5_000_000")
        if content_types is None:
            return cls(max_size)
        given = [content_types] if isinstance(content_types, str) else content_types
        named = [kind for each in given for kind in _types_of(each)]
        if not named:
            raise ValueError(f"content_types={content_types!r} takes nothing; name types, or leave it out")
        return cls(max_size, tuple(dict.fromkeys(named)))


def _types_of(written: Any) -> list[str]:
    kind = written.lower() if isinstance(written, str) else ""
    main, _, sub = kind.partition("/")
    if not (is_token(main) and is_token(sub)) or "*" in main or (sub != "*" and "*" in sub):
        raise ValueError(f"content_types: {written!r} is no media type; write as 'image/png' or 'image/*'")
    if sub != "*":
        return [kind]
    # SECURITY: a range brings nothing whose content nobody looks at; image/svg+xml, which holds scripts, has to be named.
    found = types_in(kind)
    if not found:
        raise ValueError(
            f"content_types: no type of {written!r} has a magic number to tell it by; name the types"
        )
    return found
