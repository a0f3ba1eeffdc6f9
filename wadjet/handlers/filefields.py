"""What the files of a form may be, gathered from the parameters that take them and the models that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import SignatureError
from ..http.filerules import FileRules
from .content import declared_fields
from .markers import Body, File, Marker, marks_in
from .signature import MISSING, Parameter, plain_type
from .sources import is_upload, members

__all__ = ["file_rules"]


def file_rules(chosen: Iterable[tuple[Parameter, Marker]]) -> dict[str, FileRules]:
    """Return what single files may be, by the names of their fields.

    Args:
        chosen: the parameters of a handler, with what says where they come from.

    Raises:
        SignatureError: a rule that cannot be, or two for one file; ``File()`` on what is no file, another marker in a model.
    """
    found: dict[str, FileRules] = {}
    for parameter, marker in chosen:
        if isinstance(marker, File):
            _check_is_file(parameter.annotation, parameter.where)
            marks = [marker, *marks_in(parameter.annotation)]
            _add(found, marker.wire_name(parameter.name), marks, parameter.where)
            continue
        for name, annotation, where in _fields(parameter):
            marks = list(marks_in(annotation))
            _check_in_model(marks, annotation, where, takes_files=isinstance(marker, Body))
            _add(found, name, marks, where)
    return found


def _add(found: dict[str, FileRules], name: str, marks: Iterable[Marker], where: str) -> None:
    try:
        rules = [said for mark in marks if isinstance(mark, File) and (said := mark.rules())]
    except ValueError as error:
        raise SignatureError(f"{where}: {error}") from None
    if len(rules) + (bool(rules) and name in found) > 1:
        raise SignatureError(f"{where}: two say what the file {name!r} may be; keep one File()")
    for each in rules:
        found[name] = each


def _fields(parameter: Parameter) -> Iterator[tuple[str, Any, str]]:
    """Yield the names of a document's fields on the wire, their annotations, and their places."""
    for member in () if parameter.annotation is MISSING else members(parameter.annotation):
        for name, annotation in declared_fields(member) or ():
            yield str(name), annotation, f"{parameter.where}: its field {name!r}"
        for name in _marked_by_default(member):
            raise SignatureError(
                f"{parameter.where}: its field {name!r} has a marker for its default, which it would be given; "
                f"write `{name}: Annotated[UploadFile, File(…)]`"
            )


def _marked_by_default(document: Any) -> list[str]:
    """Return the fields of a model or a dataclass whose default is a marker: neither library knows what that is."""
    fields = getattr(document, "model_fields", None) or getattr(document, "__dataclass_fields__", {})
    return [name for name, field in fields.items() if isinstance(field.default, Marker)]


def _check_in_model(marks: list[Marker], annotation: Any, where: str, *, takes_files: bool) -> None:
    for mark in marks:
        if not (isinstance(mark, File) and takes_files):
            raise SignatureError(
                f"{where} is marked {type(mark).__name__}(), which a model does not read; "
                "constrain it with pydantic's Field(), and mark the parameter"
            )
        _check_is_file(annotation, where)


def _check_is_file(annotation: Any, where: str) -> None:
    if plain_type(annotation) not in (MISSING, Any, object) and not is_upload(annotation):
        raise SignatureError(
            f"{where} is marked File(), but its type is none of a file; annotate UploadFile or list[UploadFile]"
        )
