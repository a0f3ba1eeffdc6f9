"""``renderer=`` and ``produces=``: results become responses as the route says, by what the client accepts (Pyramid)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import ConfigError, ResponseValidationError
from ..events.signals import BeforeRender
from ..events.subscribers import Notify
from ..http.exceptions import NotAcceptable
from ..http.negotiation import Accept
from ..http.parameters import is_token
from ..http.request import Request
from ..http.response import HTMLResponse, JSONResponse, PlainTextResponse, Response
from ..media.registry import HTML, JSON, TEXT
from ..routing.route import RouteOptions
from .layers import Layer
from .returning import Makers
from .signature import MISSING
from .tuples import Unpacked, say, unpack

__all__ = ["rendered_types", "rendering", "renders"]

#: Gets the request, the result and what templates get beside it; gives whatever a handler may return.
Renderer = Callable[[Request, Any, Mapping[str, Any]], Any]

#: Looks whether there is a template of a name; raises ConfigError where there is none.
FindTemplate = Callable[[str], None]

_JSON, _STRING = "json", "string"
#: What renders for a media type where only the types are said.
_BY_TYPE = {JSON: _JSON, TEXT: _STRING}
_MADE_BY = {renderer: kind for kind, renderer in _BY_TYPE.items()}


def renders(options: RouteOptions) -> bool:
    """Tell whether a route says how its results are rendered."""
    return options.get("renderer") is not None or options.get("produces") is not None


def rendered_types(options: RouteOptions) -> dict[str, bool] | None:
    """Return the media types that renderers make, and of each whether it is our JSON; None where a route names no renderer.

    Args:
        options: of a route that was assembled. What a function makes, only the function knows.
    """
    produces: Any = options.get("produces")
    if produces is not None:
        named = produces if isinstance(produces, Mapping) else {kind: _BY_TYPE[kind] for kind in produces}
        return {kind: renderer == _JSON for kind, renderer in named.items()}
    renderer = options.get("renderer")
    if renderer is None:
        return None
    if not isinstance(renderer, str):
        return {}
    given = _given_type(options)
    return {_MADE_BY.get(renderer, HTML) if given is None else given.partition(";")[0]: renderer == _JSON}


def _given_type(options: RouteOptions) -> str | None:
    """Return the content type that a route gives what a renderer makes; a function's own is its own."""
    given, renderer = options.get("response_content_type"), options.get("renderer")
    if given is None or not isinstance(renderer, str):
        return None
    return TEXT if given == "text/*" else str.__str__(given)


def rendering(
    inner: Layer,
    options: RouteOptions,
    makers: Makers,
    of_renderers: Makers,
    notify: Notify | None,
    find: FindTemplate,
    *,
    streams: bool,
) -> Layer:
    """Return a layer that renders what the handler returns; a response of its own passes as it is.

    Args:
        inner: the handler.
        options: of the route.
        makers: the route's.
        of_renderers: make responses of what renderers of the developer's return.
        notify: tells subscribers before; None where there are none.
        find: looks whether a template is there.
        streams: the handler is a generator.

    Raises:
        ConfigError: a renderer, a template or a media type that is none, or options that contradict; a handler that yields.
    """
    if streams:
        raise ConfigError(
            f"{makers.where} yields, and a stream is not rendered; return what is to be rendered, or write renderer=None"
        )
    choose, given = _chooser(options, makers), _given_type(options)
    _check_templates(options, makers.where, find)

    async def render(request: Request, bound: dict[str, Any]) -> Any:
        name, renderer, content_type = choose(request)
        value = await inner(request, bound)
        if isinstance(value, Response | BaseException) or hasattr(value, "__view_result__"):
            return value
        is_tuple = type(value) is tuple and makers.reads_tuples
        body, status, fields = unpack(value, makers.where) if is_tuple else Unpacked(value, None, [])
        event = BeforeRender({"request": request, "renderer_name": name}, None if body is MISSING else body)
        pending = None if notify is None else notify(event)
        if pending is not None:
            await pending
        made = renderer(request, event.rendering_val, event)
        if inspect.isawaitable(made):
            made = await made
        return say(
            _finished(of_renderers[type(made)](made), options.get("status_code"), content_type, given),
            status,
            fields,
        )

    return render


def _finished(
    response: Response[Any], status: int | None, content_type: str | None, given: str | None
) -> Response[Any]:
    response.is_rendered = True
    if status is not None:
        response.status_code = status
    if content_type is not None:
        response.content_type = content_type
        response.headers.add_vary("Accept")
    elif given is not None:
        response.content_type = given
    return response


