"""aiohttp has no such middleware: all of the stack is its user's."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import sys

import uvloop
from aiohttp import web

from benchmarks.stackrules import FIELDS, ORIGINS, TOKENS, Window, serves

routes = web.RouteTableDef()
window = Window()


@web.middleware
async def hosts(request, handler):
    if not serves(request.host):
        raise web.HTTPBadRequest(text="This host is not served.")
    return await handler(request)


@web.middleware
async def fields(request, handler):
    response = await handler(request)
    response.headers.update(FIELDS)
    return response


@web.middleware
async def sharing(request, handler):
    response = await handler(request)
    origin = request.headers.get("Origin")
    if origin in ORIGINS:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Vary"] = "Origin"
    return response


@web.middleware
async def limit(request, handler):
    left = window.left(request.remote)
    if left < 0:
        raise web.HTTPTooManyRequests
    response = await handler(request)
    response.headers["x-ratelimit-remaining"] = str(left)
    return response


@web.middleware
async def bearer(request, handler):
    if request.path != "/plaintext":
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        user = TOKENS.get(token)
        if scheme.lower() != "bearer" or user is None:
            raise web.HTTPUnauthorized
        request["user"] = user
    return await handler(request)


@routes.get("/secure")
async def secure(request):
    return web.json_response({"user": request["user"], "ok": True})


@routes.get("/plaintext")
async def plaintext(request):  # noqa: ARG001 - handlers take the request
    return web.Response(text="Hello, World!")


if __name__ == "__main__":
    app = web.Application(middlewares=[hosts, fields, sharing, limit, bearer])
    app.add_routes(routes)
    options = {"access_log": None, "print": None, "loop": uvloop.new_event_loop()}
    web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), **options)
