"""Litestar, with a session as a dependency and its templates."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from litestar import Litestar, get
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.di import Provide
from litestar.response import Template
from litestar.template.config import TemplateConfig
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.data.messages import TEMPLATES
from benchmarks.peers.fortunes import rows_of, sessions


async def session_of():
    async with sessions() as session:
        yield session


@get("/fortunes", dependencies={"session": Provide(session_of)})
async def fortunes(session: AsyncSession) -> Template:
    return Template("fortunes.html", context={"fortunes": await rows_of(session)})


templates = TemplateConfig(directory=TEMPLATES, engine=JinjaTemplateEngine)
app = Litestar([fortunes], openapi_config=None, template_config=templates)
