"""Emmett55 has no such middleware: all of the stack are pipes."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from emmett55 import App, Pipe, abort, request, response
from emmett55.tools import service

from benchmarks.stackrules import FIELDS, ORIGINS, TOKENS, Window, serves

app = App(__name__)


class Hosts(Pipe):
    async def open_request(self):
        if not serves(request.host):
            abort(400)


class Fields(Pipe):
    async def open_request(self):
        response.headers.update(FIELDS)


class Sharing(Pipe):
    async def open_request(self):
        origin = request.headers.get("origin")
        if origin in ORIGINS:
            response.headers["access-control-allow-origin"] = origin
            response.headers["access-control-allow-credentials"] = "true"
            response.headers["vary"] = "Origin"


class Limit(Pipe):
    window = Window()

    async def open_request(self):
        left = self.window.left(request.client)
        if left < 0:
            abort(429)
        response.headers["x-ratelimit-remaining"] = str(left)


class Bearer(Pipe):
    async def open_request(self):
        if request.path == "/plaintext":
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        user = TOKENS.get(token)
        if scheme.lower() != "bearer" or user is None:
            abort(401)
        request.user = user


app.pipeline = [Hosts(), Fields(), Sharing(), Limit(), Bearer()]


@app.route("/secure")
@service.json
async def secure():
    return {"user": request.user, "ok": True}


@app.route("/plaintext")
async def plaintext():
    response.content_type = "text/plain; charset=utf-8"
    return "Hello, World!"
