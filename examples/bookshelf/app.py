"""The application: the site, the live feed and the API over one database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

from examples.bookshelf import pages
from examples.bookshelf.api import api
from examples.bookshelf.catalogue import invent
from examples.bookshelf.live import News, live
from examples.bookshelf.logins import logins
from examples.bookshelf.settings import Development
from examples.bookshelf.site import site
from examples.bookshelf.store import DuplicateISBNError, NoSuchBookError, StaleVersionError, prepare
from examples.bookshelf.timing import RequestTimer
from wadjet import HTMLResponse, HTTPException, Request, Response, Router, Settings, Wadjet
from wadjet.auth import SessionAuthentication, TokenAuthentication
from wadjet.auth.models import DatabaseTokens
from wadjet.db import database_of
from wadjet.http.exceptions import Conflict, NotFound, PreconditionFailed
from wadjet.middleware import (
    AuthenticationMiddleware,
    CSRFMiddleware,
    DatabaseMiddleware,
    SessionMiddleware,
)

__all__ = ["app", "create_app"]


def create_app(settings: Settings | type[Settings] | None = None) -> Wadjet:
    """Return the application over the database of its settings, which is made and filled when it is empty.

    Without settings those of ``WADJET_SETTINGS`` hold, and else the defaults: see ``production.py``. Sessions need a secret.
    """

    tokens = TokenAuthentication(DatabaseTokens())
    programs = Router(authentication_classes=[tokens])
    programs.include(api)
    around = [
        RequestTimer,
        DatabaseMiddleware,
        SessionMiddleware,
        (AuthenticationMiddleware, {"backends": [SessionAuthentication, tokens]}),
        CSRFMiddleware,
    ]
    app = Wadjet(settings, middleware=around, routes=[site, logins, live, programs])

    @app.on_startup
    async def prepare_shelf() -> None:
        await prepare(database_of(app.settings), invent())

    @app.provide(News, lifetime="app")
    async def news() -> AsyncIterator[News]:
        opened = News(app.settings.REDIS_URL)
        yield opened
        await opened.close()

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


app = create_app(None if "WADJET_SETTINGS" in os.environ else Development)
