"""Sockets are bound as they are asked for, and closed so that nobody is turned away who was let in."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from wadjet.server.listening import Listening
from wadjet.server.options import OptionError, Options


def listening(**given: Any) -> Listening:
    return Listening.on(Options.read(given.pop("host", None), given.pop("port", 0), given, {}))


def test_all_addresses_of_a_host_have_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0)) for host in ("127.0.0.1", "127.0.0.2")]
    gone = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.9", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [*found, gone])
    bound = listening(host="here")
    names = [sock.getsockname() for sock in bound.sockets]
    bound.close()
    assert [name[0] for name in names] == ["127.0.0.1", "127.0.0.2"]
    assert len({name[1] for name in names}) == 1


def test_nothing_stays_bound_when_one_address_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.2", 0)) as other:
        port = other.getsockname()[1]
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 0)) for host in ("127.0.0.1", "127.0.0.2")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
        with pytest.raises(OSError, match=f"port {port} of here is taken"):
            listening(host="here", port=port)
        socket.create_server(("127.0.0.1", port)).close()


def test_a_port_that_is_not_allowed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: socket.socket, address: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(
        OSError, match="port 80 of 127.0.0.1 cannot be had: Permission denied; type --port 8000"
    ):
        listening(port=80)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can refuse handshakes and keep what it has")
def test_who_is_connected_is_accepted_after_the_seal_and_nobody_else() -> None:
    bound = listening()
    sock = bound.sockets[0]
    sock.listen()
    with socket.create_connection(sock.getsockname()) as early:
        bound.seal()
        with socket.socket() as late:
            late.settimeout(0.2)
            with pytest.raises(TimeoutError):
                late.connect(sock.getsockname())
        sock.settimeout(5)
        accepted, _ = sock.accept()
        with accepted:
            early.sendall(b"still here")
            assert accepted.recv(100) == b"still here"
    bound.close()


def test_a_path_where_somebody_listens_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        with pytest.raises(OSError, match="another server listens at"):
            listening(uds=str(path))
    assert path.exists()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("letters")
    with pytest.raises(OptionError, match="is no socket; choose another path"):
        listening(uds=str(path))
    assert path.read_text() == "letters"


def test_the_socket_that_another_server_has_put_there_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    bound = listening(uds=str(path))
    path.rename(tmp_path / "ours")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        bound.close()
        assert path.exists()


def test_a_descriptor_must_be_a_stream() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(OptionError, match="is no stream"):
        listening(fd=sock.fileno())


def test_an_ipv6_address_is_written_in_brackets() -> None:
    try:
        bound = listening(host="::1")
    except OptionError:
        pytest.skip("no IPv6 here")
    bound.close()
    assert bound.where.startswith("http://[::1]:")
