"""Two sites for CORS in a browser: ``python -m tests.middleware.corssite PORT``.

With ``CORS_PAGES`` it is an API that scripts of that origin may read; without it is where the pages are.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from wadjet import HTMLResponse, Request, Wadjet
from wadjet.middleware.cors import CORSMiddleware
from wadjet.middleware.requestid import RequestIdMiddleware

__all__ = ["api", "pages"]


def pages() -> Wadjet:
    """Return where the pages are."""
    app = Wadjet()

    @app.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse("<!doctype html><title>page</title>")

    return app


def api(origin: str) -> Wadjet:
    """Return what scripts of one origin may read."""
    options = {
        "allowed_origins": [origin],
        "allow_credentials": True,
        "allowed_methods": ["GET", "PUT"],
        "allowed_headers": ["X-Asked", "Content-Type"],
        "expose_headers": ["X-Request-ID"],
        "max_age": 0,
    }
    app = Wadjet(middleware=[RequestIdMiddleware, (CORSMiddleware, options)])
    asked: list[str] = []

    @app.route("/data", methods=["GET", "PUT", "DELETE"])
    async def data(request: Request) -> Any:
        asked.append(request.method)
        return {"method": request.method, "cookie": request.cookies.get("who")}, {"x-hidden": "yes"}

    @app.get("/asked")
    async def how_often() -> Any:
        return asked

    @app.get("/login")
    async def login() -> Any:
        return "in", {"set-cookie": "who=alice"}

    @app.get("/crash")
    async def crash() -> None:
        raise LookupError

    return app


if __name__ == "__main__":
    origin = os.environ.get("CORS_PAGES")
    (pages() if origin is None else api(origin)).run(port=int(sys.argv[1]))
