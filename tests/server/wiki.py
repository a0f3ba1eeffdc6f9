# mypy: disable-error-code="untyped-decorator"
# Pyramid has no types.
"""A wiki of Pyramid, after the structure of its public tutorial: views, templates, forms, sessions, security, static files."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it imports pkg_resources
    from pyramid.authentication import AuthTktCookieHelper  # type: ignore[import-untyped]  # it has no types
    from pyramid.authorization import (  # type: ignore[import-untyped]  # it has no types
        ACLHelper,
        Allow,
        Authenticated,
        Everyone,
    )
    from pyramid.config import Configurator  # type: ignore[import-untyped]  # it has no types
    from pyramid.httpexceptions import (  # type: ignore[import-untyped]  # it has no types
        HTTPFound,
        HTTPNotFound,
        HTTPSeeOther,
    )
    from pyramid.response import FileResponse, Response  # type: ignore[import-untyped]  # it has no types
    from pyramid.security import forget, remember  # type: ignore[import-untyped]  # it has no types
    from pyramid.session import SignedCookieSessionFactory  # type: ignore[import-untyped]  # it has no types
    from pyramid.view import (  # type: ignore[import-untyped]  # it has no types
        exception_view_config,
        forbidden_view_config,
        notfound_view_config,
        view_config,
        view_defaults,
    )

__all__ = ["Wiki", "main"]

WORDS = re.compile(r"\b([A-Z]\w+[A-Z]+\w+)")
PASSWORDS = {"editor": "editor", "basic": "basic"}

TEMPLATES = {
    "layout.jinja2": """<!doctype html><title>{{ title }}</title>
<link rel="stylesheet" href="{{ request.static_url(static + '/theme.css') }}">
{% for message in request.session.pop_flash() %}<p class="flash">{{ message }}</p>{% endfor %}
{% if request.authenticated_userid %}<p>{{ request.authenticated_userid }}
<a href="{{ request.route_url('logout') }}">Logout</a></p>{% endif %}
{% block content %}{% endblock %}""",
    "view.jinja2": """{% extends "layout.jinja2" %}{% block content %}<div>{{ content|safe }}</div>
<a href="{{ edit_url }}">Edit this page</a>{% endblock %}""",
    "edit.jinja2": """{% extends "layout.jinja2" %}{% block content %}<form action="{{ save_url }}" method="post">
<input type="hidden" name="csrf_token" value="{{ get_csrf_token() }}"><textarea name="body">{{ pagedata }}</textarea>
<input type="submit" name="form.submitted" value="Save"></form>{% endblock %}""",
    "login.jinja2": """{% extends "layout.jinja2" %}{% block content %}{{ message }}<form action="{{ url }}" method="post">
<input type="hidden" name="csrf_token" value="{{ get_csrf_token() }}"><input name="login" value="{{ login }}">
<input type="hidden" name="next" value="{{ next_url }}"><input type="password" name="password"></form>{% endblock %}""",
    "404.jinja2": """{% extends "layout.jinja2" %}{% block content %}Nothing at {{ request.path }};
<a href="{{ request.application_url }}">home</a>{% endblock %}""",
}


@dataclass
class Wiki:
    """What the tutorial keeps in a database."""

    pages: dict[str, str] = field(
        default_factory=lambda: {"FrontPage": "Welcome to the FrontPage, see OtherPage."}
    )
    creators: dict[str, str] = field(default_factory=lambda: {"FrontPage": "editor"})


class BrokenPageError(Exception):
    """A page cannot be shown."""


class PageResource:
    """Who may do what with a page."""

    def __init__(self, name: str, creator: str | None) -> None:
        self.name = name
        self.creator = creator

    def __acl__(self) -> list[tuple[str, str, str]]:
        if self.creator is None:
            return [(Allow, Authenticated, "create")]
        return [
            (Allow, Everyone, "view"),
            (Allow, "role:editor", "edit"),
            (Allow, f"user:{self.creator}", "edit"),
        ]


class SecurityPolicy:
    """The tutorial's: an identity in a signed cookie, permissions by access control lists."""

    def __init__(self) -> None:
        self.helper = AuthTktCookieHelper("seekrit", hashalg="sha512")
        self.acl = ACLHelper()

    def identity(self, request: Any) -> Any:
        return (self.helper.identify(request) or {}).get("userid")

    def authenticated_userid(self, request: Any) -> Any:
        return self.identity(request)

    def permits(self, request: Any, context: Any, permission: str) -> Any:
        user = self.identity(request)
        principals = [Everyone]
        if user is not None:
            principals += [Authenticated, f"user:{user}", f"role:{user}"]
        return self.acl.permits(context, principals, permission)

    def remember(self, request: Any, userid: str, **options: Any) -> Any:
        return self.helper.remember(request, userid, **options)

    def forget(self, request: Any, **options: Any) -> Any:
        return self.helper.forget(request, **options)


class Templates:
    """Renders a value by a template, as pyramid_jinja2 does."""

    def __init__(self, info: Any) -> None:
        self.name = info.name
        self.environment = Environment(loader=DictLoader(TEMPLATES), autoescape=True)
        self.static = info.registry.static

    def __call__(self, value: dict[str, Any], system: dict[str, Any]) -> str:
        names = {**system, "title": "Wiki", "static": self.static, **value}
        return self.environment.get_template(self.name).render(names)


def _page_factory(request: Any) -> PageResource:
    name = request.matchdict["pagename"]
    wiki = request.registry.wiki
    if name not in wiki.pages:
        raise HTTPNotFound
    return PageResource(name, wiki.creators.get(name, "nobody"))


