"""aiohttp has no templates; the page is rendered by hand."""
# mypy: ignore-errors
# ruff: noqa: ARG001 - handlers take the request
# The peer is installed in its own environment, where no type checker looks.

import sys

import uvloop
from aiohttp import web

from benchmarks.peers.fortunes import rendered


async def fortunes(request):
    return web.Response(text=await rendered(), content_type="text/html")


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/fortunes", fortunes)
    options = {"access_log": None, "print": None, "loop": uvloop.new_event_loop()}
    web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), **options)
