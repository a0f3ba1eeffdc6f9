import inspect
import itertools
from typing import Any
from unittest.mock import patch

import multipart as library  # type: ignore[import-untyped]  # the library has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.multiparts import LIMITS, disposition, events, form, part, pieces
from tests.http.test_parameters import steps
from wadjet.http.forms import FormError, FormTooLarge
from wadjet.http.multipart import Multipart, boundary_of

BINARY = bytes(range(256)) * 100


def only(content: bytes) -> tuple[str, str | None, bytes]:
    """Return the only part of a form."""
    ((name, filename, value, _),) = events([content])
    return name, filename, value


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        pytest.param(form(part("a", b"1")), [("a", None, b"1")], id="MP-01"),
        pytest.param(
            form(part("a", b"1"), part("f", b"x", "f.txt"), part("a", b"2")),
            [("a", None, b"1"), ("f", "f.txt", b"x"), ("a", None, b"2")],
            id="MP-03",
        ),
        pytest.param(form(part("a", "é€".encode())), [("a", None, "é€".encode())], id="MP-05"),
        pytest.param(form(part("f", b"", "x.txt")), [("f", "x.txt", b"")], id="MP-07"),
        pytest.param(form(part("a")), [("a", None, b"")], id="MP-08"),
        pytest.param(form(part("a", b"1\r\n2\r\n")), [("a", None, b"1\r\n2\r\n")], id="MP-09"),
        pytest.param(b"preamble\r\n" + form(part("a", b"1")) + b"epilogue", [("a", None, b"1")], id="MP-12"),
        pytest.param(
            form(part("a", b"\r\n--BOUN\r\n-BOUND\r--BOUND\n--BOUND--BOUND")),
            [("a", None, b"\r\n--BOUN\r\n-BOUND\r--BOUND\n--BOUND--BOUND")],
            id="MP-15",
        ),
        pytest.param(form(part("f", b"\r\n" * 1000, "x")), [("f", "x", b"\r\n" * 1000)], id="MP-16"),
        pytest.param(form(part("f", b"-" * 5000, "x")), [("f", "x", b"-" * 5000)], id="MP-18"),
        pytest.param(form(part("f", BINARY, "x")), [("f", "x", BINARY)], id="MP-19"),
        pytest.param(form(part("f", b"\nabc", "x")), [("f", "x", b"\nabc")], id="MP-84"),
        pytest.param(form(part("f", b"\r" * 3000, "x")), [("f", "x", b"\r" * 3000)], id="MP-85"),
        pytest.param(form(part("f", b"\r\n" * 3000, "x")), [("f", "x", b"\r\n" * 3000)], id="MP-86"),
        pytest.param(form(), [], id="no parts"),
        pytest.param(
            form(part("a", b"x", None, "Content-Type: text/plain", "Content-Transfer-Encoding: odd")),
            [("a", None, b"x")],
            id="MP-63",
        ),
        pytest.param(form(part("a", b"x", None, "Content-Length: 99")), [("a", None, b"x")], id="MP-67"),
        pytest.param(
            form(part("a", b"  ", None, "Content-Transfer-Encoding: base64")),
            [("a", None, b"  ")],
            id="MP-65",
        ),
        pytest.param(
            form(part("a", b"--x\r\n\r\n--x--", None, "Content-Type: multipart/mixed; boundary=x")),
            [("a", None, b"--x\r\n\r\n--x--")],
            id="MP-69",
        ),
    ],
)
def test_parts_come_in_order_with_their_bytes_however_they_are_cut(content: bytes, parts: list[Any]) -> None:
    """MP-20."""
    whole = events([content])
    assert [found[:3] for found in whole] == parts
    for _, _, value, place in whole:
        assert content[place : place + len(value)] == value
    for size in (1, 2, 3, 7, 11, 64):
        assert events(pieces(content, size)) == whole


SAMPLE = (
    b"pre\r\n"
    + form(
        part("a", b"1\r\n--BOUN"),
        part("f", b"\r\r\n-\r\n--BOUNd\r\n\r\n", "f.txt", "Content-Type: text/plain"),
        part("", b""),
    )
    + b"epilogue\r\n--BOUND\r\n"
)


