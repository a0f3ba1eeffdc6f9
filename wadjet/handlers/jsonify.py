"""``jsonify``: what JSON says of an object, for whoever wants it before it is sent (Rapidy)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..media import json
from ..media.models import codec_for
from ..media.registry import charset_of
from .encoders import CustomEncoder, Encoders, custom_encoder

__all__ = ["jsonify"]

_custom = custom_encoder


def jsonify(
    obj: Any,
    *,
    include: set[str] | dict[str, Any] | None = None,
    exclude: set[str] | dict[str, Any] | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: Encoders | None = None,
    charset: str = "utf-8",
    dumps: bool = False,
    dumps_encoder: Callable[[Any], str] | None = None,
) -> Any:
    """Return an object as plain JSON values, or as the text of a document.

    Models, dataclasses, containers and scalars become what a handler would send of them. SECURITY: private attributes are never
    looked into: an object that has no JSON form is an error.

    Args:
        obj: the object; a generator is read to its end.
        include: names of the only fields that are kept; a dict says it of what is within.
        exclude: names of fields that are left out.
        by_alias: whether fields are called by their aliases.
        exclude_unset: leave out what was not set.
        exclude_defaults: leave out what equals its default.
        exclude_none: leave out what is None.
        custom_encoder: functions by class, or one for the whole, as ``response_custom_encoder``.
        charset: of the bytes in it.
        dumps: return text.
        dumps_encoder: what makes it of the plain values; ours is compact.

    Raises:
        TypeError: something in it has no JSON form.
        ValueError: bytes that are not in the charset, or no such charset.
        ConfigError: an encoder that is none.
    """
    from pydantic_core import from_json  # which keeps integers of any size

    choice = {"include": include, "exclude": exclude, "exclude_none": exclude_none}
    choice |= {"exclude_unset": exclude_unset, "exclude_defaults": exclude_defaults}
    value = list(obj) if isinstance(obj, Iterator) else obj
    value = json.without_none(value) if exclude_none else value
    given = {name: said for name, said in choice.items() if said}
    plain = codec_for(Any).unfold(value, by_alias=by_alias, **given)
    for encode in (_custom(custom_encoder, "jsonify()"), _decoding(charset_of(charset))):
        plain = plain if encode is None else encode(plain)
    document = json.dumps(plain)
    if not dumps:
        return from_json(document)
    return document.decode() if dumps_encoder is None else dumps_encoder(from_json(document))


def _decoding(charset: str) -> Callable[[Any], Any] | None:
    """Return what reads bytes in a charset; None for the one that everything reads them in."""
    return None if charset == "utf-8" else CustomEncoder({bytes: lambda data: data.decode(charset)})
