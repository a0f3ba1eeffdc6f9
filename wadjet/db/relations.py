"""Relations: used only where they were loaded. Loading one row's by itself would be a query for each row of a list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import exc
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.exc import DetachedInstanceError

from ..media.codecs import pointer
from .failures import FieldError, NotLoaded

__all__ = ["Relation"]


class Relation(InstrumentedAttribute[Any]):
    """What a model has where it says ``relationship()``: it says what to write where the relation was not loaded."""

    __slots__ = ()
    inherit_cache = True

    def __get__(self, instance: object | None, owner: Any) -> Any:
        if instance is None:
            return self
        with self._explaining():
            return super().__get__(cast("Any", instance), owner)

    def __set__(self, instance: object, value: Any) -> None:
        self._check(value)
        with self._explaining():  # what a list held before has to be known
            super().__set__(instance, value)

    def _check(self, value: Any) -> None:
        """Refuse what is no row: it may come from a client, by ``create(**document)``."""
        kind = self.prop.mapper.class_
        if self.prop.uselist:
            rows = value.values() if isinstance(value, Mapping) else value
            fits = isinstance(rows, Collection) and all(isinstance(row, kind) for row in rows)
        else:
            fits = value is None or isinstance(value, kind)
        if not fits:
            what = (
                f"objects of {kind.__name__}"
                if self.prop.uselist
                else f"an object of {kind.__name__}, or None"
            )
            raise FieldError(
                f"{self.key}: this takes {what}.",
                errors=[{"pointer": pointer((self.key,)), "detail": "This is no row of the relation."}],
            )

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except (DetachedInstanceError, exc.InvalidRequestError) as error:
            name = self.class_.__name__
            raise NotLoaded(
                f"{name}.{self.key} was not loaded; write {name}.objects.prefetch({self.key!r}), or "
                f"await {name.lower()}.load({self.key!r})"
            ) from error
