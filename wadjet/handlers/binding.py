"""A signature becomes one function: request to arguments. Every mistake that can be known is known here, at assembly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import product
from types import MappingProxyType, UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from ..errors import SignatureError
from ..http.filerules import FileRules
from ..http.request import Request
from ..media.codecs import pointer
from .content import BodyParser, ReadContent, content_reader, declared_fields, is_document
from .filefields import file_rules
from .groups import Group, group_reader
from .markers import Body, File, Form, Marker, Path, Query, marks_in
from .refusing import Wrong, attempt, is_about_values, refusal
from .signature import MISSING, Parameter, Signature, plain_type
from .sources import SOURCES, Reader, collects, is_upload, reader

__all__ = ["Binding", "Chosen", "bind"]

#: Methods whose requests bring content that means something (RFC 9110 §9.3, RFC 10008).
_WITH_CONTENT = frozenset({"POST", "PUT", "PATCH", "DELETE", "QUERY"})


class Chosen(NamedTuple):
    """A parameter and where it comes from."""

    parameter: Parameter
    marker: Marker


class Binding:
    """How the arguments of one handler are made.

    Args:
        request_names: parameters that are the request itself.
        readers: of the parameters that text carries.
        content: the parameter that takes the content, with its reader.
        others: parameters that do not come from the request.
        groups: of the parameters that take many values of one source.
        chosen: what was decided of each parameter that is of the request, for who describes it.
        file_rules: what the files of a form may be, by the names of their fields.
    """

    __slots__ = ("chosen", "content", "file_rules", "groups", "others", "readers", "request_names")

    def __init__(
        self,
        request_names: tuple[str, ...],
        readers: tuple[Reader, ...],
        content: tuple[str, ReadContent] | None,
        others: tuple[Parameter, ...] = (),
        groups: tuple[Group, ...] = (),
        chosen: tuple[Chosen, ...] = (),
        file_rules: Mapping[str, FileRules] = MappingProxyType({}),
    ) -> None:
        self.chosen = chosen
        self.file_rules = file_rules
        self.groups = groups
        self.others = others
        self.request_names = request_names
        self.readers = readers
        self.content = content

    @property
    def takes_content(self) -> bool:
        """Whether arguments are made of the content."""
        return self.content is not None or any(reader.place == "form" for reader in self.readers)

    @staticmethod
    def read_content_first(request: Request) -> Awaitable[object] | None:
        """Return what reads the content that arguments are made of; None where it is there."""
        return None if request.is_at_hand() else _content_read(request)

    def explain(self, request: Request, error: ValueError) -> Exception:
        """Read every source again and collect what is wrong with each; what is not about values stays what it is."""
        if not is_about_values(error):
            return error
        wrong = [
            Wrong(reader.place, pointer((reader.wire_name,)), failure)
            for reader in self.readers
            for failure in attempt(partial(reader.read, *SOURCES[reader.place](request)))
        ]
        for group in self.groups:
            wrong += [Wrong(group.place, "", failure) for failure in attempt(partial(group.read, request))]
        if self.content is not None:
            content = partial(self.content[1], request)
            wrong += [Wrong("body", "", failure) for failure in attempt(content)]
        return refusal(wrong)

    @staticmethod
    def explain_content(error: ValueError) -> Exception:
        """Say what is wrong with the content; it is read last of all, so nothing is read again."""
        return refusal([Wrong("body", "", error)]) if is_about_values(error) else error


async def _content_read(request: Request) -> None:
    kind = request.header(b"content-type")
    if kind is not None and kind[:9].lower() == b"multipart":
        await request.form()
    else:
        await request.body()


def bind(
    signature: Signature,
    path_types: Mapping[str, Any],
    methods: Collection[str],
    where: str,
    parsers: Mapping[str, BodyParser] = MappingProxyType({}),
    is_other: Callable[[Parameter], bool] = lambda _: False,
) -> Binding:
    """Decide where each parameter comes from.

    Args:
        signature: the handler's.
        path_types: what the converters make of what the path captures, by name.
        methods: what the route answers.
        where: file, line and handler.
        parsers: what reads content that is neither JSON nor a form, by media type.
        is_other: tells of a parameter whether something else than the request fills it.

    Raises:
        SignatureError: a parameter that nothing can fill, two that take the content, or a type that nothing can be read as.
    """
    requests = [parameter for parameter in signature.parameters if _is_request(parameter, path_types)]
    others = [parameter for parameter in signature.parameters if is_other(parameter)]
    told = [parameter for parameter in signature.parameters if parameter not in (*requests, *others)]
    chosen = [_choose(parameter, path_types, methods) for parameter in told]
    _check_path_used(path_types, chosen, where)
    texts, many = _divided(chosen, path_types)
    content = _content([choice for choice in chosen if isinstance(choice.marker, Body)], texts, parsers)
    readers = tuple(reader(*choice, path_types) for choice in texts)
    groups = tuple(group_reader(*choice, _taken(choice, texts)) for choice in many)
    names = tuple(parameter.name for parameter in requests)
    return Binding(names, readers, content, tuple(others), groups, tuple(chosen), file_rules(chosen))


def _divided(chosen: Sequence[Chosen], path_names: Collection[str]) -> tuple[list[Chosen], list[Chosen]]:
    """Return the parameters that take one name of a source of text, and those that take many."""
    many = [choice for choice in chosen if _takes_many(choice, path_names)]
    texts = [choice for choice in chosen if choice not in many and not isinstance(choice.marker, Body)]
    for choice in texts:
        _check_fits_in_text(choice)
    return texts, many


def _takes_many(choice: Chosen, path_names: Collection[str]) -> bool:
    """Tell whether a parameter takes many values of a source of text: a document whose fields have names."""
    parameter, marker = choice
    cls = _without_none(plain_type(parameter.annotation))
    if isinstance(marker, Body | Form) or _has_rule_for_text(cls):
        return False
    if isinstance(marker, Path) and marker.wire_name(parameter.name) in path_names:
        return False  # it is to take one value of the path, whatever it is
    return (get_origin(cls) or cls) is dict or declared_fields(cls) is not None


def _without_none(annotation: Any) -> Any:
    """Return what else a value may be, if that is one type."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    is_union = get_origin(annotation) in {Union, UnionType}
    return kinds[0] if is_union and len(kinds) == 1 else annotation


