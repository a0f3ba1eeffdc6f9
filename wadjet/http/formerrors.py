"""The answer to a form that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .exceptions import MalformedBody, RequestEntityTooLarge, UnsupportedMediaType
from .forms import FileTypeRefused, FormError, FormTooLarge

__all__ = ["refusing"]


@contextmanager
def refusing() -> Iterator[None]:
    """Make the errors of what reads forms the client's.

    Raises:
        RequestEntityTooLarge: it is beyond a limit.
        UnsupportedMediaType: a file in it is of a type that is not taken.
        MalformedBody: it is not the form that it is said to be.
    """
    try:
        yield
    except FormTooLarge as error:
        raise RequestEntityTooLarge(f"The form cannot be taken: {error}.") from None
    except FileTypeRefused as error:
        raise UnsupportedMediaType(f"The form cannot be taken: {error}.") from None
    except FormError as error:
        raise MalformedBody(f"The content is not the form that it is said to be: {error}.") from None
