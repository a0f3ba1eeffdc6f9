from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.headers import Headers, MutableHeaders, encode_fields, field_name, field_value

RAW = [(b"host", b"own.test"), (b"x-a", b"one"), (b"x-a", b"two"), (b"x-b", "café".encode("latin-1"))]


class TestHeaders:
    def test_names_are_found_in_any_case(self) -> None:
        """HDR-12."""
        headers = Headers(RAW)
        assert headers["Host"] == headers["HOST"] == headers[b"host"] == headers[b"Host"] == "own.test"
        present: list[Any] = ["hOsT", b"HOST"]
        absent: list[Any] = ["x-c", 1, None]
        assert all(name in headers for name in present)
        assert not any(name in headers for name in absent)

    def test_repeated_fields_keep_both_values_in_order(self) -> None:
        """HDR-10."""
        headers = Headers(RAW)
        assert headers["x-a"] == "two"
        assert headers.get("x-a") == "two"
        assert headers.getall("X-A") == headers.getlist(b"x-a") == ["one", "two"]
        assert headers.joined("x-a") == "one, two"
        assert headers.joined("x-c") is None

    def test_obs_text_survives(self) -> None:
        """HDR-09."""
        assert Headers(RAW)["x-b"] == "café"

    def test_a_missing_field_is_a_key_error_or_the_default(self) -> None:
        headers = Headers(RAW)
        assert headers.get("x-c") is None
        assert headers.get("x-c", "none") == "none"
        with pytest.raises(KeyError):
            headers["x-c"]

    def test_getone_refuses_none_and_several(self) -> None:
        headers = Headers(RAW)
        assert headers.getone("host") == headers.getone(b"Host") == "own.test"
        with pytest.raises(KeyError, match="Multiple values"):
            headers.getone(b"x-a")
        with pytest.raises(KeyError, match="not found"):
            headers.getone("x-c")

    def test_iteration_gives_distinct_names_and_items_give_all_fields(self) -> None:
        headers = Headers(RAW)
        assert list(headers) == ["host", "x-a", "x-b"]
        assert len(headers) == 3
        items = headers.items()
        assert (
            list(items)
            == list(items)
            == [("host", "own.test"), ("x-a", "one"), ("x-a", "two"), ("x-b", "café")]
        )
        assert list(headers.keys()) == ["host", "x-a", "x-a", "x-b"]
        assert list(headers.values()) == ["own.test", "one", "two", "café"]
        assert "X-A" in headers.keys()
        assert dict(headers) == {"host": "own.test", "x-a": "two", "x-b": "café"}
        assert headers.mixed() == {"host": "own.test", "x-a": ["one", "two"], "x-b": "café"}
        assert headers.raw is RAW

    def test_equality_is_by_content(self) -> None:
        assert Headers(RAW) == Headers([*RAW[1:], RAW[0]])
        assert Headers(RAW) != Headers(RAW[:2])
        assert Headers(RAW[:1]) == {"Host": "own.test"}
        assert Headers(RAW) == MutableHeaders(list(RAW))
        with pytest.raises(TypeError, match="unhashable"):
            hash(Headers(RAW))

    def test_they_cannot_be_changed(self) -> None:
        headers: Any = Headers(RAW)
        with pytest.raises(TypeError):
            headers["x"] = "1"
        assert not hasattr(headers, "append")

    def test_their_repr_shows_no_credentials(self) -> None:
        shown = repr(
            Headers(
                [(b"authorization", b"Bearer s3cret"), (b"cookie", b"sid=s3cret"), (b"host", b"own.test")]
            )
        )
        assert "s3cret" not in shown
        assert "own.test" in shown

    def test_a_letter_beyond_ascii_is_not_taken_for_an_ascii_letter(self) -> None:
        assert "coo\u212aie" not in Headers([(b"cookie", b"a=b")])


@pytest.mark.parametrize("name", ["X-A", b"X-A", "x-a"])
def test_a_name_is_written_in_lower_case(name: str | bytes) -> None:
    assert field_name(name) == b"x-a"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("X(A)", id="HDR-03"),
        pytest.param("", id="HDR-04"),
        pytest.param("X-A ", id="HDR-01"),
        pytest.param("X-T\r\nX-Evil", id="RSP-08"),
        pytest.param(b"X-T\r\nX-Evil", id="RSP-08 bytes"),
        "X:A",
        "é",
        "x\x00",
        "\u212a",
    ],
)
def test_a_name_that_is_no_token_is_refused(name: str | bytes) -> None:
    with pytest.raises(ValueError, match="is not a token") as caught:
        field_name(name)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("plain", b"plain"),
        (b"bytes", b"bytes"),
        (42, b"42"),
        ("", b""),
        ("café", b"caf\xe9"),
        ("a\tb", b"a\tb"),
        pytest.param("\t v \t", b"v", id="HDR-13"),
        (b" v\t", b"v"),
    ],
)
def test_a_value_is_written_as_latin_1_without_space_around_it(value: str | bytes | int, wire: bytes) -> None:
    assert field_value(value) == wire


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a\r\nX-Evil: 1", id="RSP-02"),
        pytest.param("a\nX-Evil: 1", id="RSP-03"),
        pytest.param("a\rX-Evil: 1", id="RSP-04"),
        pytest.param("a\x00b", id="RSP-05"),
        pytest.param(b"a\nb", id="bytes"),
        pytest.param("é\nb", id="beyond ASCII"),
        "\r",
        "a\n",
        "\x0b",
        "\x1f",
        "\x7f",
    ],
)
def test_a_value_with_a_control_character_is_refused(value: str | bytes) -> None:
    with pytest.raises(ValueError, match="header 'x-t': a control character") as caught:
        field_value(value, "x-t")
    assert str(caught.value).isprintable()


