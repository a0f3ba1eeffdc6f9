"""The site that the samples on CSRF are pages of: ``python -m tests.samples.csrfsite PORT``.

With ``SITE_IS_OLD=1`` it sees what browsers without fetch metadata send, and with ``SITE_OTHER`` it has pages of another
site, which post there.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from tests.samples.catalogue import FOLDER
from wadjet import BaseMiddleware, HTMLResponse, Request, Settings, Wadjet
from wadjet.middleware.csrf import CSRFMiddleware
from wadjet.types import Receive, Scope, Send

SAMPLES = FOLDER / "openviper_middleware"
SETTINGS = Settings(SECRET_KEY="a secret of the samples", TEMPLATES_DIR=str(SAMPLES))
_SAID_TODAY = frozenset({b"origin", b"sec-fetch-site", b"sec-fetch-mode", b"sec-fetch-dest", b"referer"})


class OldBrowser(BaseMiddleware):
    """Takes away what browsers of today say."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in _SAID_TODAY]}
        await self.app(scope, receive, send)


def site(*, is_old: bool) -> Wadjet:
    """Return the site."""
    app = Wadjet(SETTINGS, middleware=[OldBrowser, CSRFMiddleware] if is_old else [CSRFMiddleware])

    @app.get("/")
    async def form() -> HTMLResponse:
        return HTMLResponse(template="05_csrf_form.html")

    @app.get("/multipart")
    async def multipart(request: Request) -> HTMLResponse:
        page = (SAMPLES / "05_csrf_form.html").read_text().replace("{{ csrf_token }}", request.csrf_token)
        return HTMLResponse(page.replace("<form", '<form enctype="multipart/form-data"'))

    @app.post("/submit")
    async def submit(request: Request) -> Any:
        return {"fields": list(await request.form())}

    @app.post("/api/data")
    async def data(request: Request) -> Any:
        return {"got": await request.json()}

    return app


def other(target: str) -> Wadjet:
    """Return another site, whose page posts to the first one."""
    app = Wadjet()

    @app.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(f'<form method="post" action="{target}/submit"><input name="a" value="1"></form>')

    return app


if __name__ == "__main__":
    found = (
        other(os.environ["SITE_OTHER"])
        if "SITE_OTHER" in os.environ
        else site(is_old=os.environ.get("SITE_IS_OLD") == "1")
    )
    found.run(port=int(sys.argv[1]))
