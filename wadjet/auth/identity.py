"""What finds out who is asking: its form, and what every kind of it has to say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from typing import Any, ClassVar, NamedTuple, Self

from ..concurrency import is_async
from ..conf.settings import Settings
from ..errors import ConfigError
from ..http.authorization import Challenge
from ..http.exceptions import AuthenticationFailed
from ..http.request import Request
from .accounts import Accounts
from .named import imported

__all__ = [
    "Authentication",
    "Found",
    "Identity",
    "authentication_of",
    "credentials",
    "credentials_in",
    "sole_field",
]


class Identity(NamedTuple):
    """Who is asking, and how it was found out."""

    user: Any
    #: Its ``type`` is ``session``, ``jwt``, ``token``, ``basic`` or ``apikey``.
    auth: dict[str, Any]


#: An identity, or a plain tuple that equals one; None where a request has no credentials of the kind that is looked for.
Found = tuple[Any, dict[str, Any]] | None


class Authentication(ABC):
    """One way to find out who is asking: subclass it, and write ``authenticate``."""

    #: What OpenAPI calls it; None for what is not described.
    name: ClassVar[str | None] = None
    #: Whether the credentials are a cookie, or what else browsers send unasked: a broken one is nobody's, and no failure.
    is_ambient: ClassVar[bool] = False
    #: Whether browsers send again, whichever site asks them to, what somebody has typed in once.
    is_resent: ClassVar[bool] = False
    #: Fields that answers depend on, and that no cache knows of by itself: not Authorization (RFC 9111 §3.5).
    vary: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings, accounts: Accounts | None) -> Self:  # noqa: ARG003 - subclasses use them
        """Make one where only the class was given.

        Args:
            settings: of the application.
            accounts: its users; None where nothing knows any.

        Raises:
            ConfigError: that is not enough for it.
        """
        try:
            return cls()
        except TypeError as error:
            raise ConfigError(
                f"{cls.__name__} cannot be made of settings alone: {error}; give an instance instead of the class"
            ) from error

    @property
    def waits(self) -> bool:
        """Whether :meth:`authenticate` may have to be awaited: then it runs before the handler, and not when it is asked."""
        return is_async(self.authenticate)

    def must_wait(self, request: Request) -> bool:
        """Tell whether it has to be for this request: there may be credentials of this kind. Asked where it :attr:`waits`."""
        return True

    @abstractmethod
    def authenticate(self, request: Request) -> Found | Awaitable[Found]:
        """Find out who is asking; None where there are no credentials of this kind.

        Raises:
            AuthenticationFailed: there are, and they are not good.
        """

    def challenge(self) -> Challenge | None:
        """Return what a 401 asks for (RFC 9110 §11.6.1)."""
        return None

    def scheme(self) -> Mapping[str, Any]:
        """Return its security scheme in OpenAPI."""
        return {}


def credentials(request: Request, scheme: str) -> str | None:
    """Return what stands behind a scheme in the Authorization field; None where there is none of this scheme.

    Args:
        request: the request.
        scheme: in small letters; a request may write it in any case (RFC 9110 §11.1).

    Raises:
        AuthenticationFailed: there are two fields, or nothing stands behind the scheme.
    """
    field = sole_field(request, b"authorization", "Authorization")
    return None if field is None else credentials_in(field, scheme)


def sole_field(request: Request, name: bytes, title: str) -> bytes | None:
    """Return a field that says who is asking; None where there is none.

    Args:
        request: the request.
        name: of the field, in small letters.
        title: as a client is told it.

    Raises:
        AuthenticationFailed: there are two.
    """
    first: Any = request if request._parent is None else request._parent  # noqa: SLF001 - :attr:`first`, written out
    first.is_personal = True
    field = None
    for known, value in request.raw_headers:
        if known == name:
            # RFC 9110 §5.3: it is no list. SECURITY: of two, everybody would believe another one.
            if field is not None:
                raise AuthenticationFailed(f"There is more than one field {title}.")
            field = value
    return field


def credentials_in(field: bytes, scheme: str) -> str | None:
    """Return what stands behind a scheme; None where another one stands.

    Args:
        field: Authorization.
        scheme: in small letters.

    Raises:
        AuthenticationFailed: nothing stands behind it.
    """
    # The field is read as it is: parameters have no place in it.
    given, _, rest = field.decode("latin-1").partition(" ")
    if given.lower() != scheme:
        return None
    rest = rest.strip(" \t")
    if not rest or not rest.isascii():
        raise AuthenticationFailed("The Authorization field has no credentials.")
    return rest


def authentication_of(
    entry: Any, settings: Settings, accounts: Accounts | None, setting: str = "AUTH_BACKENDS"
) -> Authentication:
    """Return what finds out who is asking.

    Args:
        entry: one, its class, or the dotted path of either.
        settings: what a class is made of.
        accounts: likewise.
        setting: who says so, for messages.

    Raises:
        ConfigError: it is none, or cannot be made.
    """
    found = imported(entry, setting)
    if isinstance(found, type) and issubclass(found, Authentication):
        _check_whole(found, setting)
        return found.of(settings, accounts)
    if not isinstance(found, Authentication):
        raise ConfigError(
            f"{setting}: {entry!r} does not find out who is asking; give an Authentication, its class or a dotted path"
        )
    return found


def _check_whole(way: type[Authentication], setting: str) -> None:
    missing = ", ".join(sorted(way.__abstractmethods__))
    if missing:
        raise ConfigError(
            f"{setting}: {way.__module__}.{way.__qualname__} cannot find out who is asking without {missing}; write it there"
        )
