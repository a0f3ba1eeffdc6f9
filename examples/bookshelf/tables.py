"""The tables: books, and the subjects by which they are found. Who may write stands in ``wadjet.auth.models``."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator

from wadjet.db import ForeignKey, Mapped, Model, mapped_column

__all__ = ["BookRow", "BookSubject"]

#: SQLite counts by itself only what it calls INTEGER.
Number = BigInteger().with_variant(Integer, "sqlite")


class Pounds(TypeDecorator[Decimal]):
    """A price, kept as whole pence: SQLite has no decimal numbers."""

    impl = Integer
    cache_ok = True

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value.scaleb(2))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-2)


class BookRow(Model):
    """A book as it is kept: what the reader sees, and what a search looks at."""

    __tablename__ = "book"
    #: The number of a book that was removed is not given again; PostgreSQL never does.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    version: Mapped[int]
    isbn: Mapped[str] = mapped_column(String(13), unique=True)
    title: Mapped[str]
    author: Mapped[str] = mapped_column(index=True)
    year: Mapped[int] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(index=True)
    pages: Mapped[int]
    price: Mapped[Decimal] = mapped_column(Pounds())
    subjects: Mapped[list[str]]
    description: Mapped[str]
    #: The words of title and author, and all words: small, without accents, a space around each.
    heading: Mapped[str]
    words: Mapped[str]


class BookSubject(Model):
    """A subject of a book."""

    subject: Mapped[str] = mapped_column(primary_key=True)
    book_id: Mapped[int] = mapped_column(
        Number, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True, index=True
    )
