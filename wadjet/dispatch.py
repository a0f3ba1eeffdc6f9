"""The request path: match, then the plan answers. It asks nothing whose answer was known at startup, and names no feature."""

from __future__ import annotations

from .handlers.plan import Plan
from .http.request import Request
from .routing.matcher import Matcher

__all__ = ["Dispatcher"]

_PERCENT = 0x25


class Dispatcher:
    """Finds the plan of a request.

    Args:
        matcher: over plans.
        bad_host: the plan of a request whose Host field is none (RFC 9112 §3.2).
        failed: the plan that raises the exception on the request: a converter of the developer's own has failed.
    """

    __slots__ = ("_bad_host", "_by_host", "_failed", "_literals", "_match")

    def __init__(self, matcher: Matcher[Plan], bad_host: Plan, failed: Plan) -> None:
        self._match = matcher.match
        self._literals = matcher.literals
        self._by_host = matcher.by_host
        self._bad_host = bad_host
        self._failed = failed

    def plan_of(self, request: Request) -> Plan:
        """Return the plan and leave it, with the values of the path, on the request; this raises no Exception."""
        if not request.has_valid_host():
            request.plan = self._bad_host
            return self._bad_host
        # PERF(bench: wire_plaintext): Matcher.match(), written out for what most paths are.
        path, sent = request.path, request.sent_path
        methods = self._literals.get(path)
        if methods is not None and not request.root_path and (sent is None or _PERCENT not in sent):
            found = methods.get(request.sent_method)
            if found is not None:
                request.plan, request.path_params = found, {}
                return found
        try:
            host = request.domain if self._by_host else None
            if request.root_path:
                path, sent = request.path_info, request.sent_path_info
            plan, request.path_params = self._match(request.sent_method, path, sent, host)
        except Exception as error:
            request.fail(error)
            plan = self._failed
        request.plan = plan
        return plan