def _taken(choice: Chosen, texts: Sequence[Chosen]) -> list[str]:
    place = choice.marker.place
    return [marker.wire_name(parameter.name) for parameter, marker in texts if marker.place == place]


def _has_rule_for_text(cls: Any) -> bool:
    """Tell whether a model reads one text by a rule of its own: what runs before its fields are looked at."""
    decorators = getattr(cls, "__pydantic_decorators__", None)
    rules = [] if decorators is None else decorators.model_validators.values()
    return getattr(cls, "__pydantic_root_model__", False) or any(rule.info.mode != "after" for rule in rules)


def _content(
    bodies: Sequence[Chosen], texts: Sequence[Chosen], parsers: Mapping[str, BodyParser]
) -> tuple[str, ReadContent] | None:
    """Return the one parameter that takes the content, with its reader."""
    if len(bodies) > 1:
        raise SignatureError(
            f"{bodies[1].parameter.where} takes the content, but {bodies[0].parameter.name!r} does already; "
            "put both into one model, or mark one with Query()"
        )
    fields = [marker.wire_name(parameter.name) for parameter, marker in texts if isinstance(marker, Form)]
    for parameter, marker in bodies:
        assert isinstance(marker, Body)
        return parameter.name, content_reader(parameter, marker, parsers, fields)
    return None


def _check_fits_in_text(choice: Chosen) -> None:
    """Refuse a document where there is only text; a type that reads text by a rule of its own is left alone."""
    parameter, marker = choice
    parts = get_args(parameter.annotation) if collects(parameter.annotation) else [parameter.annotation]
    if any(isinstance(cls, type) and _is_no_text(cls) for cls in parts):
        raise SignatureError(
            f"{parameter.where} is a document, but the {marker.place} carries text, so nothing can fill it; "
            "mark it with Body(), or name its fields as parameters"
        )


def _is_no_text(cls: type) -> bool:
    return cls is not bytes and is_document(cls) and not _has_rule_for_text(cls)


def _is_request(parameter: Parameter, path_names: Collection[str]) -> bool:
    annotation = plain_type(parameter.annotation)
    if isinstance(annotation, type) and issubclass(annotation, Request):
        return True
    return parameter.annotation is MISSING and parameter.name == "request" and "request" not in path_names


