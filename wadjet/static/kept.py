"""What is known of files that were asked for before: bounded, and good for a moment only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..http.filecache import Identity
from ..http.responsehead import FieldPairs
from .folder import Form

__all__ = ["Kept", "Key", "Ready", "Shelf"]

#: The most bytes of contents that are kept, the most files, and the most answers that are kept of one.
_CAPACITY = 16 * 1024 * 1024
_MOST_FILES = 4096
_MOST_ANSWERS = 16
#: Fields that are longer are not what browsers send again and again.
_LONGEST_KEY = 512

#: What of a request decides how a file is sent; and without what compressed forms need.
CONDITIONS = frozenset(
    {b"if-match", b"if-modified-since", b"if-none-match", b"if-range", b"if-unmodified-since", b"range"}
)
ASKING = CONDITIONS | {b"accept-encoding"}
#: Those among them with which the same version is always sent alike, whatever the time is.
_STEADY = frozenset({b"accept-encoding", b"if-modified-since", b"if-none-match"})

#: Fields of a request, as they were sent.
Key = tuple[tuple[bytes, bytes], ...]


class Ready(NamedTuple):
    """An answer that was made before of the same version for the same fields of a request."""

    status: int
    fields: FieldPairs
    #: Both as text, up to the digits of a Content-Length if there is one.
    head: bytes
    body: bytes


class Kept:
    """What is known of one name.

    Args:
        forms: the file as it is, then in content codings.
        fields: what each form says of itself.
        seen: what the folder had when it was looked at.
        is_permanent: whether the name stands for one content for ever.
    """

    __slots__ = ("answers", "asking", "fields", "forms", "is_permanent", "seen", "until")

    def __init__(
        self,
        forms: Sequence[Form],
        fields: Sequence[FieldPairs],
        seen: tuple[Identity | None, ...],
        *,
        is_permanent: bool,
    ) -> None:
        self.forms = forms
        self.fields = fields
        self.seen = seen
        self.is_permanent = is_permanent
        #: Which fields of a request decide how it is sent.
        self.asking = ASKING if len(forms) > 1 else CONDITIONS
        self.answers: dict[Key, Ready] = {}
        #: Until when nobody need look, in seconds of the monotonic clock.
        self.until = 0.0

    @property
    def size(self) -> int:
        """How many bytes of content are kept."""
        return sum(form.size for form in self.forms if form.small is not None)

    @property
    def is_settled(self) -> bool:
        """Whether any later change of the files is sure to show."""
        return all(form.version.is_settled for form in self.forms)

    def remember(self, key: Key, answer: Ready) -> None:
        """Keep an answer, if the same fields always get the same; the oldest goes when there are many."""
        names = {name for name, _ in key}
        # RFC 9110 §13.1.3: a date is passed over where there is a tag; alone it is compared with the time.
        is_steady = names <= _STEADY and (b"if-none-match" in names or b"if-modified-since" not in names)
        # SECURITY: a client chooses the key.
        if not is_steady or sum(len(value) for _, value in key) > _LONGEST_KEY:
            return
        if len(self.answers) >= _MOST_ANSWERS:
            self.answers.pop(next(iter(self.answers)), None)
        self.answers[key] = answer


class Shelf(dict[str, Kept]):
    """Files by the names that they were asked for; the oldest go when there is no room."""

    def __init__(self, capacity: int = _CAPACITY, most: int = _MOST_FILES) -> None:
        super().__init__()
        self._capacity = capacity
        self._most = most
        #: How many bytes of content are kept.
        self.size = 0

    def put(self, name: str, kept: Kept) -> None:
        """Keep what is known of a name, instead of what was known before."""
        self.drop(name)
        self[name] = kept
        self.size += kept.size
        while self.size > self._capacity or len(self) > self._most:
            self.drop(next(iter(self)))

    def drop(self, name: str) -> None:
        """Forget a name."""
        known = self.pop(name, None)
        if known is not None:
            self.size -= known.size
