"""``response_zlib_executor`` and ``response_zlib_executor_size``: negotiated compression for one route (Rapidy)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any

from ..errors import ConfigError
from ..http.compression import Encoder, Placed, encoder_for, negotiate
from ..http.negotiation import AcceptEncoding
from ..http.request import Request
from ..http.response import Response
from ..routing.route import RouteOptions

__all__ = ["Compressing", "compressing_of"]

#: RFC 9110 §8.4.1.2: zlib's format.
_DEFLATE = "deflate"
#: Content of no more bytes does not become shorter, where the route does not say.
_SHORT = 500


class _Made:
    """A function of the developer's as an encoder."""

    coding = _DEFLATE

    def __init__(self, function: Callable[[bytes], bytes]) -> None:
        self._function = function
        self._pieces: list[bytes] = []

    def feed(self, data: bytes) -> bytes:
        self._pieces.append(data)
        return b""

    def flush(self) -> bytes:
        return b""  # the function makes one whole of it all

    def finish(self) -> bytes:
        return self._function(b"".join(self._pieces))


class Compressing:
    """A hook around one route: what it answers leaves in a coding that the client takes.

    Args:
        place: threads to compress in, or a function from bytes to bytes in zlib's format; None for threads of ours.
        size: content of no more bytes is compressed on the loop; without threads given, not at all. None for the usual.
    """

    before = None

    def __init__(self, place: Executor | Callable[[bytes], bytes] | None, size: int | None) -> None:
        self._place = place
        self._size = size

    def after(self, request: Request, response: Response[Any]) -> None:
        """Let the content pass through an encoder."""
        accept = request.headers.joined("accept-encoding")
        above = _SHORT if self._size is None or isinstance(self._place, Executor) else self._size
        negotiate(response, lambda: self._encoder(accept), above, request.headers.joined("if-none-match"))

    def _encoder(self, accept: str | None) -> Encoder | None:
        place = self._place
        if place is not None and not isinstance(place, Executor):
            return _Made(place) if _takes_deflate(accept) else None
        encoder = encoder_for(accept)
        if encoder is None or place is None:
            return encoder
        return Placed(encoder, place, self._size or 0)


def _takes_deflate(accept: str | None) -> bool:
    accepted = AcceptEncoding(accept)
    return bool(accepted) and accepted.best_of([_DEFLATE, "identity"]) == _DEFLATE


def compressing_of(options: RouteOptions, where: str) -> list[Compressing]:
    """Return the hook that a route's options ask for, if they do: either of the two turns compression on.

    Raises:
        ConfigError: an option is not what it can be.
    """
    place, size = options.get("response_zlib_executor"), options.get("response_zlib_executor_size")
    if place is None and size is None:
        return []
    given: Any = size
    if given is not None and (type(given) is not int or given < 0):
        raise ConfigError(f"{where}: response_zlib_executor_size={size!r} is not a number of bytes, as 1024")
    if isinstance(place, ProcessPoolExecutor):
        raise ConfigError(
            f"{where}: response_zlib_executor: an encoder cannot go to another process; give a ThreadPoolExecutor"
        )
    if place is not None and not isinstance(place, Executor) and not callable(place):
        raise ConfigError(
            f"{where}: response_zlib_executor={place!r} is neither an executor nor a function, as zlib.compress"
        )
    return [Compressing(place, size)]
