"""A response of the handler's own: injected to be filled, and sent with what the handler returns (Rapidy)."""

from __future__ import annotations

from typing import Any, get_origin

from ..errors import SignatureError
from ..http.request import Request
from ..http.response import Response
from .completing import said
from .layers import Layer
from .returning import Makers
from .signature import Parameter, plain_type

__all__ = ["filling", "is_response"]


def is_response(parameter: Parameter) -> bool:
    """Tell whether a parameter is annotated with a class of responses."""
    cls = _class_of(parameter)
    return isinstance(cls, type) and issubclass(cls, Response)


def _class_of(parameter: Parameter) -> Any:
    plain = plain_type(parameter.annotation)
    return get_origin(plain) or plain


def filling(inner: Layer, parameters: list[Parameter], makers: Makers) -> Layer:
    """Return a layer that gives the handler a response to fill.

    Its status, fields and cookies leave with whatever the handler returns; if that is nothing, the response itself leaves. A
    response that the handler makes itself is sent as it is.

    Args:
        inner: what gets the response as an argument.
        parameters: those annotated with a class of responses.
        makers: the route's.

    Raises:
        SignatureError: there are several, or the class needs more than a status to be made.
    """
    if not parameters:
        return inner
    if len(parameters) > 1:
        raise SignatureError(
            f"{parameters[1].where}: one response is enough; {parameters[0].name!r} is it already"
        )
    name, where = parameters[0].name, parameters[0].where
    make: type[Response[Any]] = _class_of(parameters[0])
    status = makers.respond.status
    try:
        blank = said(make(status_code=status))
    except TypeError as error:
        raise SignatureError(
            f"{where}: an empty {make.__name__} cannot be made ({error}); ask for a Response"
        ) from None

    async def fill(request: Request, bound: dict[str, Any]) -> Any:
        given = bound[name] = make(status_code=status)
        value = await inner(request, bound)
        if value is None:
            return None if said(given) == blank else given
        if isinstance(value, Response):
            return given.wrap(value) if value.is_rendered else value
        return given.wrap(makers[type(value)](value))

    return fill
