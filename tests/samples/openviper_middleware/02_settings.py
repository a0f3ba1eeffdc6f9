import dataclasses

from wadjet.conf import Settings


@dataclasses.dataclass(frozen=True)
class MySettings(Settings):
    MIDDLEWARE: tuple = (
        "wadjet.middleware.security.SecurityMiddleware",
        "wadjet.middleware.cors.CORSMiddleware",
        "wadjet.middleware.db.DatabaseMiddleware",
        "wadjet.middleware.csrf.CSRFMiddleware",
        "wadjet.middleware.ratelimit.RateLimitMiddleware",
        "wadjet.middleware.auth.AuthenticationMiddleware",
    )
    # CORS
    CORS_ALLOWED_ORIGINS: tuple = ("https://frontend.example.com",)
    CORS_ALLOW_CREDENTIALS: bool = True
    CORS_ALLOWED_METHODS: tuple = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    CORS_ALLOWED_HEADERS: tuple = ("Content-Type", "Authorization", "X-CSRFToken")
    CORS_EXPOSE_HEADERS: tuple = ("X-Request-Id",)
    CORS_MAX_AGE: int = 3600
    # Security
    SECURE_SSL_REDIRECT: bool = True
    SECURE_HSTS_SECONDS: int = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = True
    SECURE_HSTS_PRELOAD: bool = True
    ALLOWED_HOSTS: tuple = (".example.com",)
    # CSRF
    CSRF_TRUSTED_ORIGINS: tuple = ("https://frontend.example.com",)
    CSRF_COOKIE_SECURE: bool = True
    CSRF_COOKIE_SAMESITE: str = "Lax"
    # Rate limiting
    RATE_LIMIT_REQUESTS: int = 200
    RATE_LIMIT_WINDOW: int = 60
    RATE_LIMIT_BY: str = "ip"
