from wadjet import Wadjet as OpenViper
from wadjet.middleware.cors import CORSMiddleware
from wadjet.middleware.csrf import CSRFMiddleware
from wadjet.middleware.db import DatabaseMiddleware
from wadjet.middleware.security import SecurityMiddleware
from wadjet.middleware.ratelimit import RateLimitMiddleware
from wadjet.middleware.auth import AuthenticationMiddleware

app = OpenViper()

app = SecurityMiddleware(
    app,
    hsts_seconds=31536000,
    hsts_include_subdomains=True,
    hsts_preload=True,
    ssl_redirect=True,
    x_frame_options="SAMEORIGIN",
    csp={"default-src": "'self'"},
)
app = CORSMiddleware(
    app,
    allowed_origins=["https://frontend.example.com"],
    allow_credentials=True,
    expose_headers=["X-Request-Id"],
    max_age=3600,
)
app = CSRFMiddleware(app, exempt_paths=["/api/webhooks"])
app = DatabaseMiddleware(app)
app = RateLimitMiddleware(app, max_requests=200, window_seconds=60)
app = AuthenticationMiddleware(app)
