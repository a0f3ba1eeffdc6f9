"""FastAPI, with a session as a dependency and Starlette's templates."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.data.messages import TEMPLATES
from benchmarks.peers.fortunes import rows_of, sessions

templates = Jinja2Templates(TEMPLATES)
app = FastAPI()


async def session_of():
    async with sessions() as session:
        yield session


@app.get("/fortunes", response_class=HTMLResponse)
async def fortunes(request: Request, session: Annotated[AsyncSession, Depends(session_of)]):
    rows = await rows_of(session)
    return templates.TemplateResponse(request, "fortunes.html", {"fortunes": rows})
