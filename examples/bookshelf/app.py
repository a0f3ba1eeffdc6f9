"""The application: the site and the API over one store, which lives as long as the server does."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from examples.bookshelf import pages
from examples.bookshelf.api import api
from examples.bookshelf.catalogue import invent
from examples.bookshelf.logins import logins
from examples.bookshelf.people import People
from examples.bookshelf.site import site
from examples.bookshelf.store import DuplicateISBNError, NoSuchBookError, StaleVersionError, Store
from examples.bookshelf.timing import RequestTimer
from wadjet import HTMLResponse, HTTPException, Request, Response, Router, Settings, Wadjet
from wadjet.auth import SessionAuthentication, TokenAuthentication
from wadjet.conf.kinds import MASKED
from wadjet.http.exceptions import Conflict, NotFound, PreconditionFailed
from wadjet.middleware import AuthenticationMiddleware, CSRFMiddleware, SessionMiddleware

__all__ = ["Development", "app", "create_app"]

DATABASE = "bookshelf.sqlite3"


@dataclasses.dataclass(frozen=True)
class Development(Settings):
    """What holds where nothing else is said: who has logged in is known until the program ends."""

    SECRET_KEY: Annotated[str | tuple[str, ...], MASKED] = dataclasses.field(
        default_factory=lambda: secrets.token_urlsafe(48)
    )


def create_app(database: str | Path, settings: Settings | type[Settings] | None = None) -> Wadjet:
    """Return the application over a SQLite file, which is made and filled when it does not exist.

    Without settings those of ``WADJET_SETTINGS`` hold, and else the defaults: see ``production.py``. Sessions need a secret.
    """

    people = People(database)
    tokens = TokenAuthentication(people)
    programs = Router(authentication_classes=[tokens])
    programs.include(api)
    around = [
        RequestTimer,
        SessionMiddleware,
        (AuthenticationMiddleware, {"users": people, "backends": [SessionAuthentication, tokens]}),
        CSRFMiddleware,
    ]
    app = Wadjet(settings, middleware=around, routes=[site, logins, programs])

    @app.provide(Store, lifetime="app")
    def store() -> Iterator[Store]:
        with Store(database).open(invent()) as opened:
            yield opened

    app.exception_handler(404)(show_missing)
    app.exception_handler(NoSuchBookError)(lambda _, error: NotFound(_sentence(error)))
    app.exception_handler(DuplicateISBNError)(lambda _, error: Conflict(_sentence(error)))
    app.exception_handler(StaleVersionError)(lambda _, error: PreconditionFailed(_sentence(error)))
    return app


async def show_missing(request: Request, error: HTTPException) -> Response[None] | HTMLResponse:
    """Show people a page; programs, and whoever asks below /api, get problem details."""
    is_for_people = "text/html" in request.headers.get("accept", "")
    if not is_for_people or request.path_info.startswith("/api/"):
        return error
    page = pages.missing_page(request.url_for, request.path)
    return HTMLResponse(page, status_code=404, headers={"vary": "Accept"})


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


app = create_app(
    os.environ.get("BOOKSHELF_DB", DATABASE), None if "WADJET_SETTINGS" in os.environ else Development
)
