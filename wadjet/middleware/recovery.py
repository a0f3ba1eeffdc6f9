"""Recovery: an exception becomes a response. It stands inside the stack, so that every hook sees the response of a crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..concurrency import is_async
from ..conf.settings import Settings
from ..errors import SignatureError
from ..handlers.prepare import Prepare
from ..handlers.returning import Makers
from ..handlers.signature import read
from ..http.exceptions import ClientDisconnect, HTTPException, InternalServerError
from ..http.raising import error_id
from ..http.request import Request
from ..http.response import Response
from ..http.seam import Recover
from ..logs import errors as _log
from ..logs import printable
from ..routing.route import place_of
from ..server.asgi import respond
from ..types import ASGIApp, Handler, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from ..debug.report import Surroundings

__all__ = ["EXCEPTIONS", "ExceptionHandler", "Guarded", "Recovery", "fitted"]

#: Where a test client asks for the exceptions that were answered with a 500: an extension of its scopes.
EXCEPTIONS = "wadjet.exceptions"

ExceptionHandler = Callable[[Request, Any], Any]


class Recovery:
    """Turns exceptions into final responses.

    Args:
        prepare: makes the response final.
        makers: turns what an exception handler returns into a response.
        handlers: by exception class, or by status.
        outer: whose handlers are asked where these have none.
    """

    __slots__ = ("_by_status", "_by_type", "_makers", "_outer", "_prepare", "_surroundings")

    def __init__(
        self,
        prepare: Prepare,
        makers: Makers,
        handlers: Mapping[type[BaseException] | int, ExceptionHandler],
        *,
        outer: Recovery | None = None,
    ) -> None:
        self._outer = outer
        self._prepare = prepare
        self._makers = makers
        self._by_type = {key: handler for key, handler in handlers.items() if not isinstance(key, int)}
        self._by_status = {key: handler for key, handler in handlers.items() if isinstance(key, int)}
        #: What a developer is shown of a crash beside the request; None shows nothing of it to anybody.
        self._surroundings: Surroundings | None = None if outer is None else outer._surroundings  # noqa: SLF001 - of our own class

    def show(self, settings: Settings, middleware: Sequence[str]) -> None:
        """Show crashes to a developer from now on, where ``DEBUG`` says so.

        Args:
            settings: of the application.
            middleware: module and class of each, outermost first.
        """
        if settings.DEBUG:
            from ..debug.report import Surroundings  # a process in production never has it

            self._surroundings = Surroundings(settings, middleware)

    async def __call__(self, request: Request, error: Exception) -> Response[Any]:
        """Return the response to an exception.

        Raises:
            ClientDisconnect: the client has left; there is nobody to answer.
        """
        request.fail(error)
        if isinstance(error, ClientDisconnect):
            raise error
        try:
            return await self._answer(request, error)
        except ClientDisconnect:
            raise
        except Exception as second:
            if second is not error and second.__context__ is None:
                second.__context__ = error  # a thread does not know what is being handled
            return await self._last_answer(request, second)
        finally:
            if isinstance(error, HTTPException):
                # SECURITY: an instance that is raised again and again would keep the frames of every request.
                error.__traceback__ = error.__context__ = error.__cause__ = None

    async def _last_answer(self, request: Request, error: Exception) -> Response[Any]:
        """Answer what the answer to an error has raised; there may be as many of it as there are response callbacks."""
        while request.response_callbacks:
            try:
                return await self._prepare(request, self._crash(request, error))
            except ClientDisconnect:
                raise
            except Exception as another:
                error = another
        return await self._prepare(request, self._crash(request, error))

    async def _answer(self, request: Request, error: Exception) -> Response[Any]:
        answer = await self._handled(request, error)
        if answer is not None:
            return answer
        if isinstance(error, Response):
            return await self._prepare(request, error.take())
        return await self._prepare(request, self._crash(request, error))

    def within(self, handlers: Mapping[type[BaseException] | int, ExceptionHandler]) -> Recovery:
        """Return the recovery of one route, whose handlers are asked before these.

        Args:
            handlers: by exception class, or by status.
        """
        return Recovery(self._prepare, self._makers, handlers, outer=self)

    async def _handled(self, request: Request, error: Exception) -> Response[Any] | None:
        """Let the nearest handler answer; None if there is none."""
        handler = self._handler_for(error)
        if handler is None:
            return None if self._outer is None else await self._outer._handled(request, error)  # noqa: SLF001 - of our own class
        result = handler(request, error)
        if isinstance(result, Awaitable):
            result = await result
        return await self._prepare(request, self._makers[type(result)](result))

    def _handler_for(self, error: Exception) -> ExceptionHandler | None:
        """Look a handler up: the nearest class first, then the status.

        An HTTP exception's status is nearer than the classes of many statuses, and a handler of all exceptions is not for it:
        an answer is no crash.
        """
        classes = type(error).__mro__
        if not isinstance(error, HTTPException):
            return next(
                (self._by_type[cls] for cls in classes if cls in self._by_type), self._by_status.get(500)
            )
        place = next(place for place, cls in enumerate(classes) if cls.__module__ == HTTPException.__module__)
        general = [cls for cls in classes[place:] if cls is not Exception and cls is not BaseException]
        return next(
            (self._by_type[cls] for cls in classes[:place] if cls in self._by_type),
            self._by_status.get(error.status_code),
        ) or next((self._by_type[cls] for cls in general if cls in self._by_type), None)

    def _crash(self, request: Request, error: Exception) -> Response[Any]:
        """Log an exception once, under an id that the client is told too."""
        identifier = error_id()
        _log.error(
            "%s %s failed [%s]",
            request.method,
            printable(request.path),
            identifier,
            exc_info=error,
            extra={"error_id": identifier},
        )
        request.extensions.get(EXCEPTIONS, []).append(error)
        if self._surroundings is not None:
            from ..debug.present import present  # a process in production never has it

            try:
                return present(error, request, identifier, self._surroundings).take()
            except (
                Exception
            ) as second:  # what it looks at is anybody's; the answer then is that of production
                _log.warning(
                    "the development page cannot be shown [%s]",
                    identifier,
                    exc_info=second,
                    extra={"error_id": identifier},
                )
        response = InternalServerError()
        response.extensions["id"] = identifier
        return response.take()


def fitted(handler: Handler) -> ExceptionHandler:
    """Return a function of request and error that gives a handler as many of them as it takes.

    Raises:
        SignatureError: it takes more.
    """
    where = place_of(handler)
    count = len(read(handler, where).parameters)
    if count > 2:
        raise SignatureError(
            f"{where}: what answers an error takes nothing, the request, or request and error"
        )

    if is_async(handler):

        async def answer(*given: Any) -> Any:
            return await handler(*given[:count])

        return answer
    return lambda *given: handler(*given[:count])


class Guarded:
    """Foreign ASGI code with the same net: an exception before its head becomes a response, one after it ends the connection.

    Args:
        app: the code; the wrapper has its attributes.
        recover: makes the response.
    """

    __slots__ = ("_app", "_recover")

    def __init__(self, app: ASGIApp, recover: Recover) -> None:
        self._app = app
        self._recover = recover

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the code."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        has_started = False

        async def watched(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            request = Request.of(scope, receive)
            if has_started:
                request.fail(error)
                raise
            await respond(await self._recover(request, error), request, send)
        return None
