"""Model: a table as a class, a row as an object. Objects belong to nobody: what is changed is written by ``save()``."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema
from sqlalchemy import Connection, MetaData, event, inspect
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, RelationshipProperty, declared_attr
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import JSON

from ..media.codecs import pointer
from .database import Database, current_database
from .failures import DoesNotExist, FieldError, IntegrityError, missing_column
from .fields import UTCDateTime, columns_of, mapper_of, shown
from .query import Query, session_on
from .relations import Relation
from .schemas import Serializer, schema_of
from .units import asking

__all__ = ["Model", "Objects", "create_all"]

M = TypeVar("M", bound="Model")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Objects:
    """What ``Post.objects`` is: a query of all rows, of the class that is asked."""

    __slots__ = ()

    @overload
    def __get__(self, instance: None, owner: type[M]) -> Query[M]: ...
    @overload
    def __get__(self, instance: object, owner: type[M]) -> Query[M]: ...
    def __get__(self, instance: object | None, owner: type[M]) -> Query[M]:
        if instance is not None:
            raise AttributeError(f"objects is of the class: write {owner.__name__}.objects")
        return Query(owner)


class Model(DeclarativeBase):
    """Base of models: SQLAlchemy's declarative classes, with ``objects``, ``save()`` and ``delete()``.

    The table is called after the class, in small letters; ``__tablename__`` says otherwise.
    """

    __abstract__ = True
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
        list[str]: JSON(),
    }
    #: What an object shows to nobody: fields that are left out where it is written as JSON and by ``_to_dict()``.
    __hidden__: ClassVar[frozenset[str]] = frozenset()
    objects: ClassVar[Objects] = Objects()
    __pydantic_serializer__: ClassVar[Serializer] = Serializer()

    @declared_attr.directive
    @classmethod
    def __tablename__(cls) -> str:
        return _HUMP.sub("_", cls.__name__).lower()

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        # What the database makes up is read at once: there is no session that could do so later.
        return {"eager_defaults": True, "confirm_deleted_rows": False}

    def _to_dict(self) -> dict[str, Any]:
        """Return the fields that may be seen, by their names."""
        return {name: getattr(self, name) for name in shown(type(self))}

    async def save(self, *, database: Database | None = None) -> None:
        """Write a new object, or what was changed in one that is kept.

        Args:
            database: which; None for that of the context.

        Raises:
            FieldError: a value that its field cannot have.
            IntegrityError: a constraint is against it.
            DoesNotExist: the row was deleted meanwhile.
        """
        if inspect(self).was_deleted:
            raise DoesNotExist(f"This {type(self).__name__} was deleted.")
        self._check()

        def write(connection: Connection) -> None:
            with session_on(connection) as session:
                session.add(self)
                session.flush()

        try:
            await asking(database, current_database, write, writes=True)
        except IntegrityError as error:
            raise self._missing(error) or error from error.__cause__

    async def delete(self, *, database: Database | None = None) -> None:
        """Delete the row. That it is not there any more is no failure.

        Raises:
            IntegrityError: something refers to it.
        """

        def erase(connection: Connection) -> None:
            with session_on(connection) as session:
                session.delete(self)
                session.flush()

        if inspect(self).identity is None:
            raise DoesNotExist(f"This {type(self).__name__} was never saved.")
        await asking(database, current_database, erase, writes=True)

    async def load(self, *relations: str, database: Database | None = None) -> Self:
        """Load relations of this object, ``await post.load("author")``; return it.

        Raises:
            DoesNotExist: the row is not there.
            FieldError: there is no such relation.
        """
        loaded = await self._again(database, *relations)
        for name in {path.partition("__")[0] for path in relations}:
            set_committed_value(self, name, getattr(loaded, name))
        return self

    async def refresh(self, *, database: Database | None = None) -> Self:
        """Read all fields again; return this object. What was changed in it and not saved is lost.

        Raises:
            DoesNotExist: the row is not there.
        """
        loaded = await self._again(database)
        for name in columns_of(type(self)):
            set_committed_value(self, name, getattr(loaded, name))
        return self

    async def _again(self, database: Database | None, *relations: str) -> Self:
        key = inspect(self).identity
        if key is None:
            raise DoesNotExist(f"This {type(self).__name__} was never saved.")
        columns = mapper_of(type(self)).primary_key
        query = Query(type(self), database).prefetch(*relations)
        return await query.get(*(column == value for column, value in zip(columns, key, strict=True)))

    def _missing(self, error: IntegrityError) -> FieldError | None:
        """Return what is to be said of a field that has to have a value, and has none; None if that was not the reason."""
        table, missing = missing_column(error) or ("", "")
        mapper = mapper_of(type(self))
        for name, column in columns_of(type(self)).items():
            kept = column.attribute.columns[0]
            if kept.name == missing and getattr(mapper.local_table, "name", None) == table:
                return FieldError(
                    f"{name}: Field required",
                    errors=[{"pointer": pointer((name,)), "detail": "Field required", "type": "missing"}],
                )
        return None

    def _check(self) -> None:
        """Make every changed value what its column keeps."""
        state = inspect(self)
        columns = columns_of(type(self))
        for name in state.dict.keys() & columns.keys() - (set() if state.transient else state.unmodified):
            value = state.dict[name]
            made = columns[name].written(value)
            if made is not value:
                setattr(self, name, made)

    def __repr__(self) -> str:
        key = inspect(self).identity
        return f"<{type(self).__name__} {'unsaved' if key is None else '/'.join(map(str, key))}>"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Say what an object is as JSON, for handlers that return it and for the document of the API."""
        return schema_of(cls, handler.generate_schema)


@event.listens_for(Model, "attribute_instrument", propagate=True)
def _instrumented(_: Any, __: str, attribute: InstrumentedAttribute[Any]) -> None:
    """Let relations say what to write where they were not loaded."""
    if isinstance(attribute.prop, RelationshipProperty):
        attribute.__class__ = Relation


async def create_all(database: Database | None = None, metadata: MetaData | None = None) -> None:
    """Create the tables of all models that are not there. What is there stays as it is; migrations change it.

    Args:
        database: where; None for the one of this context.
        metadata: whose tables; None for those of :class:`Model`.
    """
    await (database or current_database()).create_all(Model.metadata if metadata is None else metadata)
