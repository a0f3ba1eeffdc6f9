"""What a request brings: its content, for every kind of reader."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast

from ..errors import BodyNotRead
from ..media import json as _json
from .addressing import Addressed
from .body import Body, ReceivedBody, Replay
from .exceptions import MalformedBody, UnsupportedMediaType
from .forms import parse_urlencoded
from .incoming import KEY
from .multidict import ImmutableMultiDict

__all__ = ["DEFAULT_LIMIT", "WithContent"]

#: How much content is taken when no plan says it.
DEFAULT_LIMIT = 10 * 1024 * 1024


class WithContent(Addressed):
    """The content of a request."""

    __slots__ = ("_form",)

    # Unset until it is first looked at.
    _form: ImmutableMultiDict[str]

    @property
    def content(self) -> Body:
        """The content itself, shared by every request made of the scope."""
        if self._content is None:
            self._content = self._found_content()
        return self._content

    def _found_content(self) -> Body:
        if self._arrival is not None:
            return self._limited(self._arrival.content_of(self))
        receive = self._receive
        if isinstance(receive, Replay):
            return self._limited(receive.body)
        self.scope.setdefault(KEY, self)  # whoever else reads this scope must find what is read here
        root = self.root
        if root is not self and (receive is None or receive == root._receive):  # noqa: SLF001 - of our own class
            return self._limited(cast(Body, root.content))
        limit = DEFAULT_LIMIT if self.plan is None else self.plan.max_body_size
        length = self.content_length
        return Body(length, limit) if receive is None else ReceivedBody(receive, length, limit)

    def _limited(self, body: Body) -> Body:
        """Return a body that was made before there was a plan, with the limit of the plan."""
        if self.plan is not None:
            body.limit = self.plan.max_body_size
        return body

    async def body(self) -> bytes:
        """Read the whole content; see :meth:`Body.read` for what it raises."""
        return await self.content.read()

    def announces_content(self) -> bool:
        """Tell whether the head says that there is content (RFC 9112 §6.3). What ``receive`` brings counts all the same."""
        is_said_otherwise = self.http_version not in {"1.0", "1.1"}
        return bool(self.content_length) or is_said_otherwise or self.header(b"transfer-encoding") is not None

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate over the content as it arrives, without keeping it."""
        return self.content.stream()

    async def text(self) -> str:
        """Read the content as text.

        Raises:
            MalformedBody: it is not UTF-8.
        """
        return _text(await self.body())

    async def json(self) -> Any:
        """Read the content as JSON, whatever its type says.

        Raises:
            MalformedBody: it is not JSON.
        """
        return _document(await self.body())

    async def form(self) -> ImmutableMultiDict[str]:
        """Read the content as a form; anything that is no form is an empty one.

        Raises:
            MalformedBody: more fields than any form has.
        """
        await self.body()
        return self.POST

    @property
    def body_bytes(self) -> bytes:
        """The content that has been read.

        Raises:
            BodyNotRead: it has not.
        """
        data = self.content.data
        if data is None and not self.announces_content():
            return b""
        if data is None:
            raise BodyNotRead(
                "the content has not been read yet: write `await request.body()` first, or make the handler a plain `def`"
            )
        return data

    @property
    def text_body(self) -> str:
        """The content that has been read, as text."""
        return _text(self.body_bytes)

    @property
    def json_body(self) -> Any:
        """The content that has been read, as JSON."""
        return _document(self.body_bytes)

    @property
    def POST(self) -> ImmutableMultiDict[str]:  # noqa: N802 - WebOb's name
        """The form that has been read; empty when the content is no form."""
        try:
            return self._form
        except AttributeError:
            self._form = self._parsed_form()
            return self._form

    def _parsed_form(self) -> ImmutableMultiDict[str]:
        body, kind = self.body_bytes, self.content_type
        if kind == "multipart/form-data":
            raise UnsupportedMediaType(
                "multipart/form-data is not taken here; send application/x-www-form-urlencoded"
            )
        if kind != "application/x-www-form-urlencoded":
            return ImmutableMultiDict()
        try:
            return ImmutableMultiDict(parse_urlencoded(body, charset=self.charset))
        except ValueError as error:
            raise MalformedBody(str(error)) from None

    @property
    def params(self) -> ImmutableMultiDict[str]:
        """Query and form, in this order."""
        return ImmutableMultiDict([*self.query_params.items(), *self.POST.items()])


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MalformedBody("The content is not UTF-8.") from None


def _document(data: bytes) -> Any:
    try:
        return _json.loads(data)
    except ValueError as error:
        raise MalformedBody(f"The content is not JSON: {error}.") from None
