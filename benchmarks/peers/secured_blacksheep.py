"""BlackSheep's CORS, authentication and authorization; hosts, security fields and the limit are middleware of its user."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from blacksheep import Application, Response, TextContent, json, text
from blacksheep.server.authorization import auth
from guardpost import AuthenticationHandler, Identity, User

from benchmarks.stackrules import FIELDS, ORIGINS, TOKENS, Window, serves

app = Application(show_error_details=False)
app.use_cors(allow_methods="*", allow_origins=ORIGINS, allow_headers="*", allow_credentials=True)
get = app.router.get
window = Window()
pairs = [(name.encode(), value.encode()) for name, value in FIELDS.items()]


class Bearer(AuthenticationHandler):
    def authenticate(self, context):
        field = context.get_first_header(b"Authorization")
        context.user = Identity({})
        if field and field[:7].lower() == b"bearer ":
            user = TOKENS.get(field[7:].decode())
            if user is not None:
                context.user = User({"sub": user, "name": user}, "Bearer")
        return context.user


app.use_authentication().add(Bearer())
app.use_authorization()


async def hosts(request, handler):
    if not serves(request.get_first_header(b"Host").decode()):
        return Response(400, content=TextContent("This host is not served."))
    return await handler(request)


async def fields(request, handler):
    response = await handler(request)
    for name, value in pairs:
        response.headers.add(name, value)
    return response


async def limit(request, handler):
    left = window.left(request.original_client_ip)
    if left < 0:
        return Response(429, content=TextContent("Too Many Requests"))
    response = await handler(request)
    response.headers.add(b"x-ratelimit-remaining", b"%d" % left)
    return response


app.middlewares.extend([hosts, fields, limit])


@auth()
@get("/secure")
async def secure(user: User):
    return json({"user": user.claims["name"], "ok": True})


@get("/plaintext")
async def plaintext():
    return text("Hello, World!")
