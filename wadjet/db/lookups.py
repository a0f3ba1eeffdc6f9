"""Look-ups: ``title__icontains="x"``, ``author__name="y"`` become conditions of SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Select, false, func, true
from sqlalchemy.orm import RelationshipProperty
from sqlalchemy.sql import ClauseElement

from .failures import FieldError
from .fields import VALUE, Column, columns_of, mapper_of, storable

__all__ = ["by_value", "conditions", "named", "orderings"]

_Made = Callable[[Any, Column, Any], ColumnElement[bool]]
#: How many relations one look-up may go through.
_MOST_HOPS = 5


def _exact(attribute: Any, column: Column, value: Any) -> ColumnElement[bool]:
    value = column.compared(value)
    return attribute == value if column.may_have(value) else false()


def _iexact(attribute: Any, column: Column, value: Any) -> ColumnElement[bool]:
    return func.lower(attribute) == func.lower(_text(column, value))


def _one_of(attribute: Any, column: Column, value: Any) -> ColumnElement[bool]:
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise FieldError(f"{column.name}__in takes several values.")
    values = [column.compared(each) for each in value]
    return attribute.in_([each for each in values if column.may_have(each)])  # type: ignore[no-any-return]  # as above


def _between(attribute: Any, column: Column, value: Any) -> ColumnElement[bool]:
    try:
        low, high = value
    except (TypeError, ValueError):
        raise FieldError(f"{column.name}__range takes two values.") from None
    return _ordered("__ge__")(attribute, column, low) & _ordered("__le__")(attribute, column, high)


def _is_null(attribute: Any, column: Column, value: Any) -> ColumnElement[bool]:
    if not isinstance(value, bool):
        raise FieldError(f"{column.name}__isnull is True or False.")
    return attribute.is_(None) if value else attribute.is_not(None)  # type: ignore[no-any-return]  # as above


def _ordered(operator: str) -> _Made:
    is_less = operator in {"__lt__", "__le__"}

    def made(attribute: Any, column: Column, value: Any) -> ColumnElement[bool]:
        value = column.compared(value)
        if value is None:
            raise FieldError(f"{column.name} is compared with nothing.")
        if not column.may_have(value):
            return true() if is_less == (value > 0) else false()
        return getattr(attribute, operator)(value)  # type: ignore[no-any-return]  # as above

    return made


def _like(method: str) -> _Made:
    def made(attribute: Any, column: Column, value: Any) -> ColumnElement[bool]:
        # What means anything to LIKE is escaped.
        return getattr(attribute, method)(_text(column, value), autoescape=True)  # type: ignore[no-any-return]  # as above

    return made


def _text(column: Column, value: Any) -> str:
    if not isinstance(value, str):
        raise FieldError(f"{column.name} is compared with text here.")
    try:
        # SECURITY: to SQLite a pattern ends at a NUL, so that "%" + NUL would be every row.
        return storable(value)
    except ValueError as error:
        raise FieldError(f"{column.name}: {error}.") from None


_LOOKUPS: Mapping[str, _Made] = {
    "exact": _exact,
    "iexact": _iexact,
    "in": _one_of,
    "range": _between,
    "isnull": _is_null,
    "gt": _ordered("__gt__"),
    "gte": _ordered("__ge__"),
    "lt": _ordered("__lt__"),
    "lte": _ordered("__le__"),
    "contains": _like("contains"),
    "icontains": _like("icontains"),
    "startswith": _like("startswith"),
    "istartswith": _like("istartswith"),
    "endswith": _like("endswith"),
    "iendswith": _like("iendswith"),
}


def conditions(model: type, lookups: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Return the conditions that look-ups are.

    Args:
        model: whose rows are looked for.
        lookups: ``field``, ``field__lookup``, ``relation``, ``relation__field__lookup`` and what is compared.

    Raises:
        FieldError: there is no such field or look-up, or a value that its field cannot have.
    """
    return [_condition(model, name.split("__"), value, name) for name, value in lookups.items()]


def by_value(model: type, lookups: Mapping[str, Any]) -> tuple[Select[Any], dict[str, Any]] | None:
    """Return the statement for the row with one value of one column, and its parameters; None for any other look-up.

    Raises:
        FieldError: a value that its field cannot have.
    """
    if len(lookups) != 1:
        return None
    ((name, value),) = lookups.items()
    column = columns_of(model).get(name)
    if column is None or isinstance(value, ClauseElement):
        return None
    value = column.compared(value)
    # PERF(bench: db): a third of what a row costs is putting its statement together. NULL is no parameter: SQL has other words.
    return None if value is None or not column.may_have(value) else (column.one(), {VALUE: value})


def _condition(model: type, steps: list[str], value: Any, name: str) -> ColumnElement[bool]:
    first, rest = steps[0], steps[1:]
    column = columns_of(model).get(first)
    if column is not None and len(rest) < 2:
        lookup = _LOOKUPS.get(rest[0] if rest else "exact")
        if lookup is None:
            _refuse(name, f"there is no look-up {rest[0]!r}", _LOOKUPS)
        return lookup(getattr(model, first), column, value)
    relation = mapper_of(model).relationships.get(first)
    if relation is None or len(steps) > _MOST_HOPS + 2:
        _refuse(
            name,
            f"{model.__name__} has no field {first!r}",
            [*columns_of(model), *mapper_of(model).relationships.keys()],
        )
    return _of_relation(model, relation, rest, value, name)


def _of_relation(
    model: type, relation: RelationshipProperty[Any], rest: list[str], value: Any, name: str
) -> ColumnElement[bool]:
    attribute: Any = getattr(model, relation.key)
    exists = attribute.any if relation.uselist else attribute.has
    if not rest:
        if value is not None and not isinstance(value, relation.mapper.class_):
            raise FieldError(f"{name} is compared with a {relation.mapper.class_.__name__}.")
        found: ColumnElement[bool] = attribute.contains(value) if relation.uselist else attribute == value
        return found
    if rest == ["isnull"]:
        if not isinstance(value, bool):
            raise FieldError(f"{name} is True or False.")
        found = exists()
        return ~found if value else found
    return exists(_condition(relation.mapper.class_, rest, value, name))  # type: ignore[no-any-return]  # as above


def named(model: type, name: str) -> Any:
    """Return the attribute of a column.

    Raises:
        FieldError: there is none of this name.
    """
    if name not in columns_of(model):
        _refuse(name, f"{model.__name__} has no field {name!r}", columns_of(model))
    return getattr(model, name)


def orderings(model: type, orders: tuple[Any, ...]) -> list[Any]:
    """Return what ``order_by`` is in SQL.

    Args:
        model: whose rows are put in order.
        orders: names of fields, a ``-`` before one turns its order around; and SQLAlchemy's expressions.

    Raises:
        FieldError: there is no such field.
    """
    return [_ordering(model, order) if isinstance(order, str) else order for order in orders]


def _ordering(model: type, name: str) -> Any:
    return named(model, name[1:]).desc() if name.startswith("-") else named(model, name)


def _refuse(name: str, reason: str, known: Any) -> NoReturn:
    raise FieldError(f"{name}: {reason}; there are {', '.join(sorted(known))}.")
