"""Falcon has no templates; the page is rendered by hand."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import falcon.asgi

from benchmarks.peers.fortunes import rendered


class Fortunes:
    async def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_HTML
        resp.text = await rendered()


app = falcon.asgi.App()
app.add_route("/fortunes", Fortunes())
