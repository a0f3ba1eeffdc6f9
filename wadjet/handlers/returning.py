"""A handler's result becomes a response. One function for each class of result, chosen once and kept in a table."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from operator import methodcaller
from pathlib import Path
from types import MappingProxyType
from typing import Any, Never, NoReturn, get_args, get_origin

from ..errors import ConfigError, ResponseValidationError, SignatureError
from ..http.response import FileResponse, Response, StreamingResponse
from ..http.responsehead import FieldPairs
from ..http.status import NO_CONTENT
from ..http.streams import EVENTS
from ..media import json, registry
from ..media.codecs import Codec, problems
from ..media.models import codec_for
from .respond import Respond
from .signature import MISSING, plain_type
from .tuples import say, unpack

__all__ = ["Adapters", "Deferred", "Maker", "Makers", "members_of"]

Maker = Callable[[Any], Response[Any]]
Adapters = Mapping[type, Callable[[Any], Any]]

_STREAMS = (AsyncIterator, Iterator)
_STREAM_TYPES = frozenset({AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator})
#: Declared classes whose instances are right by being instances, and have nothing to filter.
_SELF_EVIDENT = (str, bytes)
#: Annotations that say nothing of a document; of a handler that only raises there is none.
_UNTYPED = (MISSING, Any, object, Never, NoReturn)


class Makers(dict[type, Maker]):
    """The function that makes a response of a result, by the result's class.

    A class that is met for the first time is looked at once; from then on it costs a dictionary look-up.

    Args:
        respond: what the route says.
        returns: the return annotation; MISSING when there is none.
        where: file, line and handler, for messages.
        adapters: the application's functions by class: what they make of a result is taken for it.

    Raises:
        SignatureError: the annotation is none that a response can be made of.
    """

    def __init__(
        self, respond: Respond, returns: Any, where: str, adapters: Adapters = MappingProxyType({})
    ) -> None:
        super().__init__()
        self._adapters = adapters
        self.respond = respond
        self.where = where
        self._status = 200 if respond.status is None else respond.status
        #: What the results are said to be.
        self.declared = declared = returns if respond.type is MISSING else respond.type
        #: For what has no declared type, where the route chooses fields.
        is_usual = respond.dump == Respond.dump and respond.custom_encoder is None
        self._any = None if is_usual else codec_for(Any)
        #: Whether a tuple is a body, a status and fields; where one is declared, it is a document.
        self.reads_tuples = get_origin(plain_type(declared)) is not tuple
        self.codec = self._declared_codec(declared) if respond.validate else None
        self._write = json.dumps if self.codec is None else self._writer_of(self.codec)
        #: A path is a file where nothing is declared, or a path; where a document is, it is a mistake.
        self._sends_files = self.codec is None or any(map(_is_path, members_of(declared)))
        self[type(None)] = self._typed(self.codec) if self.codec else self._empty
        if self.codec is not None:
            self._trust_instances(plain_type(declared), self.codec)
        self._prefer_adapters()

    def _prefer_adapters(self) -> None:
        """The application's own rules go before ours."""
        for cls in [cls for cls in self if not self._adapters.keys().isdisjoint(cls.__mro__)]:
            del self[cls]

    def as_json(self) -> Makers:
        """Return the same rules for results that leave as JSON, whatever they are."""
        given = self.respond.content_type
        is_said = given is not None and registry.is_json(given.partition(";")[0].strip())
        respond = self.respond if is_said else dataclasses.replace(self.respond, content_type=registry.JSON)
        return Makers(respond, self.declared, self.where, self._adapters)

    def __missing__(self, cls: type) -> Maker:
        """Choose the function for a class, and keep it."""
        self[cls] = self._chosen(cls)
        return self[cls]

    def __setitem__(self, cls: type, maker: Maker) -> None:
        super().__setitem__(cls, _tagged(maker) if self.respond.etag else maker)

    def _chosen(self, cls: type) -> Maker:
        adapter = next((self._adapters[base] for base in cls.__mro__ if base in self._adapters), None)
        return self._by_our_rules(cls) if adapter is None else functools.partial(self._adapted, adapter)

    def _by_our_rules(self, cls: type) -> Maker:
        for base, maker in ((Response, _taken), (BaseException, _raised), (Awaitable, self._unawaited)):
            if issubclass(cls, base):
                return maker
        if cls is tuple and self.reads_tuples:
            return self._from_tuple
        if hasattr(cls, "__view_result__"):
            return functools.partial(Deferred, self)
        if _is_stream(cls):
            return self._streaming(cls)
        if self._sends_files and issubclass(cls, Path):
            return self._file
        return self._otherwise(cls)

    def _otherwise(self, cls: type) -> Maker:
        maker = self._untyped(cls) if self.codec is None else self._typed(self.codec)
        return functools.partial(self._class, maker) if issubclass(cls, type) else maker

    def _class(self, otherwise: Maker, value: type) -> Response[Any]:
        """A class may say what it is without an instance (view.py)."""
        said = inspect.getattr_static(value, "__view_result__", None)
        return Deferred(self, value) if isinstance(said, staticmethod | classmethod) else otherwise(value)

    def _adapted(self, adapter: Callable[[Any], Any], value: Any) -> Response[Any]:
        result = adapter(value)
        if isinstance(result, Response):
            return result.take()
        if type(result) is type(value):
            raise ResponseValidationError(
                f"{self.where} returned {type(value).__name__}, and so did its response adapter {adapter!r}; "
                "let it return a Response, or something of another type"
            )
        return self[type(result)](result)

    def _streaming(self, cls: type) -> Maker:
        # PERF(bench: wire_stream): what the route says of its streams is said once.
        kind = StreamingResponse((), self._status, media_type=self._content_type(None))
        if issubclass(cls, AsyncGenerator) and kind.content_type == EVENTS and self._status not in NO_CONTENT:
            kind.make_ready()
        return functools.partial(_stream, kind)

    # -- without a declared type ------------------------------------------------------------------------------------------

    def _unawaited(self, value: Any) -> Response[Any]:
        close = getattr(value, "close", None)
        if close is not None:
            close()
        raise ResponseValidationError(
            f"{self.where} returned {type(value).__name__}, which nobody awaits; write `async def` and `return await …`"
        )

    def _empty(self, _: None) -> Response[Any]:
        """Nothing returned is 204, unless the route says a status: then it is that status and nothing else."""
        return Response.made(b"", 204 if self.respond.status is None else self._status, ())

    def _file(self, value: Path) -> Response[Any]:
        response = FileResponse(value, self._status, media_type=self._content_type(None))
        if self.respond.charset != "utf-8" and response.charset is not None:
            response.charset = self.respond.charset
        return response

    def _from_tuple(self, value: tuple[object, ...]) -> Response[Any]:
        body, status, fields = unpack(value, self.where)
        response = self._empty(None) if body is MISSING else self[type(body)](body)
        return say(response, status, fields)

    def _untyped(self, cls: type) -> Maker:
        natural = registry.media_type_of(cls)
        media_type = self._content_type(natural) or registry.BINARY
        essence = media_type.partition(";")[0].strip()
        write = self._writer(cls, natural, essence)
        return Response.maker(write, self._status, self._fields(media_type))

    def _writer(self, cls: type, natural: str | None, essence: str) -> Callable[[Any], bytes]:
        respond = self.respond
        if cls is str and registry.is_text(essence) and respond.charset == "utf-8":
            return str.encode
        if natural is None and not registry.is_json(essence):
            # SECURITY: never vars(), which would show private attributes.
            return lambda value: str(value).encode(respond.charset)
        if essence != registry.JSON or not respond.is_plain:
            dumps = self._dumps
            return lambda value: registry.encode(value, essence, respond.charset, dumps)
        if hasattr(cls, "__pydantic_serializer__"):
            return functools.partial(cls.__pydantic_serializer__.to_json, **dict(respond.dump))
        if issubclass(cls, bytes | bytearray | memoryview):
            return bytes
        return json.dumps if self._any is None else self._chosen_fields

    def _dumps(self, value: object) -> bytes | str:
        encoder, custom = self.respond.json_encoder, self.respond.custom_encoder
        if custom is not None:
            assert self._any is not None
            document = json.dumps(
                custom(self._any.unfold(self._without_none(value), **dict(self.respond.dump)))
            )
        else:
            document = json.dumps(value) if self._any is None else self._chosen_fields(value)
        return document if encoder is None else encoder(json.loads(document))

    def _chosen_fields(self, value: object) -> bytes:
        """Write any value with the fields that the route chooses."""
        assert self._any is not None
        return self._any.write(self._without_none(value), fallback=json.simplify, **dict(self.respond.dump))

    def _without_none(self, value: object) -> object:
        return json.without_none(value) if ("exclude_none", True) in self.respond.dump else value

    # -- with one ---------------------------------------------------------------------------------------------------------

    def _declared_codec(self, declared: Any) -> Codec | None:
        documents = [member for member in members_of(declared) if not _speaks_for_itself(member)]
        if not documents or any(member in _UNTYPED for member in documents):
            return None
        annotation = declared
        if len(documents) < len(members_of(declared)):
            annotation = functools.reduce(lambda one, other: one | other, documents)
        try:
            return codec_for(annotation)
        except TypeError as error:
            name = getattr(declared, "__name__", declared)
            raise SignatureError(
                f"{self.where} returns {name}, of which no response can be made ({error}); "
                "annotate what leaves, or `-> Any` to decide by the value"
            ) from error

    def _writer_of(self, codec: Codec) -> Callable[[Any], bytes]:
        try:
            return codec.writer(**dict(self.respond.dump))
        except TypeError as error:
            raise ConfigError(f"{self.where}: {error}") from error

    def _trust_instances(self, declared: Any, codec: Codec) -> None:
        """What cannot be wrong goes straight to bytes: text, and instances of the model, validated when they were made."""
        if declared in _SELF_EVIDENT:
            self[declared] = self._untyped(declared)
        media_type = self._content_type(registry.JSON) or registry.JSON
        if media_type != registry.JSON or not self.respond.is_plain:
            return
        make = Response.maker(self._write, self._status, self._fields(media_type))
        for cls, is_sure in codec.sure().items():
            self[cls] = make if is_sure is None else _if_sure(is_sure, make, self._typed(codec))

    def _typed(self, codec: Codec) -> Maker:
        def make(value: Any) -> Response[Any]:
            try:
                checked = codec.validate(value, from_attributes=True)
            except ValueError as error:
                from pydantic_core import ValidationError

                if not isinstance(error, ValidationError):
                    raise
                listed = problems(error)
                found = "; ".join(f"{problem['pointer'] or '/'}: {problem['detail']}" for problem in listed)
                more = error.error_count() - len(listed)
                if more:
                    found += f"; and {more} more"
                raise ResponseValidationError(
                    f"{self.where} returned what its type does not allow: {found}"
                ) from error
            return self._written(codec, checked)

        return make

    def _written(self, codec: Codec, value: Any) -> Response[Any]:
        respond = self.respond
        if value is None and (codec.annotation is None or codec.annotation is type(None)):
            return self._empty(None)
        natural = registry.JSON if value is None else registry.media_type_of(type(value))
        media_type = self._content_type(natural) or registry.JSON
        essence = media_type.partition(";")[0].strip()
        if natural == registry.JSON and registry.is_json(essence):
            if respond.is_plain:
                body = self._write(self._without_none(value))
                return Response.made(body, self._status, self._fields(media_type))
            reduce = codec.simplify if respond.custom_encoder is None else codec.unfold
            value = reduce(value, **dict(respond.dump))
        body = registry.encode(value, essence, respond.charset, self._dumps)
        return Response.made(body, self._status, self._fields(media_type))

    # -- both -------------------------------------------------------------------------------------------------------------

    def _content_type(self, natural: str | None) -> str | None:
        given = self.respond.content_type
        if given is None:
            return natural
        return registry.TEXT if given == "text/*" else str.__str__(given)

    def _fields(self, media_type: str) -> FieldPairs:
        if self._status in NO_CONTENT:
            return ()
        return ((b"content-type", registry.with_charset(media_type, self.respond.charset).encode("latin-1")),)


