"""A stand-in for the samples' ``Post`` until the database room stands: as much of a manager as they use."""

from __future__ import annotations

import itertools
from typing import Any

__all__ = ["posts"]


class _Chosen:
    """Some of the rows, still to be ordered."""

    def __init__(self, rows: list[Any]) -> None:
        self._rows = rows

    def filter(self, **wanted: object) -> _Chosen:
        return _Chosen([row for row in self._rows if wanted.items() <= row._to_dict().items()])

    def order_by(self, field: str) -> _Chosen:
        name = field.lstrip("-")
        return _Chosen(sorted(self._rows, key=lambda row: getattr(row, name), reverse=field.startswith("-")))

    def limit(self, count: int) -> _Chosen:
        return _Chosen(self._rows[:count])

    async def all(self) -> list[Any]:
        return self._rows


class _Manager(_Chosen):
    """All of the rows."""

    def __init__(self, model: type[Any]) -> None:
        super().__init__([])
        self._model = model
        self._count = itertools.count(1)

    async def create(self, **fields: object) -> Any:
        number = next(self._count)
        row = self._model({"id": number, "created_at": number, **fields})
        self._rows.append(row)
        return row

    async def get(self, **wanted: object) -> Any:
        (row,) = self.filter(**wanted)._rows
        return row

    async def get_or_none(self, **wanted: object) -> Any:
        return next(iter(self.filter(**wanted)._rows), None)


def posts() -> type[Any]:
    """Return a class ``Post`` with nothing stored."""

    class Post:
        objects: _Manager

        def __init__(self, fields: dict[str, object]) -> None:
            self.__dict__.update(fields)

        async def save(self) -> None:
            self.saved = True

        async def delete(self) -> None:
            Post.objects._rows.remove(self)

        def _to_dict(self) -> dict[str, object]:
            return dict(self.__dict__)

    Post.objects = _Manager(Post)
    return Post