def _new_page_factory(request: Any) -> PageResource:
    name = request.matchdict["pagename"]
    if name in request.registry.wiki.pages:
        raise HTTPFound(request.route_url("edit_page", pagename=name))
    return PageResource(name, None)


@view_config(route_name="view_wiki")
def _view_wiki(request: Any) -> Any:
    return HTTPSeeOther(location=request.route_url("view_page", pagename="FrontPage"))


@view_config(route_name="view_page", renderer="view.jinja2", permission="view")
def _view_page(context: PageResource, request: Any) -> Any:
    pages = request.registry.wiki.pages

    def link(found: re.Match[str]) -> str:
        word = found[1]
        route = "view_page" if word in pages else "add_page"
        return f'<a href="{request.route_url(route, pagename=word)}">{escape(word)}</a>'

    if pages[context.name] == "broken":
        raise BrokenPageError(context.name)
    content = WORDS.sub(link, escape(pages[context.name]))
    return {"content": content, "edit_url": request.route_url("edit_page", pagename=context.name)}


@view_config(route_name="view_page", renderer="json", permission="view", request_param="as=json")
def _page_as_json(context: PageResource, request: Any) -> Any:
    return {"name": context.name, "data": request.registry.wiki.pages[context.name]}


@view_defaults(renderer="edit.jinja2")
class Editing:
    """The tutorial's views as a class."""

    def __init__(self, context: PageResource, request: Any) -> None:
        self.context = context
        self.request = request

    @view_config(route_name="edit_page", permission="edit", request_method="GET")
    def edit(self) -> Any:
        page = self.request.registry.wiki.pages[self.context.name]
        return {"pagedata": page, "save_url": self.request.route_url("edit_page", pagename=self.context.name)}

    @view_config(route_name="add_page", permission="create", request_method="GET")
    def add(self) -> Any:
        return {"pagedata": "", "save_url": self.request.route_url("add_page", pagename=self.context.name)}

    @view_config(route_name="edit_page", permission="edit", request_method="POST")
    @view_config(route_name="add_page", permission="create", request_method="POST")
    def save(self) -> Any:
        wiki, name = self.request.registry.wiki, self.context.name
        wiki.pages[name] = self.request.params["body"]
        wiki.creators.setdefault(name, self.request.authenticated_userid)
        self.request.session.flash(f"{name} is saved")
        return HTTPSeeOther(location=self.request.route_url("view_page", pagename=name))


@view_config(route_name="login", renderer="login.jinja2")
def _login(request: Any) -> Any:
    next_url = request.params.get("next", request.referrer) or request.route_url("view_wiki")
    login = request.params.get("login", "")
    message = ""
    if request.method == "POST":
        if PASSWORDS.get(login) == request.params["password"]:
            request.session.invalidate()
            return HTTPSeeOther(location=next_url, headers=remember(request, login))
        message = "Failed login"
        request.response.status = 400
    return {"message": message, "url": request.route_url("login"), "next_url": next_url, "login": login}


@view_config(route_name="logout")
def _logout(request: Any) -> Any:
    request.session.invalidate()
    return HTTPSeeOther(location=request.route_url("view_wiki"), headers=forget(request))


@view_config(route_name="upload", request_method="POST", renderer="json", require_csrf=False)
def _upload(request: Any) -> Any:
    sent = request.POST["file"]
    with sent.file as file, request.body_file_raw:  # WebOb's copy of the content, which nobody else closes
        return {"name": sent.filename, "bytes": len(file.read()), "note": request.POST["note"]}


@view_config(route_name="download")
def _download(request: Any) -> Any:
    return FileResponse(request.registry.theme, request=request, content_type="text/css")


@view_config(route_name="stream")
def _stream(request: Any) -> Any:
    return Response(app_iter=(f"{number}\n".encode() for number in range(1000)), content_type="text/plain")


@view_config(route_name="crash")
def _crash(request: Any) -> Any:
    raise ZeroDivisionError("a secret of the wiki")


@notfound_view_config(renderer="404.jinja2")
def _not_found(request: Any) -> Any:
    request.response.status = 404
    return {}


@forbidden_view_config()
def _forbidden(request: Any) -> Any:
    if request.authenticated_userid is None:
        return HTTPSeeOther(location=request.route_url("login", _query={"next": request.url}))
    return Response("not yours", status=403)


@exception_view_config(BrokenPageError)
def _broken(error: BrokenPageError, request: Any) -> Any:
    return Response(f"{error} is broken", status=500, content_type="text/plain")


def main(wiki: Wiki, static: Path) -> Any:
    """Return the wiki as a WSGI application.

    Args:
        wiki: its pages.
        static: a folder with ``theme.css``.
    """
    with Configurator() as config:
        config.registry.wiki = wiki
        config.registry.static = str(static)
        config.registry.theme = str(static / "theme.css")
        config.set_session_factory(SignedCookieSessionFactory("itsaseekreet", httponly=True))
        config.set_security_policy(SecurityPolicy())
        config.set_default_csrf_options(require_csrf=True)
        config.add_renderer(".jinja2", Templates)
        config.add_static_view("static", str(static), cache_max_age=3600)
        for name in ("login", "logout", "upload", "download", "stream", "crash"):
            config.add_route(name, f"/{name}")
        config.add_route("view_wiki", "/")
        config.add_route("add_page", "/add_page/{pagename}", factory=_new_page_factory)
        config.add_route("edit_page", "/{pagename}/edit_page", factory=_page_factory)
        config.add_route("view_page", "/{pagename}", factory=_page_factory)
        config.scan("tests.server.wiki")
        return config.make_wsgi_app()