class Deferred(Response[Any]):
    """An object with ``__view_result__``, until it is prepared: then its result becomes a response by the route's rules."""

    def __init__(self, makers: Makers, content: object) -> None:
        super().__init__(content)
        self.makers = makers


def _tagged(maker: Maker) -> Maker:
    """Let what a function makes have an entity tag of its content, and conditions be answered."""

    def make(value: Any) -> Response[Any]:
        response = maker(value)
        response.tags_content = response.conditional_response = True
        return response

    return make


#: A response passes, as a copy: it may be a shared one, and no request's cookies must stay on it.
_taken: Maker = methodcaller("take")


def _if_sure(is_sure: Callable[[Any], bool], trusted: Maker, checked: Maker) -> Maker:
    return lambda value: trusted(value) if is_sure(value) else checked(value)


def _raised(error: BaseException) -> Response[Any]:
    """An exception that is no response is one that was not raised: its text is not for clients."""
    raise error


def members_of(annotation: Any) -> list[Any]:
    """Return the types that a union is made of, None included; of another annotation, itself."""
    import types
    from typing import Union

    plain = plain_type(annotation)
    return list(get_args(plain)) if get_origin(plain) in {Union, types.UnionType} else [annotation]


def _speaks_for_itself(annotation: Any) -> bool:
    """Tell whether values of the annotation need no codec: responses, streams, files, objects that say what they are."""
    plain = plain_type(annotation)
    origin = get_origin(plain) or plain
    if not isinstance(origin, type):
        return False
    return (
        origin in _STREAM_TYPES
        or issubclass(origin, Response | BaseException | Path)
        or _has_protocol(origin)
    )


def _stream(kind: StreamingResponse, value: Any) -> Response[Any]:
    response = kind.copy()
    response.content = value
    return response


def _is_stream(cls: type) -> bool:
    return issubclass(cls, _STREAMS) or hasattr(cls, "__aiter__")


def _is_path(annotation: Any) -> bool:
    plain = plain_type(annotation)
    return isinstance(plain, type) and issubclass(plain, Path)


def _has_protocol(cls: type) -> bool:
    return hasattr(cls, "__view_result__") or hasattr(cls, "__html__")
