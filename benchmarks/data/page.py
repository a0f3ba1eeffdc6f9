"""Wadjet's page of fortunes."""

from __future__ import annotations

from sqlalchemy import MetaData

from benchmarks.data.messages import ADDED
from wadjet import HTMLResponse, Wadjet
from wadjet.db import Mapped, Model, mapped_column
from wadjet.middleware import DatabaseMiddleware

__all__ = ["Fortune", "app", "application"]


class Fortune(Model):
    """A text with a number."""

    metadata = MetaData()
    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str]


async def fortunes() -> HTMLResponse:
    rows = await Fortune.objects.all()
    rows.append(Fortune(id=0, message=ADDED))
    rows.sort(key=lambda row: row.message)
    return HTMLResponse(template="fortunes.html", context={"fortunes": rows})


def application() -> Wadjet:
    """Return it, with the settings that the environment has."""
    made = Wadjet(middleware=[DatabaseMiddleware])
    made.get("/fortunes")(fortunes)
    return made


app = application()
