"""Scopes and receives for requests that no server sent."""

from __future__ import annotations

from typing import Any

from wadjet.types import Message, Receive

__all__ = ["receiving", "scope"]


def scope(
    path: str = "/", method: str = "GET", headers: dict[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """Return an ASGI scope with a Host field."""
    fields = {"host": "own.test", **(headers or {})}
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": None,
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in fields.items()],
        **more,
    }


def receiving(*chunks: bytes, disconnects: bool = False) -> Receive:
    """Return a receive that brings these chunks, then the disconnect; with ``disconnects`` the last chunk is missing."""
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": disconnects or index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    return receive
