"""What the supervisor asks its workers, without waiting for those that are stuck or dead."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wadjet.server.process import Config
from wadjet.server.workers import Worker


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """Make a worker that lives, in no process of its own."""
    worker = Worker(Config("shop:app", log_config=None), [])
    monkeypatch.setattr(worker, "process", SimpleNamespace(is_alive=lambda: True))
    return worker


def test_a_worker_that_is_silent_is_taken_for_dead_after_a_time(worker: Worker) -> None:
    assert worker.is_alive(timeout=60)
    assert not worker.is_alive(timeout=0.01)


def test_a_worker_that_answers_lives(worker: Worker) -> None:
    worker.child_conn.send(False)
    assert worker.is_alive(timeout=1)


def test_a_worker_is_not_asked_again_before_it_has_answered(worker: Worker) -> None:
    assert [worker.is_ready(timeout=0), worker.is_ready(timeout=0)] == [False, False]
    assert worker.child_conn.recv() == b"ping"
    assert not worker.child_conn.poll()
    worker.child_conn.send(True)
    assert worker.is_ready()


def test_a_worker_whose_pipe_is_closed_is_not_ready(worker: Worker) -> None:
    worker.parent_conn.close()
    assert not worker.is_ready()
