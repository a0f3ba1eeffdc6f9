"""An application whose answers are kept in Redis, as two processes serve it: ``python -m tests.cache.site PORT``."""

from __future__ import annotations

import os
import sys

from wadjet import Settings, Wadjet


def site(url: str) -> Wadjet:
    """Return the application."""
    app = Wadjet(Settings(CACHE_BACKEND="redis", REDIS_URL=url, REDIS_TIMEOUT=10.0))
    runs = iter(range(1000))

    @app.get("/", cache_rate=10)
    async def index() -> str:
        return f"{os.getpid()} {next(runs)}"

    @app.post("/forget")
    async def forget() -> None:
        await index.invalidate()

    return app


if __name__ == "__main__":
    site(os.environ["SITE_REDIS"]).run(port=int(sys.argv[1]))
