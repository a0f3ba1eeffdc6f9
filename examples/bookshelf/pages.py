"""The pages: functions from values to HTML. Every value is escaped where it enters the text."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

from examples.bookshelf.forms import FIELDS, Field, Filled
from examples.bookshelf.models import LANGUAGES, Book, SubjectCount
from examples.bookshelf.queries import Filter
from examples.bookshelf.script import SCRIPT_VERSION
from examples.bookshelf.store import Counts
from examples.bookshelf.stylesheet import HUES, MARKS, STYLE_VERSION

__all__ = [
    "SIZES",
    "Found",
    "Link",
    "book_page",
    "form_page",
    "home_page",
    "list_page",
    "live_page",
    "login_page",
    "missing_page",
]

#: The address of a named route, given its parameters.
Link = Callable[..., str]

SIZES = (12, 24, 48, 96)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search, and which search it was."""

    books: list[Book]
    total: int
    wanted: Filter
    page: int
    per_page: int

    @property
    def pages(self) -> int:
        return max(1, math.ceil(self.total / self.per_page))


def home_page(link: Link, counts: Counts, subjects: list[SubjectCount], newest: list[Book]) -> str:
    figures = (
        ("Books", counts.books),
        ("Authors", counts.authors),
        ("Subjects", counts.subjects),
        ("Languages", counts.languages),
    )
    boxes = "".join(f"<div><dt>{name}</dt><dd>{number:,}</dd></div>" for name, number in figures)
    return _layout(
        link,
        "Bookshelf",
        f"""<section class="hero">
<h1>Books that were never written</h1>
<p>A library of invented books by invented people. Search their titles, their authors,
and what their covers promise.</p>
{_search(link, Filter())}
</section>
<dl class="counts">{boxes}</dl>
<h2>Subjects</h2>
{_tags(link, subjects)}
<h2>Newest</h2>
{_grid(link, newest)}""",
    )


def list_page(link: Link, found: Found, subjects: list[SubjectCount]) -> str:
    title = _list_title(found.wanted)
    count = "1 book" if found.total == 1 else f"{found.total:,} books"
    books = _grid(link, found.books) if found.books else _nothing(link, found)
    return _layout(
        link,
        title,
        f"""<h1>{escape(title)}</h1>
<p class="byline" role="status">{count}</p>
{_search(link, found.wanted, subjects, found.per_page)}
{books}
{_pager(link, found)}""",
    )


