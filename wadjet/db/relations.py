"""Relations: used only where they were loaded. Loading one row's by itself would be a query for each row of a list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import exc
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.exc import DetachedInstanceError

from .failures import NotLoaded

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
        with self._explaining():  # what a list held before has to be known
            super().__set__(instance, value)

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
