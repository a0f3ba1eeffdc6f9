"""Query: which rows, in which order, how many. It asks nothing before it is awaited by one of its last words."""

from __future__ import annotations

import copy
from collections.abc import Callable, Generator, Mapping
from functools import lru_cache
from typing import Any, Generic, Self, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, not_, select, update
from sqlalchemy import exists as exists_
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql import ColumnExpressionArgument

from .database import Database, current_database
from .failures import DoesNotExist, FieldError, IntegrityError, MultipleObjectsReturned
from .fields import check_names, columns_of, mapper_of, shown
from .lookups import by_value, conditions, named, orderings
from .units import asking, working

__all__ = ["Query", "Rows", "session_on"]

M = TypeVar("M")


def session_on(connection: Connection) -> Session:
    """Return a session for one operation; what it has loaded belongs to nobody afterwards, and is written when it is saved."""
    return Session(connection, autoflush=False, expire_on_commit=False, join_transaction_mode="rollback_only")


class Query(Generic[M]):
    """Rows of a model; ``Post.objects`` are all of them. Each word returns another query.

    Args:
        model: whose rows.
        database: which; None for that of the context.
    """

    __slots__ = (
        "_conditions",
        "_database",
        "_is_everything",
        "_limit",
        "_locks",
        "_offset",
        "_options",
        "_order",
        "model",
    )

    def __init__(self, model: type[M], database: Database | None = None) -> None:
        self.model = model
        self._database = database
        self._conditions: tuple[Any, ...] = ()
        self._order: tuple[Any, ...] = ()
        self._options: tuple[Any, ...] = ()
        self._limit: int | None = None
        self._offset: int | None = None
        self._locks = False
        #: Whether nothing was said of the rows yet.
        self._is_everything = True

    def _with(self, **changes: Any) -> Self:
        other = copy.copy(self)
        for name, value in {"_is_everything": False, **changes}.items():
            setattr(other, name, value)
        return other

    # -- which rows ---------------------------------------------------------------------------------------------------------

    def using(self, database: Database) -> Self:
        """Ask this database."""
        return self._with(_database=database, _is_everything=self._is_everything)

    def filter(self, /, *expressions: ColumnExpressionArgument[bool], **lookups: Any) -> Self:
        """Keep rows for which everything holds.

        Args:
            *expressions: SQLAlchemy's: ``Post.views > Post.likes``.
            **lookups: ``title="x"``, ``views__gte=10``, ``id__in=[1, 2]``, ``title__icontains="x"``, ``author__name="y"``.

        Raises:
            FieldError: a field or a look-up that there is not, or a value that its field cannot have.
        """
        return self._with(_conditions=(*self._conditions, *expressions, *conditions(self.model, lookups)))

    def exclude(self, /, *expressions: ColumnExpressionArgument[bool], **lookups: Any) -> Self:
        """Leave out rows for which everything holds; see :meth:`filter`. Those of which nobody knows stay."""
        left_out = and_(*expressions, *conditions(self.model, lookups))
        # In SQL what is compared with NULL is neither true nor false.
        return self._with(_conditions=(*self._conditions, not_(func.coalesce(left_out, False))))

    def order_by(self, *orders: str | ColumnElement[Any]) -> Self:
        """Put rows in the order of these fields, instead of any other; ``-`` before a name turns it around.

        Args:
            *orders: names, and SQLAlchemy's expressions: ``order_by(Post.views / Post.likes, "-id")``.

        Raises:
            FieldError: there is no such field.
        """
        return self._with(_order=tuple(orderings(self.model, orders)))

    def limit(self, count: int) -> Self:
        """Give so many rows at the most."""
        return self._with(_limit=_whole(count, "limit"))

    def offset(self, count: int) -> Self:
        """Leave out so many rows at the beginning."""
        return self._with(_offset=_whole(count, "offset"))

    def prefetch(self, *relations: str) -> Self:
        """Load relations with the rows, in one more query each: ``prefetch("author", "comments__author")``.

        Raises:
            FieldError: there is no such relation.
        """
        loads = tuple(_loading(self.model, path.split("__")) for path in relations)
        return self._with(_options=(*self._options, *loads))

    def for_update(self) -> Self:
        """Let nobody else change the rows before the transaction ends. SQLite locks the whole file for who writes anyway."""
        return self._with(_locks=True)

    @property
    def stmt(self) -> Select[tuple[M]]:
        """SQLAlchemy's statement, to be taken further."""
        model: Any = self.model
        statement: Select[tuple[M]] = self._limited(_rows_of(model))
        if self._options:
            statement = statement.options(*self._options)
        return statement.with_for_update() if self._locks else statement

    def _limited(self, statement: Select[Any]) -> Select[Any]:
        # PERF(bench: fortunes): each word copies the statement, said or not.
        if self._conditions:
            statement = statement.where(*self._conditions)
        if self._order:
            statement = statement.order_by(*self._order)
        if self._offset is not None:
            statement = statement.offset(self._offset)
        return statement if self._limit is None else statement.limit(self._limit)

    # -- reading ------------------------------------------------------------------------------------------------------------

    async def all(self) -> list[M]:
        """Return the rows."""
        return await self._fetched(self.stmt)

    async def first(self) -> M | None:
        """Return the first row, by its key where there is no order; None where there is none."""
        ordered = self if self._order else self._with(_order=tuple(mapper_of(self.model).primary_key))
        rows = await ordered.limit(1 if self._limit is None else min(1, self._limit)).all()
        return rows[0] if rows else None

    async def get(self, /, *expressions: ColumnExpressionArgument[bool], **lookups: Any) -> M:
        """Return the one row there is.

        Raises:
            DoesNotExist: there is none; unhandled, it is a 404.
            MultipleObjectsReturned: there are several.
        """
        found = await self.get_or_none(*expressions, **lookups)
        if found is None:
            raise DoesNotExist(f"There is no such {self.model.__name__}.")
        return found

    async def get_or_none(self, /, *expressions: ColumnExpressionArgument[bool], **lookups: Any) -> M | None:
        """Return the one row there is; None where there is none.

        Raises:
            MultipleObjectsReturned: there are several.
        """
        known = by_value(self.model, lookups) if self._is_everything and not expressions else None
        if known is not None:
            rows = await self._fetched(*known)
        else:
            query = self.filter(*expressions, **lookups) if expressions or lookups else self
            rows = await (query if self._limit is not None else query.limit(2)).all()
        if len(rows) > 1:
            raise MultipleObjectsReturned(
                f"there are several rows of {self.model.__name__}; say more of the one, or ask for first() or all()"
            )
        return rows[0] if rows else None

    async def count(self) -> int:
        """Return how many rows there are."""
        if self._limit is None and self._offset is None:
            statement = select(func.count()).select_from(self.model).where(*self._conditions)
        else:
            key = mapper_of(self.model).primary_key
            statement = select(func.count()).select_from(self._limited(select(*key)).subquery())
        async with self._working(writes=False) as connection:
            found: int = (await connection.execute(statement)).scalar_one()
            return found

    async def exists(self) -> bool:
        """Tell whether there is a row."""
        inner = self._limited(select(1).select_from(self.model))
        async with self._working(writes=False) as connection:
            return bool((await connection.execute(select(exists_(inner)))).scalar_one())

    def values(self, *names: str) -> Rows:
        """Return rows as dicts, of these fields or of all; to be awaited.

        Raises:
            FieldError: there is no such field.
        """
        chosen = names or shown(self.model)
        attributes = [named(self.model, name).label(name) for name in chosen]
        return Rows(self._limited(select(*attributes)), self._working)

    async def _fetched(
        self, statement: Select[tuple[M]], parameters: Mapping[str, Any] | None = None
    ) -> list[M]:
        def fetch(connection: Connection) -> list[M]:
            with session_on(connection) as session:
                return list(session.scalars(statement, parameters))

        return await asking(self._database, current_database, fetch, writes=self._locks)

    def _working(self, *, writes: bool) -> Any:
        return working(self._database, current_database, writes=writes)

    # -- writing ------------------------------------------------------------------------------------------------------------

    async def create(self, /, **fields: Any) -> M:
        """Keep a new row, and return it.

        Raises:
            FieldError: a field that there is not, or a value that it cannot have.
            IntegrityError: a constraint is against it.
        """
        check_names(self.model, fields)
        made: Any = self.model(**fields)
        await made.save(database=self._database)
        kept: M = made
        return kept

    async def get_or_create(
        self, /, defaults: Mapping[str, Any] | None = None, **fields: Any
    ) -> tuple[M, bool]:
        """Return the one row with these fields, or a new one with them, and whether it is new.

        Somebody else may keep it meanwhile: then that is returned, if a constraint says that there is one.

        Args:
            defaults: further fields of a new one.
            **fields: what it has.
        """
        from .database import transaction

        found = await self.get_or_none(**fields)
        if found is not None:
            return found, False
        try:
            async with transaction(self._database):
                return await self.create(**fields, **(defaults or {})), True
        except IntegrityError:
            found = await self.get_or_none(**fields)
            if found is None:
                raise
            return found, False

    async def update(self, /, **fields: Any) -> int:
        """Change all of the rows, and return how many there were. Values may be SQL: ``views=Post.views + 1``.

        Raises:
            FieldError: a field that there is not, or a value that it cannot have.
            IntegrityError: a constraint is against it.
        """
        columns = columns_of(self.model)
        for name in fields:
            named(self.model, name)
        values = {name: columns[name].written(value) for name, value in fields.items()}
        return (
            await self._changed(update(self.model).where(*self._chosen()).values(**values)) if values else 0
        )

    async def delete(self) -> int:
        """Delete all of the rows, and return how many there were. The database looks after what refers to them.

        Raises:
            IntegrityError: something refers to them.
        """
        return await self._changed(delete(self.model).where(*self._chosen()))

    def _chosen(self) -> tuple[Any, ...]:
        """Return the conditions of the rows, be there a limit or not."""
        if self._limit is None and self._offset is None:
            return self._conditions
        keys = mapper_of(self.model).primary_key
        if len(keys) > 1:
            raise FieldError("Rows with several keys are not changed up to a limit.")
        return (keys[0].in_(self._limited(select(keys[0]))),)

    async def _changed(self, statement: Any) -> int:
        def change(connection: Connection) -> int:
            with session_on(connection) as session:
                result: Any = session.execute(statement, execution_options={"synchronize_session": False})
                return int(result.rowcount)

        return await asking(self._database, current_database, change, writes=True)


