"""The login: a form, and what becomes of it."""

from __future__ import annotations

from typing import Annotated

from examples.bookshelf import pages
from wadjet import Form, HTMLResponse, RedirectResponse, Request, Response, Router
from wadjet.auth import authenticate, login, logout
from wadjet.middleware import AnonRateThrottle

__all__ = ["logins"]

logins = Router()


class Logins(AnonRateThrottle):
    """Nobody guesses for long."""

    rate = "10/minute"


@logins.get("/login", name="login")
async def show_login(request: Request, next: str = "") -> HTMLResponse:
    return HTMLResponse(pages.login_page(request.url_for, request.csrf_token, next))


@logins.post("/login", name="login", throttle_classes=[Logins])
async def log_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response[None] | HTMLResponse:
    person = await authenticate(request, username=name, password=password)
    if person is None:
        page = pages.login_page(request.url_for, request.csrf_token, next, name)
        return HTMLResponse(page, status_code=422)
    await login(request, person)
    home = request.url_for("home")
    return RedirectResponse(request.safe_url(next, home) if next else home, status_code=303)


@logins.post("/logout", name="logout")
async def log_out(request: Request) -> Response[None]:
    await logout(request)
    return RedirectResponse(request.url_for("home"), status_code=303)