def test_a_value_beyond_latin_1_is_refused_and_the_header_named() -> None:
    """RSP-15."""
    with pytest.raises(ValueError, match=r"header 'x-t': U\+20AC at position 2 is not Latin-1"):
        encode_fields({"X-T": "ab€"})


@pytest.mark.parametrize("value", [None, 1.5, ["a"]])
def test_a_value_of_another_type_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError, match="str, bytes or int"):
        field_value(value, "x-t")


@pytest.mark.parametrize(
    ("fields", "raw"),
    [
        (None, []),
        ({}, []),
        ({"X-A": "1", "x-b": 2}, [(b"x-a", b"1"), (b"x-b", b"2")]),
        ([("X-A", "1"), (b"X-A", b"2")], [(b"x-a", b"1"), (b"x-a", b"2")]),
        (Headers(RAW), RAW),
    ],
)
def test_fields_are_encoded_into_a_new_list(fields: Any, raw: list[tuple[bytes, bytes]]) -> None:
    assert encode_fields(fields) == raw
    assert encode_fields(fields) is not raw


class TestMutableHeaders:
    def test_it_changes_the_list_it_was_given(self) -> None:
        raw = [(b"content-type", b"text/plain")]
        headers = MutableHeaders(raw)
        headers["Content-Type"] = "text/html"
        headers.append("X-A", 1)
        assert headers.raw is raw
        assert raw == [(b"content-type", b"text/html"), (b"x-a", b"1")]

    def test_it_sees_what_others_change(self) -> None:
        raw: list[tuple[bytes, bytes]] = []
        headers = MutableHeaders(raw)
        assert "x-a" not in headers
        raw.append((b"x-a", b"1"))
        assert headers["x-a"] == "1"

    def test_set_replaces_and_append_adds(self) -> None:
        headers = MutableHeaders()
        headers.append("x-a", "1")
        headers.add("X-A", "2")
        assert headers.getall("x-a") == ["1", "2"]
        headers.set("X-A", "3")
        assert headers.getall("x-a") == ["3"]

    def test_delete_is_silent_and_del_is_not(self) -> None:
        headers = MutableHeaders(list(RAW))
        headers.delete("X-A")
        headers.delete("X-A")
        assert "x-a" not in headers
        with pytest.raises(KeyError):
            del headers["x-a"]
        del headers["host"]
        assert list(headers) == ["x-b"]

    def test_pop_removes_the_field_whole(self) -> None:
        headers = MutableHeaders(list(RAW))
        assert headers.pop("X-A") == "two"
        assert "x-a" not in headers
        assert headers.pop("x-a", None) is None
        with pytest.raises(KeyError):
            headers.pop("x-a")

    def test_setdefault_keeps_what_is_there(self) -> None:
        headers = MutableHeaders(list(RAW))
        assert headers.setdefault("X-A", "three") == "two"
        assert headers.setdefault("X-C", "new") == "new"
        assert headers["x-c"] == "new"

    def test_update_replaces_and_extend_appends(self) -> None:
        headers = MutableHeaders(list(RAW))
        headers.extend({"X-A": "three"})
        assert headers.getall("x-a") == ["one", "two", "three"]
        headers.update([("x-a", "4"), ("X-A", "5")])
        assert headers.getall("x-a") == ["4", "5"]
        assert headers["host"] == "own.test"

    @pytest.mark.parametrize("enter", ["set", "append", "add", "__setitem__", "setdefault"])
    @pytest.mark.parametrize(("name", "value"), [("x a", "1"), ("x-a", "1\n2"), ("x-a", "€")])
    def test_nothing_invalid_enters_and_nothing_is_lost(self, enter: str, name: str, value: str) -> None:
        headers = MutableHeaders([(b"x-b", b"1")])
        with pytest.raises(ValueError):
            getattr(headers, enter)(name, value)
        for method in (headers.update, headers.extend):
            with pytest.raises(ValueError):
                method({"x-b": "2", name: value})
        assert headers.raw == [(b"x-b", b"1")]

    @pytest.mark.parametrize(
        ("before", "names", "after"),
        [
            ([], ("Origin",), ["Origin"]),
            ([], (), []),
            (["Accept"], ("accept", "Origin", "origin"), ["Accept, Origin"]),
            (["Accept", "Cookie"], ("Origin",), ["Accept, Cookie, Origin"]),
            (["*"], ("Origin",), ["*"]),
            (["Accept"], ("*",), ["*"]),
            ([" , Accept,"], ("Origin",), ["Accept, Origin"]),
        ],
    )
    def test_vary_names_each_field_once(
        self, before: list[str], names: tuple[str, ...], after: list[str]
    ) -> None:
        headers = MutableHeaders([(b"vary", value.encode()) for value in before])
        headers.add_vary(*names)
        assert headers.getall("vary") == after


@given(st.text(st.characters()) | st.binary(), st.text(st.characters()) | st.binary() | st.integers())
def test_only_harmless_bytes_reach_the_wire(name: str | bytes, value: str | bytes | int) -> None:
    try:
        (wire_name, wire_value), *_ = encode_fields([(name, value)])
    except ValueError:
        return
    assert wire_name
    assert not set(wire_name) & set(b' ()<>@,;:\\"/[]?={}\r\n\t\x00')
    assert wire_name == wire_name.lower()
    assert not set(wire_value) & {*range(9), *range(10, 32), 127}
    assert wire_value == wire_value.strip(b" \t")


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b"]), st.binary())), st.text())
def test_reading_never_raises(raw: list[tuple[bytes, bytes]], name: str) -> None:
    headers = Headers(raw)
    headers.get(name)
    headers.getall(name)
    assert (name in headers) == bool(headers.getall(name))
    assert headers == MutableHeaders(raw)
