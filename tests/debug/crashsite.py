"""A site that crashes, for a browser: ``python -m tests.debug.crashsite PORT``."""

from __future__ import annotations

import sys

from tests.debug import crashes
from wadjet import Request, Wadjet
from wadjet.middleware import SecurityMiddleware

__all__ = ["site"]

#: What a browser would run, were it anything but text.
EVIL = "</script></title></pre><img src=x onerror=document.title='run'><script>document.title='run'</script>"


def site(policy: str) -> Wadjet:
    """Return the site.

    Args:
        policy: what the site wants enforced beside the policy of the page.
    """
    options = {"csp": policy, "csp_report_only": "default-src 'none'; script-src 'nonce'; style-src 'nonce'"}
    app = Wadjet(debug=True, middleware=[(SecurityMiddleware, options)])

    @app.get("/crash/{path}")
    async def crash(path: str, request: Request) -> None:
        held = {EVIL: [EVIL, path]}
        request.state["held"] = held
        raise type(EVIL, (crashes.Broken,), {})(EVIL)

    return app


if __name__ == "__main__":
    site("default-src 'self'").run(port=int(sys.argv[1]))