def book_page(link: Link, book: Book) -> str:
    facts = (
        ("ISBN", book.isbn),
        ("Published", str(book.year)),
        ("Language", LANGUAGES.get(book.language, book.language)),
        ("Pages", f"{book.pages:,}"),
        ("Price", f"£{book.price}"),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    tags = "".join(
        f'<li><a href="{_books(link, Filter(subject=subject))}">{escape(subject)}</a></li>'
        for subject in book.subjects
    )
    more = _books(link, Filter(q=book.author))
    return _layout(
        link,
        book.title,
        f"""<article class="book">
{_cover(book)}
<div>
<h1 lang="{escape(book.language)}">{escape(book.title)}</h1>
<p class="byline">by <a href="{more}">{escape(book.author)}</a></p>
<p class="prose">{escape(book.description)}</p>
<dl class="facts">{rows}</dl>
<ul class="tags" aria-label="Subjects">{tags}</ul>
</div>
</article>""",
    )


def live_page(link: Link, latest: Iterable[Book], by: str) -> str:
    """Show the books that were added last, and those that are added while somebody looks."""
    items = "".join(
        f'<li id="book-{book.id}"><a href="{escape(link("book", id=book.id, slug=book.slug))}" '
        f'lang="{escape(book.language)}">{escape(book.title)}</a> by {escape(book.author)}</li>\n'
        for book in latest
    )
    other, name = ("events", "server-sent events") if by == "socket" else ("socket", "a WebSocket")
    return _layout(
        link,
        "New on the shelf",
        f"""<h1>New on the shelf</h1>
<p class="byline" id="state" role="status">What is added while you look appears here.</p>
<ul id="added" data-by="{by}" data-socket="{_path(link("live_socket"))}" data-events="{_path(link("live_events"))}">
{items}</ul>
<p><a href="{escape(link("live"))}?by={other}">Listen over {name} instead</a></p>
<script src="{escape(link("live_script"))}?v={SCRIPT_VERSION}"></script>""",
    )


def form_page(link: Link, filled: Filled, token: str, name: str) -> str:
    alert = ""
    if filled.problems:
        count = "One field needs" if len(filled.problems) == 1 else f"{len(filled.problems)} fields need"
        alert = f'<p class="alert" role="alert">{count} another look. Nothing has been saved yet.</p>'
    fields = "\n".join([*(_field(field, filled) for field in FIELDS), _hidden("csrfmiddlewaretoken", token)])
    return _layout(
        link,
        "Add a book",
        f"""<h1>Add a book</h1>
<p class="byline">It need not exist; its ISBN must be a valid one.</p>
{alert}
<form class="form" method="post" action="{escape(link("new_book"))}" novalidate>
{fields}
<div class="actions"><button>Put it on the shelf</button></div>
</form>
<form method="post" action="{escape(link("logout"))}">
{_hidden("csrfmiddlewaretoken", token)}
<p class="byline">You are {escape(name)}. <button>Log out</button></p>
</form>""",
    )


def login_page(link: Link, token: str, after: str, name: str | None = None) -> str:
    """Show the login; with a name, the one that was wrong. ``after`` is where it leads."""
    alert = "" if name is None else '<p class="alert" role="alert">The name or the password is wrong.</p>'
    return _layout(
        link,
        "Log in",
        f"""<h1>Log in</h1>
<p class="byline">Librarians put books on the shelf.</p>
{alert}
<form class="form" method="post" action="{escape(link("login"))}">
<div class="field half"><label for="name">Name</label>
<input id="name" name="name" autocomplete="username" value="{escape(name or "")}" required></div>
<div class="field half"><label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="current-password" required></div>
{_hidden("next", after)}
{_hidden("csrfmiddlewaretoken", token)}
<div class="actions"><button>Log in</button></div>
</form>""",
    )


def missing_page(link: Link, path: str) -> str:
    return _layout(
        link,
        "Not on the shelf",
        f"""<section class="lost">
<h1>Not on the shelf</h1>
<p>There is nothing at <code>{escape(path)}</code>. Perhaps it was lent to somebody.</p>
{_search(link, Filter())}
</section>""",
    )


def _layout(link: Link, title: str, content: str) -> str:
    name = title if title == "Bookshelf" else f"{title} · Bookshelf"
    style = f"{link('stylesheet')}?v={STYLE_VERSION}"
    entries = (
        ("Browse", "books"),
        ("Live", "live"),
        ("Add a book", "new_book"),
        ("About", "about"),
        ("API", "api_books"),
    )
    nav = "".join(f'<a href="{escape(link(route))}">{label}</a>' for label, route in entries)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(name)}</title>
<link rel="stylesheet" href="{escape(style)}">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="bar">
<a class="brand" href="{escape(link("home"))}">Bookshelf</a>
<nav aria-label="Main">{nav}</nav>
</header>
<main id="content">
{content}
</main>
<footer>Every book, author and price here is invented.</footer>
</body>
</html>
"""


def _path(address: str) -> str:
    """The path of an address, ready for an attribute: the script knows host and scheme better."""
    return escape(urlsplit(address).path)


def _search(link: Link, wanted: Filter, subjects: Iterable[SubjectCount] = (), per_page: int = 0) -> str:
    """The search form: a box; on the list also the subject and how many books to show."""
    choices = [
        ("", "All subjects"),
        *((found.subject, f"{found.subject} ({found.books})") for found in subjects),
    ]
    if wanted.subject and wanted.subject not in dict(choices):
        choices.append((wanted.subject, wanted.subject))
    sizes = [(str(size), str(size)) for size in sorted({*SIZES, per_page})]
    more = (
        f"""<div><label for="subject">Subject</label>{_select("subject", choices, wanted.subject)}</div>
<div><label for="per_page">Books a page</label>{_select("per_page", sizes, str(per_page))}</div>"""
        if per_page
        else ""
    )
    return f"""<form class="search" role="search" action="{escape(link("books"))}">
