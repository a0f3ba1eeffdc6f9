"""JSON: objects to bytes and back. The only file that names the encoder."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import orjson

__all__ = [
    "MAX_DEPTH",
    "dumps",
    "dumps_indented",
    "loads",
    "may_be_deep",
    "refuse_nan",
    "simplify",
    "without_none",
]

#: How deep a document may nest.
MAX_DEPTH = 200
#: What the encoder can write beyond that, so that whatever was read can be sent back inside something else.
_RESERVE = 254 - MAX_DEPTH


def dumps(value: object) -> bytes:
    """Write ``value`` as compact UTF-8 JSON.

    Beyond JSON's own types: dataclass, datetime, date, time, Enum and UUID; Decimal (as a string, exactly), set, frozenset,
    deque, bytes (as UTF-8 text), pathlib paths, timedelta (seconds), IP addresses, other mappings, pydantic models,
    msgspec structs, attrs classes; objects with ``fk_id`` (that, as text); keys that are no text; integers of any size. NaN
    and infinity are null.

    Raises:
        TypeError: a value has no JSON form; the message names its type. A generator has none: it can be read only once.
    """
    try:
        return orjson.dumps(value, simplify)
    except TypeError:
        # PERF(bench: inproc_json): looking whether every key is text makes the encoder twice as slow, and nearly all are.
        return _dumps_rare(value)


def _dumps_rare(value: object) -> bytes:
    try:
        return orjson.dumps(value, simplify, orjson.OPT_NON_STR_KEYS)
    except TypeError as error:
        if "64-bit" not in str(error):
            raise
    from pydantic_core import PydanticSerializationError, to_json

    try:
        return to_json(value, timedelta_mode="float", inf_nan_mode="null", fallback=simplify)
    except PydanticSerializationError as error:
        raise TypeError(str(error)) from error


def loads(data: bytes | str) -> Any:
    """Read a JSON document (RFC 8259). Of two equal keys the last one counts.

    Raises:
        ValueError: not JSON (NaN and Infinity included), not UTF-8, nested deeper than :data:`MAX_DEPTH`.
    """
    value = orjson.loads(data)
    if may_be_deep(data):
        nested = value
        for _ in range(_RESERVE):
            nested = [nested]
        try:
            orjson.dumps(nested)
        except TypeError:
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise ValueError(message) from None
    return value


def may_be_deep(data: bytes | str) -> bool:
    """Tell whether a document has so many brackets that it could nest deeper than :data:`MAX_DEPTH`."""
    # SECURITY: a document that can be read but not written would be a 500 in every handler that echoes it.
    if isinstance(data, str):
        return data.count("[") + data.count("{") > MAX_DEPTH
    return data.count(b"[") + data.count(b"{") > MAX_DEPTH


def _text(value: object) -> str:
    return str(value)


#: What the encoder does not know, by the name of the class, so that no optional module is imported for it.
_SIMPLE: dict[tuple[str, str], Callable[[Any], object]] = {
    ("builtins", "tuple"): list,
    ("builtins", "set"): list,
    ("builtins", "frozenset"): list,
    ("builtins", "bytes"): bytes.decode,
    ("builtins", "bytearray"): bytearray.decode,
    ("builtins", "memoryview"): lambda view: bytes(view).decode(),
    ("builtins", "range"): list,
    ("collections", "deque"): list,
    ("builtins", "mappingproxy"): dict,
    ("collections.abc", "Mapping"): dict,
    ("decimal", "Decimal"): _text,
    ("datetime", "timedelta"): lambda delta: delta.total_seconds(),
    ("pathlib", "PurePath"): _text,
    ("pathlib._local", "PurePath"): _text,  # Python 3.13
    ("ipaddress", "_IPAddressBase"): _text,
    ("re", "Pattern"): lambda pattern: pattern.pattern,
}


def simplify(value: Any) -> object:
    """Turn an object that JSON has no form for into one that it has.

    Raises:
        TypeError: there is none; private attributes are never looked into.
    """
    for base in type(value).__mro__:
        plain = _SIMPLE.get((base.__module__, base.__qualname__))
        if plain is not None:
            return plain(value)
    if hasattr(value, "__pydantic_serializer__"):
        return value.__pydantic_serializer__.to_python(value, mode="json", by_alias=True)
    if hasattr(value, "__struct_fields__"):
        return sys.modules["msgspec"].to_builtins(
            value, enc_hook=simplify
        )  # there is an instance, so it is loaded
    attributes = getattr(type(value), "__attrs_attrs__", None)
    if attributes is not None:
        names = [attribute.name for attribute in attributes]
        return {name: getattr(value, name) for name in names if not name.startswith("_")}
    if hasattr(value, "fk_id"):  # a reference of a model that was not loaded is its key (OpenViper)
        return None if value.fk_id is None else str(value.fk_id)
    message = f"{type(value).__module__}.{type(value).__qualname__} has no JSON form"
    raise TypeError(message)


def refuse_nan(value: object, document: bytes) -> None:
    """Raise where a document says null for a number that JSON has not.

    Args:
        value: what the document was written of.
        document: what was written.

    Raises:
        ValueError: there is a NaN or an infinity.
    """
    if b"null" not in document:
        return
    from pydantic_core import to_json

    spelled = to_json(value, timedelta_mode="float", inf_nan_mode="constants", fallback=simplify)
    try:
        orjson.loads(spelled)
    except orjson.JSONDecodeError:
        raise ValueError("NaN and infinity have no JSON form (RFC 8259 §6); send null, or text") from None


def without_none(value: Any) -> Any:
    """Return dicts, and what is in them, without the keys that are None; Structs and classes of attrs as dicts."""
    if hasattr(type(value), "__struct_fields__") or hasattr(type(value), "__attrs_attrs__"):
        value = simplify(value)
    if type(value) is dict:
        return {key: without_none(item) for key, item in value.items() if item is not None}
    return [without_none(item) for item in value] if type(value) is list else value


def dumps_indented(value: object, indent: int) -> bytes:
    """Write ``value`` with ``indent`` spaces a level: the same document as :func:`dumps`, in another layout."""
    if indent == 2:
        with suppress(
            TypeError
        ):  # an integer of more than 64 bits, or no JSON form: what is below says which
            return orjson.dumps(value, simplify, orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2)
    import json

    return json.dumps(json.loads(dumps(value)), indent=indent, ensure_ascii=False).encode()
