"""The page: a document of its own, which needs neither scripts nor styles, and has both under a nonce."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .frames import Failure, Frame
from .markup import Markup, element, joined
from .report import Report, Section

__all__ = ["page", "policy"]

_STYLE = """
:root{color-scheme:light dark;--line:#8886;--soft:#8882;--hot:#c0392b;--mark:#e5a50a44}
body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:72rem;padding:1rem}
h1{color:var(--hot);margin:.2rem 0;overflow-wrap:anywhere}h2{margin:1.5rem 0 .5rem}
pre,code,td,th{font:.875rem/1.5 ui-monospace,monospace}
pre{background:var(--soft);border-radius:.3rem;margin:.5rem 0;overflow:auto;padding:.6rem;white-space:pre-wrap}
pre.source{white-space:pre}pre mark{background:var(--mark);color:inherit;display:inline-block;min-width:100%}
details{border:1px solid var(--line);border-radius:.3rem;margin:.4rem 0;padding:.3rem .6rem}
details.own{border-left:.3rem solid var(--hot)}
summary{cursor:pointer;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
td,th{border-top:1px solid var(--line);overflow-wrap:anywhere;padding:.2rem .6rem .2rem 0;text-align:left;vertical-align:top}
th{font-weight:normal;width:16rem}td.note{color:GrayText;width:16rem}
section.inner{border-left:2px solid var(--line);padding-left:1rem}
"""
#: Only what a page without scripts can do without: copying at a click.
_SCRIPT = """
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const text = document.getElementById(button.dataset.copy);
    const done = () => { button.textContent = "Copied"; };
    const select = () => { getSelection().selectAllChildren(text); };
    if (navigator.clipboard) navigator.clipboard.writeText(text.textContent).then(done, select); else select();
  });
}
"""


def policy(nonce: str) -> str:
    """Return the Content-Security-Policy of the page: nothing is loaded, nothing runs but what has the nonce."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def page(report: Report, nonce: str) -> str:
    """Return the page.

    Args:
        report: what it shows.
        nonce: of its style and its script.
    """
    title = f"{report.failures[0].kind} at {report.method} {report.target}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width"),
        element("meta", name="robots", content="noindex"),
        element("title", title[:200]),
        element("style", Markup(_STYLE), nonce=nonce),
    )
    body = element(
        "body",
        _header(report),
        element("main", *_main(report)),
        element("script", Markup(_SCRIPT), nonce=nonce),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _header(report: Report) -> Markup:
    first = report.failures[0]
    ids = [element("p", "Error id: ", element("code", report.identifier))]
    if report.request_id is not None:
        ids.append(element("p", "Request id: ", element("code", report.request_id)))
    return element(
        "header",
        element("p", element("code", f"{report.method} {report.target}")),
        element("h1", first.kind),
        element("pre", first.said, class_="said"),
        *ids,
    )


def _main(report: Report) -> Iterator[Markup]:
    first, *others = report.failures
    yield from _traceback(first)
    if others:
        yield element("h2", "And with it")
    for failure in others:
        yield element(
            "section",
            element("h3", f"{failure.kind}: {failure.relation}"),
            element("pre", failure.said, class_="said"),
            *_traceback(failure),
            class_="inner",
        )
    yield _copied("Copy as curl", "curl", report.curl)
    yield _copied("Copy as test", "test", report.test)
    for section in report.sections:
        if section.rows:
            yield _section(section)


def _traceback(failure: Failure) -> Iterator[Markup]:
    """Yield the frames: those of the user's code first, the last one open, then all in their order."""
    if not failure.frames:
        return
    own = [frame for frame in failure.frames if frame.is_own][::-1] or [failure.frames[-1]]
    yield element("h2", "In your code" if own[0].is_own else "Where it was raised")
    yield from (_frame(frame, is_open=place == 0) for place, frame in enumerate(own))
    left_out = f", {failure.left_out} more left out" if failure.left_out else ""
    yield element(
        "details",
        element("summary", f"All frames, outermost first ({len(failure.frames)}{left_out})"),
        *(_frame(frame, is_open=False) for frame in failure.frames),
    )


def _frame(frame: Frame, *, is_open: bool) -> Markup:
    children = [
        element("summary", element("code", f"{frame.file}:{frame.line}"), f" in {frame.function}"),
        element("pre", *_source(frame), class_="source"),
    ]
    if frame.local_values:
        children.append(_table((name, value, "") for name, value in frame.local_values))
    return element("details", *children, open=is_open, class_="own" if frame.is_own else "other")


def _source(frame: Frame) -> Iterator[Markup]:
    for number, text in frame.source:
        line = f"{number:>5}  {text}"
        yield joined(element("mark", line) if number == frame.line else line, "\n")


def _copied(title: str, name: str, text: str) -> Markup:
    button = element("button", "Copy", type="button", data_copy=name, hidden=True)
    return element("details", element("summary", title), button, element("pre", text, id=name))


def _section(section: Section) -> Markup:
    return element("details", element("summary", section.title), _table(section.rows))


def _table(rows: Iterable[tuple[str, str, str]]) -> Markup:
    return element(
        "table",
        *(
            element(
                "tr",
                element("th", name, scope="row"),
                element("td", value),
                *([element("td", note, class_="note")] if note else []),
            )
            for name, value, note in rows
        ),
    )