<div class="wide"><label for="q">Title, author, words or ISBN</label>
<input type="search" id="q" name="q" value="{escape(wanted.q)}" maxlength="200"></div>
{more}<button>Search</button>
</form>"""


def _grid(link: Link, books: Iterable[Book]) -> str:
    return f'<ul class="grid">{"".join(_card(link, book) for book in books)}</ul>'


def _card(link: Link, book: Book) -> str:
    address = escape(link("book", id=book.id, slug=book.slug))
    return f"""<li><a href="{address}">{_cover(book)}
<span class="name" lang="{escape(book.language)}">{escape(book.title)}</span>
<span class="meta">{escape(book.author)}</span><span class="meta">{book.year} · £{book.price}</span></a></li>
"""


def _cover(book: Book) -> str:
    hue = zlib.crc32(book.subjects[0].encode()) % HUES
    text = f"<b>{escape(book.title)}</b><i>{escape(book.author)}</i>"
    return f'<div class="cover hue-{hue} mark-{book.id % MARKS}" aria-hidden="true">{text}</div>'


def _tags(link: Link, subjects: Iterable[SubjectCount]) -> str:
    items = (
        f'<li><a href="{_books(link, Filter(subject=found.subject))}">{escape(found.subject)} '
        f"<small>{found.books}</small></a></li>"
        for found in subjects
    )
    return f'<ul class="tags">{"".join(items)}</ul>'


def _nothing(link: Link, found: Found) -> str:
    if found.total:
        first = _books(link, found.wanted)
        return f'<p>There are only {found.pages:,} pages. <a href="{first}">Go to the first</a></p>'
    return f'<p>No book matches. <a href="{escape(link("books"))}">Show them all</a></p>'


def _pager(link: Link, found: Found) -> str:
    if found.pages == 1 or not found.books:
        return ""
    before = after = "<span></span>"
    if found.page > 1:
        before = f'<a rel="prev" href="{_books(link, found.wanted, found.page - 1)}">← Previous</a>'
    if found.page < found.pages:
        after = f'<a rel="next" href="{_books(link, found.wanted, found.page + 1)}">Next →</a>'
    middle = f"<span>Page {found.page:,} of {found.pages:,}</span>"
    return f'<nav class="pager" aria-label="Pages">{before}{middle}{after}</nav>'


def _field(field: Field, filled: Filled) -> str:
    value = filled.values.get(field.name, "")
    problem = filled.problems.get(field.name)
    notes = ""
    described = []
    for kind, text in (("problem", problem), ("hint", field.hint)):
        if text:
            notes += f'<p class="{kind}" id="{field.name}-{kind}">{escape(text)}</p>'
            described.append(f"{field.name}-{kind}")
    attributes = f'{field.extra} aria-invalid="{"true" if problem else "false"}"'
    if described:
        attributes += f' aria-describedby="{" ".join(described)}"'
    return f"""<div class="field {field.size}"><label for="{field.name}">{field.label}</label>
{_input(field, value, attributes)}{notes}</div>"""


def _input(field: Field, value: str, attributes: str) -> str:
    if field.kind == "select":
        return _select(field.name, field.choices, value, attributes)
    names = f'id="{field.name}" name="{field.name}" {attributes}'
    if field.kind == "textarea":
        # HTML drops one line end after the tag; without ours it would drop the reader's.
        return f"<textarea {names}>\n{escape(value)}</textarea>"
    return f'<input {names} value="{escape(value)}">'


def _hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _select(name: str, choices: Iterable[tuple[str, str]], chosen: str, attributes: str = "") -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label in choices
    )
    return f'<select id="{name}" name="{name}" {attributes}>{options}</select>'


def _books(link: Link, wanted: Filter, page: int = 1) -> str:
    """The address of a list, ready for an attribute."""
    query = {"q": wanted.q, "subject": wanted.subject, "page": page if page > 1 else ""}
    text = urlencode({name: value for name, value in query.items() if value})
    return escape(f"{link('books')}?{text}" if text else link("books"))


def _list_title(wanted: Filter) -> str:
    if wanted.q.strip():
        about = f"Results for “{wanted.q.strip()}”"
        return f"{about} in {wanted.subject}" if wanted.subject else about
    return wanted.subject or "All books"
