"""The imperative spellings of the verbs (aiohttp, Rapidy): each records what the decorator records."""

from __future__ import annotations

from typing import Any

import pytest

import wadjet
from wadjet import Router, Wadjet
from wadjet.testing import TestClient

VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


async def handler() -> str:
    return "here"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("holder", [Wadjet, Router])
def test_add_records_what_the_decorator_records(verb: str, holder: type[Any]) -> None:
    added = getattr(holder(), f"add_{verb}")("/x", handler, status_code=202)
    decorated = getattr(holder(), verb)("/x", status_code=202)(handler)
    assert (added.path, added.methods, added.options, added.handler) == (
        decorated.path,
        decorated.methods,
        decorated.options,
        handler,
    )


@pytest.mark.parametrize("verb", VERBS)
def test_reg_makes_what_the_verb_makes(verb: str) -> None:
    free = getattr(wadjet, verb)
    made = free.reg("/x", handler, status_code=202)
    assert (made.path, made.methods, made.options) == ("/x", (verb.upper(),), {"status_code": 202})
    assert made.methods == free("/x", handler).methods


def test_one_handler_may_have_many_routes() -> None:
    app = Wadjet(routes=[wadjet.get.reg("/a", handler)])
    app.add_get("/b", handler)
    app.add_routes([wadjet.post("/c", handler)])
    with TestClient(app) as client:
        assert [client.get("/a").text, client.get("/b").text, client.post("/c").text] == ["here"] * 3
