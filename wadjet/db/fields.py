"""Fields: what the columns of a model can hold. Values are made what their column wants, as bodies are."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterable
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Integer,
    Select,
    SmallInteger,
    bindparam,
    inspect,
    select,
)
from sqlalchemy.orm import ColumnProperty, Mapped, Mapper
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine

from ..media.codecs import pointer
from .failures import FieldError

__all__ = ["VALUE", "Column", "UTCDateTime", "check_names", "columns_of", "mapper_of", "shown"]

#: The parameter of statements that look for one value.
VALUE = "wadjet_value"
#: How many bits an integer of a column has.
_BITS = ((SmallInteger, 16), (BigInteger, 64), (Integer, 32))


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: with a time zone on the way in, in UTC on the way out, whatever the database keeps of it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """What its values are."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment into UTC; one without a time zone is taken as UTC."""
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC where the database does not."""
        return None if value is None else _in_utc(value)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def storable(text: str) -> str:
    """Return a text that every database can keep.

    Raises:
        ValueError: it is none.
    """
    if "\x00" in text:
        raise ValueError("PostgreSQL keeps no NUL in a text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("it has half of a surrogate pair") from None
    return text


class Column:
    """One column of a model.

    Args:
        model: whose.
        attribute: as the mapper has it.
    """

    __slots__ = ("_compared", "_is_whole", "_written", "annotation", "attribute", "limit", "name", "one")

    def __init__(self, model: type, attribute: ColumnProperty[Any]) -> None:
        self.attribute = attribute
        self.name = attribute.key
        column = attribute.columns[0]
        kind: TypeEngine[Any] = column.type
        plain = _plain(kind)
        #: Integers beyond are in no row.
        self.limit = 2 ** (next((bits for cls, bits in _BITS if isinstance(kind, cls)), 64) - 1)
        self._is_whole = plain is int
        length = getattr(kind, "length", None) if plain is str else None
        compared: Any = _compared(model, attribute.key, kind, plain)
        written: Any = Annotated[compared, Field(max_length=length)] if length else compared
        if self._is_whole:
            written = Annotated[int, Field(ge=-self.limit, lt=self.limit)]
        is_optional = bool(getattr(column, "nullable", True)) or getattr(column, "primary_key", False)
        #: What its values are, for who describes them.
        self.annotation: Any = (
            plain | None if getattr(column, "nullable", True) and plain is not Any else plain
        )
        self._compared = functools.cache(lambda: TypeAdapter(compared))
        self._written = functools.cache(lambda: TypeAdapter(written | None if is_optional else written))
        #: The statement that finds the row with a value, or two of them if there are several; the value is its parameter VALUE.
        self.one = functools.cache(lambda: _one(model, attribute))

    def written(self, value: Any) -> Any:
        """Return a value as the column keeps it.

        Raises:
            FieldError: it cannot.
        """
        return value if isinstance(value, ClauseElement) else self._made(self._written(), value)

    def compared(self, value: Any) -> Any:
        """Return a value as it can be compared with the column's.

        Raises:
            FieldError: it cannot.
        """
        if value is None or isinstance(value, ClauseElement):
            return value
        return self._made(self._compared(), value)

    def may_have(self, value: Any) -> bool:
        """Tell whether any row may have a value: databases refuse to look for integers that they cannot keep."""
        return not (self._is_whole and isinstance(value, int)) or -self.limit <= value < self.limit

    def _made(self, adapter: TypeAdapter[Any], value: Any) -> Any:
        try:
            return adapter.validate_python(value)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise FieldError(
                f"{self.name}: {first['msg']}",
                errors=[{"pointer": pointer((self.name,)), "detail": first["msg"], "type": first["type"]}],
            ) from None


def _one(model: type, attribute: ColumnProperty[Any]) -> Select[Any]:
    found: Select[Any] = select(model).where(getattr(model, attribute.key) == bindparam(VALUE))
    return found if mapper_of(model).primary_key == tuple(attribute.columns) else found.limit(2)


def _compared(model: type, name: str, kind: TypeEngine[Any], plain: Any) -> Any:
    """Return what values are made that are compared with a column's."""
    if isinstance(kind, UTCDateTime):
        return Annotated[datetime, AfterValidator(_in_utc)]
    if isinstance(kind, JSON):
        return _declared(model, name)
    return Annotated[str, AfterValidator(storable)] if plain is str else plain


def _declared(model: type, name: str) -> Any:
    """Return the list or the dict that a model says a field of JSON is; Any where it says neither, or cannot be read here."""
    try:
        hint = get_type_hints(model).get(name)
    except (NameError, TypeError):
        return Any
    declared = get_args(hint)[0] if get_origin(hint) is Mapped else Any
    choices = get_args(declared) if get_origin(declared) in {Union, UnionType} else (declared,)
    kinds = [each for each in choices if each is not NoneType]
    return kinds[0] if len(kinds) == 1 and get_origin(kinds[0]) in {list, dict} else Any


def _plain(kind: TypeEngine[Any]) -> Any:
    """Return the class of a column's values; Any where it has none."""
    if isinstance(kind, JSON):
        return Any
    try:
        found = kind.python_type
    except NotImplementedError:
        return Any
    return Any if found in {list, dict, object} else found


_KNOWN: weakref.WeakKeyDictionary[type, dict[str, Column]] = weakref.WeakKeyDictionary()


def mapper_of(model: type) -> Mapper[Any]:
    """Return SQLAlchemy's mapper of a model."""
    return inspect(model)


def columns_of(model: type) -> dict[str, Column]:
    """Return the columns of a model, by the names of their attributes."""
    known = _KNOWN.get(model)
    if known is None:
        known = _KNOWN[model] = {each.key: Column(model, each) for each in mapper_of(model).column_attrs}
    return known


def shown(model: type) -> list[str]:
    """Return the names of the fields of a model that anybody may see."""
    hidden = getattr(model, "__hidden__", ())
    return [name for name in columns_of(model) if name not in hidden]


def check_names(model: type, names: Iterable[str]) -> None:
    """Look whether a model has all of these fields and relations.

    Raises:
        FieldError: it has not; all names that it does not know are listed.
    """
    known = mapper_of(model).attrs
    unknown = sorted(name for name in names if name not in known)
    if unknown:
        raise FieldError(
            f"{model.__name__} has no field {unknown[0]!r}.",
            errors=[{"pointer": pointer((name,)), "detail": "There is no such field."} for name in unknown],
        )
