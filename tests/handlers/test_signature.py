import functools
from collections.abc import Callable
from typing import Annotated, Any

import pytest

from tests.handlers.serving import assembling, call
from wadjet.errors import SignatureError
from wadjet.handlers.signature import MISSING, plain_type, read


def test_a_signature_is_its_parameters_and_its_return_type() -> None:
    def handler(a, b: int = 1) -> str:  # type: ignore[no-untyped-def]
        return ""

    signature = read(handler, "here")
    assert [(found.name, found.annotation, found.default) for found in signature.parameters] == [
        ("a", MISSING, MISSING),
        ("b", int, 1),
    ]
    assert signature.parameters[0].where == "here: parameter 'a'"
    assert signature.returns is str


def test_annotations_may_be_text() -> None:
    def handler(a: "int") -> "str":
        return ""

    signature = read(handler, "here")
    assert (signature.parameters[0].annotation, signature.returns) == (int, str)


def test_an_ellipsis_declares_no_return_type() -> None:
    def handler() -> ...:  # type: ignore[misc]
        ...

    assert read(handler, "here").returns is MISSING


def positional(a: int, /) -> None: ...
def several(*args: int) -> None: ...
def named(**kwargs: int) -> None: ...
def unknown(a: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821
def broken(a: "int |") -> None: ...  # type: ignore[valid-type]  # noqa: F722
def absent(a: "functools.Nowhere") -> None: ...  # type: ignore[name-defined]
def mixed(a: "int | 5") -> None: ...  # type: ignore[valid-type]


@pytest.mark.parametrize(
    ("handler", "problem", "remedy"),
    [
        (positional, "parameter 'a' is positional-only", "drop the '/'"),
        (several, "parameter 'args' collects positional arguments", "name what you need"),
        (named, "parameter 'kwargs' collects named arguments", "name what you need"),
        (
            unknown,
            "the annotations name 'Nowhere', which is not known",
            "define or import it at the top of the module",
        ),
        (broken, "the signature cannot be read (SyntaxError", "correct its annotations"),
        (absent, "the signature cannot be read (AttributeError", "correct its annotations"),
        (mixed, "the signature cannot be read (TypeError", "correct its annotations"),
    ],
)
def test_a_signature_that_cannot_be_bound_fails_at_assembly(
    handler: Callable[..., Any], problem: str, remedy: str
) -> None:
    message = assembling(handler, "/", "POST")
    line = handler.__code__.co_firstlineno
    assert f"test_signature.py:{line}: {handler.__name__}()" in message
    assert problem in message
    assert remedy in message


def test_a_partial_a_method_and_an_object_are_handlers() -> None:
    async def add(a: int, b: int) -> str:
        return str(a + b)

    class Adder:
        async def method(self, a: int) -> str:
            return str(a)

        async def __call__(self, a: int, b: int = 2) -> str:
            return str(a + b)

    assert call(functools.partial(add, b=2), "/?a=1").text == "3"
    assert call(Adder(), "/?a=1").text == "3"
    assert call(Adder().method, "/?a=1").text == "1"


def test_a_decorated_handler_is_read_through_its_wrapper() -> None:
    def logged(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def wrapper(*args: Any, **kwargs: Any) -> Any:
            return await function(*args, **kwargs)

        return wrapper

    @logged
    async def handler(a: int) -> str:
        return str(a + 1)

    assert call(handler, "/?a=1").text == "2"


@pytest.mark.parametrize(
    ("annotation", "plain"),
    [
        (int, int),
        (int | None, int | None),
        (None, None),
        (Annotated[int, "x"], int),
        (Annotated[int | None, "x"], int | None),
    ],
)
def test_annotations_are_looked_at_without_their_metadata(annotation: Any, plain: Any) -> None:
    assert plain_type(annotation) == plain


def test_missing_is_falsy_and_named() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"


def test_a_builtin_without_signature_says_so() -> None:
    with pytest.raises(SignatureError, match="the signature cannot be read"):
        read(dict, "here")