#: The name of a renderer, the renderer, and the media type if it was chosen.
_Choice = tuple[str, Renderer, str | None]


def _chooser(options: RouteOptions, makers: Makers) -> Callable[[Request], _Choice]:
    where, renderer, produces = makers.where, options.get("renderer"), options.get("produces")
    if produces is None:
        name, function = _found(renderer, makers)
        return lambda _: (name, function, None)
    if renderer is not None:
        raise ConfigError(f"{where}: renderer= and produces= are two ways to say one thing; keep produces=")
    content_type = options.get("response_content_type")
    if content_type is not None:
        raise ConfigError(
            f"{where}: response_content_type={content_type!r} contradicts produces=, of which each request chooses one; "
            "keep produces=, and write response_content_type=None where a router or view says it for all"
        )
    choices = _choices(produces, makers)
    offers = list(choices)

    def choose(request: Request) -> _Choice:
        best = Accept(request.headers.joined("accept")).best_of(offers)
        if best is None:
            raise NotAcceptable(f"This address answers {', '.join(offers)}.", headers={"vary": "Accept"})
        return choices[best]

    return choose


def _check_templates(options: RouteOptions, where: str, find: FindTemplate) -> None:
    """Look for the templates that a route may render."""
    produces: Any = options.get("produces")
    given = produces.values() if isinstance(produces, Mapping) else [options.get("renderer")]
    for name in given:
        if isinstance(name, str) and name not in _BY_TYPE.values():
            try:
                find(name)
            except ConfigError as error:
                raise type(error)(f"{where}: {error}") from error


def _choices(produces: Mapping[str, Any] | Sequence[str], makers: Makers) -> dict[str, _Choice]:
    given: Any = produces  # whatever was given
    where = makers.where
    if not isinstance(given, Mapping | list | tuple) or not given:
        raise ConfigError(f"{where}: produces={produces!r} is no list or dict of media types")
    pairs = given if isinstance(given, Mapping) else {kind: _BY_TYPE.get(kind) for kind in given}
    for kind, renderer in pairs.items():
        if kind.count("/") != 1 or not all(map(is_token, kind.split("/"))) or "*" in kind:
            raise ConfigError(f"{where}: produces={produces!r}: {kind!r} is no media type")
        if renderer is None:
            raise ConfigError(
                f"{where}: produces={produces!r}: nothing renders {kind} by itself; "
                f"write produces={{{kind!r}: 'page.html'}}, or a function"
            )
    return {kind: (*_found(renderer, makers), kind) for kind, renderer in pairs.items()}


def _found(renderer: Any, makers: Makers) -> tuple[str, Renderer]:
    """Return the name of a renderer, and the renderer."""
    if renderer == _JSON:
        return _JSON, _json(makers.as_json())
    if renderer == _STRING:
        return _STRING, _string
    if isinstance(renderer, str) and "." in renderer:
        return renderer, _template(renderer, makers.where)
    if callable(renderer) and not isinstance(renderer, type):
        return getattr(renderer, "__name__", repr(renderer)), _of_function(renderer)
    raise ConfigError(
        f"{makers.where}: renderer={renderer!r} is neither 'json' nor 'string', the name of a template, as 'page.html', "
        "nor a function of the value and the request"
    )


def _json(makers: Makers) -> Renderer:
    """Return what writes JSON as the route says: what its handler declares, and no other field."""
    declares_nothing = makers.codec is None

    def render(request: Request, value: Any, system: Mapping[str, Any]) -> Response[Any]:  # noqa: ARG001 - others ask
        return JSONResponse(None) if value is None and declares_nothing else makers[type(value)](value)

    return render


def _string(request: Request, value: Any, system: Mapping[str, Any]) -> Response[Any]:  # noqa: ARG001 - others ask
    return PlainTextResponse(str(value))


def _of_function(function: Callable[[Any, Request], Any]) -> Renderer:
    return lambda request, value, system: function(value, request)


def _template(name: str, where: str) -> Renderer:
    def render(request: Request, value: Any, system: Mapping[str, Any]) -> HTMLResponse:  # noqa: ARG001 - others ask
        if value is not None and not isinstance(value, Mapping):
            raise ResponseValidationError(
                f"{where} returned {type(value).__name__}, but the template {name!r} takes a dict of names and values"
            )
        return HTMLResponse(template=name, context={**system, **(value or {})})

    return render
