"""A returned tuple: body, status and headers, in any order (view.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..errors import ResponseValidationError
from ..http.headers import encode_fields
from ..http.status import check_status
from ..types import RawHeaders

__all__ = ["Unpacked", "unpack"]


class Unpacked(NamedTuple):
    """What a tuple says."""

    body: object
    status: int | None
    fields: RawHeaders


def unpack(value: tuple[object, ...], where: str) -> Unpacked:
    """Tell body, status and headers apart.

    An int (not a bool) is the status. A mapping, or a list of pairs, is headers if something else is the body; with nothing else,
    the first of them is the body.

    Args:
        value: what the handler returned.
        where: the handler, for messages.

    Raises:
        ResponseValidationError: two of a kind.
        ValueError: a status or a header that cannot be sent.
    """
    statuses = [item for item in value if isinstance(item, int) and not isinstance(item, bool)]
    others = [item for item in value if not isinstance(item, int) or isinstance(item, bool)]
    if len(statuses) > 1:
        raise ResponseValidationError(
            f"{where} returned two statuses, {statuses[0]!r} and {statuses[1]!r}; return one"
        )
    bodies = [item for item in others if not _may_be_headers(item)]
    headers = [item for item in others if _may_be_headers(item)]
    if not bodies and headers:
        bodies = [headers.pop(0)]
    if len(bodies) > 1:
        kinds = " and ".join(type(item).__name__ for item in bodies)
        raise ResponseValidationError(
            f"{where} returned two bodies, {kinds}; return one, beside a status and a mapping of headers"
        )
    if len(headers) > 1:
        raise ResponseValidationError(f"{where} returned two mappings of headers; return one")
    return Unpacked(
        bodies[0] if bodies else None,
        check_status(statuses[0]) if statuses else None,
        encode_fields(headers[0]) if headers else [],  # type: ignore[arg-type]  # _may_be_headers has looked
    )


def _may_be_headers(item: object) -> bool:
    if isinstance(item, Mapping):
        return True
    return (
        isinstance(item, list)
        and bool(item)
        and all(isinstance(pair, tuple) and len(pair) == 2 for pair in item)
    )
