"""Falcon's CORS; hosts, security fields, the limit and the token are middleware components, as it has none."""
# mypy: ignore-errors

# The peer is installed in its own environment, where no type checker looks.

import falcon
import falcon.asgi

from benchmarks.stackrules import FIELDS, ORIGINS, TOKENS, Window, serves


class Hosts:
    async def process_request(self, req, resp):
        if not serves(req.host):
            raise falcon.HTTPBadRequest(title="This host is not served.")


class Fields:
    async def process_response(self, req, resp, resource, req_succeeded):
        resp.set_headers(FIELDS)


class Limit:
    def __init__(self):
        self.window = Window()

    async def process_request(self, req, resp):
        left = self.window.left(req.remote_addr)
        if left < 0:
            raise falcon.HTTPTooManyRequests
        resp.set_header("x-ratelimit-remaining", str(left))


class Bearer:
    async def process_resource(self, req, resp, resource, params):
        if isinstance(resource, Plaintext):
            return
        scheme, _, token = (req.auth or "").partition(" ")
        user = TOKENS.get(token)
        if scheme.lower() != "bearer" or user is None:
            raise falcon.HTTPUnauthorized
        req.context.user = user


class Secure:
    async def on_get(self, req, resp):
        resp.media = {"user": req.context.user, "ok": True}


class Plaintext:
    async def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Hello, World!"


cors = falcon.CORSMiddleware(allow_origins=ORIGINS, allow_credentials=ORIGINS)
app = falcon.asgi.App(middleware=[Hosts(), cors, Fields(), Limit(), Bearer()])
app.add_route("/secure", Secure())
app.add_route("/plaintext", Plaintext())
