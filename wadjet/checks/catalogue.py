"""The catalogue: every finding of our own, how bad it is, what may come of it, and what to write."""

from __future__ import annotations

from typing import NamedTuple

from .finding import Finding

__all__ = ["CATALOGUE", "Advice", "found"]


class Advice(NamedTuple):
    """What is said of a finding whenever it is made."""

    level: str
    why: str
    fix: str


_KEY = "set WADJET_SECRET_KEY to what `python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints"
_SECURITY = 'MIDDLEWARE = ("wadjet.middleware.security.SecurityMiddleware", …), first'

CATALOGUE: dict[str, Advice] = {
    # -- always
    "setting-invalid": Advice("error", "the application does not start", "write what the message says"),
    "app-invalid": Advice("error", "the application does not start", "write what the message says"),
    "extra-missing": Advice(
        "error", "what needs it fails when it is used first", "install it: the message has the command"
    ),
    "variable-unknown": Advice(
        "error",
        "it changes nothing, and whoever set it believes that it does",
        "correct its name, or take it away",
    ),
    "setting-misspelt": Advice(
        "warning",
        "a setting of your own is called almost as one of ours, which keeps its default",
        "correct its name; if it is meant, silence this",
    ),
    # -- deployment
    "environment": Advice(
        "error",
        "what is refused in production is allowed here, and .env is read",
        "set WADJET_ENV=production",
    ),
    "debug-on": Advice(
        "error",
        "whoever causes an error sees source, variables and settings",
        "take debug=True away, and WADJET_DEBUG",
    ),
    "secret-key-missing": Advice("error", "what is signed is good for one process, until it ends", _KEY),
    "secret-key-weak": Advice(
        "error",
        "who guesses the key signs sessions and tokens of any user; a signed cookie is enough to try guesses on, offline",
        _KEY,
    ),
    "security-absent": Advice(
        "error",
        "any Host is served, and browsers are told none of what keeps pages from being framed, sniffed or injected into",
        _SECURITY,
    ),
    "hosts-any": Advice(
        "error",
        "links in mails and caches can be made to name another site by whoever sends its name as Host",
        'ALLOWED_HOSTS = ("www.example.com",)',
    ),
    "hosts-local": Advice(
        "error", "every request for the real host is answered 400", 'ALLOWED_HOSTS = ("www.example.com",)'
    ),
    "https-optional": Advice(
        "warning",
        "what is asked for by http can be read and changed on its way",
        "SECURE_SSL_REDIRECT = True; silence this where the proxy redirects",
    ),
    "hsts-off": Advice(
        "warning",
        "the first request of a visit may go by http, where it can be caught before it is redirected",
        "SECURE_HSTS_SECONDS = 31_536_000, once everything works by https",
    ),
    "hsts-short": Advice(
        "warning",
        "browsers forget it between two visits",
        "SECURE_HSTS_SECONDS = 31_536_000",
    ),
    "proxies-unset": Advice(
        "hint",
        "behind a proxy every request seems to come from it, by http: redirects to https go round, and all clients share one "
        "rate limit",
        'TRUSTED_PROXIES = ("10.0.0.0/8",), the networks of your proxies; silence this where there is none',
    ),
    "proxy-host-alone": Advice(
        "warning",
        "it says what proxies are believed about, and none is believed",
        "name them in TRUSTED_PROXIES, or take it away",
    ),
    "csp-off": Advice(
        "warning",
        "a script that gets into a page runs there: nothing limits what escaping has missed",
        'SECURE_CONTENT_SECURITY_POLICY = {"default-src": "\'self\'", "script-src": "\'self\' \'nonce\'"}',
    ),
    "csp-weak": Advice(
        "warning",
        "the policy lets injected scripts run",
        "name 'self' and 'nonce' in script-src, and neither 'unsafe-inline' nor whole schemes",
    ),
    "frames-open": Advice(
        "warning",
        "another site can show a page in a frame and have its clicks land there",
        'X_FRAME_OPTIONS = "DENY", or frame-ancestors in the policy',
    ),
    "sniffing-open": Advice(
        "warning",
        "a browser may run as a script what was uploaded as a text",
        "take content_type_nosniff=False away",
    ),
    "referrer-open": Advice(
        "warning",
        "other sites learn the whole address a visitor comes from, with what its query holds",
        'SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"',
    ),
    "xss-filter": Advice(
        "warning",
        "browsers have removed what it controls, and it made holes in those that had it",
        "take SECURE_BROWSER_XSS_FILTER away",
    ),
    "cors-any": Advice(
        "warning",
        "scripts of every site may read what anybody may; that includes sites in a network that trusts by address",
        'CORS_ALLOWED_ORIGINS = ("https://app.example.com",); silence this where everything is public',
    ),
    "cors-local": Advice(
        "warning",
        "whatever runs on a visitor's own machine may read answers; it is left over from development",
        "take localhost out of CORS_ALLOWED_ORIGINS in production",
    ),
    "cors-null": Advice(
        "warning",
        "every site can open a page without an origin, in a frame with sandbox, and read answers from there",
        "take null out of CORS_ALLOWED_ORIGINS",
    ),
    "cors-plain": Advice(
        "warning",
        "whoever stands between that site and its visitor can put a script there, which may then read answers",
        "write https:// in CORS_ALLOWED_ORIGINS",
    ),
    "csrf-off": Advice(
        "error",
        "browsers send cookies, and passwords that they were told, with requests that another site makes",
        'MIDDLEWARE = (…, "wadjet.middleware.csrf.CSRFMiddleware"), inside of the sessions',
    ),
    "csrf-plain": Advice(
        "warning",
        "whoever stands between that site and its visitor can make requests from it",
        "write https:// in CSRF_TRUSTED_ORIGINS",
    ),
    "cookie-plain": Advice(
        "warning",
        "one request by http shows the cookie to whoever listens",
        "set it to True",
    ),
    "cookie-cross-site": Advice(
        "warning",
        "browsers send the cookie with requests that other sites make",
        'set it to "Lax", unless other sites have to frame this one',
    ),
    "cookie-readable": Advice(
        "warning",
        "a script that gets into a page takes the session with it",
        "set it to True",
    ),
    "cookie-shared": Advice(
        "hint",
        "every host below the domain is sent the session, and can plant one; the cookie cannot be called __Host-",
        "take SESSION_COOKIE_DOMAIN away, unless other hosts have to know the session",
    ),
    "session-memory": Advice(
        "error",
        "a visitor is logged in or not, by chance of the process that answers",
        'SESSION_STORE = "cookie", or "redis" and WADJET_REDIS_URL',
    ),
    "session-passing": Advice(
        "hint",
        "whenever the process starts again, everybody is logged out",
        'SESSION_STORE = "cookie", or "redis" and WADJET_REDIS_URL',
    ),
    "token-long": Advice(
        "warning",
        "whoever gets hold of a token is let in for as long, and no session ends that",
        "JWT_ACCESS_TOKEN_EXPIRE = 1800, and refresh tokens for those who stay",
    ),
    "login-unlimited": Advice(
        "hint",
        "passwords can be tried as fast as the machine checks them; @rate_limit on a handler cannot be seen from here",
        'MIDDLEWARE = (…, "wadjet.middleware.ratelimit.RateLimitMiddleware"), or throttle_classes on the route that logs in',
    ),
    "rate-limit-memory": Advice(
        "warning",
        "each process counts for itself, so a client has as many times the limit as there are",
        'RATE_LIMIT_BACKEND = "redis", and WADJET_REDIS_URL',
    ),
    "cache-memory": Advice(
        "hint",
        "each process keeps its own answers, and invalidate() reaches one of them only",
        'CACHE_BACKEND = "redis", and WADJET_REDIS_URL',
    ),
    "autoescape-off": Advice(
        "error",
        "what a visitor writes becomes markup, and scripts, on the pages of all others",
        "leave autoescape of app.templates.environment as it is, and mark what is markup: Markup(…)",
    ),
    "body-limit-wide": Advice(
        "warning",
        "a few clients at once can fill memory or disk",
        "MAX_BODY_SIZE as it was, and max_body_size= on the routes that take uploads",
    ),
}


def found(id: str, text: str) -> Finding:
    """Return a finding of the catalogue.

    Args:
        id: of the finding.
        text: what is so in this application.
    """
    level, why, fix = CATALOGUE[id]
    return Finding(id, level, text, why, fix)
