"""A returned tuple: body, status and headers, in any order (view.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from ..errors import ResponseValidationError
from ..http.headers import Fields, encode_fields
from ..http.response import Response
from ..http.status import check_status
from ..types import RawHeaders
from .signature import MISSING

__all__ = ["Unpacked", "say", "unpack"]


class Unpacked(NamedTuple):
    """What a tuple says."""

    #: MISSING when there is none.
    body: object
    status: int | None
    fields: RawHeaders


def unpack(value: tuple[object, ...], where: str) -> Unpacked:
    """Tell body, status and headers apart.

    An int (not a bool) is the status. A mapping, or pairs in a list or a tuple, are headers if something else is the body; with
    nothing else, the first of them is the body.

    Args:
        value: what the handler returned.
        where: the handler, for messages.

    Raises:
        ResponseValidationError: two of a kind.
        ValueError: a status or a header that cannot be sent.
    """
    statuses = [item for item in value if _is_status(item)]
    headers = [item for item in value if _may_be_headers(item)]
    bodies = [item for item in value if not (_is_status(item) or _may_be_headers(item))]
    if not bodies and headers:
        bodies = [headers.pop(0)]
    for kind, found in (("statuses", statuses), ("bodies", bodies), ("mappings of headers", headers)):
        if len(found) > 1:
            raise ResponseValidationError(
                f"{where} returned two {kind}, {_shown(found[0])} and {_shown(found[1])}; "
                "return at most one body, one status and one mapping of headers"
            )
    return Unpacked(
        next(iter(bodies), MISSING),
        check_status(statuses[0]) if statuses else None,
        encode_fields(cast("Fields", next(iter(headers), None))),
    )


def say(response: Response[Any], status: int | None, fields: RawHeaders) -> Response[Any]:
    """Put on a response what a tuple says beside its body; fields replace those of the same name."""
    if status is not None:
        response.status_code = status
    if fields:
        names = {name for name, _ in fields}
        kept = [field for field in response.raw_headers if field[0] not in names]
        response.raw_headers[:] = kept + fields
    return response


def _shown(item: object) -> str:
    return str(item) if _is_status(item) else type(item).__name__


def _is_status(item: object) -> bool:
    return isinstance(item, int) and not isinstance(item, bool)


def _may_be_headers(item: object) -> bool:
    if isinstance(item, Mapping):
        return True
    return (
        isinstance(item, list | tuple)
        and bool(item)
        and all(isinstance(pair, tuple) and len(pair) == 2 for pair in item)
    )
