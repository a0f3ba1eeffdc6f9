"""What browsers report of a Content Security Policy: read with care, for anybody can send it, and logged (CSP Level 3 §5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..http.exceptions import BadRequest, MethodNotAllowed, RequestEntityTooLarge, UnsupportedMediaType
from ..http.request import Request
from ..http.response import Response
from ..logs import printable
from ..logs import security as _log
from ..media import json

__all__ = ["collect_reports"]

_TYPES = frozenset({"application/csp-report", "application/reports+json", "application/json"})
#: The most bytes of one message, reports in it that are logged, and characters of a value in the log.
_MOST_BYTES, _MOST_REPORTS, _MOST_CHARACTERS = 65536, 20, 300
#: What a report says, as browsers name it now and named it before.
_DIRECTIVE = ("effectiveDirective", "effective-directive", "violated-directive")
_BLOCKED = ("blockedURL", "blocked-uri")
_DOCUMENT = ("documentURL", "document-uri")


async def collect_reports(request: Request) -> Response[Any]:
    """Log the reports of a message, one line each; the record has the whole report as ``csp_report``.

    Raises:
        MethodNotAllowed, UnsupportedMediaType, RequestEntityTooLarge, BadRequest: it is none.
    """
    if request.sent_method != "POST":
        raise MethodNotAllowed(["POST"])
    if request.content_type not in _TYPES:
        raise UnsupportedMediaType("Send reports as application/csp-report or application/reports+json.")
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > _MOST_BYTES:
            raise RequestEntityTooLarge
    try:
        document = json.loads(content)
    except ValueError:
        raise BadRequest("The report is no JSON.") from None
    for report, _ in zip(_reports(document), range(_MOST_REPORTS), strict=False):
        _log.warning(
            "CSP: %s does not allow %s on %s",
            *(_said(report, names) for names in (_DIRECTIVE, _BLOCKED, _DOCUMENT)),
            extra={"csp_report": report},
        )
    return Response(None, 204)


def _reports(document: object) -> Iterator[Mapping[str, Any]]:
    """Return the reports of a document: one, or those among several that are of a policy."""
    for item in document if isinstance(document, list) else [document]:
        if isinstance(item, Mapping):
            report = item.get("csp-report") or (item.get("type") == "csp-violation" and item.get("body"))
            if isinstance(report, Mapping):
                yield report


def _said(report: Mapping[str, Any], names: tuple[str, ...]) -> str:
    said = next((report[name] for name in names if name in report), "?")
    return printable(str(said)[:_MOST_CHARACTERS])
