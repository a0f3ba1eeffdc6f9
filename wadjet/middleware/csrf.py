"""CSRFMiddleware: no other site makes unsafe requests in the name of a client.

Browsers say where a request comes from; of those that do not, a token is asked.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Awaitable, Iterable
from typing import Any, cast

from ..errors import ConfigError
from ..http.constantfields import ConstantFields
from ..http.cookies import format_cookie
from ..http.exceptions import Forbidden
from ..http.formfield import FieldSearch
from ..http.request import Request
from ..logs import settings as _log
from ..security.senders import Ruling, Sender, origin_of, rule
from ..security.tokens import LENGTH, SALT_BYTES, CsrfTokens
from ..types import ASGIApp
from .base import BaseMiddleware
from .order import check_order, inside
from .sharing import is_shared, keep_private

__all__ = ["CSRFMiddleware"]

#: RFC 9110 §9.2.1 and RFC 10008; TRACE echoes cookies, and is nobody's to send.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})
_FIELD = "csrfmiddlewaretoken"
#: How many bytes of content are read in search of the field.
_MOST_CONTENT = 2 * 1024 * 1024
_REFUSED = "CSRF verification failed."
_VARIES = ConstantFields(vary=["Cookie"])


@dataclasses.dataclass(frozen=True)
class _Policy:
    """What is decided when the middleware is made."""

    tokens: CsrfTokens
    header: bytes
    exempt: frozenset[str]
    trusted: frozenset[str]
    cookie: str
    #: What stands before and behind its value; of answers over http, and of those over https.
    around: tuple[tuple[bytes, bytes], tuple[bytes, bytes]]
    explains: bool


class CSRFMiddleware(BaseMiddleware):
    """Refuses unsafe requests that another site makes in the name of a client.

    Args:
        app: the application inside.
        secret: what signs; ``SECRET_KEY``.
        cookie_name: of the cookie; ``CSRF_COOKIE_NAME``.
        header_name: of the field in which scripts send the token.
        exempt_paths: paths that are not checked, exactly these, below the root path.

    Raises:
        ConfigError: there is no secret, an origin is none, a cookie that browsers would refuse, or sessions begin inside of it.
    """

    uses = frozenset({"session"})

    def __init__(
        self,
        app: ASGIApp,
        secret: str = "",
        cookie_name: str | None = None,
        header_name: str = "x-csrftoken",
        exempt_paths: Iterable[str] | None = None,
    ) -> None:
        super().__init__(app)
        settings = self.settings
        attributes = {
            "secure": settings.CSRF_COOKIE_SECURE,
            "httponly": settings.CSRF_COOKIE_HTTPONLY,
            "samesite": settings.CSRF_COOKIE_SAMESITE,
            "max_age": settings.CSRF_COOKIE_AGE,
        }
        name = cookie_name or settings.CSRF_COOKIE_NAME
        try:
            around = _around(name, attributes), _around(name, {**attributes, "secure": True})
        except ValueError as error:
            raise ConfigError(
                f"the CSRF cookie cannot be set: {error}; see CSRF_COOKIE_SECURE and the others"
            ) from error
        self._policy = _Policy(
            CsrfTokens(secret or settings.SECRET_KEY or _passing_secret(is_allowed=settings.DEBUG)),
            header_name.lower().encode(),
            frozenset(_paths(exempt_paths or ())),
            frozenset(map(_trusted, settings.CSRF_TRUSTED_ORIGINS)),
            name,
            around,
            settings.DEBUG,
        )
        check_order(list(inside(self)))

    def before(self, request: Request) -> Awaitable[None] | None:
        """Refuse what another site has made."""
        policy = self._policy
        guard = _Guard(policy, request)
        request.csrf = guard
        if request.method in _SAFE:
            return None
        ruling = rule(_sender(request), policy.trusted)
        if ruling is Ruling.PASSES or self._is_exempt(request):
            return None
        if ruling is Ruling.SAYS_NOTHING:
            return self._check(request, guard)
        raise self._refusal(_other(request, ruling))

    def after(self, request: Request, response: Any) -> None:
        """Give the cookie to a client that has none."""
        guard = request.csrf
        if isinstance(guard, _Guard):
            guard.leave(response)

    async def _check(self, request: Request, guard: _Guard) -> None:
        policy = self._policy
        name = policy.header.decode()
        cookie = guard.sent
        if cookie is None:
            raise self._refusal(
                f"there is neither Sec-Fetch-Site nor Origin, and no cookie {policy.cookie} that was made for this client; "
                "CSRF_COOKIE_NAME names it, SECRET_KEY signs it"
            )
        token = request.headers.get(name)
        if token is None:
            token = await _field(request)
        if token is None:
            raise self._refusal(
                f"there is neither Sec-Fetch-Site nor Origin, and no token in the field {name} of the head or in the field "
                f"{_FIELD} of a form; write {{{{ csrf_input }}}} into the form"
            )
        if not policy.tokens.matches(token, cookie):
            raise self._refusal("the token is not one of this client; it may be from before a login")

    def _is_exempt(self, request: Request) -> bool:
        policy = self._policy
        if request.path_info in policy.exempt:
            # SECURITY: an encoded slash is none to the router, and may lead elsewhere.
            return b"%2f" not in (request.sent_path or b"").lower()
        plan: Any = request.plan
        if plan is None:  # this stands around an application that has not been asked yet
            asked = (app for app in inside(self.app) if hasattr(app, "wadjet_plan"))
            plan = next((app.wadjet_plan(request) for app in asked), None)
        compiled = getattr(plan, "compiled", None)
        return compiled is not None and bool(compiled.declared.options.get("csrf_exempt"))

    def _refusal(self, reason: str) -> Forbidden:
        return Forbidden(
            f"{_REFUSED} {reason[0].upper()}{reason[1:]}." if self._policy.explains else _REFUSED
        )


class _Guard:
    """The cookie of one client, and what is to be said of it."""

    __slots__ = ("_fresh", "_is_shown", "_policy", "_request")

    def __init__(self, policy: _Policy, request: Request) -> None:
        self._policy = policy
        self._request = request
        self._fresh: str | None = None
        #: Whether the page has a token in it.
        self._is_shown = False

    @property
    def sent(self) -> str | None:
        """The cookie that came, if it was made for this client."""
        root = self._request.first
        was_personal = root.is_personal
        cookie = root.cookies.get(self._policy.cookie)
        root.is_personal = was_personal  # that there is a guard makes no answer personal
        if cookie is None or not self._policy.tokens.is_cookie(cookie, self._request.session_key):
            return None
        return cast("str", cookie)

    def token(self) -> str:
        """Return a token for a form."""
        self._is_shown = True
        cookie = self._fresh or self.sent or self._make()
        return self._policy.tokens.token(cookie, secrets.token_bytes(SALT_BYTES))

    def rotate(self) -> None:
        """Let no token be good any more that was given out before."""
        self._make()

    def _make(self) -> str:
        tokens = self._policy.tokens
        self._fresh = tokens.cookie(self._request.session_key, secrets.token_bytes(SALT_BYTES))
        return self._fresh

    def leave(self, response: Any) -> None:
        """Put on a response what it has to say: the cookie for who has none, and that it is for nobody else."""
        cookie = self._fresh
        if cookie is not None and not self._policy.tokens.is_cookie(cookie, self._request.session_key):
            cookie = self._make()  # the session has begun, or is another one, since
        elif cookie is None and self.sent is None and not is_shared(response):
            cookie = self._make()
        if cookie is not None:
            before, behind = self._policy.around[self._request.scheme == "https"]
            response.append_field(b"set-cookie", before + cookie.encode() + behind)
        if cookie is not None or self._is_shown:
            response.add_constant(_VARIES)
            keep_private(response)


def _around(name: str, attributes: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return what stands before and behind the value of a cookie, which is base64url.

    Raises:
        ValueError: browsers would refuse it.
    """
    start = len(name) + 1
    field = format_cookie(name, "x" * LENGTH, **attributes)
    return field[:start], field[start + LENGTH :]