class Rows:
    """Rows as dicts; ``await`` gives all of them.

    Args:
        statement: selects them.
        work: gives a connection.
    """

    __slots__ = ("_statement", "_work")

    def __init__(self, statement: Select[Any], work: Callable[..., Any]) -> None:
        self._statement = statement
        self._work = work

    async def all(self) -> list[dict[str, Any]]:
        """Return all of them."""
        async with self._work(writes=False) as connection:
            return [dict(row) for row in (await connection.execute(self._statement)).mappings()]

    async def first(self) -> dict[str, Any] | None:
        """Return the first one; None where there is none."""
        async with self._work(writes=False) as connection:
            row = (await connection.execute(self._statement.limit(1))).mappings().first()
        return None if row is None else dict(row)

    def __await__(self) -> Generator[Any, None, list[dict[str, Any]]]:
        return self.all().__await__()


@lru_cache(maxsize=1024)  # PERF(bench: fortunes): what is said of the rows is put into a copy
def _rows_of(model: type) -> Select[Any]:
    return select(model)


def _whole(count: object, word: str) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count < 2**63:
        raise FieldError(f"{word}() takes a number that is not negative.")
    return count


def _loading(model: type, steps: list[str]) -> Any:
    option: Any = None
    for step in steps:
        relations = mapper_of(model).relationships
        if step not in relations:
            known = ", ".join(sorted(relations.keys())) or "none"
            raise FieldError(f"{model.__name__} has no relation {step!r}; there are {known}.")
        attribute = getattr(model, step)
        option = selectinload(attribute) if option is None else option.selectinload(attribute)
        model = relations[step].mapper.class_
    return option
