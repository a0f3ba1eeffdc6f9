"""Messages read as JSON: what they have to be, and how a wrong one is told."""

from __future__ import annotations

import functools
from typing import Any

from ..media import json
from ..media.codecs import problems
from ..media.models import codec_for
from .closing import CloseCode, InvalidMessage

__all__ = ["read_json"]

#: How many annotations are kept with what reads them.
_MOST_CODECS = 256

_codec_of = functools.lru_cache(_MOST_CODECS)(functools.partial(codec_for, finite=True))


def read_json(data: str | bytes, cls: Any) -> Any:
    """Read a message as JSON.

    Args:
        data: the message.
        cls: the annotation; ``Any`` for plain Python values.

    Raises:
        InvalidMessage: it is none, or not of the type.
    """
    if cls is Any:
        try:
            return json.loads(data)
        except ValueError:
            raise InvalidMessage(CloseCode.INVALID_DATA, "this is no JSON") from None
    codec = _codec_of(cls)
    from pydantic_core import ValidationError  # loaded by the codec

    try:
        return codec.validate_json(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)
    except ValidationError as error:
        found = problems(error)
    first = found[0]
    if first["type"] == "json_invalid" and not first["pointer"]:
        raise InvalidMessage(CloseCode.INVALID_DATA, "this is no JSON")
    raise InvalidMessage(
        CloseCode.POLICY_VIOLATION, f"{first['pointer']}: {first['detail']}".removeprefix(": "), found
    )
