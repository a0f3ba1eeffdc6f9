"""Sending files: by the kernel where it can, without a byte of them passing through here."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from ...http.exceptions import ClientDisconnect
from ...http.openfile import OpenFile

__all__ = ["can_send", "send_file"]

#: What is less is read and written: turning the kernel to it costs more.
_LEAST_BYTES = 65536
#: How much the kernel is asked for at once; other connections have their turn in between.
_PIECE_BYTES = 1 << 19


def can_send(transport: Any, file: OpenFile) -> bool:
    """Tell whether the kernel can send a file on a connection: not through TLS, which we have to write ourselves."""
    is_plain = transport.get_extra_info("sslcontext") is None and hasattr(os, "sendfile")
    return is_plain and file.count > _LEAST_BYTES and transport.get_extra_info("socket") is not None


async def send_file(transport: Any, file: OpenFile, patience: float) -> None:
    """Send a part of a file. Everything that was written to the transport before has to have left.

    Args:
        transport: of the connection.
        file: and which part of it.
        patience: seconds that the client may take nothing.

    Raises:
        EOFError: the file has become shorter than was promised (RFC 9112 §8: only the end of the connection tells).
        ClientDisconnect: the client has left, or takes nothing.
    """
    # uvloop has no sendfile of its own, and lets nobody watch a transport's descriptor: a second one is ours to watch.
    target = os.dup(transport.get_extra_info("socket").fileno())
    try:
        offset, end = file.offset, file.offset + file.count
        while offset < end:
            try:
                sent = os.sendfile(target, file.descriptor, offset, min(end - offset, _PIECE_BYTES))
            except BlockingIOError:
                await _until_writable(target, patience)
                continue
            if not sent:
                raise EOFError(f"a file became shorter while it was sent: {end - offset} bytes are missing")
            offset += sent
            await asyncio.sleep(0)
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
