"""An application with a limit that processes share by Redis: ``python -m tests.middleware.ratesite PORT``."""

from __future__ import annotations

import os
import sys

from wadjet import Settings, Wadjet
from wadjet.middleware.ratelimit import RateLimitMiddleware


def site(url: str, limit: int = 5) -> Wadjet:
    """Return the application."""
    settings = Settings(
        RATE_LIMIT_BACKEND="redis", REDIS_URL=url, REDIS_TIMEOUT=10.0, RATE_LIMIT_REQUESTS=limit
    )
    app = Wadjet(settings, middleware=[RateLimitMiddleware])

    @app.get("/")
    async def index() -> int:
        return os.getpid()

    return app


if __name__ == "__main__":
    site(os.environ["SITE_REDIS"]).run(port=int(sys.argv[1]))
