"""A crash as a response for a developer, in the form that the client reads. It is made in development, and never else."""

from __future__ import annotations

import secrets
from typing import Any

from ..errors import ConfigError
from ..http.negotiation import Accept
from ..http.problem import PROBLEM
from ..http.request import Request
from ..http.response import Response
from ..media import json, registry
from .page import page, policy
from .plain import as_document, as_text
from .report import Surroundings, report

__all__ = ["present"]


def present(error: BaseException, request: Request, identifier: str, around: Surroundings) -> Response[Any]:
    """Return the development form of a crash: a page for browsers, text for terminals, problem details for who names JSON.

    Args:
        error: what was raised.
        request: what was asked.
        identifier: the id that the log has, too.
        around: what stands around the request.
    """
    found = report(error, request, identifier, around)
    accept = request.headers.joined("accept")
    # What says that anything will do is a terminal; a script that wants JSON names it.
    machine = (PROBLEM, registry.JSON)
    offers = (*machine, registry.TEXT) if "json" in (accept or "").lower() else (registry.TEXT, *machine)
    chosen = Accept(accept).best_of((*offers, registry.HTML)) or registry.TEXT
    fields = {
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "vary": "Accept",
    }
    if chosen == registry.HTML:
        nonce = _nonce(request)
        fields["content-security-policy"] = policy(nonce)
        return Response(page(found, nonce), 500, fields, registry.HTML)
    if chosen == registry.TEXT:
        return Response(as_text(found), 500, fields, chosen)
    return Response(json.dumps(as_document(found)), 500, fields, PROBLEM)


def _nonce(request: Request) -> str:
    """Return the nonce of the request, which other policies have too; one of the page's own where that comes too late."""
    try:
        return request.csp_nonce
    except ConfigError:
        return secrets.token_urlsafe(16)
