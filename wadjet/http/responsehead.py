"""The head of a response: its status and its fields, as properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import ClassVar, Protocol

from ..media import registry
from ..types import RawHeaders
from .compression import Encoder
from .constantfields import ConstantFields, FieldPairs
from .fieldvalues import read_whole
from .headerlist import HeaderList
from .headers import Fields, MutableHeaders, encode_fields
from .parameters import format_parameters, parse_parameters
from .setcookies import CookieSetter
from .status import check_status, reason
from .wire import field_lines, fields_of_lines

__all__ = ["FieldPairs", "Head", "ResponseHead"]


class Head(Protocol):
    """What an ``after`` hook sees of a response: its status and its fields, whether it is an object or an ASGI message."""

    status_code: int

    @property
    def headers(self) -> MutableHeaders:
        """The fields, open to change until the head is sent."""

    @property
    def content_type(self) -> str | None:
        """The media type without its parameters; None when there is none."""

    @property
    def length(self) -> int | None:
        """How many bytes the content has; None where nobody knows."""

    def encode_with(self, encoder: Encoder) -> None:
        """Let the content pass through an encoder, if it may be encoded."""

    def add_constant(self, fields: ConstantFields) -> None:
        """Add fields that many responses have, but for those of a name that is there."""

    def add_constant_lines(self, fields: ConstantFields, own: bytes) -> None:
        """Add such fields with some that differ from response to response.

        Args:
            fields: those that do not, with the names of those that do.
            own: those that do, as lines.
                SECURITY: they leave as they are, so nothing but numbers is put into them, or what was checked for this before;
                other text goes through :meth:`add_field`.
        """

    def add_field(self, name: bytes, value: bytes) -> None:
        """Add a field unless one of its name is there.

        Args:
            name: in small letters.
            value: known to be right.
        """

    def add_fields(self, fields: FieldPairs) -> None:
        """Add some fields, each as :meth:`add_field` does."""

    def append_field(self, name: bytes, value: bytes) -> None:
        """Add a field, as :meth:`add_field`, also beside others of its name."""

    def field_values(self, name: bytes) -> list[str]:
        """Return all values of a field, in order; its name in small letters."""


class ResponseHead(CookieSetter):
    """Status, fields and cookies of every response."""

    #: What a subclass says of all its instances.
    media_type: ClassVar[str | None] = None
    default_content_type: ClassVar[str | None] = None
    default_charset: ClassVar[str] = "utf-8"

    #: Whether nothing is left to prepare: only compiled routes make such responses, and a change undoes it.
    is_ready = False
    #: Whether a renderer made it, so that what a response to fill says is put on it.
    is_rendered = False
    #: The head as text while the response ``is_ready``, up to the digits of its Content-Length if the status has content; and the
    #: lines of its first fields, which are not in that text, for no other response has them, with their names.
    wire_head: bytes
    own_lines: bytes = b""
    own_names: frozenset[bytes] = frozenset()

    default_conditional_response: ClassVar[bool] = False
    _conditional: bool | None = None

    _status = 200
    #: But for those in lines of their own.
    _fields: RawHeaders | FieldPairs = ()

    @property
    def status_code(self) -> int:
        """The status as a number, 100-599."""
        return self._status

    @status_code.setter
    def status_code(self, value: int) -> None:
        self.is_ready = False
        self._status = check_status(value)

    status_int = status_code

    @property
    def status(self) -> str:
        """The status with its reason phrase: ``404 Not Found``."""
        return f"{self._status} {reason(self._status)}"

    @status.setter
    def status(self, value: int | str | bytes) -> None:
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        digits = value.partition(" ")[0] if isinstance(value, str) else value
        if isinstance(digits, str):
            if read_whole(digits) is None:
                raise ValueError(f"{value!r:.80} does not begin with a status code, as '404 Not Found' does")
            digits = int(digits)
        self.status_code = digits

    @property
    def conditional_response(self) -> bool:
        """Whether conditions and ranges that the request asks for are answered (RFC 9110 §13, §14)."""
        return self.default_conditional_response if self._conditional is None else self._conditional

    @conditional_response.setter
    def conditional_response(self, value: bool) -> None:
        self.is_ready = False
        self._conditional = value

    @property
    def raw_headers(self) -> RawHeaders:
        """The fields as the wire has them: pairs of bytes, names in small letters."""
        fields = self._fields
        self.is_ready = False
        if self.own_lines or not isinstance(fields, list):
            fields = self._fields = self._whole_fields()
            self.own_lines, self.own_names = b"", frozenset()
        return fields

    def _whole_fields(self) -> RawHeaders:
        """Return all fields, in a new list."""
        if not self.own_lines:
            return list(self._fields)
        return [*fields_of_lines(self.own_lines, len(self.own_names)), *self._fields]

    @property
    def headers(self) -> MutableHeaders:
        """The fields, by name in any case; a live view."""
        return MutableHeaders(self.raw_headers)

    @headers.setter
    def headers(self, value: Fields | None) -> None:
        fields = encode_fields(value)
        kept = [field for field in self._whole_fields() if field[0] == b"content-type"]
        given = {name for name, _ in fields}
        self.raw_headers[:] = [*fields, *(field for field in kept if field[0] not in given)]

    def add_constant(self, fields: ConstantFields) -> None:
        """Add fields that many responses have, but for those of a name that is there."""
        # PERF(bench: stack_six): looked up by the text, whose hash is computed once, for it is made at assembly.
        # Names of lines are mostly those of one limit, the same object.
        if self.is_ready and (
            not self.own_lines or self.own_names is fields.apart or self.own_names.isdisjoint(fields.names)
        ):
            try:
                self._fields, self.wire_head = fields.heads[self.wire_head]
            except KeyError:
                self._add_constant(fields, b"")
        else:
            self._add_constant(fields, b"")

    def add_constant_lines(self, fields: ConstantFields, own: bytes) -> None:
        """Add such fields with some that differ from response to response; arguments as :class:`Head`."""
        if self.is_ready and not self.own_lines:
            known = fields.heads.get(self.wire_head)
            if known is not None:  # PERF(bench: stack_rate_limit): _put(), written out
                self._fields, self.wire_head = known
                self.own_lines, self.own_names = own, fields.own
                return
        self._add_constant(fields, own)

    def _add_constant(self, fields: ConstantFields, own: bytes) -> None:
        """Do :meth:`add_constant`, or :meth:`add_constant_lines`, the plain way."""
        names = self.own_names
        is_apart = names.isdisjoint(fields.names) and fields.is_apart(self._fields)
        if not (self.is_ready and is_apart):
            self.raw_headers[:] = fields.merged(self._whole_fields(), own)
            return
        if names:
            fields.apart = names
        head = self.wire_head
        self._fields, self.wire_head = fields.heads.get(head) or fields.head_with(head, self._fields)
        if own:
            self._put(own, fields.own)

    def add_field(self, name: bytes, value: bytes) -> None:
        """Add a field unless one of its name is there.

        Args:
            name: in small letters.
            value: known to be right.
        """
        if name in self.own_names:
            return
        for known, _ in self._fields:
            if known == name:
                return
        if self.is_ready:
            self._put(field_lines([(name, value)]), frozenset([name]))
        else:
            self.raw_headers.append((name, value))

    def add_fields(self, fields: FieldPairs) -> None:
        """Add some fields, each as :meth:`add_field` does.

        Args:
            fields: names in small letters, values that are right.
        """
        for name, value in fields:
            self.add_field(name, value)

    def append_field(self, name: bytes, value: bytes) -> None:
        """Add a field, also beside others of its name; arguments as :meth:`add_field`."""
        if self.is_ready and name not in self.own_names:
            self._put(field_lines([(name, value)]), frozenset([name]))
        else:
            self.raw_headers.append((name, value))

    def _put(self, lines: bytes, names: frozenset[bytes]) -> None:
        """Put fields of this response alone beside those of a head that is ready."""
        # PERF(bench: stack_rate_limit): as lines they are ready to be written.
        self.own_lines += lines
        self.own_names = self.own_names | names if self.own_names else names

    @property
    def headerlist(self) -> HeaderList:
        """The fields as WSGI has them: a list of pairs of text; a live view. What is assigned replaces all of them."""
        return HeaderList(self.raw_headers)

    @headerlist.setter
    def headerlist(self, value: Mapping[str, str] | Iterable[tuple[str, str]]) -> None:
        self.raw_headers[:] = encode_fields(value)

    @headerlist.deleter
    def headerlist(self) -> None:
        self.raw_headers.clear()

    def field_values(self, name: bytes) -> list[str]:
        """Return all values of a field, in order.

        Args:
            name: in small letters.
        """
        return [value.decode("latin-1") for known, value in self._whole_fields() if known == name]

    def _field(self, name: bytes) -> str | None:
        for known, value in self._fields if name not in self.own_names else self._whole_fields():
            if known == name:
                return value.decode("latin-1")
        return None

    @property
    def content_type(self) -> str | None:
        """The media type without its parameters; None when there is none."""
        field = self._field(b"content-type")
        return None if field is None else field.partition(";")[0].rstrip()

    @content_type.setter
    def content_type(self, value: str | None) -> None:
        if not value:
            self.headers.delete("content-type")
            return
        self._set_type(_whole_type(value, self.charset or self.default_charset))

    @content_type.deleter
    def content_type(self) -> None:
        self.content_type = None

    @property
    def content_type_params(self) -> dict[str, str]:
        """The parameters of the content type, in a new dict; assign one to change them."""
        return parse_parameters(self._field(b"content-type") or "")[1]

    @content_type_params.setter
    def content_type_params(self, value: Mapping[str, str] | None) -> None:
        if not isinstance(value, Mapping | None):
            raise TypeError(f"content_type_params takes a mapping, not {type(value).__name__}")
        essence = self.content_type or self._natural_type() or registry.TEXT
        parameters = {str.lower(name): text for name, text in (value or {}).items()}
        if "charset" in parameters:
            parameters["charset"] = registry.charset_of(parameters["charset"])
        self._set_type(format_parameters(essence, parameters))

    @content_type_params.deleter
    def content_type_params(self) -> None:
        self.content_type_params = None

    @property
    def charset(self) -> str | None:
        """The charset parameter of the content type; setting it encodes the text again."""
        field = self._field(b"content-type")
        return None if field is None else _charset_in(field)

    @charset.setter
    def charset(self, value: str | None) -> None:
        field = self._field(b"content-type") or self._natural_type()
        essence, parameters = parse_parameters(field or registry.TEXT)
        parameters.pop("charset", None)
        if value is not None:
            parameters["charset"] = registry.charset_of(value)
        self._set_type(format_parameters(essence, parameters))

    @charset.deleter
    def charset(self) -> None:
        self.charset = None

    def _set_type(self, field: str) -> None:
        before = self.charset
        self.headers.set("content-type", field)
        if self.charset != before:
            self._charset_changed(before)

    def _first_type(self, value: str) -> None:
        """Do the same as ``content_type = value`` where there is none yet, and no text that is encoded already."""
        self.raw_headers.append(_type_field(value, self.default_charset))

    def _natural_type(self) -> str | None:
        """The content type where none is set."""
        return self.media_type or self.default_content_type

    def _charset_changed(self, before: str | None) -> None:
        """The content, if there is any, has to be encoded again."""


def _whole_type(value: str, charset: str) -> str:
    """Return a content type as it stands on the wire."""
    # ``text/*`` is a request for text handling, not a type that may stand there (RFC 9110 §8.3.1).
    value = registry.TEXT if value == "text/*" else str.__str__(value)
    return registry.with_charset(value, charset)


@lru_cache(maxsize=64)  # PERF(bench: fortunes): most responses have one of a few types
def _type_field(value: str, charset: str) -> tuple[bytes, bytes]:
    return encode_fields({"content-type": _whole_type(value, charset)})[0]


@lru_cache(maxsize=64)  # PERF(bench: fortunes): as above
def _charset_in(field: str) -> str | None:
    return parse_parameters(field)[1].get("charset")
