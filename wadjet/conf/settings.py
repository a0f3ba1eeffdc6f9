"""Settings: what can be chosen without touching code. Each is read by something."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple, Self

from . import declarations
from .kinds import MASKED, Age, Bytes, Duration, Seconds, Size, Whole

__all__ = ["Described", "Origin", "Settings", "settings_of"]

#: More than any stack has.
_MOST_WRAPPERS = 1000


class Origin(NamedTuple):
    """Where settings were read."""

    #: ``production``, ``development`` or ``test``.
    environment: str = "production"
    #: Of each setting that no class says: the variable, the file, the code.
    sources: Mapping[str, str] = {}


class Described(NamedTuple):
    """A setting as it may be shown."""

    name: str
    #: As Python writes it; stars for a secret.
    value: str
    source: str


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings of one application; a subclass changes defaults and adds its own.

    ``WADJET_<NAME>`` in the environment overrides each. Secrets are masked where settings are printed.
    """

    #: Where they were read; not a setting.
    origin = Origin()

    #: Show developers what has failed. Only ``debug=True`` and a development environment may choose it.
    DEBUG: bool = False
    #: What the application is called in its OpenAPI document.
    PROJECT_NAME: str = "API"
    #: The application's version there.
    VERSION: str = "1.0.0"
    #: What stands around the application, outermost first: dotted paths, or what ``middleware=[...]`` takes.
    MIDDLEWARE: tuple[Any, ...] = ()
    #: The most bytes of content that a request may bring; a route may say otherwise.
    MAX_BODY_SIZE: Bytes = 10 * 1024 * 1024
    #: The most fields of a form; more are 413.
    MAX_FORM_FIELDS: Annotated[int, Whole()] = 1000
    #: The most files of a form; more are 413.
    MAX_FORM_FILES: Annotated[int, Whole()] = 100
    #: The most bytes of the value of one field of a form; more are 413.
    MAX_FIELD_SIZE: Bytes = 1024 * 1024
    #: The most bytes of all fields of a multipart form, which are kept in memory; more are 413.
    MAX_FIELDS_SIZE: Bytes = 2_500_000
    #: How many plain ``def`` handlers run at once.
    THREAD_POOL_SIZE: Annotated[int, Whole(1)] = 40
    #: Seconds that a line may keep the event loop from everything else before the log names it, in development; None for never.
    LOOP_WARNING: Seconds | None = 0.5
    #: How many blocking streams are open at once; each keeps a thread until it ends.
    STREAM_POOL_SIZE: Annotated[int, Whole(1)] = 64
    #: The longest request line in bytes; a longer one is 414.
    MAX_REQUEST_LINE: Annotated[int, Size(64)] = 8192
    #: The most bytes of a head, its request line included; more are 431.
    MAX_HEADER_BYTES: Annotated[int, Size(256)] = 65536
    #: The most fields of a head; more are 431.
    MAX_HEADER_COUNT: Annotated[int, Whole(1)] = 100
    #: Seconds that a head may take to arrive; then 408, and the connection closes.
    HEADER_TIMEOUT: Seconds = 10.0
    #: Seconds that a connection may be idle between two requests.
    KEEP_ALIVE_TIMEOUT: Seconds = 5.0
    #: Seconds that a client may send nothing of the content that it has announced; then 408, and the connection closes.
    BODY_TIMEOUT: Seconds = 20.0
    #: Seconds that a client may take nothing of what waits for it; then the connection is cut.
    SEND_TIMEOUT: Seconds = 60.0
    #: How many requests of one connection may wait for their answers; then no more are read.
    MAX_PIPELINED: Annotated[int, Whole(1)] = 16
    #: How many connections are open at once; a further one is answered 503.
    MAX_CONNECTIONS: Annotated[int, Whole(1)] = 10_000
    #: How many bytes of a response may wait for a client that does not take them, before what makes them has to wait.
    WRITE_BUFFER_SIZE: Bytes = 65536
    #: Seconds that open requests have to end when the server stops; then they are cancelled.
    DRAIN_TIMEOUT: Seconds = 30.0
    #: The most bytes of one message that a WebSocket takes, decompressed; a longer one ends it with 1009.
    WEBSOCKET_MAX_SIZE: Bytes = 1024 * 1024
    #: How many messages a second it takes, averaged over ten seconds; more end it with 1008. 0 is no limit.
    WEBSOCKET_MAX_RATE: Annotated[int, Whole()] = 100
    #: Seconds that its client may say nothing; then it ends with 1008. None is no limit: pings tell who is gone.
    WEBSOCKET_IDLE_TIMEOUT: Seconds | None = None
    #: Seconds between two pings; the time that each may take is the same again. Who does not answer is cut off.
    WEBSOCKET_PING_INTERVAL: Seconds = 20.0
    #: Whether its messages are compressed where the client can (RFC 7692): it costs each connection much memory.
    WEBSOCKET_DEFLATE: bool = False
    #: Addresses and networks whose forwarded fields are believed: ``10.0.0.0/8``, ``unix`` for a unix socket.
    TRUSTED_PROXIES: tuple[str, ...] = ()
    #: Whether they are believed about the host too.
    TRUSTED_PROXY_HOST: bool = False
    #: Hosts beside the request's own that ``request.safe_url`` lets a redirect go to; with their ports unless standard.
    ALLOWED_REDIRECT_HOSTS: tuple[str, ...] = ()
    #: Hosts that SecurityMiddleware lets requests be for; ``.example.com`` is a domain and all below it, ``*`` every host.
    ALLOWED_HOSTS: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]", ".localhost")
    #: Origins whose scripts may read, or patterns; None for every one without credentials, empty for none.
    CORS_ALLOWED_ORIGINS: tuple[str, ...] | None = None
    #: Whether they may read what was answered to cookies.
    CORS_ALLOW_CREDENTIALS: bool = False
    #: Methods that they may ask for; ``*`` is every one.
    CORS_ALLOWED_METHODS: tuple[str, ...] = ("*",)
    #: Fields that they may send; ``*`` is every one.
    CORS_ALLOWED_HEADERS: tuple[str, ...] = ("*",)
    #: Fields that they may read.
    CORS_EXPOSE_HEADERS: tuple[str, ...] = ()
    #: Seconds that a browser may remember the answer to a preflight.
    CORS_MAX_AGE: Age = 600
    #: Whether http is redirected to https.
    SECURE_SSL_REDIRECT: bool = False
    #: Seconds that browsers use https only, once they have been here by https; 0 says nothing.
    SECURE_HSTS_SECONDS: Age = 0
    #: Whether that goes for all subdomains.
    SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = False
    #: Whether browsers may have it built in.
    SECURE_HSTS_PRELOAD: bool = False
    #: Who may show a page in a frame: ``DENY``, ``SAMEORIGIN``; empty says nothing.
    X_FRAME_OPTIONS: str = "DENY"
    #: Deprecated: sends X-XSS-Protection, and logs a warning.
    SECURE_BROWSER_XSS_FILTER: bool = False
    #: Content-Security-Policy, as text or by directives.
    SECURE_CONTENT_SECURITY_POLICY: str | Mapping[str, Any] | None = None
    #: Content-Security-Policy-Report-Only, likewise.
    SECURE_CONTENT_SECURITY_POLICY_REPORT_ONLY: str | Mapping[str, Any] | None = None
    #: A path where browsers report what the policies forbade; each report is logged.
    SECURE_CSP_REPORT_PATH: str | None = None
    #: Referrer-Policy; empty says nothing.
    SECURE_REFERRER_POLICY: str = "strict-origin-when-cross-origin"
    #: Permissions-Policy.
    SECURE_PERMISSIONS_POLICY: str | None = None
    #: Cross-Origin-Opener-Policy.
    SECURE_CROSS_ORIGIN_OPENER_POLICY: str | None = None
    #: Cross-Origin-Embedder-Policy.
    SECURE_CROSS_ORIGIN_EMBEDDER_POLICY: str | None = None
    #: Cross-Origin-Resource-Policy.
    SECURE_CROSS_ORIGIN_RESOURCE_POLICY: str | None = None
    #: The field that has the id of a request.
    REQUEST_ID_HEADER: str = "X-Request-ID"
    #: Content of no more bytes is not compressed by CompressionMiddleware.
    COMPRESSION_MINIMUM_SIZE: Bytes = 500
    #: The codings that it offers, the preferred one first; those that are not installed are left out.
    COMPRESSION_CODINGS: tuple[str, ...] = ("zstd", "br", "gzip")
    #: The beginnings of media types that it leaves as they are, beside those that are compressed already: ``image/``.
    COMPRESSION_EXCLUDED_TYPES: tuple[str, ...] = ()
    #: Ids of what ``wadjet check`` finds that are as they are meant to be.
    SILENCED_CHECKS: tuple[str, ...] = ()
    #: The folder of the application's templates; a relative one is below the working directory.
    TEMPLATES_DIR: str = "templates"
    #: Packages whose folders ``templates`` are searched after it.
    INSTALLED_APPS: tuple[str, ...] = ()
    #: Where answers are kept that ``cache_rate`` and ``cache_ttl`` ask for: ``memory``, or ``redis`` for all processes.
    CACHE_BACKEND: str = "memory"
    #: The most bytes of answers that are kept in memory.
    CACHE_SIZE: Bytes = 64 * 1024 * 1024
    #: The dotted path of the database that DatabaseMiddleware takes connections of, ``shop.data.database``; None for the one
    #: that DATABASE_URL says.
    DATABASE: str | None = None
    #: Where rows are: ``sqlite:///./app.db``, ``postgresql://user:password@host/name``.
    DATABASE_URL: str = "sqlite+aiosqlite:///./wadjet.db"
    #: How many connections a process opens to it; who finds none free waits.
    DATABASE_POOL_SIZE: Annotated[int, Whole(1)] = 10
    #: Seconds that a request waits for one, and in SQLite for whoever writes; then the answer is 503.
    DATABASE_POOL_TIMEOUT: Seconds = 5.0
    #: Seconds that a statement may take in PostgreSQL.
    DATABASE_TIMEOUT: Seconds = 30.0
    #: Seconds that a request may keep a connection before the log says so, in development.
    DATABASE_PIN_WARNING: Seconds = 2.0
    #: The address of Redis: ``redis://localhost:6379/0``.
    REDIS_URL: str | None = None
    #: Seconds that Redis may take for one answer, connecting included; then it counts as away.
    REDIS_TIMEOUT: Seconds = 0.1
    #: Where ``["default"]["OPTIONS"]["url"]`` is the address of Redis, if REDIS_URL is not set.
    CACHES: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: What signs: a text that nobody can guess. Of several the first signs and all verify, so that one can take another's place.
    SECRET_KEY: Annotated[str | tuple[str, ...], MASKED] = ""
    #: Origins beside the site's own whose unsafe requests CSRFMiddleware lets pass: ``https://frontend.example.com``.
    CSRF_TRUSTED_ORIGINS: tuple[str, ...] = ()
    #: The name of its cookie.
    CSRF_COOKIE_NAME: str = "csrftoken"
    #: Whether the cookie is sent over https only; it is so anyway when it was set over https.
    CSRF_COOKIE_SECURE: bool = False
    #: Whether scripts cannot read it.
    CSRF_COOKIE_HTTPONLY: bool = False
    #: ``Lax``, ``Strict`` or ``None``.
    CSRF_COOKIE_SAMESITE: str = "Lax"
    #: Seconds that it lives; None for as long as the browser runs.
    CSRF_COOKIE_AGE: Age | None = None
    #: Where sessions are kept: in a signed ``cookie``, in ``memory``, or in ``redis`` for all processes.
    SESSION_STORE: str = "cookie"
    #: Seconds that a session may be idle.
    SESSION_TIMEOUT: Age = 3600
    #: Seconds that it may last at all, however much it is used.
    SESSION_LIFETIME: Age = 14 * 86400
    #: Whether a session on the server is read before every handler, so that none has to wait for it by itself.
    SESSION_EAGER: bool = False
    #: The most bytes of all sessions in memory; those that were not used for the longest time make room.
    SESSION_SIZE: Bytes = 64 * 1024 * 1024
    #: Seconds that a store of your own may take for one answer; then it counts as away. For Redis it is REDIS_TIMEOUT.
    SESSION_STORE_TIMEOUT: Seconds = 1.0
    #: What becomes of requests whose session cannot be read: ``deny`` for 503, or ``anonymous`` for one that is empty.
    SESSION_ON_ERROR: str = "deny"
    #: The name of the cookie; over https it begins with ``__Host-``, unless it has a domain or another path.
    SESSION_COOKIE_NAME: str = "sessionid"
    #: Whether the cookie is sent over https only; it is so anyway when it was set over https.
    SESSION_COOKIE_SECURE: bool = False
    #: Whether scripts cannot read it.
    SESSION_COOKIE_HTTPONLY: bool = True
    #: ``Lax``, ``Strict`` or ``None``.
    SESSION_COOKIE_SAMESITE: str = "Lax"
    #: Below which path it is sent.
    SESSION_COOKIE_PATH: str = "/"
    #: To which domain and its subdomains; None for this host alone.
    SESSION_COOKIE_DOMAIN: str | None = None
    #: How many requests of one client RateLimitMiddleware lets in, in any window.
    RATE_LIMIT_REQUESTS: Annotated[int, Whole()] = 2000
    #: Seconds of the window.
    RATE_LIMIT_WINDOW: Annotated[float, Duration(most=31 * 86_400)] = 60
    #: Who is counted: ``ip``, ``user``, or ``path`` (and ``ip``).
    RATE_LIMIT_BY: str = "ip"
    #: Where: in ``memory``, or in ``redis`` for all processes.
    RATE_LIMIT_BACKEND: str = "memory"
    #: What becomes of requests while Redis does not answer: ``allow``, or ``deny`` for 503.
    RATE_LIMIT_ON_ERROR: str = "allow"
    #: How AuthenticationMiddleware finds out who is asking, the first way that does so decides: instances, classes, dotted paths.
    AUTH_BACKENDS: tuple[Any, ...] = ("wadjet.auth.SessionAuthentication",)
    #: What knows users: an object with ``by_id`` and ``by_name``, its class, or the dotted path of either.
    AUTH_USERS: Any = None
    #: What becomes of requests whose credentials are not good, once somebody asks who it is: ``refuse``, which is 401, or
    #: ``anonymous``.
    AUTH_ON_FAILURE: str = "refuse"
    #: What is asked of whoever asks for a route that has no ``permission_classes``.
    DEFAULT_PERMISSION_CLASSES: tuple[Any, ...] = ()
    #: How often a client may ask for a route that has no ``throttle_classes``.
    DEFAULT_THROTTLE_CLASSES: tuple[Any, ...] = ()
    #: The algorithm of JSON Web Tokens that are signed with keys made of SECRET_KEY: ``HS256``, ``HS384``, ``HS512``.
    JWT_ALGORITHM: str = "HS256"
    #: Whom they are for: tokens for others are refused.
    JWT_AUDIENCE: str = "wadjet"
    #: Who makes them; None says nothing of it, and asks for nothing.
    JWT_ISSUER: str | None = None
    #: Seconds by which clocks may differ.
    JWT_LEEWAY: Age = 0
    #: Seconds that a token is good that is sent with requests.
    JWT_ACCESS_TOKEN_EXPIRE: Age = 1800
    #: Seconds that one is good that makes new ones.
    JWT_REFRESH_TOKEN_EXPIRE: Age = 7 * 86_400

    def __init_subclass__(cls, **options: Any) -> None:
        """Keep the text that masks secrets, where a dataclass would write its own."""
        super().__init_subclass__(**options)
        if "__repr__" not in vars(cls):
            cls.__repr__ = Settings.__repr__  # type: ignore[method-assign] # that of the parent

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value, _ in self.described())
        return f"{type(self).__qualname__}({values})"

    @property
    def environment(self) -> str:
        """``production``, ``development`` or ``test``."""
        return self.origin.environment

    def source(self, name: str) -> str:
        """Return where the value of a setting comes from, in words.

        Args:
            name: of the setting.

        Raises:
            KeyError: there is none of that name.
        """
        cls = declarations.declarer_of(type(self), name)
        if name in self.origin.sources:
            return self.origin.sources[name]
        field = next(field for field in dataclasses.fields(self) if field.name == name)
        made = field.default_factory() if callable(field.default_factory) else field.default
        if getattr(self, name) != made:
            return "the code"
        return "the defaults" if cls is Settings else declarations.place_of(cls)

    def described(self) -> Iterator[Described]:
        """Iterate over all settings as they may be shown, with their sources."""
        for field in dataclasses.fields(self):
            value = declarations.shown(type(self), field.name, getattr(self, field.name))
            yield Described(field.name, value, self.source(field.name))

    def read_from(self, origin: Origin) -> Self:
        """Return the same settings, and let them say where they were read."""
        read = dataclasses.replace(self)
        object.__setattr__(read, "origin", origin)
        return read


def settings_of(app: object) -> Settings | None:
    """Return the settings of an application, through what is wrapped around it; None where it has none of ours."""
    for _ in range(_MOST_WRAPPERS):
        found = getattr(app, "settings", None)
        if isinstance(found, Settings):
            return found
        app = getattr(app, "app", None)
        if app is None:
            break
    return None
