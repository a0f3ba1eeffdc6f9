from wadjet.middleware.base import build_middleware_stack
from wadjet.middleware.cors import CORSMiddleware
from wadjet.middleware.ratelimit import RateLimitMiddleware

app = build_middleware_stack(core_app, [
    (CORSMiddleware, {"allowed_origins": ["*"]}),
    (RateLimitMiddleware, {"max_requests": 100, "window_seconds": 60}),
])
