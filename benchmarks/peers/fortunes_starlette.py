"""Starlette, with its templates."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from benchmarks.data.messages import TEMPLATES
from benchmarks.peers.fortunes import rows_of, sessions

templates = Jinja2Templates(TEMPLATES)


async def fortunes(request):
    async with sessions() as session:
        rows = await rows_of(session)
    return templates.TemplateResponse(request, "fortunes.html", {"fortunes": rows})


app = Starlette(routes=[Route("/fortunes", fortunes)])
