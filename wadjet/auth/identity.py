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

__all__ = ["Authentication", "Found", "Identity", "authentication_of", "credentials"]


class Identity(NamedTuple):
    """Who is asking, and how it was found out."""

    user: Any
    #: Its ``type`` is ``session``, ``jwt``, ``token``, ``basic`` or ``apikey``.
    auth: dict[str, Any]


#: None where a request has no credentials of the kind that is looked for.
Found = Identity | None


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
    request.first.is_personal = True
    # PERF(bench: inproc_token): the field is read as it is; parameters have no place in it.
    found = [value for name, value in request.raw_headers if name == b"authorization"]
    if not found:
        return None
    # RFC 9110 §5.3: it is no list. SECURITY: of two, everybody would believe another one.
    if len(found) > 1:
        raise AuthenticationFailed("There is more than one Authorization field.")
    given, _, rest = found[0].decode("latin-1").partition(" ")
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
