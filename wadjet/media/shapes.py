"""What msgspec types are made of: which instances have the declared fields and no others, and what the others have of them.

msgspec writes an instance by its own class. One of a subclass has fields that nobody declared, and they must not leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, get_origin

from msgspec import UNSET, inspect

__all__ = ["Check", "checks", "class_of", "declared_only", "is_shallow", "parts", "plain"]

#: Tells whether an instance has the declared classes, as deep as it goes.
Check = Callable[[Any], bool]

_WITH_FIELDS = (inspect.StructType, inspect.DataclassType, inspect.TypedDictType, inspect.NamedTupleType)
_CLASSES = (inspect.StructType, inspect.DataclassType)
_LISTS = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)
_MANY = (list, tuple, set, frozenset)


def plain(kind: inspect.Type) -> inspect.Type:
    """Return a type without what describes it."""
    return plain(kind.type) if isinstance(kind, inspect.Metadata) else kind


def class_of(kind: Any) -> Any:
    """Return the class of a type, without the arguments of a generic one."""
    return get_origin(kind.cls) or kind.cls


def _within(kind: Any) -> Iterator[inspect.Type]:
    """Yield the types that values of a type hold."""
    if isinstance(kind, _WITH_FIELDS):
        yield from (field.type for field in kind.fields)
    elif isinstance(kind, _LISTS):
        yield kind.item_type
    elif isinstance(kind, inspect.TupleType):
        yield from kind.item_types
    elif isinstance(kind, inspect.DictType):
        yield from (kind.key_type, kind.value_type)
    elif isinstance(kind, inspect.UnionType):
        yield from kind.types


def parts(kind: inspect.Type) -> list[Any]:
    """Return everything that a type is made of, itself included, each thing once."""
    found: dict[int, inspect.Type] = {}
    waiting = [plain(kind)]
    while waiting:
        part = waiting.pop()
        if id(part) not in found:
            found[id(part)] = part
            waiting += map(plain, _within(part))
    return list(found.values())


def is_shallow(kind: inspect.Type) -> bool:
    """Tell whether the type says how deep its values can nest: it holds neither anything nor itself."""
    every = parts(kind)
    if any(isinstance(part, inspect.AnyType | inspect.RawType) for part in every):
        return False
    return not any(part is other for part in every for within in _within(part) for other in parts(within))


class _Exact:
    """Whether an instance is of just this class, and so is what it holds."""

    __slots__ = ("cls", "fields", "names")

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.fields: list[tuple[Callable[[Any], Any], Check]] = []
        attributes = getattr(cls, "__attrs_attrs__", None)
        # SECURITY: msgspec writes every attribute of an instance of attrs, those that were only set too.
        is_open = attributes is not None and hasattr(cls, "__dict__") and _has_dict(cls)
        self.names = {attribute.name for attribute in attributes or ()} if is_open else None

    def __call__(self, value: Any) -> bool:
        return type(value) is self.cls and self.holds(value)

    def holds(self, value: Any) -> bool:
        if self.names is not None and not value.__dict__.keys() <= self.names:
            return False
        return all(check(get(value)) for get, check in self.fields)

    def every(self, values: Any) -> bool:
        # PERF(bench: inproc_records): classes are counted faster than instances are asked one by one.
        if [*map(type, values)].count(self.cls) != len(values):
            return False
        return not (self.fields or self.names is not None) or all(map(self.holds, values))


def _has_dict(cls: type) -> bool:
    return any("__dict__" in base.__dict__ for base in cls.__mro__)


def checks(kind: inspect.Type) -> dict[type, Check | None]:
    """Return how instances are known that can be written as they are, by their class; None where all of a class can."""
    known: dict[int, _Exact] = {}
    found: dict[type, Check | None] = {}
    members = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    for member in map(plain, members):
        check = _check(member, known)
        if isinstance(check, _Exact):
            found[check.cls] = check.holds if check.fields or check.names is not None else None
        elif check is not None and isinstance(member, inspect.ListType):
            found[list] = check
    return found


def _check(kind: Any, known: dict[int, _Exact]) -> Check | None:
    """Return what tells whether a value is right; None where it holds nothing of which there could be more."""
    kind = plain(kind)
    return known.get(id(kind)) or _CHECKS.get(type(kind), _of_others)(kind, known)


def _of_list(kind: Any, known: dict[int, _Exact]) -> Check | None:
    check = _check(kind.item_type, known)
    if check is None or isinstance(check, _Exact):
        return check and check.every
    return lambda values: all(map(check, values))


def _of_dict(kind: Any, known: dict[int, _Exact]) -> Check | None:
    check = _check(kind.value_type, known)
    if isinstance(check, _Exact):
        every = check.every
        return lambda value: every(value.values())
    return check and _never


def _of_foreign(kind: Any, _: dict[int, _Exact]) -> Check | None:
    return _Exact(kind.cls) if hasattr(kind.cls, "__pydantic_validator__") else None


def _of_others(kind: Any, known: dict[int, _Exact]) -> Check | None:
    """Let what is rare, and holds what could be more, take the way by what is declared."""
    return _never if any(_check(within, known) for within in _within(kind)) else None


def _of_class(kind: Any, known: dict[int, _Exact]) -> _Exact:
    exact = known[id(kind)] = _Exact(class_of(kind))
    for field in kind.fields:
        check = _check(field.type, known)
        if check is not None:
            exact.fields.append((attrgetter(field.name), check))
    return exact


def _one_of(kind: inspect.UnionType, known: dict[int, _Exact]) -> Check | None:
    """Return the check of a union: of what may be missing, that of what there is."""
    others = [member for member in kind.types if not isinstance(member, inspect.NoneType)]
    found = [_check(member, known) for member in others]
    if not any(found):
        return None
    check = found[0] if len(found) == 1 else None
    return _never if check is None else lambda value: value is None or check(value)


def _never(_: Any) -> bool:
    return False


_CHECKS: dict[type, Callable[[Any, dict[int, _Exact]], Check | None]] = {
    **dict.fromkeys(_CLASSES, _of_class),
    **dict.fromkeys(_LISTS, _of_list),
    inspect.DictType: _of_dict,
    inspect.UnionType: _one_of,
    inspect.CustomType: _of_foreign,
    # Of the keys of a dict nobody knows who put them there.
    inspect.TypedDictType: lambda kind, known: _never,
}


def declared_only(kind: Any, value: Any) -> Any:
    """Return a value as dicts and lists with the declared fields of its objects, to be validated as that.

    Args:
        kind: what is declared.
        value: anything; what cannot be it stays as it is.
    """
    kind = plain(kind)
    if isinstance(kind, inspect.UnionType):
        return _of_union(kind, value)
    if isinstance(value, Mapping):
        return _of_mapping(kind, value)
    if isinstance(value, _MANY):
        return _of_many(kind, value)
    if isinstance(kind, inspect.EnumType | inspect.CustomType):
        return _of_its_own(kind, value)
    if isinstance(kind, _CLASSES) and type(value).__module__ != "builtins":
        return _of_object(kind, value)
    return value


def _of_its_own(kind: Any, value: Any) -> Any:
    """Return what an enumeration stands for; of an instance of a pydantic model, one of just the declared class."""
    if not isinstance(value, class_of(kind)):
        return value
    if isinstance(kind, inspect.EnumType):
        return value.value
    fields = getattr(kind.cls, "model_fields", None)
    return (
        value
        if fields is None
        else kind.cls.model_construct(**{name: getattr(value, name) for name in fields})
    )


def _of_many(kind: Any, value: Any) -> Any:
    if isinstance(kind, _LISTS):
        return [declared_only(kind.item_type, item) for item in value]
    if isinstance(kind, inspect.TupleType) and len(value) == len(kind.item_types):
        return [declared_only(item, each) for item, each in zip(kind.item_types, value, strict=True)]
    return value


def _of_union(kind: inspect.UnionType, value: Any) -> Any:
    """Read a value as the member that has its class, or as the only one that it may be."""
    members: list[Any] = [*map(plain, kind.types)]
    found: list[Any]
    if isinstance(value, _MANY):
        found = [member for member in members if isinstance(member, _LISTS)]
    else:
        classes = [member for member in members if isinstance(member, (*_CLASSES, inspect.EnumType))]
        found = [member for member in classes if isinstance(value, class_of(member))] or classes
    return declared_only(found[0], value) if len(found) == 1 else value


def _of_mapping(kind: Any, value: Mapping[Any, Any]) -> Any:
    if isinstance(kind, inspect.DictType):
        return {key: declared_only(kind.value_type, item) for key, item in value.items()}
    if not isinstance(kind, _WITH_FIELDS):
        return value
    types = {field.encode_name: field.type for field in kind.fields}
    return {key: declared_only(types[key], item) if key in types else item for key, item in value.items()}


def _of_object(kind: Any, value: Any) -> Any:
    fields = [(field, getattr(value, field.name, UNSET)) for field in kind.fields]
    found = {
        field.encode_name: declared_only(field.type, item) for field, item in fields if item is not UNSET
    }
    if isinstance(kind, inspect.StructType) and found:
        if kind.array_like:
            return [*([] if kind.tag is None else [kind.tag]), *found.values()]
        if kind.tag_field is not None:
            found[kind.tag_field] = kind.tag
    return found or value
