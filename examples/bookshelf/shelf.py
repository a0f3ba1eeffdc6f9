"""What the site and the API ask for in the same way."""

from __future__ import annotations

from typing import Annotated

from wadjet import Query

__all__ = ["PageNumber", "Search"]

# Bounds that keep any offset within the integers of databases.
PageNumber = Annotated[int, Query(ge=1, le=1_000_000)]
Search = Annotated[str, Query(max_length=200)]
