"""The request path: match, then the plan answers. It asks nothing whose answer was known at startup, and names no feature."""

from __future__ import annotations

from .handlers.plan import Plan
from .http.request import Request
from .routing.matcher import Matcher

__all__ = ["Dispatcher"]


class Dispatcher:
    """Finds the plan of a request.

    Args:
        matcher: over plans.
        bad_host: the plan of a request whose Host field is none (RFC 9112 §3.2).
        failed: the plan that raises the exception on the request: a converter of the developer's own has failed.
    """

    __slots__ = ("_bad_host", "_by_host", "_failed", "_match")

    def __init__(self, matcher: Matcher[Plan], bad_host: Plan, failed: Plan) -> None:
        self._match = matcher.match
        self._by_host = matcher.by_host
        self._bad_host = bad_host
        self._failed = failed

    def plan_of(self, request: Request) -> Plan:
        """Return the plan and leave it, with the values of the path, on the request; this raises no Exception."""
        if not request.has_valid_host():
            request.plan = self._bad_host
            return self._bad_host
        try:
            host = request.domain if self._by_host else None
            path, sent = request.path, request.sent_path
            if request.root_path:
                path, sent = request.path_info, request.sent_path_info
            plan, request.path_params = self._match(request.sent_method, path, sent, host)
        except Exception as error:
            request.fail(error)
            plan = self._failed
        request.plan = plan
        return plan
