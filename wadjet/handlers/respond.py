"""Respond: what a route says of its responses. Frozen, merged and checked once, at assembly."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from ..errors import ConfigError
from ..http.headers import field_value
from ..http.status import check_status
from ..media.registry import charset_of
from ..routing.route import RouteOptions
from .encoders import custom_encoder
from .signature import MISSING

__all__ = ["Respond"]


@dataclasses.dataclass(frozen=True)
class Respond:
    """How a handler's result becomes a response."""

    #: None when the route does not say one.
    status: int | None = None
    validate: bool = True
    #: Instead of the return annotation; MISSING when not given.
    type: Any = MISSING
    content_type: str | None = None
    charset: str = "utf-8"
    #: What pydantic's serialiser is told: include, exclude, by_alias, exclude_unset …
    dump: tuple[tuple[str, Any], ...] = (("by_alias", True),)
    json_encoder: Callable[[Any], str | bytes] | None = None
    #: Replaces values before JSON is made of them.
    custom_encoder: Callable[[Any], Any] | None = None
    #: Whether answers have an entity tag, made of their content, and conditions are answered.
    etag: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether JSON is written as everywhere: no encoder of the route's own, in UTF-8."""
        return self.json_encoder is None and self.custom_encoder is None and self.charset == "utf-8"

    @classmethod
    def of(cls, options: RouteOptions, where: str) -> Respond:
        """Read the options of a route.

        Raises:
            ConfigError: a status or a charset that does not exist, a content type that cannot be sent, an encoder that is none.
        """
        dump: dict[str, Any] = {"by_alias": options.get("response_by_alias", True)}
        for name, option in _DUMP.items():
            value = options.get(option)
            if value:
                dump[name] = value
        try:
            status = options.get("status_code")
            field_value(options.get("response_content_type") or "", "content-type")
            return cls(
                status=None if status is None else check_status(status),
                validate=options.get("response_validate", True),
                type=options.get("response_type", MISSING),
                content_type=options.get("response_content_type"),
                charset=charset_of(options.get("response_charset", "utf-8")),
                dump=tuple(dump.items()),
                json_encoder=options.get("response_json_encoder"),
                custom_encoder=custom_encoder(options.get("response_custom_encoder"), where),
                etag=options.get("etag", False),
            )
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None


_DUMP = {
    "include": "response_include_fields",
    "exclude": "response_exclude_fields",
    "exclude_unset": "response_exclude_unset",
    "exclude_defaults": "response_exclude_defaults",
    "exclude_none": "response_exclude_none",
}