async def _field(request: Request) -> str | None:
    """Look for the token in a form; what was read in search of it stays for the handler."""
    kind = request.headers.get("content-type")
    if kind is None or "content-encoding" in request.headers:
        return None
    search = FieldSearch(kind, _FIELD)
    if search.is_hopeless:
        return None
    async for chunk in request.peek(_MOST_CONTENT):
        if search.feed(chunk):
            return search.value
    search.end()
    return search.value


def _sender(request: Request) -> Sender:
    headers = request.headers
    return Sender(
        headers.joined("origin"),
        headers.joined("sec-fetch-site"),
        headers.joined("referer"),
        request.scheme,
        request.host,
    )


def _other(request: Request, ruling: Ruling) -> str:
    """Say why a request is another site's."""
    name = ruling.value
    said = f"{name}: {request.headers.joined(name)!r:.100}"
    if ruling is Ruling.OTHER_SITE:
        said += f" with Origin: {request.headers.joined('origin')!r:.100}"
    return f"the rule on {name} refuses it: {said} is neither {request.scheme}://{request.host[:100]} nor in CSRF_TRUSTED_ORIGINS"


def _trusted(origin: str) -> str:
    found = origin_of(origin)
    if found is None or found != origin.rstrip("/").lower():
        raise ConfigError(
            f"CSRF_TRUSTED_ORIGINS: {origin!r} is no origin; write scheme and host, as 'https://frontend.example.com'"
        )
    return found


def _paths(paths: Iterable[str]) -> Iterable[str]:
    for path in [paths] if isinstance(paths, str) else paths:
        if not path.startswith("/"):
            raise ConfigError(
                f"exempt_paths: {path!r} is no path; write it from the slash on, as '/api/webhooks'"
            )
        yield path


def _passing_secret(*, is_allowed: bool) -> str:
    if not is_allowed:
        raise ConfigError(
            "CSRFMiddleware signs, and there is no SECRET_KEY; set WADJET_SECRET_KEY to what "
            "`python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints"
        )
    _log.warning("there is no SECRET_KEY; tokens are good until this process ends")
    return secrets.token_urlsafe(48)
