"""Who a client says it is, and what a server asks of it (RFC 9110 §11). Reading never raises."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self, TypeAlias

from .parameters import has_control, is_token, quote, split_list, unquote

__all__ = [
    "Authorization",
    "Challenge",
    "Challenges",
    "parse_authorization",
    "parse_challenges",
    "write_challenges",
]

_Read: TypeAlias = tuple[str, str | dict[str, str]]

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
#: RFC 9110 §11.2. SECURITY: possessive, so that nothing is read twice.
_TOKEN68 = r"[A-Za-z0-9._~+/-]++=*+"
_PARAMETER = rf'(?s)({_WORD})[ \t]*+=[ \t]*+({_WORD}|"(?:[^"\\]++|\\.)*+")'
_SCHEME = rf"(?s)({_WORD})(?: [ \t]*+(.*))?"


class _Authentication:
    """A scheme, and its one token or its parameters.

    Args:
        scheme: as ``Basic``; compared without case.
        parameters: by name; or the text of the one token.
        **more: further parameters.

    Raises:
        ValueError: a scheme or name that is not a token, or a value that cannot be sent.
    """

    __slots__ = ("parameters", "scheme", "token")

    #: The parameters that are never quoted; some clients and servers of old read them only so (RFC 7616 §3.3, §3.4).
    bare: ClassVar[frozenset[str]]

    def __init__(self, scheme: str, parameters: str | Mapping[str, str] | None = None, **more: str) -> None:
        self.scheme = scheme
        #: The one token, as the ``dTpw`` of ``Basic dTpw``; None where there are parameters instead.
        self.token = parameters if isinstance(parameters, str) else None
        given = {} if parameters is None or isinstance(parameters, str) else parameters
        #: By name, in small letters.
        self.parameters = {name.lower(): value for name, value in {**given, **more}.items()}
        self._check()

    def _check(self) -> None:
        if not all(map(is_token, [self.scheme, *self.parameters])):
            raise ValueError(f"{self.scheme!r:.60}: the scheme and the names of parameters are tokens")
        if self.token is not None and (self.parameters or not re.fullmatch(_TOKEN68, self.token)):
            # SECURITY: the value is not echoed, it may be a secret.
            raise ValueError(
                f"{self.scheme}: it takes either parameters or one token of letters, digits and -._~+/ with = at the end"
            )
        if any(map(has_control, self.parameters.values())):
            raise ValueError(f"{self.scheme}: a control character in a parameter; remove or encode it")

    def uses(self, scheme: str) -> bool:
        """Tell whether this is the scheme, in whichever case (RFC 9110 §11.1)."""
        return self.scheme.lower() == scheme.lower()

    def __iter__(self) -> Iterator[str | dict[str, str]]:
        """Give the scheme, then the token or the parameters: ``scheme, parameters = request.authorization``."""
        return iter((self.scheme, self.parameters if self.token is None else self.token))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.uses(other.scheme) and self.token == other.token and self.parameters == other.parameters

    def __hash__(self) -> int:
        return hash((self.scheme.lower(), self.token, *self.parameters.items()))

    def __str__(self) -> str:
        said = self.token or ", ".join(f"{name}={self._written(name)}" for name in self.parameters)
        return f"{self.scheme} {said}" if said else self.scheme

    def _written(self, name: str) -> str:
        value = self.parameters[name]
        return value if name in self.bare and is_token(value) else quote(value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.scheme}>"  # SECURITY: what it says is a secret


class Authorization(_Authentication):
    """The Authorization field of a request: ``Authorization("Bearer", token)`` (RFC 9110 §11.6.2).

    Args:
        scheme: as ``Basic``; compared without case.
        parameters: by name; or the text of the one token.
        **more: further parameters.

    Raises:
        ValueError: a scheme or name that is not a token, or a value that cannot be sent.
    """

    __slots__ = ()

    bare = frozenset({"algorithm", "nc", "qop", "userhash"})

    @classmethod
    def basic(cls, username: str, password: str) -> Self:
        """Return the credentials of a user, in UTF-8 (RFC 7617).

        Raises:
            ValueError: a colon in the user's name, or a control character.
        """
        if ":" in username or has_control(username + password):
            raise ValueError("Basic takes user names without colons, and no control characters")
        return cls("Basic", b64encode(f"{username}:{password}".encode()).decode("ascii"))

    @property
    def bearer(self) -> str | None:
        """The token of the Bearer scheme; None where another is used (RFC 6750 §2.1)."""
        return self.token if self.uses("bearer") else None

    @property
    def username(self) -> str | None:
        """Whom Basic or Digest names; None where there is nobody."""
        return self._user_and_password()[0] if self.uses("basic") else self.parameters.get("username")

    @property
    def password(self) -> str | None:
        """The password of the Basic scheme; None where there is none."""
        return self._user_and_password()[1] if self.uses("basic") else None

    def _user_and_password(self) -> tuple[str, str] | tuple[None, None]:
        """Read what Basic says: UTF-8, else Latin-1, as browsers send either (RFC 7617 §2.1)."""
        try:
            decoded = b64decode(self.token or "", validate=True)
        except ValueError:
            return None, None
        try:
            text = decoded.decode("utf-8")
        except UnicodeDecodeError:
            text = decoded.decode("latin-1")
        username, colon, password = text.partition(":")
        return (username, password) if colon and not has_control(text) else (None, None)


class Challenge(_Authentication):
    """One challenge of a WWW-Authenticate field: ``Challenge("Basic", realm="Accounts")`` (RFC 9110 §11.6.1).

    Args:
        scheme: as ``Basic``; compared without case.
        parameters: by name; or the text of the one token.
        **more: further parameters.

    Raises:
        ValueError: a scheme or name that is not a token, or a value that cannot be sent.
    """

    __slots__ = ()

    bare = frozenset({"algorithm", "stale", "userhash"})

    @property
    def realm(self) -> str | None:
        """What the credentials are for (RFC 9110 §11.5)."""
        return self.parameters.get("realm")


def parse_authorization(field: str | None) -> Authorization | None:
    """Read an Authorization field; None when it is absent or breaks the grammar (RFC 9110 §11.4)."""
    read = _read(field or "")
    return Authorization(*read[0]) if read and len(read) == 1 else None


def parse_challenges(field: str | None) -> list[Challenge]:
    """Read a WWW-Authenticate field: one challenge or several; none of one that breaks the grammar.

    Args:
        field: its lines joined by commas.
    """
    return [Challenge(*read) for read in _read(field or "") or []]


#: What a field of challenges is set to: its text; one challenge, or its scheme and parameters; or several challenges.
Challenges: TypeAlias = "str | Challenge | tuple[str, Mapping[str, str]] | Iterable[Challenge]"


def write_challenges(value: Challenges) -> str:
    """Write a WWW-Authenticate field (RFC 9110 §11.6.1).

    Raises:
        ValueError: there is no challenge, a text is none, or one cannot be sent.
    """
    if isinstance(value, str):
        challenges = parse_challenges(value)
    elif isinstance(value, Challenge):
        challenges = [value]
    else:
        given: list[Any] = list(value)
        is_one = len(given) == 2 and isinstance(given[0], str)
        challenges = [Challenge(*given)] if is_one else given
        for challenge in challenges:
            if not isinstance(challenge, Challenge):
                raise TypeError(
                    f"{challenge!r:.60} is no challenge; there is wadjet.http.authorization.Challenge"
                )
    if not challenges:
        raise ValueError(f"{value!r:.60} is no challenge; write one as 'Basic realm=\"Accounts\"'")
    return ", ".join(map(str, challenges))


def _read(field: str) -> list[_Read] | None:
    """Read schemes and what they say; a comma divides parameters as well as challenges. None for what is malformed."""
    found: list[_Read] = []
    for member in split_list(field):
        pair = re.fullmatch(_PARAMETER, member)
        if pair is None:
            begun = _begin(member)
            if begun is None:
                return None
            found.append(begun)
        elif not found or not _add(found[-1][1], pair):
            return None
    return found


def _begin(member: str) -> _Read | None:
    """Read the scheme, and the token or first parameter behind it."""
    divided = re.fullmatch(_SCHEME, member)
    if divided is None:
        return None
    scheme, rest = divided[1], divided[2]
    if not rest:
        return scheme, {}
    if re.fullmatch(_TOKEN68, rest):
        return scheme, rest
    pair = re.fullmatch(_PARAMETER, rest)
    said: dict[str, str] = {}
    return (scheme, said) if pair is not None and _add(said, pair) else None


def _add(said: str | dict[str, str], pair: re.Match[str]) -> bool:
    """Add a parameter; False where it cannot be one."""
    name, value = pair[1].lower(), unquote(pair[2])
    # RFC 9110 §11.2: a name occurs once. SECURITY: of two, everybody would believe another one.
    if isinstance(said, str) or name in said or has_control(value):
        return False
    said[name] = value
    return True
