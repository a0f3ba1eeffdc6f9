"""Security: which hosts are served, https only, and the fields that make browsers careful."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

from ..conf.settings import Settings
from ..errors import PolicyError
from ..http.constantfields import ConstantFields
from ..http.exceptions import BadRequest
from ..http.headers import encode_fields
from ..http.request import Request
from ..http.response import Head, RedirectResponse, Response
from ..logs import security as _log
from ..security.csp import ContentPolicy, Directives
from ..security.hosts import AllowedHosts
from ..types import ASGIApp
from .base import BaseMiddleware
from .cspreports import collect_reports

__all__ = ["SecurityMiddleware", "SecurityPolicy"]

_YEAR = 31_536_000
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]*)+")
#: How many hosts are remembered.
_MOST_HOSTS = 1024
#: RFC 3986 §3.3, §3.4: what stands for itself in a path or a query, escapes included.
_SAFE_PATH, _SAFE_QUERY = "/%:@!$&'()*+,;=~", "~!$&'()*+,;=:@/?%[]"

#: The fields that have a word each: how the field is called, and the words that browsers know.
_WORDS = {
    "x_frame_options": ("x-frame-options", {"deny", "sameorigin"}),
    "referrer_policy": (
        "referrer-policy",
        {
            "no-referrer",
            "no-referrer-when-downgrade",
            "origin",
            "origin-when-cross-origin",
            "same-origin",
            "strict-origin",
            "strict-origin-when-cross-origin",
            "unsafe-url",
        },
    ),
    "cross_origin_opener_policy": (
        "cross-origin-opener-policy",
        {"unsafe-none", "same-origin", "same-origin-allow-popups", "noopener-allow-popups"},
    ),
    "cross_origin_embedder_policy": (
        "cross-origin-embedder-policy",
        {"unsafe-none", "require-corp", "credentialless"},
    ),
    "cross_origin_resource_policy": (
        "cross-origin-resource-policy",
        {"same-site", "same-origin", "cross-origin"},
    ),
}
#: The setting of each argument.
_SETTINGS: dict[str, Callable[[Settings], Any]] = {
    "ssl_redirect": lambda settings: settings.SECURE_SSL_REDIRECT,
    "hsts_seconds": lambda settings: settings.SECURE_HSTS_SECONDS,
    "hsts_include_subdomains": lambda settings: settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
    "hsts_preload": lambda settings: settings.SECURE_HSTS_PRELOAD,
    "x_frame_options": lambda settings: settings.X_FRAME_OPTIONS,
    "xss_filter": lambda settings: settings.SECURE_BROWSER_XSS_FILTER,
    "csp": lambda settings: settings.SECURE_CONTENT_SECURITY_POLICY,
    "csp_report_only": lambda settings: settings.SECURE_CONTENT_SECURITY_POLICY_REPORT_ONLY,
    "csp_report_path": lambda settings: settings.SECURE_CSP_REPORT_PATH,
    "permissions_policy": lambda settings: settings.SECURE_PERMISSIONS_POLICY,
    "referrer_policy": lambda settings: settings.SECURE_REFERRER_POLICY,
    "cross_origin_opener_policy": lambda settings: settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
    "cross_origin_embedder_policy": lambda settings: settings.SECURE_CROSS_ORIGIN_EMBEDDER_POLICY,
    "cross_origin_resource_policy": lambda settings: settings.SECURE_CROSS_ORIGIN_RESOURCE_POLICY,
    "allowed_hosts": lambda settings: settings.ALLOWED_HOSTS,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SecurityPolicy:
    """What :class:`SecurityMiddleware` does; its arguments, settings put in where they were None."""

    ssl_redirect: bool
    hsts_seconds: int
    hsts_include_subdomains: bool
    hsts_preload: bool
    x_frame_options: str | None
    content_type_nosniff: bool
    xss_filter: bool
    csp: str | Directives | None
    csp_report_only: str | Directives | None
    csp_report_path: str | None
    permissions_policy: str | None
    referrer_policy: str | None
    cross_origin_opener_policy: str | None
    cross_origin_embedder_policy: str | None
    cross_origin_resource_policy: str | None
    allowed_hosts: Iterable[str]

    @classmethod
    def of(cls, settings: Settings, *, content_type_nosniff: bool, **given: Any) -> SecurityPolicy:
        """Return the policy of arguments, each of which a setting stands for where it is None."""
        chosen = {
            name: setting(settings) if given[name] is None else given[name]
            for name, setting in _SETTINGS.items()
        }
        return cls(content_type_nosniff=content_type_nosniff, **chosen)

    def __post_init__(self) -> None:
        """Refuse what says nothing, or too little."""
        if type(self.hsts_seconds) is not int or self.hsts_seconds < 0:
            raise PolicyError(f"hsts_seconds={self.hsts_seconds!r} is no number of seconds from 0")
        is_enough = self.hsts_include_subdomains and self.hsts_seconds >= _YEAR
        if self.hsts_seconds and self.hsts_preload and not is_enough:
            raise PolicyError(
                f"hsts_preload=True: no browser takes it without hsts_include_subdomains=True and hsts_seconds={_YEAR} or more"
            )
        if self.csp_report_path is not None and not _PATH.fullmatch(self.csp_report_path):
            raise PolicyError(
                f"csp_report_path={self.csp_report_path!r} is no plain path; write one, as '/csp-reports'"
            )

    def constant_fields(self) -> list[tuple[str, str]]:
        """Return the fields that every response has.

        Raises:
            PolicyError: a word that browsers do not know, or a value that no field can have.
        """
        fields = [("x-content-type-options", "nosniff")] if self.content_type_nosniff else []
        fields += self._words()
        if self.permissions_policy:
            fields.append(("permissions-policy", self.permissions_policy))
        if self.xss_filter:
            fields.append(("x-xss-protection", "1; mode=block"))
        if self.csp_report_path is not None:
            fields.append(("reporting-endpoints", f'csp="{self.csp_report_path}"'))
        try:
            encode_fields(fields)
        except ValueError as error:
            raise PolicyError(str(error)) from None
        return fields

    def _words(self) -> Iterator[tuple[str, str]]:
        for argument, (name, words) in _WORDS.items():
            value = getattr(self, argument) or ""
            # A policy may have parameters, and Referrer-Policy a list for browsers that know less.
            said = {part.strip().lower() for part in value.partition(";")[0].split(",")}
            if value and not said <= words:
                raise PolicyError(f"{argument}={value!r}: browsers know {', '.join(sorted(words))}")
            if value:
                yield name, value

    def content_policies(self) -> list[tuple[str, ContentPolicy]]:
        """Return the fields that are content policies."""
        given = {
            "content-security-policy": ("csp", self.csp),
            "content-security-policy-report-only": ("csp_report_only", self.csp_report_only),
        }
        return [
            (name, ContentPolicy(policy, argument, self.csp_report_path))
            for name, (argument, policy) in given.items()
            if policy
        ]

    def transport_fields(self) -> list[tuple[str, str]]:
        """Return the fields that only an answer over https may have (RFC 6797 §7.2)."""
        if not self.hsts_seconds:
            return []
        parts = [f"max-age={self.hsts_seconds}"]
        parts += ["includeSubDomains"] if self.hsts_include_subdomains else []
        parts += ["preload"] if self.hsts_preload else []
        return [("strict-transport-security", "; ".join(parts))]


class SecurityMiddleware(BaseMiddleware):
    """Serves the hosts that it should, over https only if asked to, and sends the fields that make browsers careful.

    A field that the handler has set stays as it is. Whether a request came by https is known from trusted proxies too.

    Args:
        app: the application inside.
        ssl_redirect: answer http with a redirect to https: 308, to the same host without its port.
        hsts_seconds: of Strict-Transport-Security; 0 sends none.
        hsts_include_subdomains: whether it goes for all subdomains.
        hsts_preload: whether browsers may have it built in.
        x_frame_options: ``DENY`` or ``SAMEORIGIN``; empty sends none.
        content_type_nosniff: whether browsers are told to believe Content-Type.
        xss_filter: deprecated.
        csp: Content-Security-Policy, as text or by directives; the source ``'nonce'`` stands for ``request.csp_nonce``.
        permissions_policy: Permissions-Policy.
        cross_origin_opener_policy: Cross-Origin-Opener-Policy.
        cross_origin_embedder_policy: Cross-Origin-Embedder-Policy.
        cross_origin_resource_policy: Cross-Origin-Resource-Policy.
        csp_report_only: a policy that is only reported.
        csp_report_path: where browsers report to; the middleware answers there and logs each report.
        referrer_policy: Referrer-Policy; empty sends none.
        allowed_hosts: which hosts are served; a request for another one is answered 400.

    Each that is None is a setting.

    Raises:
        PolicyError: a value that cannot be, or does nothing; it is a ValueError.
    """

    def __init__(
        self,
        app: ASGIApp,
        ssl_redirect: bool | None = None,
        hsts_seconds: int | None = None,
        hsts_include_subdomains: bool | None = None,
        hsts_preload: bool | None = None,
        x_frame_options: str | None = None,
        content_type_nosniff: bool = True,
        xss_filter: bool | None = None,
        csp: str | Directives | None = None,
        permissions_policy: str | None = None,
        cross_origin_opener_policy: str | None = None,
        cross_origin_embedder_policy: str | None = None,
        cross_origin_resource_policy: str | None = None,
        *,
        csp_report_only: str | Directives | None = None,
        csp_report_path: str | None = None,
        referrer_policy: str | None = None,
        allowed_hosts: Iterable[str] | None = None,
    ) -> None:
        given = {name: value for name, value in locals().items() if name in _SETTINGS}
        super().__init__(app)
        self.policy = policy = SecurityPolicy.of(
            self.settings, content_type_nosniff=content_type_nosniff, **given
        )
        #: Whether it has more to say to requests than whose host it is.
        self._may_answer = policy.ssl_redirect or policy.csp_report_path is not None
        self._hosts = AllowedHosts(policy.allowed_hosts)
        self._served: dict[bytes, bool] = {}
        policies = policy.content_policies()
        fields = policy.constant_fields()
        fields += [(name, one.text) for name, one in policies if not one.has_nonce]
        self._plain = ConstantFields(fields)
        over_tls = policy.transport_fields()
        #: Those of answers over https: where they are no others, nobody asks.
        self._secure = ConstantFields(fields + over_tls) if over_tls else self._plain
        self._nonced = [(name.encode(), one) for name, one in policies if one.has_nonce]
        self._without_nonce = ConstantFields([(name, one.text) for name, one in policies if one.has_nonce])
        if policy.xss_filter:
            _log.warning(
                "xss_filter is deprecated: browsers have removed what X-XSS-Protection controls; use a policy (csp=) instead"
            )

    def before(self, request: Request) -> Response[Any] | Awaitable[Response[Any]] | None:
        """Refuse other hosts, redirect to https, and take reports."""
        if not self._serves(request):
            return BadRequest(self._refusal(request))
        return self._instead(request) if self._may_answer else None

    def _instead(self, request: Request) -> Response[Any] | Awaitable[Response[Any]] | None:
        if self.policy.ssl_redirect and not request.is_secure():
            return RedirectResponse(_secure_url(request), 308)
        if request.path == self.policy.csp_report_path:
            return collect_reports(request)
        return None

    def before_socket(self, request: Request) -> Response[Any] | None:
        """Refuse WebSockets for other hosts, and those that are not secure where everything has to be."""
        if not self._serves(request):
            return BadRequest(self._refusal(request))
        if self.policy.ssl_redirect and not request.is_secure():
            return RedirectResponse(_secure_url(request), 308)
        return None

    def constant_fields(self, scheme: str) -> tuple[ConstantFields, ...]:
        """Return the fields, a policy as it is without a nonce."""
        return self._secure if scheme == "https" else self._plain, self._without_nonce

    def after(self, request: Request, response: Head) -> None:
        """Add the fields."""
        plain, secure = self._plain, self._secure
        if secure is not plain:
            arrival = request._arrival  # noqa: SLF001 - :attr:`scheme`, written out
            if (request.scheme if arrival is None else arrival.scheme) == "https":
                plain = secure
        response.add_constant(plain)
        # The fields of a 304 replace those of what a client has: that has the nonce of its own request (RFC 9111 §4.3.4).
        if not self._nonced or response.status_code == 304:
            return
        nonce = request.take_csp_nonce()
        if nonce is None:
            response.add_constant(self._without_nonce)
            return
        for name, policy in self._nonced:
            response.add_field(name, policy.with_nonce(nonce))

    def _serves(self, request: Request) -> bool:
        """Tell whether a request is for one of the hosts; what is no host is none of them."""
        # PERF(bench: stack_security): few hosts are asked for, over and over; what is kept is valid.
        field = None
        for name, value in request.raw_headers:
            if name == b"host":
                field = value if field is None else b""  # which is none
        known = self._served.get(field) if field else None
        if known is None:
            if not request.has_valid_host():
                return False
            known = self._hosts.allows(request.domain)
            if len(self._served) >= _MOST_HOSTS:
                self._served.clear()
            if field:  # SECURITY: whether there may be none depends on the version
                self._served[field] = known
        return known

    def _refusal(self, request: Request) -> str:
        """Say why; to a developer also what to do."""
        if self.settings.DEBUG:
            return (
                f"ALLOWED_HOSTS does not have the host {request.host!r:.100}: add it there, without its port."
            )
        return "Invalid Host header."


def _secure_url(request: Request) -> str:
    """Return the same address by https: the port of http is of no use there."""
    query = quote(request.raw_query, safe=_SAFE_QUERY)
    path = quote(request.raw_path, safe=_SAFE_PATH)
    return f"https://{request.domain}{path}{f'?{query}' if query else ''}"
