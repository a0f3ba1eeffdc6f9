"""How handlers reach the store: the lifespan puts it into the state of every request."""

from __future__ import annotations

from typing import Annotated

from examples.bookshelf.store import Store
from wadjet import Query, Request

__all__ = ["PageNumber", "Search", "store_of"]

# Bounds that keep any offset within SQLite's integers.
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
Search = Annotated[str, Query(max_length=200)]


def store_of(request: Request) -> Store:
    store = request.state["store"]
    assert isinstance(store, Store)
    return store
