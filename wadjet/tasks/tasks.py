"""Tasks: what an application hands to a broker of taskiq when it has committed, and what its workers do with it."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from taskiq import AsyncBroker, AsyncTaskiqDecoratedTask, TaskiqEvents, TaskiqMessage, TaskiqMiddleware
from taskiq.kicker import AsyncKicker
from taskiq.message import BrokerMessage
from taskiq.task import AsyncTaskiqTask
from taskiq.utils import maybe_awaitable

from ..concurrency import is_async
from ..db.scopes import on_commit
from ..errors import ConfigError, WadjetError
from ..logs import REQUEST_ID
from ..logs import errors as _log

__all__ = ["Application", "TaskNotSent", "Tasks", "Unit", "Units"]

P = ParamSpec("P")
R = TypeVar("R")
H = TypeVar("H", bound=Callable[..., Any])

#: The label of a message that has the id of the request which has sent it.
_LABEL = "request_id"


class TaskNotSent(WadjetError, RuntimeError):
    """The broker did not take a task. What was committed before stays; nobody else will send the task.

    Args:
        task: its name and id.
        message: what was to be sent, for who keeps it elsewhere.
    """

    def __init__(self, task: str, message: BrokerMessage) -> None:
        super().__init__(
            f"{task} was not sent, and will not be by itself; what the transaction wrote before is kept. Look after the broker"
        )
        self.message = message


class Unit(Protocol):
    """A unit of work; see :class:`wadjet.middleware.Unit`."""

    def end(self, *, commits: bool) -> Awaitable[None] | None:
        """End it."""


class Units(Protocol):
    """What begins units: a database."""

    def begin(self, *, writes: bool) -> Unit:
        """Begin one in this context."""


class Application(Protocol):
    """What tasks ask of an application."""

    def on_startup(self, hook: H) -> H:
        """Call something when it starts."""

    def on_shutdown(self, hook: H) -> H:
        """Call something when it stops."""

    async def startup(self) -> Mapping[str, Any]:
        """Start it."""

    async def shutdown(self) -> None:
        """Stop it."""

    def seal(self) -> Any:
        """Assemble it."""


class Tasks:
    """Tasks of an application, over a broker of taskiq.

    The broker starts and stops with the application. In a worker (``taskiq worker shop:broker``) the application starts and
    stops with the broker, so that its startup hooks have run, and each task is a unit of work of its database.

    Args:
        app: the application; nothing of it has started yet.
        broker: taskiq's.
        database: gives tasks their units of work; None for that of the application's ``DatabaseMiddleware``, if it has one.
        timeout: seconds that the broker may take for one task that is sent.
    """

    def __init__(
        self,
        app: Application,
        broker: AsyncBroker,
        *,
        database: Units | None = None,
        timeout: float = 5.0,
    ) -> None:
        self.broker = broker
        self._app = app
        self._database = database
        self._timeout = timeout
        broker.add_middlewares(_RequestIds())
        broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, self._start_application)
        broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, self._stop_application)
        app.on_startup(self._start_broker)
        app.on_shutdown(self._stop_broker)

    # -- what is done -------------------------------------------------------------------------------------------------------

    @overload
    def task(self, name: Callable[P, R], /) -> AsyncTaskiqDecoratedTask[P, R]: ...
    @overload
    def task(
        self, name: str | None = None, /, **labels: Any
    ) -> Callable[[Callable[P, R]], AsyncTaskiqDecoratedTask[P, R]]: ...
    def task(self, name: Any = None, /, **labels: Any) -> Any:
        """Make a function a task: ``@tasks.task``, or ``@tasks.task("mail", retry_on_error=True)``.

        Where it is done it is one unit of work: what it writes is kept if it returns, and undone if it raises. A commit that
        fails is a failure of the task, so that what taskiq does with failures, trying again for example, is done with it.

        Args:
            name: what workers know it by; None for its module and its name.
            **labels: as taskiq has them.
        """
        if callable(name):
            return self.broker.task()(self._in_a_unit(name))
        return lambda function: self.broker.task(name, **labels)(self._in_a_unit(function))

    def _in_a_unit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def work(*args: Any, **kwargs: Any) -> Any:
            database = self._units()
            unit = None if database is None else database.begin(writes=True)
            try:
                result = await (
                    function(*args, **kwargs)
                    if is_async(function)
                    else asyncio.to_thread(function, *args, **kwargs)
                )
            except BaseException:
                await _end(unit, commits=False)
                raise
            await _end(unit, commits=True)
            return result

        return work

    def _units(self) -> Units | None:
        if self._database is not None:
            return self._database
        around = self._app.seal().around
        found: Units | None = next((each.database for each in around if "database" in each.provides), None)
        return found

    # -- what is sent -------------------------------------------------------------------------------------------------------

    async def enqueue(
        self,
        task: AsyncTaskiqDecoratedTask[P, R] | AsyncKicker[P, R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> AsyncTaskiqTask[Any]:
        """Send a task when the transaction that is open here is kept, and not if it is undone; at once where none is open.

        In a request it is sent after the commit and before the head of the answer leaves. If the broker does not take it the
        answer is a 500, and the log says which task it was.

        Args:
            task: below ``@tasks.task``; ``task.kicker().with_labels(…)`` where one message is to be different.
            *args: its arguments; they are written down now, and may change afterwards.
            **kwargs: likewise.

        Returns:
            Where its result will be, if the broker keeps results.

        Raises:
            ConfigError: it is no task.
            TypeError: the task does not take these arguments, or they cannot be written down.
            TaskNotSent: no transaction is open, and the broker did not take it.
        """
        message = await self._written(task, args, kwargs)
        packed = self._packed(message)
        await on_commit(self._send, message, packed)
        return AsyncTaskiqTask(message.task_id, self.broker.result_backend)

    async def _written(self, task: Any, args: Any, kwargs: Any) -> TaskiqMessage:
        """Make the message of a task."""
        kicker = task.kicker() if isinstance(task, AsyncTaskiqDecoratedTask) else task
        if not isinstance(kicker, AsyncKicker):
            raise ConfigError(f"{task!r} is no task; write `@tasks.task` above its `def`")
        known = self.broker.find_task(kicker.task_name)
        if known is not None:
            inspect.signature(known.original_func).bind_partial(*args, **kwargs)  # taskiq fills in the rest
        message: TaskiqMessage = kicker._prepare_message(*args, **kwargs)  # noqa: SLF001 - taskiq sends it at once else
        for middleware in self.broker.middlewares:
            message = await maybe_awaitable(middleware.pre_send(message))
        return message

    def _packed(self, message: TaskiqMessage) -> BrokerMessage:
        try:
            return self.broker.formatter.dumps(message)
        except (TypeError, ValueError) as error:
            raise TypeError(
                f"the arguments of {message.task_name} cannot be sent ({error}); send what JSON has, the key of a row for example"
            ) from error

    async def _send(self, message: TaskiqMessage, packed: BrokerMessage) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self.broker.kick(packed)
        except Exception as error:
            name = f"task {message.task_name} [{message.task_id}]"
            _log.error("%s was not sent: %r", name, error)
            raise TaskNotSent(name, packed) from error
        for middleware in reversed(self.broker.middlewares):
            await maybe_awaitable(middleware.post_send(message))

    # -- their life ---------------------------------------------------------------------------------------------------------

    async def _start_broker(self) -> None:
        if not self.broker.is_worker_process:
            await self.broker.startup()

    async def _stop_broker(self) -> None:
        if not self.broker.is_worker_process:
            wait_all = getattr(self.broker, "wait_all", None)
            if (
                wait_all is not None
            ):  # taskiq's broker in memory does tasks itself, and would forget what it is at
                await wait_all()
            await self.broker.shutdown()

    async def _start_application(self, _: object) -> None:
        if self.broker.is_worker_process:
            await self._app.startup()

    async def _stop_application(self, _: object) -> None:
        if self.broker.is_worker_process:
            await self._app.shutdown()


class _RequestIds(TaskiqMiddleware):
    """Carries the id of the request that has sent a task to the log of the worker."""

    def pre_send(self, message: TaskiqMessage) -> TaskiqMessage:
        """Write it down."""
        identifier = REQUEST_ID.get()
        if identifier is not None:
            message.labels.setdefault(_LABEL, identifier)
        return message

    def pre_execute(self, message: TaskiqMessage) -> TaskiqMessage:
        """Let records of the task have it."""
        identifier = message.labels.get(_LABEL)
        if isinstance(identifier, str):
            REQUEST_ID.set(identifier)
        return message


async def _end(unit: Unit | None, *, commits: bool) -> None:
    ending = None if unit is None else unit.end(commits=commits)
    if ending is not None:
        await ending