def test_a_cut_at_any_place_changes_nothing() -> None:
    whole = events([SAMPLE])
    assert [name for name, *_ in whole] == ["a", "f", ""]
    for place in range(len(SAMPLE) + 1):
        assert events([SAMPLE[:place], SAMPLE[place:]]) == whole
    for first, second in itertools.combinations(range(0, len(SAMPLE), 5), 2):
        assert events([SAMPLE[:first], SAMPLE[first:second], SAMPLE[second:]]) == whole


REFUSED = [
    pytest.param(b"", id="MP-41"),
    pytest.param(form(part("a", b"1")).replace(b"BOUND", b"OTHER"), id="MP-42"),
    pytest.param(part("a", b"1"), id="MP-43"),
    pytest.param(b"--BOUND\r\nContent-Disp", id="MP-44"),
    pytest.param(b"x" * 1000, id="MP-45"),
    pytest.param(form(part("a", b"1")).replace(b"\r\n", b"\n"), id="MP-46"),
    pytest.param(b"--BOUND\r\nContent-Disposition\r\n\r\n1\r\n--BOUND--", id="MP-47"),
    pytest.param(form(part("a", b"1", None, "Bad Name: x")), id="MP-48"),
    pytest.param(form(part("a", b"1", None, "Bad : x")), id="a space before the colon"),
    pytest.param(form(part("a", b"1", None, ": x")), id="a field without a name"),
    pytest.param(b"--BOUND\r\nContent-Type: text/plain\r\n\r\n1\r\n--BOUND--", id="MP-49 no disposition"),
    pytest.param(b"--BOUND\r\nContent-Disposition: form-data\r\n\r\n1\r\n--BOUND--", id="MP-50 no name"),
    pytest.param(form(part("a", b"1")).replace(b"form-data", b"attachment"), id="MP-52"),
    pytest.param(form(part("a", b"1")).replace(b'"a"', b'"a'), id="MP-53"),
    pytest.param(form(part("a", b"1", None, disposition("b"))), id="two dispositions"),
    pytest.param(form(part('a"; name="b', b"1")), id="two names"),
    pytest.param(form(part("a", b"1", "f", "Content-Type: a/b", "Content-Type: c/d")), id="two types"),
    pytest.param(form(part('a" x="', b"1")), id="no semicolon"),
    pytest.param(form(part("a", b"1", None, "X: a", " folded: b")), id="MP-34"),
    pytest.param(form(part("a", b"1", None, "X: a\rY: b")), id="MP-35"),
    pytest.param(form(part("a", b"1", None, "X: a\nY: b")), id="MP-36"),
    pytest.param(form(part("a", b"1", None, "X: a\x00")), id="NUL in a head"),
    pytest.param(form(part("a", b"1")).replace(b'"a"', b'"\xff"'), id="MP-60"),
    pytest.param(form(part("a", b"1\r\n--BOUNDARY\r\n")), id="a longer line that begins like a delimiter"),
    pytest.param(b"--BOUNDARY\r\n" + form(), id="a longer first line"),
    pytest.param(b"x" + form(), id="no line end before the first delimiter"),
    pytest.param(b"x" * 70_000 + b"\r\n" + form(), id="a long preamble"),
    pytest.param(form() + b"x" * 80_000, id="a long epilogue"),
]


@pytest.mark.parametrize("content", REFUSED)
def test_what_is_no_form_is_refused_however_it_is_cut(content: bytes) -> None:
    for size in (len(content) or 1, 1, 5, 64) if len(content) < 10_000 else (len(content), 1000):
        with pytest.raises(FormError) as caught:
            events(pieces(content, size))
        assert not isinstance(caught.value, FormTooLarge)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(form(part("a", b"1", None, "X: " + "a" * 500_000)), id="MP-77"),
        pytest.param(form(part("a", b"1", None, *["X: a"] * 5000)), id="MP-78"),
        pytest.param(form(part("a", b"1", None, "X" * 500_000 + ": a")), id="MP-79"),
        pytest.param(b"--BOUND\r\n" + b"x" * 9000, id="a line that does not end"),
        pytest.param(form(part("\\" * 7000 + '"' * 2000, b"1")), id="MP-88"),
        pytest.param(form(part("a" + "; a=b" * 10_000, b"1")), id="MP-90"),
    ],
)
def test_a_head_that_is_too_long_is_refused_however_it_is_cut(content: bytes) -> None:
    for size in (len(content), 4096, 700):
        with pytest.raises(FormTooLarge, match="the head of a part is too long"):
            events(pieces(content, size))


