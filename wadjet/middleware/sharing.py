"""Whether shared caches may keep an answer; and what is one client's is for that client alone."""

from __future__ import annotations

from typing import Any

__all__ = ["is_shared", "keep_private"]

#: What lets no shared cache keep a response.
_PRIVATE = ("private", "no-store", "no-cache")


def is_shared(response: Any) -> bool:
    """Tell whether a response says that shared caches may keep it: then it is not the place for a cookie."""
    # PERF(bench: stack_csrf): this leaves a head ready that is.
    values: list[str] = response.field_values(b"cache-control")
    if not values:
        return False
    directives = [part.partition("=")[0].strip().lower() for part in ",".join(values).split(",")]
    return not any(name in _PRIVATE for name in directives)


def keep_private(response: Any) -> None:
    """Let no shared cache keep a response.

    SECURITY: RFC 9111 §5.2.2.7: what is one client's is not for another.
    """
    if is_shared(response):
        kept = [part.strip() for part in response.headers.joined("cache-control").split(",")]
        others = [part for part in kept if not part.lower().startswith(("public", "s-maxage"))]
        response.headers.set("cache-control", ", ".join(["private", *others]))
