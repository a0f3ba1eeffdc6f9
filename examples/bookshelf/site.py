"""The site: pages for people."""

from __future__ import annotations

from typing import Annotated

from examples.bookshelf import pages, store
from examples.bookshelf.forms import BLANK, Filled, read_draft
from examples.bookshelf.live import News, announce
from examples.bookshelf.people import LIBRARIAN
from examples.bookshelf.queries import Filter
from examples.bookshelf.shelf import PageNumber, Search
from examples.bookshelf.store import DuplicateISBNError
from examples.bookshelf.stylesheet import STYLE
from wadjet import Cookie, HTMLResponse, Query, RedirectResponse, Request, Response, Router
from wadjet.auth import login_required, role_required
from wadjet.http.exceptions import NotFound

__all__ = ["site"]

site = Router()

PAGE_SIZE = 24
LARGEST_PAGE = 200
YEAR = 365 * 24 * 3600

ABOUT = """\
Bookshelf is an example of a site and an API made with Wadjet.

Its books do not exist. A small program invents them, always the same ones, when the database is new:
titles, authors, numbers that pass for ISBNs, prices and promises. What librarians add is kept beside them.

Pages for people begin at /, documents for programs at /api/books, and everything at once is /api/books.csv.
/live shows what is added as it is added.
"""


@site.get("/", name="home")
async def home(request: Request) -> HTMLResponse:
    newest, _ = await store.page(Filter(), per_page=6)
    page = pages.home_page(request.url_for, await store.counts(), await store.subjects(), newest)
    return HTMLResponse(page)


@site.get("/books", name="books")
async def books(
    request: Request,
    q: Search = "",
    subject: Search = "",
    page: PageNumber = 1,
    per_page: Annotated[int | None, Query(ge=1, le=LARGEST_PAGE)] = None,
    remembered: Annotated[str, Cookie(alias="per_page")] = "",
) -> HTMLResponse:
    """List books; how many on a page is remembered until the visitor says otherwise."""
    size = per_page or _page_size(remembered)
    wanted = Filter(q, subject)
    found = pages.Found(*await store.page(wanted, page, size), wanted, page, size)
    response = HTMLResponse(pages.list_page(request.url_for, found, await store.subjects()))
    if per_page is not None:
        response.set_cookie("per_page", str(per_page), max_age=YEAR, httponly=True)
    return response


@site.get("/books/new", name="new_book")
@login_required(login_url="login")
@role_required(LIBRARIAN)
async def blank_form(request: Request) -> HTMLResponse:
    return _form(request, BLANK)


@site.post("/books/new", name="new_book")
@role_required(LIBRARIAN)
async def add_from_form(request: Request, news: News) -> Response[None] | HTMLResponse:
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    filled = read_draft(form)
    if not isinstance(filled, Filled):
        try:
            book = await store.add(filled)
        except DuplicateISBNError:
            filled = Filled(form, {"isbn": "This ISBN is on the shelf already."})
        else:
            announce(request, news, book)
            return RedirectResponse(request.url_for("book", id=book.id, slug=book.slug), status_code=303)
    return _form(request, filled, 422)


@site.get("/books/{id:int}", name="book_by_number")
@site.get("/books/{id:int}/{slug}", name="book")
async def book(request: Request, id: int, slug: str = "") -> Response[None] | HTMLResponse:
    """Show a book. Its address ends in its title; any other ending leads there."""
    found = await store.find(id)
    if found is None:
        raise NotFound(f"There is no book {id}.")
    if slug != found.slug:
        # Not for ever: the title may change, and change back.
        return RedirectResponse(request.url_for("book", id=id, slug=found.slug), status_code=303)
    return HTMLResponse(pages.book_page(request.url_for, found))


@site.get("/about", name="about")
async def about() -> str:
    return ABOUT


@site.get("/style.css", name="stylesheet")
async def stylesheet() -> Response[str]:
    headers = {"cache-control": f"public, max-age={YEAR}, immutable"}
    return Response(STYLE, headers=headers, media_type="text/css; charset=utf-8")


def _form(request: Request, filled: Filled, status: int = 200) -> HTMLResponse:
    page = pages.form_page(request.url_for, filled, request.csrf_token, request.user.username)
    return HTMLResponse(page, status_code=status)


def _page_size(remembered: str) -> int:
    """Read the cookie; a broken one is no reason to refuse anybody."""
    if remembered.isascii() and remembered.isdigit() and len(remembered) < 4:
        return min(max(int(remembered), 1), LARGEST_PAGE)
    return PAGE_SIZE
