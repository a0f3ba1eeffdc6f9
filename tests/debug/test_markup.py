"""HTML is escaped because it is text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from wadjet.debug.markup import Markup, element, joined


def test_elements_nest() -> None:
    inner = element("code", "a < b", class_="x")
    assert element("p", inner, " & more") == '<p><code class="x">a &lt; b</code> &amp; more</p>'


def test_attributes_are_names_texts_and_truths() -> None:
    made = element("button", "Copy", type="button", data_copy='a"b', hidden=True, open=False)
    assert made == '<button type="button" data-copy="a&quot;b" hidden>Copy</button>'
    assert element("meta", name="robots") == '<meta name="robots">'


class Reader(HTMLParser):
    """Notes what a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(), st.text())
def test_no_text_becomes_markup(text: str, attribute: str) -> None:
    reader = Reader()
    reader.feed(joined(element("p", text, title=attribute), Markup("<!-- end -->")))
    reader.close()
    assert (reader.tags, reader.attributes, reader.text) == (["p"], [("title", attribute)], text)
