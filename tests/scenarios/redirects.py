"""Wire scenarios of redirections and of the forms of an error. Names begin with the id of the catalogue."""

from __future__ import annotations

from urllib.parse import quote

from tests.scenarios.scenario import CLIENT_ERROR, Judge, Scenario, ask, contains, is_next, kept, without
from tests.scenarios.wire import Reply

__all__ = ["REDIRECTS"]

PAGE, TEXT = "Accept: text/html", "Accept: text/plain"
NEXT = b"GET /param/next HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n"


def leads(number: str, to: str, location: str, status: int = 302) -> Scenario:
    """Send where the application says."""
    target = f"/redirect?to={quote(to, safe='')}&status={status}"
    return Scenario(f"RDR-{number} {to!r} {status}", ask(target), (status,), fields={"location": location})


def leads_nowhere(number: str, to: str) -> Scenario:
    """Refuse what no Location may say."""
    target = f"/redirect?to={quote(to, safe='')}&status=302"
    return Scenario(f"RDR-{number} {to!r}", ask(target, PAGE), (*CLIENT_ERROR, 500), _is_without_a_way)


def stays(number: str, to: str) -> Scenario:
    """Stay on the host, wherever the client would like to go."""
    target = f"/redirect/safe?next={quote(to, safe='')}"
    return Scenario(f"RDR-{number} next={to!r}", ask(target), (303,), fields={"location": "/"})


def goes(number: str, to: str) -> Scenario:
    """Go where the client would like to: it is ours."""
    target = f"/redirect/safe?next={quote(to, safe='')}"
    return Scenario(f"RDR-{number} next={to!r} is ours", ask(target), (303,), fields={"location": to})


def _is_without_a_way(reply: Reply) -> bool:
    return reply.field("location") is None and reply.field("x-evil") is None and b"href" not in reply.body


def _is_a_page_of(text: bytes) -> Judge:
    return lambda reply: reply.field("content-type") == "text/html; charset=utf-8" and text in reply.body


REDIRECTS = (
    leads("02", "https://a.test/x?y=1#z", "https://a.test/x?y=1#z"),
    leads("04", "/n?a=1&b=%26", "/n?a=1&b=%26"),
    leads_nowhere("07", "/x\rX-Evil: 1"),
    leads_nowhere("09", "/x\r\n\r\n<script>alert(1)</script>"),
    leads("11", "/é", "/%C3%A9"),
    leads("12", "/a b", "/a%20b"),
    leads_nowhere("14", "javascript:alert(1)"),
    leads_nowhere("x", "//evil.test"),
    *(
        leads(number, "/n", "/n", status)
        for number, status in (("16", 301), ("17", 302), ("x", 303), ("19", 307), ("20", 308))
    ),
    stays("28", "//evil.test"),
    stays("29", "///evil.test"),
    stays("30", "////evil.test"),
    stays("35", "https:/evil.test"),
    stays("37", "https://evil.test"),
    stays("38", "HTTPS://evil.test"),
    stays("39", "javascript:alert(1)"),
    stays("40", "JaVaScRiPt:alert(1)"),
    stays("41", "data:text/html,x"),
    stays("43", " //evil.test"),
    stays("44", "/\t/evil.test"),
    stays("46", "\0//evil.test"),
    stays("48", "https://own.test@evil.test"),
    stays("49", "https://own.test:pw@evil.test"),
    stays("52", "https://evil.test?own.test"),
    stays("53", "https://evil.test\\@own.test"),
    stays("55", "//own.test@evil.test"),
    stays("56", "http://[::1"),
    stays("60", "///\\evil.test"),
    stays("61", "ftp://own.test/x"),
    stays("62", "//evil%E3%80%82test"),
    stays("63", "http:evil.test"),
    goes("64", "/ok"),
    goes("65", "/ok?u=//evil.test"),
    goes("67", "ok/next"),
    goes("68", "/ok/https://evil.test"),
    Scenario(
        "RDR-x a redirection that is raised has a note with a link",
        ask("/redirect/raise?to=/a%3Fb%26c", PAGE),
        (303,),
        _is_a_page_of(b'<a href="/a?b&amp;c">'),
        {"location": "/a?b&c", "vary": "Accept"},
    ),
    Scenario(
        "RDR-x and none for a program",
        ask("/redirect/raise?to=/a", "Accept: application/json"),
        (303,),
        b"",
        {"location": "/a", "content-type": None, "content-length": "0"},
    ),
    Scenario(
        "ERR-x an error is plain text for who asks for it",
        ask("/http-error/404?detail=why", TEXT),
        (404,),
        b"404 Not Found\n\nwhy",
        {"content-type": "text/plain; charset=utf-8", "vary": "Accept"},
    ),
    Scenario(
        "ERR-x and a page for a browser",
        ask("/http-error/404?detail=why", PAGE),
        (404,),
        _is_a_page_of(b"why"),
    ),
    Scenario(
        "ERR-x and problem details for the rest",
        ask("/http-error/404?detail=why", "Accept: image/png"),
        (404,),
        contains(b'"title":"Not Found"'),
        {"content-type": "application/problem+json"},
    ),
    Scenario(
        "RSP-x HEAD on an error has the length of GET",
        kept("HEAD /http-error/404?detail=why HTTP/1.1", TEXT) + NEXT,
        (404,),
        b"",
        {"content-length": "18", "content-type": "text/plain; charset=utf-8"},
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "RSP-x an exception that is an application negotiates too",
        ask("/gone/anything", TEXT),
        (410,),
        b"410 Gone\n\nUse /v2.",
        {"content-type": "text/plain; charset=utf-8"},
    ),
    Scenario(
        "RSP-x an interim status is no answer",
        ask("/http-error/103?detail=x"),
        (500,),
        without(b"103 "),
        {"content-type": "application/problem+json"},
    ),
)
