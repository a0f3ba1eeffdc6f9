"""Sending files: by the kernel where it can, without a byte of them passing through here."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from typing import Any

from ...http.exceptions import ClientDisconnect
from ...http.openfile import OpenFile

if sys.platform != "win32":
    from fcntl import ioctl
    from termios import TIOCOUTQ

__all__ = ["can_send", "send_file", "unsent_bytes"]

#: What the kernel says of a file system that it cannot send from.
_UNABLE = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
#: What is less is read and written: turning the kernel to it costs more.
_LEAST_BYTES = 65536
#: How much the kernel is asked for at once; other connections have their turn in between.
_PIECE_BYTES = 1 << 19


def can_send(transport: Any, count: int) -> bool:
    """Tell whether the kernel shall send so many bytes of a file on a connection.

    It cannot through TLS, which we have to write ourselves.
    """
    is_plain = transport.get_extra_info("sslcontext") is None and hasattr(os, "sendfile")
    return is_plain and count > _LEAST_BYTES and transport.get_extra_info("socket") is not None


async def send_file(transport: Any, file: OpenFile, start: int, stop: int, patience: float) -> bool:
    """Send a part of a file. Everything that was written to the transport before has to have left.

    It tells whether it has: some file systems cannot, and then nothing has been sent.

    Args:
        transport: of the connection.
        file: of which a part is sent.
        start: the first byte.
        stop: the byte after the last.
        patience: seconds that the client may take nothing.

    Raises:
        EOFError: the file has become shorter than was promised (RFC 9112 §8: only the end of the connection tells).
        ClientDisconnect: the client has left, or takes nothing.
    """
    # uvloop has no sendfile of its own, and lets nobody watch a transport's descriptor: a second one is ours to watch.
    target = os.dup(transport.get_extra_info("socket").fileno())
    try:
        offset = start
        while offset < stop:
            try:
                sent = os.sendfile(target, file.descriptor, offset, min(stop - offset, _PIECE_BYTES))
            except BlockingIOError:
                await _until_writable(target, patience)
                continue
            except OSError as error:
                if offset == start and error.errno in _UNABLE:
                    return False
                raise
            if not sent:
                raise EOFError(f"a file became shorter while it was sent: {stop - offset} bytes are missing")
            offset += sent
            await asyncio.sleep(0)
        return True
    except (ConnectionError, TimeoutError) as error:
        transport.abort()
        raise ClientDisconnect from error
    finally:
        os.close(target)


async def _until_writable(descriptor: int, patience: float) -> None:
    loop = asyncio.get_running_loop()
    writable = asyncio.Event()
    loop.add_writer(descriptor, writable.set)
    try:
        async with asyncio.timeout(patience):
            await writable.wait()
    finally:
        loop.remove_writer(descriptor)


def unsent_bytes(transport: Any) -> int:
    """Return how much waits for the client: in the transport, and where the system can tell, in the kernel."""
    waiting = int(transport.get_write_buffer_size())
    if sys.platform == "win32":
        return waiting
    try:
        # The kernel takes more from us only when a third of its queue is free: a slow reader would look like none.
        queued = ioctl(transport.get_extra_info("socket").fileno(), TIOCOUTQ, bytes(4))
    except (AttributeError, OSError, TypeError):
        return waiting
    return waiting + int.from_bytes(queued, sys.byteorder)