def _choose(parameter: Parameter, path_names: Collection[str], methods: Collection[str]) -> Chosen:
    marked = _marked(parameter)
    _check_marks(parameter if marked is None else marked.parameter)
    if marked is not None:
        return _checked(marked, path_names, methods)
    if parameter.name in path_names:
        return Chosen(parameter, Path())
    if parameter.annotation is MISSING:
        raise SignatureError(
            f"{parameter.where} is not in the path and has no annotation; "
            f"annotate it, as in `{parameter.name}: int`, to read it from the query"
        )
    if is_upload(parameter.annotation):
        return _checked(Chosen(parameter, File()), path_names, methods)
    if is_document(parameter.annotation):
        return _checked(Chosen(parameter, Body()), path_names, methods)
    return Chosen(parameter, Query())


def _marked(parameter: Parameter) -> Chosen | None:
    """Return what a marker says of a parameter, beside its annotation or as its default."""
    kind = parameter.annotation
    plain, *extras = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    said = [found for extra in (*extras, parameter.default) if (found := _marker_of(extra)) is not None]
    if not said:
        return None
    if len(said) > 1:
        names = " and ".join(f"{type(marker).__name__}()" for marker in said[:2])
        raise SignatureError(
            f"{parameter.where} is marked {names}; a parameter comes from one place, so keep one"
        )
    others = [extra for extra in extras if _marker_of(extra) is None]
    return Chosen(
        parameter._replace(
            annotation=Annotated[(plain, *others)] if others else plain, default=_default(parameter, *said)
        ),
        *said,
    )


def _default(parameter: Parameter, marker: Marker) -> Any:
    """Return the one default of a parameter that is marked."""
    if parameter.default is MISSING or _marker_of(parameter.default) is not None:
        return marker.default
    if marker.default is not MISSING:
        raise SignatureError(
            f"{parameter.where} has two defaults, {marker.default!r} and {parameter.default!r}; keep the second"
        )
    return parameter.default


def _marker_of(value: Any) -> Marker | None:
    """Return the marker that a value is; the class stands for one that says nothing else."""
    if isinstance(value, type) and issubclass(value, Marker):
        return value()
    return value if isinstance(value, Marker) else None


def _check_marks(parameter: Parameter) -> None:
    """Refuse a marker within a type, where nobody would look at it; the files in a list are looked at."""
    for mark in marks_in(parameter.annotation):
        if not isinstance(mark, File):
            name = type(mark).__name__
            raise SignatureError(
                f"{parameter.where} has {name}() within its type, where it says nothing; "
                f"write it around the whole, as in `Annotated[int | None, {name}()]`"
            )


def _checked(choice: Chosen, path_names: Collection[str], methods: Collection[str]) -> Chosen:
    parameter, marker = choice
    is_captured = marker.wire_name(parameter.name) in path_names
    if isinstance(marker, Path) and not is_captured and not _takes_many(choice, path_names):
        known = ", ".join(sorted(path_names)) or "none"
        raise SignatureError(
            f"{parameter.where} is marked Path(), but the path does not capture it; it captures: {known}"
        )
    if isinstance(marker, Body | Form) and not _WITH_CONTENT.intersection(methods):
        raise SignatureError(
            f"{parameter.where} takes the content, but {'/'.join(methods)} requests bring none; "
            "use POST or QUERY, or mark it with Query()"
        )
    is_file = is_upload(parameter.annotation) and not is_document(parameter.annotation)
    if is_file and not isinstance(marker, Form):
        raise SignatureError(
            f"{parameter.where} is a file, which comes in a form, and is marked {type(marker).__name__}(); write File()"
        )
    return choice


def _check_path_used(path_names: Collection[str], chosen: list[Chosen], where: str) -> None:
    """Refuse a handler that names parameters but not all of the path's: one is probably misspelt."""
    names = {
        choice.marker.wire_name(choice.parameter.name) for choice in chosen if isinstance(choice.marker, Path)
    }
    queried = [
        choice.parameter.name
        for choice in chosen
        if isinstance(choice.marker, Query) and choice.parameter.default is MISSING
    ]
    unused = [name for name in path_names if name not in names]
    for captured, asked in product(unused, queried):
        if _near(captured, asked):
            raise SignatureError(
                f"{where}: the path captures {captured!r}, the handler asks for {asked!r}; give both the same name"
            )


def _near(one: str, other: str) -> bool:
    import difflib

    return difflib.SequenceMatcher(None, one, other).ratio() >= 0.6
