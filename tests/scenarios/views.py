"""Wire scenarios of a view: its methods, its actions, and what comes by itself."""

from __future__ import annotations

from typing import Any

from tests.scenarios.scenario import Scenario, ask, kept
from wadjet import View, action

__all__ = ["VIEWS", "Shelf"]


class Shelf(View):
    """Answers at ``/shelf``."""

    greeting = "all"

    async def get(self) -> str:
        seen, self.greeting = self.greeting, "changed"
        return seen

    def put(self, data: bytes) -> bytes:
        return data[::-1]

    @action
    async def search(self, q: str = "") -> Any:
        return {"q": q}

    @action(detail=True, methods=["POST"])
    async def sell(self, id: int) -> Any:
        return {"id": id}


_ALLOW = "GET, HEAD, OPTIONS, PUT"

VIEWS = (
    Scenario("VIEW get", ask("/shelf"), body=b"all", fields={"content-type": "text/plain; charset=utf-8"}),
    Scenario(
        "VIEW a new instance for each request",
        kept("GET /shelf HTTP/1.1") + ask("/shelf"),
        body=b"all",
        after=(lambda reply: reply.body == b"all",),
        lane="wire",
    ),
    Scenario("VIEW head", ask("/shelf", method="HEAD"), body=b"", fields={"content-length": "3"}),
    Scenario("VIEW options", ask("/shelf", method="OPTIONS"), (204,), b"", {"allow": _ALLOW}),
    Scenario("VIEW a method that it lacks", ask("/shelf", method="DELETE"), (405,), fields={"allow": _ALLOW}),
    Scenario("VIEW a def with content", ask("/shelf", method="PUT", content=b"abc"), body=b"cba"),
    Scenario("VIEW action", ask("/shelf/search?q=x"), body=b'{"q":"x"}'),
    Scenario("VIEW action for one", ask("/shelf/7/sell", method="POST"), body=b'{"id":7}'),
    Scenario("VIEW action with a wrong value", ask("/shelf/seven/sell", method="POST"), (422,)),
    Scenario(
        "VIEW action by another method", ask("/shelf/7/sell"), (405,), fields={"allow": "OPTIONS, POST"}
    ),
)