def test_the_lines_of_a_head_are_counted() -> None:
    fields = ["X: a"] * (LIMITS.max_head_lines - 1)
    assert only(form(part("a", b"1", None, *fields))) == ("a", None, b"1")
    with pytest.raises(FormTooLarge):
        events([form(part("a", b"1", None, *fields, "X: a"))])


@pytest.mark.parametrize(
    ("written", "name"),
    [
        pytest.param(r"a\"b", 'a"b', id="MP-25"),
        ("a%22b", 'a"b'),
        ("a%0D%0Ab", "a\r\nb"),
        ("a%20b", "a%20b"),
        (r"C:\new\file", r"C:\new\file"),
        (r"a\\\"b", r"a\"b"),
        ("é€", "é€"),
        ("a;b=c", "a;b=c"),
        ("", ""),
    ],
)
def test_names_are_read_as_browsers_write_them_and_as_older_clients_do(written: str, name: str) -> None:
    assert only(form(part(written, b"", written)))[:2] == (name, name)


@given(st.text(st.characters(codec="utf-8", exclude_characters='"\r\n\0'), max_size=12), st.booleans())
def test_a_usual_disposition_is_read_as_every_other(name: str, is_file: bool) -> None:
    usual = disposition(name, name if is_file else None)
    content = form(f"--BOUND\r\n{usual}\r\n\r\n\r\n".encode())
    try:
        expected = only(content.replace(b"; name=", b";  name="))
    except FormError:
        with pytest.raises(FormError):
            only(content)
    else:
        assert only(content) == expected


def test_a_name_may_be_a_token() -> None:
    content = form(part("a", b"1")).replace(b'name="a"', b'NAME=a ; FileName="b"')
    assert only(content) == ("a", "b", b"1")


@pytest.mark.parametrize(
    ("extended", "filename"),
    [
        pytest.param("; filename=\"safe.txt\"; filename*=UTF-8''evil.php", "safe.txt", id="MP-27"),
        pytest.param("; filename*=bogus''x", None, id="MP-55"),
    ],
)
def test_an_extended_filename_is_not_used(extended: str, filename: str | None) -> None:
    content = form(part("a", b"1")).replace(b'name="a"', b'name="a"' + extended.encode())
    assert only(content) == ("a", filename, b"1")


@pytest.mark.parametrize(
    ("field", "boundary"),
    [
        pytest.param('multipart/form-data; boundary="a\'()+_,./:=?b"', b"a'()+_,./:=?b", id="MP-21"),
        pytest.param("Multipart/Form-Data; BOUNDARY=BOUND", b"BOUND", id="MP-22"),
        ("multipart/form-data; charset=utf-8; boundary=x", b"x"),
        ("multipart/form-data; boundary=" + "x" * 70, b"x" * 70),
        pytest.param("multipart/form-data", None, id="MP-38"),
        pytest.param("multipart/form-data; boundary=", None, id="MP-39"),
        pytest.param('multipart/form-data; boundary=""', None, id="MP-40"),
        pytest.param('multipart/form-data; !="' + "\\" * 20_000, None, id="MP-91"),
        ("multipart/form-data; boundary=" + "x" * 71, None),
        ('multipart/form-data; boundary="x "', None),
        ("multipart/form-data; boundary=x; boundary=y", None),
        ("multipart/form-data; boundary=é", None),
        ('multipart/form-data; boundary="a\r\nb"', None),
    ],
)
def test_a_boundary_is_one_and_by_the_letter(field: str, boundary: bytes | None) -> None:
    if boundary is None:
        with pytest.raises(FormError, match="boundary"):
            boundary_of(field)
    else:
        assert boundary_of(field) == boundary


@given(st.text(max_size=72) | st.from_regex(r"\A[0-9A-Za-z'+_.-]{1,72}\Z"))
def test_a_usual_content_type_is_read_as_every_other(boundary: str) -> None:
    def read(field: str) -> bytes | None:
        try:
            return boundary_of(field)
        except FormError:
            return None

    assert read(f"multipart/form-data; boundary={boundary}") == read(
        f"multipart/form-data;boundary={boundary}"
    )


@given(st.lists(st.binary(max_size=40), max_size=4), st.integers(1, 40))
def test_whatever_is_written_is_read_again(values: list[bytes], size: int) -> None:
    kept = [value for value in values if b"\r\n--BOUND" not in b"\r\n" + value]
    content = form(*(part(str(index), value, "f") for index, value in enumerate(kept)))
    assert [value for *_, value, _ in events(pieces(content, size))] == kept


