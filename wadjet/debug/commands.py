"""The request once more: as a command for curl, and as a test. Nothing that a client sent gets out of its quotes."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_plus

from ..http.request import Request
from .secrets import Masker

__all__ = ["as_curl", "as_test", "content_of", "target_of"]

#: What a client of HTTP sets by itself, or what is the hop's.
_OF_THE_CONNECTION = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "accept-encoding"}
)
_MOST_CONTENT = 4000


def content_of(request: Request) -> bytes:
    """Return what is known of the content: what has arrived, and has neither been streamed away nor been put on a disk."""
    body = request.first.content
    return b"".join(body.chunks) if body.data is None else bytes(body.data)


def target_of(request: Request, masker: Masker) -> str:
    """Return path and query as they were sent, without secrets."""
    path = (request.sent_path or quote(request.path).encode()).partition(b"?")[0].decode("latin-1")
    pairs = [pair.partition("=") for pair in request.query_string.split("&")]
    query = "&".join(name + equals + masker.named(unquote_plus(name), value) for name, equals, value in pairs)
    return f"{masker.text(path)}?{query}" if query else masker.text(path)


def as_curl(request: Request, masker: Masker) -> str:
    """Return the request as a command for a shell of POSIX."""
    url = f"{request.scheme}://{request.host}{target_of(request, masker)}"
    # --globoff: brackets are brackets. --path-as-is: and dots are dots.
    parts = [f"curl --globoff --path-as-is --request {_quoted(request.method)} {_quoted(url)}"]
    parts += [f"--header {_quoted(f'{name}: {value}')}" for name, value in _fields(request, masker)]
    content = content_of(request)
    if content:
        # SECURITY: --data-raw, for --data would read the file that a leading @ names.
        parts.append(f"--data-raw {_quoted(_shown(content, masker))}")
    return " \\\n  ".join(parts)


def as_test(request: Request, masker: Masker) -> str:
    """Return the request as a test for pytest."""
    module, name = _application(request.plan.app if request.plan is not None else None)
    arguments = [repr(request.method), repr(target_of(request, masker))]
    fields = dict(_fields(request, masker))
    content = content_of(request)
    lines = [f"        {argument},\n" for argument in arguments]
    lines += [f"        headers={fields!r},\n"] if fields else []
    lines += [f"        content={_shown(content, masker).encode()!r},\n"] if content else []
    base = f"{request.scheme}://{request.host}"
    return (
        f"from wadjet.testing import TestClient\n\nfrom {module} import {name}\n\n\n"
        f"def test_{_identifier(request)}():\n"
        f"    client = TestClient({name}, base_url={base!r})\n"
        f"    response = client.request(\n{''.join(lines)}    )\n"
        "    assert response.status_code < 500\n"
    )


def _fields(request: Request, masker: Masker) -> list[tuple[str, str]]:
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers]
    return [(name, masker.named(name, value)) for name, value in pairs if name not in _OF_THE_CONNECTION]


def _shown(content: bytes, masker: Masker) -> str:
    return masker.text(content.decode("utf-8", "replace"))[:_MOST_CONTENT]


def _quoted(text: str) -> str:
    if text.isprintable():
        return shlex.quote(text)
    # SECURITY: a terminal obeys escapes, in the middle of what is pasted too; the shell makes them of what can be read.
    return (
        "$'"
        + "".join(
            letter if letter.isprintable() and letter not in "'\\" else _escape(letter) for letter in text
        )
        + "'"
    )


def _escape(letter: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "replace"))


def _identifier(request: Request) -> str:
    letters = [letter if letter.isascii() and letter.isalnum() else "_" for letter in request.path[:60]]
    words = "".join([request.method[:10].lower(), *letters]).split("_")
    name = "_".join(word for word in words if word)
    return name if name.isidentifier() else "request"


def _application(app: Any) -> tuple[str, str]:
    """Return the module of an application and its name there; guessed, where it is not found."""
    for name, module in list(sys.modules.items()):
        for variable, value in list(getattr(module, "__dict__", {}).items()):
            if value is app and app is not None and not name.startswith("wadjet"):
                return (
                    Path(getattr(module, "__file__", None) or "main").stem if name == "__main__" else name
                ), variable
    return "main", "app"
