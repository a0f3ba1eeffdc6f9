"""The API: the books as JSON, and as one long CSV file."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import urlencode

from examples.bookshelf import store
from examples.bookshelf.live import News, announce
from examples.bookshelf.models import Book, BookPage, Changes, Draft, SubjectCount
from examples.bookshelf.people import LIBRARIAN
from examples.bookshelf.queries import Filter
from examples.bookshelf.shelf import PageNumber
from wadjet import Query, Request, Router, StreamingResponse
from wadjet.auth import HasRole
from wadjet.db import database_of
from wadjet.http.exceptions import NotFound

__all__ = ["api"]

#: Only tokens are good here, which no browser sends by itself: so no other site can ask in anybody's name.
api = Router(prefix="/api", csrf_exempt=True)
WRITERS = [HasRole(LIBRARIAN)]

PageSize = Annotated[int, Query(ge=1, le=200)]
#: Its fields are parameters of the query, one by one.
Wanted = Annotated[Filter, Query()]
Tagged = tuple[Book, dict[str, str]]

CSV_FIELDS = (
    "id",
    "isbn",
    "title",
    "author",
    "year",
    "language",
    "pages",
    "price",
    "subjects",
    "description",
)


@api.get("", include_in_schema=False, cache_ttl=3600)
async def describe(request: Request) -> dict[str, Any]:
    """Describe the API as an OpenAPI document. It does not change while the program runs."""
    document: dict[str, Any] = request.app.openapi(title="Bookshelf", version="1")
    return document


@api.get("/books", name="api_books")
async def find_books(
    request: Request,
    wanted: Wanted,
    page: PageNumber = 1,
    per_page: PageSize = 20,
) -> BookPage:
    items, total = await store.page(wanted, page, per_page)
    pages = max(1, math.ceil(total / per_page))
    return BookPage(
        items=items,
        total=total,
        page=page,
        pages=pages,
        per_page=per_page,
        next=_page_url(request, wanted, page + 1, per_page) if page < pages else None,
        prev=_page_url(request, wanted, min(page - 1, pages), per_page) if page > 1 else None,
    )


@api.get("/books.csv", name="api_csv")
async def export_books(request: Request, wanted: Wanted) -> StreamingResponse:
    """Send the whole catalogue, or what the filter leaves of it, while it is being read."""
    books = store.each(wanted, database_of(request.app.settings))
    headers = {"content-disposition": 'attachment; filename="books.csv"'}
    return StreamingResponse(_csv_lines(books), headers=headers, media_type="text/csv; charset=utf-8")


@api.get("/subjects", name="api_subjects")
async def list_subjects() -> list[SubjectCount]:
    return await store.subjects()


@api.get("/books/{id:int}", name="api_book", response_type=Book)
async def get_book(id: int) -> Tagged:
    book = await store.find(id)
    if book is None:
        raise NotFound(f"There is no book {id}.")
    return _tagged(book)


@api.post("/books", status_code=201, response_type=Book, permission_classes=WRITERS)
async def add_book(request: Request, news: News, draft: Draft) -> Tagged:
    book, headers = _tagged(await store.add(draft))
    announce(request, news, book)
    return book, {**headers, "location": request.url_for("api_book", id=book.id)}


@api.put("/books/{id:int}", response_type=Book, permission_classes=WRITERS)
async def replace_book(request: Request, id: int, draft: Draft) -> Tagged:
    return _tagged(await store.change(id, draft.model_dump(), _versions(request)))


@api.patch("/books/{id:int}", response_type=Book, permission_classes=WRITERS)
async def change_book(request: Request, id: int, changes: Changes) -> Tagged:
    sent = changes.model_dump(exclude_unset=True)
    return _tagged(await store.change(id, sent, _versions(request)))


@api.delete("/books/{id:int}", permission_classes=WRITERS)
async def remove_book(request: Request, id: int) -> None:
    await store.remove(id, _versions(request))


def _page_url(request: Request, wanted: Filter, page: int, per_page: int) -> str:
    query = {
        "q": wanted.q,
        "subject": wanted.subject,
        "year_from": wanted.year_from,
        "year_to": wanted.year_to,
        "page": page,
        "per_page": per_page,
    }
    given = {name: value for name, value in query.items() if value not in {"", None}}
    return request.url_for("api_books").replace(query=urlencode(given))


def _tagged(book: Book) -> Tagged:
    """The version is the entity tag: whoever sends it back in If-Match does not undo another's change."""
    return book, {"etag": f'"{book.version}"'}


def _versions(request: Request) -> frozenset[int] | None:
    """Return the versions that a client would accept; None when any will do (RFC 9110 §13.1.1)."""
    tags = request.if_match
    if tags.is_any:
        return None
    # A weak tag never matches strongly, and a foreign one is none of ours.
    named = [tag.value for tag in tags.tags if not tag.is_weak]
    return frozenset(int(value) for value in named if re.fullmatch(r"[0-9]{1,18}", value))


class _Line:
    """What the csv module writes to: keeps nothing, hands the line back."""

    def write(self, line: str) -> str:
        return line


async def _csv_lines(books: AsyncIterator[Book]) -> AsyncIterator[str]:
    write = csv.writer(_Line()).writerow
    yield write(CSV_FIELDS)
    async for book in books:
        yield write([_cell(getattr(book, name)) for name in CSV_FIELDS])


def _cell(value: object) -> object:
    if isinstance(value, list):
        value = "; ".join(value)
    # SECURITY: spreadsheets run a text that begins like a formula (CWE-1236).
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
