"""The WebSocket protocol of a server: uvicorn's, with an end that tells the truth and clients that cannot stall it.

The only file that knows uvicorn's class; ``tests/server/test_uvicorn_contract.py`` names what is used of it.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from ..conf.settings import Settings, settings_of

__all__ = ["SocketProtocol"]

_GOING_AWAY, _ABNORMAL = 1001, 1006
#: Bytes of a frame that is kept for the next one who is told the same.
_MOST_KEPT = 64 * 1024
_STOPPING = "the server is stopping"


class _Frames:
    """The frame of the text that was sent last."""

    __slots__ = ("_frame", "_text")

    def __init__(self) -> None:
        self._text: str | None = None
        self._frame = b""

    def of(self, text: str) -> bytes | None:
        """Return a frame that holds a whole text, neither masked nor compressed; None for what is no text in UTF-8."""
        if text == self._text:
            return self._frame
        try:
            frame = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
        except UnicodeEncodeError:
            return None
        if len(frame) <= _MOST_KEPT:
            self._text, self._frame = text, frame
        return frame


_FRAMES = _Frames()


class SocketProtocol(WebSocketsSansIOProtocol):
    """One connection.

    Beyond uvicorn's class: a server that stops says 1001 and waits for the answer; a connection that is lost without a word is
    1006 to the application; who does not read for ``SEND_TIMEOUT`` seconds, or answers no ping, is cut off even where data waits
    for it, so that nobody who sends waits for ever.

    Args:
        config: uvicorn's.
        server_state: uvicorn's.
        app_state: what the lifespan left.
        _loop: none but the running one.
    """

    def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any], _loop: Any = None) -> None:
        super().__init__(config, server_state, app_state, _loop)
        settings = settings_of(config.loaded_app) or Settings()
        self._send_seconds = settings.SEND_TIMEOUT
        self._waiting = 0
        self._stall_timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the application, with the code for what has happened (RFC 6455 §7.1.5)."""
        self._stop_watching()
        if self.handshake_complete and self.conn.close_rcvd is None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": _ABNORMAL})
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Say that the server stops; the connection ends when the client has answered, or has had its time."""
        if not self.handshake_complete:
            super().shutdown()
        elif self.conn.state is State.OPEN:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": _GOING_AWAY, "reason": _STOPPING})
            self.conn.send_close(_GOING_AWAY, _STOPPING)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
            if self.read_paused:  # or the answer would never be read
                self.read_paused = False
                self.transport.resume_reading()

    async def send(self, message: Any) -> None:
        """Take a message of the application; uvicorn's class takes a handshake that was refused for one that was forgotten."""
        text = message.get("text")
        if text is not None and self.send_at_once(text):
            return
        await super().send(message)
        if self.close_sent and self.initial_response is not None:
            self.handshake_complete = True

    def send_at_once(self, text: str) -> bool:
        """Send a text if nothing is in its way, and tell whether it was sent: what uvicorn's class does, without its questions.

        PERF(bench: sockets): a text that many are told is made a frame once.
        """
        is_open = self.handshake_complete and not (self.close_sent or self.disconnected)
        if not (is_open and self.conn.state is State.OPEN and self.writable.is_set()):
            return False
        if self.transport.is_closing():
            return False
        frame = None if self.conn.extensions or self.conn.debug else _FRAMES.of(text)
        if frame is None:
            return False
        self.transport.write(frame)
        return True

    def keepalive_timeout(self) -> None:
        """Cut off who does not answer."""
        super().keepalive_timeout()
        self._cut_off()

    def handle_parser_exception(self) -> None:
        """Cut off who breaks the protocol, once they have been told."""
        super().handle_parser_exception()
        self.disconnected = True  # what the application sends from now on is for nobody

    # -- clients that do not read ---------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """Let those who send wait, and watch the client."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Let them go on."""
        self._stop_watching()
        super().resume_writing()

    def _watch(self) -> None:
        self._waiting = self.transport.get_write_buffer_size()
        self._stall_timer = self.loop.call_later(self._send_seconds, self._look)

    def _look(self) -> None:
        """Cut off a client that has taken nothing since the last look."""
        if self.transport.get_write_buffer_size() < self._waiting:
            self._watch()
        else:
            self._cut_off()

    def _stop_watching(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _cut_off(self) -> None:
        self.disconnected = True
        if self.transport.get_write_buffer_size():
            self.transport.abort()
