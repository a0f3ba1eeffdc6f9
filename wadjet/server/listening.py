"""Sockets that listen: bound before anything starts, and closed so that nobody is turned away who was let in."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import socket
import stat
import struct
import sys
from pathlib import Path
from typing import Any

from .options import OptionError, Options

__all__ = ["Listening"]


class Listening:
    """The sockets of a server.

    Args:
        sockets: bound.
        where: how the log names them.
        path: the file of a unix socket, which is ours to remove.
        is_ours: whether nobody but us and our workers accepts from them.
    """

    def __init__(
        self, sockets: list[socket.socket], where: str, path: Path | None = None, *, is_ours: bool = True
    ) -> None:
        self.sockets = sockets
        self.where = where
        self._path = path
        self._inode = None if path is None else path.stat().st_ino
        self._is_ours = is_ours

    @classmethod
    def on(cls, options: Options) -> Listening:
        """Bind what the options name; nothing listens yet.

        Raises:
            OptionError: no such address, path or descriptor.
            OSError: it is taken, or not allowed; the text says what to do.
        """
        if options.fd is not None:
            return cls([_inherited(options.fd)], f"the socket of descriptor {options.fd}", is_ours=False)
        if options.uds is not None:
            path = Path(options.uds)
            return cls([_bound_unix(path)], f"the unix socket {path}", path)
        sockets = _bound_tcp(options.host, options.port)
        scheme = "https" if options.passed.get("ssl_certfile") else "http"
        host = f"[{options.host}]" if ":" in options.host else options.host
        return cls(sockets, f"{scheme}://{host}:{sockets[0].getsockname()[1]}")

    def seal(self) -> None:
        """Let nobody else begin to connect, in any process. Who is connected, or about to be, can still be accepted."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                if self._path.stat().st_ino == self._inode:  # another server may have put its own there
                    self._path.unlink()
        elif self._is_ours:
            for sock in self.sockets:
                _seal_tcp(sock)

    def close(self) -> None:
        """Close the sockets of this process."""
        self.seal()
        for sock in self.sockets:
            sock.close()


def _inherited(fd: int) -> socket.socket:
    try:
        sock = socket.socket(fileno=os.dup(fd))
    except OSError:
        raise OptionError(
            f"descriptor {fd} is no open socket; it is inherited from whoever starts the server"
        ) from None
    if sock.type != socket.SOCK_STREAM:
        sock.close()
        raise OptionError(
            f"the socket of descriptor {fd} is no stream; give one that is bound with SOCK_STREAM"
        )
    return sock


def _bound_unix(path: Path) -> socket.socket:
    """Bind a unix socket, in the place of one that a dead server has left."""
    mode = 0o666  # who may connect is the directory's affair, as it is uvicorn's custom
    if path.exists():
        found = path.stat()
        if not stat.S_ISSOCK(found.st_mode):
            raise OptionError(f"{path} is there and is no socket; choose another path")
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(path)) == 0:
                raise OSError(
                    errno.EADDRINUSE, f"another server listens at {path}; stop it, or choose another path"
                )
        mode = stat.S_IMODE(found.st_mode)
        path.unlink()
    sock = socket.socket(socket.AF_UNIX)
    try:
        sock.bind(str(path))
        path.chmod(mode)
    except OSError as error:
        sock.close()
        raise OptionError(f"no socket can be made at {path}: {error.strerror or error}") from None
    return sock


def _bound_tcp(host: str, port: int) -> list[socket.socket]:
    """Bind all addresses of a host to one port."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise OptionError(f"host {host!r} is no address of this machine: {error.strerror or error}") from None
    sockets: list[socket.socket] = []
    for family, _, _, _, address in dict.fromkeys(found):
        try:
            sockets.append(_bound(family, address, port))
        except OSError as error:
            if error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                continue  # as the IPv6 address of "localhost" on a machine without IPv6
            for sock in sockets:
                sock.close()
            raise _refused(error, host, port) from None
        port = sockets[0].getsockname()[1]
    if not sockets:
        raise OptionError(
            f"host {host!r} is no address of this machine; 127.0.0.1 is here, 0.0.0.0 is everywhere"
        )
    return sockets


def _bound(family: int, address: Any, port: int) -> socket.socket:
    sock = socket.socket(family)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address[0], port, *address[2:]))
    except OSError:
        sock.close()
        raise
    return sock


def _refused(error: OSError, host: str, port: int) -> OSError:
    if error.errno == errno.EADDRINUSE:
        return OSError(
            error.errno,
            f"port {port} of {host} is taken by another process; stop it, or type --port {port + 1}",
        )
    return OSError(error.errno, f"port {port} of {host} cannot be had: {error.strerror}; type --port 8000")


# -- the end ------------------------------------------------------------------------------------------------------------------

_SO_ATTACH_FILTER = 26
#: A filter in the kernel's language: byte 13 of a TCP header has the flags; drop what has SYN, keep the rest.
_NO_SYN = struct.pack(
    "HBBIHBBIHBBIHBBI", 0x30, 0, 0, 13, 0x45, 0, 1, 0x02, 0x06, 0, 0, 0, 0x06, 0, 0, 0xFFFFFFFF
)


def _seal_tcp(sock: socket.socket) -> None:
    """Let no handshake begin at a socket that listens.

    To close it would reset connections that the kernel has already made and nobody has accepted: their clients may have sent a
    request. So first no further ones may come, then those that wait are accepted, then it is closed. Only Linux can do that.
    """
    if sys.platform != "linux":
        return
    code = ctypes.create_string_buffer(_NO_SYN)
    program = struct.pack("HP", 4, ctypes.addressof(code))
    with contextlib.suppress(OSError):  # a sandbox may not know filters; then what waits at the end is lost
        sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
