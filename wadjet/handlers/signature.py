"""What a handler asks for and what it returns, read once. The only file that looks at ``inspect``'s signatures."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, NamedTuple, get_args, get_origin

from ..errors import SignatureError
from ..types import Handler

__all__ = ["MISSING", "Parameter", "Signature", "plain_type", "read"]


class _Missing:
    """Nothing was given; None would be a value."""

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


class Parameter(NamedTuple):
    """One parameter of a handler."""

    name: str
    #: As written, ``Annotated`` included; :data:`MISSING` when there is none.
    annotation: Any
    default: Any
    #: File, line, handler and parameter, for messages.
    where: str


class Signature(NamedTuple):
    """The parameters and the return type of a handler."""

    parameters: tuple[Parameter, ...]
    #: :data:`MISSING` when there is none, or when it is ``...``.
    returns: Any


_REFUSED = {
    inspect.Parameter.POSITIONAL_ONLY: "is positional-only; arguments are passed by name, so drop the '/'",
    inspect.Parameter.VAR_POSITIONAL: "collects positional arguments, and there are none; name what you need",
    inspect.Parameter.VAR_KEYWORD: "collects named arguments, and none is passed unasked; name what you need",
}


def read(handler: Handler, where: str) -> Signature:
    """Read the signature of a handler.

    Args:
        handler: any callable.
        where: file, line and name of it.

    Raises:
        SignatureError: a parameter that cannot be passed by name, or an annotation that cannot be resolved.
    """
    try:
        signature = inspect.signature(handler, eval_str=True)
    except NameError as error:
        raise SignatureError(
            f"{where}: the annotations name {error.name!r}, which is not known where the handler is defined; "
            "define or import it at the top of the module"
        ) from error
    except Exception as error:  # whatever evaluating an annotation raises
        raise SignatureError(
            f"{where}: the signature cannot be read ({type(error).__name__}: {error}); correct its annotations"
        ) from error
    parameters = []
    for parameter in signature.parameters.values():
        place = f"{where}: parameter {parameter.name!r}"
        if parameter.kind in _REFUSED:
            raise SignatureError(f"{place} {_REFUSED[parameter.kind]}")
        parameters.append(
            Parameter(parameter.name, _given(parameter.annotation), _given(parameter.default), place)
        )
    returns = _given(signature.return_annotation)
    return Signature(tuple(parameters), MISSING if returns is ... else returns)


def _given(value: Any) -> Any:
    return MISSING if value is inspect.Parameter.empty else value


def plain_type(annotation: Any) -> Any:
    """Return an annotation without ``Annotated``."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
