"""The OpenAPI document of an application: what its plans say of themselves."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..auth.identity import Authentication
from ..errors import ConfigError
from ..handlers.plan import Compiled
from .answers import PROBLEMS, responses
from .paths import Template, template_of
from .requests import content, parameters
from .schema import JSONDocument, Schemas
from .security import SecuritySchemes

__all__ = ["document"]

VERSION = "3.1.1"

#: The methods that a path item has (OpenAPI 3.1 §4.8.9); QUERY came with 3.2.
_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
#: Where the part of a docstring begins that is for who reads the code.
_FOR_READERS_OF_CODE = re.compile(
    r"^(?:Args|Arguments|Parameters|Returns|Raises|Yields|Examples?):\s*$", re.MULTILINE
)


class _Operation(NamedTuple):
    """A method of a path."""

    route: Compiled
    method: str
    template: Template

    @property
    def given_name(self) -> str | None:
        return self.route.declared.options.get("operation_id")

    @property
    def name(self) -> str:
        """What it is called if nobody says it: as the route; and by its method, where a view or several methods share that."""
        route = self.route.route
        is_verb_of_view = bool(route.origins) and not route.aliases
        name = _word(route.name)
        return f"{name}_{self.method.lower()}" if is_verb_of_view or len(route.methods) > 1 else name

    @property
    def long_name(self) -> str:
        return f"{self.method.lower()}_{_word(self.template.text)}"


def document(
    routes: Iterable[Compiled],
    *,
    title: str,
    version: str,
    description: str | None = None,
    ways: Iterable[Authentication] = (),
) -> JSONDocument:
    """Return the document, as JSON has it.

    Args:
        routes: as assembly compiled them.
        title: of the API.
        version: of the API, not of OpenAPI.
        description: in CommonMark.
        ways: the application's, to find out who is asking.

    Raises:
        ConfigError: two operations were given one ``operation_id``.
    """
    shown = [route for route in routes if route.declared.options.get("include_in_schema", True)]
    operations = list(_operations(shown))
    schemas, schemes = Schemas(), SecuritySchemes(ways)
    paths: JSONDocument = {}
    for operation, name in zip(operations, _names(operations), strict=True):
        item = paths.setdefault(operation.template.text, {})
        item[operation.method.lower()] = _described(operation, name, schemas, schemes)
    info = {"title": title, "version": version}
    if description is not None:
        info["description"] = description
    made: JSONDocument = {"openapi": VERSION, "info": info, "paths": paths}
    tags = dict.fromkeys(tag for each in operations for tag in each.route.declared.options.get("tags", ()))
    if tags:
        made["tags"] = [{"name": tag} for tag in tags]
    components = {"schemas": {**schemas.components(), **PROBLEMS}}
    if found := schemes.components():
        components["securitySchemes"] = found
    return {**made, "components": components}


def _operations(routes: Iterable[Compiled]) -> Iterator[_Operation]:
    """Yield each method of each path once: where converters or hosts tell two apart, the first one is described."""
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    seen = set()
    for route in routes:
        template = template_of(route.pattern, known)
        for method in route.route.methods:
            if method in _METHODS and (template.text, method) not in seen:
                seen.add((template.text, method))
                yield _Operation(route, method, template)


def _described(operation: _Operation, name: str, schemas: Schemas, schemes: SecuritySchemes) -> JSONDocument:
    route, options = operation.route, operation.route.declared.options
    summary, description = _told(route.route)
    found: dict[str, Any] = {
        "operationId": name,
        "tags": list(options.get("tags", ())),
        "summary": summary,
        "description": description,
        "parameters": list(parameters(route, name, operation.template.names, schemas)),
        "requestBody": content(route, operation.method, schemas),
        "responses": responses(route, name, schemas),
        "security": schemes.required_by(route),
        "servers": [] if route.declared.host is None else [_server(route.declared.host)],
    }
    return {key: value for key, value in found.items() if value}


def _told(route: Any) -> tuple[str, str]:
    """Return the first paragraph of a docstring in one line, and what follows it for who uses the API."""
    doc = _FOR_READERS_OF_CODE.split(inspect.cleandoc(route.__doc__ or ""))[0].strip()
    summary, _, description = doc.partition("\n\n")
    return " ".join(summary.split()), description.strip()


def _server(host: str) -> JSONDocument:
    if not host.startswith("*."):
        return {"url": f"//{host}"}
    return {"url": f"//{{subdomain}}{host[1:]}", "variables": {"subdomain": {"default": "www"}}}


def _names(operations: Iterable[_Operation]) -> Iterator[str]:
    """Yield a name for each operation: no two are the same, and one does not depend on another's unless they would be."""
    given = Counter(name for each in operations if (name := each.given_name) is not None)
    for name, count in given.items():
        if count > 1:
            raise ConfigError(f"operation_id={name!r} is given to {count} operations; give each its own")
    implied = Counter(each.name for each in operations if each.given_name is None)
    for each in operations:
        is_free = implied[each.name] == 1 and each.name not in given
        yield each.given_name or (each.name if is_free else each.long_name)


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_") or "root"
