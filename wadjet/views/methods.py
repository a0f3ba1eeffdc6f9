"""A method of a view as a handler: each call is one of a new instance."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property, update_wrapper
from operator import attrgetter
from typing import Any

from ..concurrency import is_async
from ..errors import RouteError
from ..handlers.plan import Plan
from ..handlers.respond import Respond
from ..handlers.returning import Makers
from ..handlers.signature import MISSING, plain_type
from ..http.request import Request
from ..http.response import Response
from ..routing.route import Route
from ..types import Handler

__all__ = ["Method", "method_of"]

#: The argument that is the request, where ``dispatch`` wants it whether or not the method does.
_REQUEST = "wadjet_request"
_KEYWORD = inspect.Parameter.KEYWORD_ONLY


class Method:
    """What a route of a view calls.

    Args:
        bound: the method without ``self``, as far as a signature shows.
        new: makes an instance.
        name: the method's.
        label: what the route is called.
        serializer_class: what documents the content where no parameter does.
    """

    #: The class that it is a method of.
    view: type[Any] | None = None

    def __init__(
        self, bound: Handler, new: Callable[[], Any], name: str, label: str, serializer_class: Any
    ) -> None:
        self.bound = bound
        self.new = new
        self.name = name
        self.serializer_class = serializer_class
        update_wrapper(self, bound, updated=())
        self.__name__ = label

    def __call__(self, **arguments: Any) -> Any:
        """Call the method of a new instance."""
        return getattr(self.new(), self.name)(**arguments)

    @cached_property
    def signature(self) -> inspect.Signature:
        """The method's, without ``self``; read at assembly, for annotations may name what is defined further below."""
        return inspect.signature(self.bound, eval_str=True)

    @property
    def __signature__(self) -> inspect.Signature:
        """What the route binds."""
        return self.signature

    @cached_property
    def request_names(self) -> tuple[str, ...]:
        """The parameters that are the request."""
        return tuple(name for name, each in self.signature.parameters.items() if _is_request(each))

    async def answer(self, view: Any, request: Request, arguments: dict[str, Any]) -> Response[Any]:
        """Call the method of an instance and return the response that its route makes of the result."""
        arguments |= dict.fromkeys(self.request_names, request)
        plan, function = request.plan, getattr(view, self.name)
        compiled = plan.compiled if isinstance(plan, Plan) else None
        if compiled is None or compiled.route.handler is not self:  # it was called by hand
            makers, pool = Makers(Respond(), MISSING, self.__name__), None
        else:
            makers, pool = compiled.makers, compiled.pool
        if is_async(self.bound):
            value = await function(**arguments)
        elif pool is None or inspect.isasyncgenfunction(self.bound):
            value = function(**arguments)
        else:
            await request.content.read()
            value = await pool.run(function, **arguments)
        return makers[type(value)](value)


class _Asynchronous(Method):
    async def __call__(self, **arguments: Any) -> Any:
        return await getattr(self.new(), self.name)(**arguments)


class _Streaming(Method):
    """An ``async def`` with ``yield``: calling it blocks nothing."""

    async def __call__(self, **arguments: Any) -> Any:
        return getattr(self.new(), self.name)(**arguments)


class _Dispatched(Method):
    """The view has a ``dispatch`` of its own, so everything goes through it: verbs and actions."""

    @property
    def __signature__(self) -> inspect.Signature:
        request = inspect.Parameter(_REQUEST, _KEYWORD, annotation=Request)
        ordered = sorted([*self.signature.parameters.values(), request], key=attrgetter("kind"))
        return self.signature.replace(parameters=ordered)

    async def __call__(self, **arguments: Any) -> Any:
        request = arguments.pop(_REQUEST)
        for name in self.request_names:
            del arguments[name]
        view = self.new()
        view.wadjet_method = self
        result = view.dispatch(request, **arguments)
        return await result if inspect.isawaitable(result) else result


def method_of(
    view: type[Any],
    name: str,
    label: str,
    new: Callable[[], Any],
    *,
    serializer_class: Any = None,
    dispatched: bool = False,
) -> Method:
    """Return the handler of a method, of the kind that the method is.

    Args:
        view: the class.
        name: the method's.
        label: what the route is called.
        new: makes an instance.
        serializer_class: see :class:`Method`.
        dispatched: everything goes through the view's ``dispatch``.

    Raises:
        RouteError: the method takes no ``self``.
    """
    bound = _bound(view, name)
    kind = Method
    if dispatched:
        kind = _Dispatched
    elif inspect.isasyncgenfunction(bound):
        kind = _Streaming
    elif is_async(bound):
        kind = _Asynchronous
    made = kind(bound, new, name, label, serializer_class)
    made.view = view
    return made


def _bound(view: type[Any], name: str) -> Handler:
    """Bind a method to the class: there is no instance yet, and a signature does not ask for one."""
    attribute = inspect.getattr_static(view, name)
    if isinstance(attribute, Route):
        attribute = attribute.handler
    bind = getattr(type(attribute), "__get__", None)
    if inspect.isfunction(attribute) and not inspect.signature(attribute).parameters:
        raise RouteError(f"{view.__name__}.{name}() takes no self; write `def {name}(self, …)`")
    bound: Handler = attribute if bind is None else bind(attribute, view, view)
    return bound


def _is_request(parameter: inspect.Parameter) -> bool:
    kind = plain_type(parameter.annotation)
    if isinstance(kind, type) and issubclass(kind, Request):
        return True
    return parameter.annotation is inspect.Parameter.empty and parameter.name == "request"
