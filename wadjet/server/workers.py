"""Several processes: uvicorn's supervisor of workers, which replaces them one after another and loses nothing."""

from __future__ import annotations

import functools
import logging
import os
import signal
import socket
import time

from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from .listening import Listening
from .process import Config, Server

__all__ = ["Worker", "Workers"]

_log = logging.getLogger("uvicorn.error")

#: Seconds that a new worker may take to start before the old one is kept.
_START_SECONDS = 60.0
_TICK_SECONDS = 0.05
_ENDS = frozenset({signal.SIGINT, signal.SIGTERM})
#: What workers end with when all is well; SIGTERM where it comes before they could take it.
_IN_ORDER = frozenset({0, -signal.SIGTERM})


class Worker(Process):
    """A process that serves with our server."""

    config: Config

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        #: Whether it has been asked and has not answered yet.
        self._is_asked = False
        self._heard = time.monotonic()

    @functools.cached_property
    def server(self) -> Server:
        """The server, of the process that asks."""
        return Server(self.config)

    def target(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, in a process of its own."""
        if (
            os.name == "posix"
        ):  # a terminal that closes tells the whole group; what SIGHUP means is the supervisor's affair
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        _ = self.server  # made here, before the thread that answers the supervisor asks for it too
        super().target(sockets)

    # What the supervisor asks never keeps it waiting: it would be deaf to signals, and wait for workers that have died meanwhile.

    def is_ready(self, timeout: float = _TICK_SECONDS) -> bool:
        """Tell whether the worker says that it serves.

        Args:
            timeout: seconds to wait for the answer.
        """
        return self._answer(timeout) is True

    def is_alive(self, timeout: float = _START_SECONDS) -> bool:
        """Tell whether the worker lives and is not stuck.

        Args:
            timeout: seconds that the last answer may be past.
        """
        if self._answer(_TICK_SECONDS) is not None:
            self._heard = time.monotonic()
        return self.process.is_alive() and time.monotonic() - self._heard < timeout

    def _answer(self, timeout: float) -> bool | None:
        """Ask, unless an answer is due; return it, or None if there is none yet."""
        try:
            if not self._is_asked:
                self.parent_conn.send(b"ping")
                self._is_asked = True
            if not self.parent_conn.poll(timeout):
                return None
            self._is_asked = False
            return bool(self.parent_conn.recv())
        except (OSError, EOFError):
            return None


class Workers(Multiprocess):
    """The supervisor of workers.

    Args:
        config: of all of them.
        listening: the sockets that they share.
    """

    processes: list[Worker]  # type: ignore[assignment] # ours alone
    config: Config

    def __init__(self, config: Config, listening: Listening) -> None:
        super().__init__(config, listening.sockets)
        self._listening = listening
        #: Workers that have been replaced and answer what they still have.
        self._retired: list[Worker] = []
        #: How the first worker failed that did not end in order.
        self.status = 0

    def init_processes(self) -> None:
        """Start the workers."""
        self.processes += [self._started() for _ in range(self.processes_num)]

    def handle_ttin(self) -> None:
        """Start one more."""
        self.processes_num += 1
        self.processes.append(self._started())

    def restart_all(self) -> None:
        """Replace the workers, each once its successor serves; if one cannot start, keep those that there are."""
        for index, old in enumerate(self.processes):
            new = self._started()
            if not self._is_serving(new):
                new.kill()
                new.join()
                if not self._is_leaving():
                    _log.error(
                        "Worker [%s] did not start; the others are kept, and the restart is given up", new.pid
                    )
                return
            self.processes[index] = new
            old.terminate()
            self._retired.append(old)

    def keep_subprocess_alive(self) -> None:
        """Replace workers that have died; stop when one could not start, and no other serves."""
        self._retired = [worker for worker in self._retired if worker.process.is_alive()]
        for index, worker in enumerate(self.processes):
            if worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                continue
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE and not self._is_served():
                _log.error("Worker [%s] could not start; stopping", worker.pid)
                self.should_exit.set()
                return
            _log.error(
                "Worker [%s] ended with status %s; another takes its place", worker.pid, worker.exitcode
            )
            self.processes[index] = self._started()

    def terminate_all(self) -> None:
        """Let nobody else connect, and have the workers answer what they have."""
        self._listening.close()
        super().terminate_all()

    def join_all(self) -> None:
        """Wait for all workers, and take note of how they ended."""
        for worker in (*self.processes, *self._retired):
            worker.join()
            if worker.exitcode not in _IN_ORDER and not self.status:
                self.status = STARTUP_FAILURE if worker.exitcode == STARTUP_FAILURE else 1

    def _started(self) -> Worker:
        worker = Worker(self.config, self.sockets)
        worker.start()
        return worker

    def _is_serving(self, worker: Worker) -> bool:
        """Wait until a worker serves; tell whether it does. A signal to stop ends the waiting."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and worker.process.is_alive() and not self._is_leaving():
            if worker.is_ready():
                return True
            time.sleep(_TICK_SECONDS)
        return False

    def _is_served(self) -> bool:
        return any(worker.process.is_alive() and worker.is_ready() for worker in self.processes)

    def _is_leaving(self) -> bool:
        return not _ENDS.isdisjoint(self.signal_queue)