@given(
    st.lists(
        st.sampled_from(
            [b"--BOUND", b"--", b"\r\n", b"\r", b"\n", b": ", b"a", disposition("a").encode(), b"\x00"]
        )
    )
)
def test_hostile_content_is_read_or_refused_and_the_same_for_every_cut(words: list[bytes]) -> None:
    content = b"".join(words)
    assert outcome(content, max(1, len(content))) == outcome(content, 1) == outcome(content, 3)


@pytest.mark.parametrize("prefix", [b"", b"--BOUND\r\n", b"--BOUND\r\nContent-Disposition: form-data; name="])
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_the_same_for_every_cut(prefix: bytes, content: bytes) -> None:
    assert outcome(prefix + content, 1000) == outcome(prefix + content, 7)


@given(
    st.lists(
        st.sampled_from(
            [b"\r\n--BOUND", b"--BOUND", b"\r\n--BOUN", b"\r\n", b"\r", b"--", b"abc", b"\x00" * 20]
        )
    ),
    st.integers(1, 40),
)
def test_content_amid_a_part_is_read_as_any_other(words: list[bytes], size: int) -> None:
    content = form(part("f", b"".join(words), "x"), part("g", b"b"))
    with patch.object(Multipart, "_is_amid", return_value=False):
        plainly = outcome(content, size)
    assert outcome(content, size) == plainly


def test_content_amid_a_part_is_handed_on_as_it_came() -> None:
    found, block = Multipart(b"BOUND", LIMITS), b"\r\n--BOUN" + b"x" * 100
    list(found.feed(part("f", b"a", "x")[:-2]))
    assert [event is block for event in found.feed(block)] == [True]
    assert list(found.feed(b"y\r")) == [b"y"]
    assert list(found.feed(block[1:])) == [b"\r" + block[1:]]
    assert list(found.feed(b"\r\n--BOUND--")) == [None]
    found.end()


def outcome(content: bytes, size: int) -> Any:
    """Return what is read from pieces of a size; None where they are refused."""
    try:
        return events(pieces(content, size))
    except FormError:
        return None


def test_content_that_nearly_is_a_delimiter_is_never_held_back() -> None:
    """MP-81: what is kept between two chunks does not grow with the content, so the work is linear in it."""
    for noise in (b"\r", b"\r\n", b"\r\n--BOUN", b"-", b"x"):
        found = Multipart(b"BOUND", LIMITS)
        list(found.feed(part("f", b"", "x")[:-2]))
        for _ in range(50):
            assert (
                sum(len(event or b"") for event in found.feed(noise * 1000) if isinstance(event, bytes)) > 900
            )
            parser: Any = found._parser
            assert len(parser._buffer) <= len(b"\r\n--BOUND")


@pytest.mark.parametrize("size", [1, 64, 4096])
@pytest.mark.parametrize("hostile", ["\r\n", "\r\n--BOUN", "\r\n--", "x", part("a", b"").decode()], ids=repr)
def test_the_work_grows_with_the_length(hostile: str, size: int) -> None:
    def read(text: str) -> None:
        list(events(pieces(form(part("f", b"", "x")[:-2] + text.encode() + b"\r\n"), size)))

    read("")
    assert steps(read, hostile * 400) <= 2.1 * steps(read, hostile * 200) + 500


def test_a_long_preamble_is_never_kept() -> None:
    found = Multipart(b"BOUND", LIMITS)
    for _ in range(60):
        assert list(found.feed(b"x" * 1000)) == []
        assert len(found._held) <= len(b"\r\n--BOUND")


def test_the_library_is_as_the_parser_of_ours_expects_it() -> None:
    parser = library.PushMultipartParser
    assert list(inspect.signature(parser._on_segment_headerline).parameters) == ["self", "line"]
    assert list(inspect.signature(parser._create_segment).parameters) == ["self", "headerlist"]
    assert list(inspect.signature(parser._on_segment_payload).parameters) == ["self", "chunk"]
    assert list(inspect.signature(parser._on_segment_complete).parameters) == ["self"]
    source = inspect.getsource(parser)
    assert "self._segment = self._create_segment(self._segment_headerlist)" in source
    assert "self._on_segment_headerline(buffer[offset:nl])" in source
    assert source.count("yield self._on_segment_payload(") == 3
    assert source.count("self._on_segment_complete()\n                            yield None") == 2
