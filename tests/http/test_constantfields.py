"""Constant fields: what a hook adds to a ready head leaves it ready, and says what it says elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet.http.asgi import StartMessage
from wadjet.http.constantfields import ConstantFields
from wadjet.http.response import Response
from wadjet.http.wire import field_lines

FIELDS = ConstantFields({"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer"}, vary=["Origin"])


def ready(*fields: tuple[bytes, bytes]) -> Response[Any]:
    return Response.made(b"content", 200, fields)


def text_of(response: Response[Any]) -> bytes:
    assert response.is_ready
    return response.wire_head


@pytest.mark.parametrize(
    ("own", "then"),
    [
        ((), ["x-frame-options: DENY", "referrer-policy: no-referrer", "vary: Origin"]),
        (
            ((b"x-frame-options", b"SAMEORIGIN"),),
            ["x-frame-options: SAMEORIGIN", "referrer-policy: no-referrer", "vary: Origin"],
        ),
        (
            ((b"vary", b"Accept"), (b"a", b"b")),
            ["a: b", "x-frame-options: DENY", "referrer-policy: no-referrer", "vary: Accept, Origin"],
        ),
    ],
)
def test_a_head_that_is_ready_stays_ready(own: tuple[tuple[bytes, bytes], ...], then: list[str]) -> None:
    for _ in range(2):  # made, and then known
        response = ready(*own)
        response.add_constant(FIELDS)
        lines = "".join(f"{line}\r\n" for line in then)
        assert text_of(response) == f"HTTP/1.1 200 OK\r\n{lines}content-length: ".encode()
        status, fields, body = response.parts()
        assert (status, field_lines(fields), body) == (
            200,
            f"{lines}content-length: 7\r\n".encode(),
            b"content",
        )


def test_a_response_and_a_message_get_the_same_fields() -> None:
    response = Response("content")
    view = response.headers
    response.add_constant(FIELDS)
    message = {"type": "http.response.start", "status": 200, "headers": list(Response("content").raw_headers)}
    StartMessage(message).add_constant(FIELDS)
    assert response.raw_headers == message["headers"]
    assert view["x-frame-options"] == "DENY"  # a view that somebody holds sees it too
    assert not response.is_ready


@pytest.mark.parametrize("own", [(), ((b"x-id", b"own"),)])
def test_a_field_is_added_once(own: tuple[tuple[bytes, bytes], ...]) -> None:
    made, plain = ready(*own), Response("content", headers=own)
    message: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": list(own)}
    for head in (made, plain, StartMessage(message)):
        head.add_field(b"x-id", b"1")
        head.add_field(b"x-id", b"2")
    assert made.parts()[1].count((b"x-id", b"own" if own else b"1")) == 1
    expected = ["own"] if own else ["1"]
    assert made.is_ready
    assert made.headers.getall("x-id") == plain.headers.getall("x-id") == expected
    assert [value.decode() for name, value in message["headers"]] == expected


def test_heads_of_one_response_are_not_kept() -> None:
    fields = ConstantFields({"a": "b"})
    for number in range(3):
        response = ready()
        response.add_field(b"x-id", b"%d" % number)
        response.add_constant(fields)
        assert text_of(response) == b"HTTP/1.1 200 OK\r\na: b\r\ncontent-length: "
        assert response.own_lines == b"x-id: %d\r\n" % number
        assert response.parts()[1] == [(b"x-id", b"%d" % number), (b"a", b"b"), (b"content-length", b"7")]
    assert len(fields.heads) == 1


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("name", [b"a", b"vary", b"stands"])
def test_a_field_of_one_response_counts_as_its_own(name: bytes, *, is_known: bool) -> None:
    fields = ConstantFields({"a": "b"}, vary=["Origin"], unless=b"stands")
    if is_known:
        ready().add_constant(fields)
    response = ready()
    response.add_field(name, b"Accept")
    response.add_constant(fields)
    assert response.raw_headers == fields.merged([(name, b"Accept")])
    assert not response.own_lines
    assert not response.is_ready


@pytest.mark.parametrize("own", [(), ((b"x-b", b"own"),)])
def test_several_fields_are_added_as_each_is(own: tuple[tuple[bytes, bytes], ...]) -> None:
    several = ((b"x-a", b"1"), (b"x-b", b"2"))
    made, plain = ready(*own), Response("content", headers=own)
    message: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": list(own)}
    for head in (made, plain, StartMessage(message)):
        head.add_fields(several)
    assert made.is_ready
    expected = {b"x-a": b"1", b"x-b": b"own" if own else b"2"}
    for pairs in (made.parts()[1][:-1], plain.raw_headers, message["headers"]):
        found = [pair for pair in pairs if pair[0] != b"content-type"]
        assert dict(found) == expected
        assert len(found) == 2


@pytest.mark.parametrize("own", [(), ((b"set-cookie", b"own"),)])
def test_a_field_is_put_beside_others_of_its_name(own: tuple[tuple[bytes, bytes], ...]) -> None:
    made, plain = ready(*own), Response("content", headers=own)
    message: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": list(own)}
    expected = [value.decode() for _, value in own]
    for value in (b"a", b"b"):
        expected.append(value.decode())
        for head in (made, plain, StartMessage(message)):
            head.append_field(b"set-cookie", value)
            assert sorted(head.field_values(b"set-cookie")) == sorted(expected)
        assert made.is_ready is (value == b"a")


_LINES = b"x-a: 1\r\nx-b: 2\r\n"


@pytest.mark.parametrize("before", [(), ((b"x-c", b"own"),), ((b"x-b", b"own"),), ((b"x-k", b"own"),)])
@pytest.mark.parametrize("own", [(), ((b"x-b", b"own"),), ((b"x-k", b"own"),)])
def test_lines_of_one_response_say_what_fields_say(
    own: tuple[tuple[bytes, bytes], ...], before: tuple[tuple[bytes, bytes], ...]
) -> None:
    form = ConstantFields({"x-k": "always"}, own=[b"x-a", b"x-b"])
    expected = {b"x-k": b"always", b"x-a": b"1", b"x-b": b"2"} | dict((*before, *own))
    for _ in range(2):  # made, and then known
        made, plain = ready(*own), Response("content", headers=own)
        message: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": list(own)}
        for head in (made, plain, StartMessage(message)):
            head.add_fields(tuple(pair for pair in before if pair not in own))
            head.add_constant_lines(form, _LINES)
        for pairs in (made.parts()[1][:-1], made.raw_headers, plain.raw_headers, message["headers"]):
            found = [pair for pair in pairs if pair[0] != b"content-type"]
            assert dict(found) == expected
            assert len(found) == len(expected)


def test_lines_of_one_response_leave_its_head_ready() -> None:
    form, other = ConstantFields(own=[b"x-a", b"x-b"]), ConstantFields({"x-k": "always"}, own=[b"x-c"])
    for _ in range(2):
        response = ready()
        response.add_constant_lines(form, _LINES)
        response.add_constant_lines(other, b"x-c: 3\r\n")
        assert text_of(response) == b"HTTP/1.1 200 OK\r\nx-k: always\r\ncontent-length: "
        assert response.own_lines == _LINES + b"x-c: 3\r\n"
        assert response.field_values(b"x-c") == ["3"]
        assert response.headers["x-a"] == "1"


def test_names_of_lines_that_are_known_to_be_apart_are_not_compared_again() -> None:
    limit, outside, same = (
        ConstantFields(own=[b"x-a"]),
        ConstantFields({"x-k": "y"}),
        ConstantFields({"x-a": "y"}),
    )
    for _ in range(2):
        response = ready()
        response.add_constant_lines(limit, b"x-a: 1\r\n")
        response.add_constant(outside)
        assert response.is_ready
        assert outside.apart is response.own_names is limit.own
        response.add_constant(same)
        assert same.apart is None
        assert response.headers.getall("x-a") == ["1"]
    other = ready()
    other.add_field(b"x-k", b"own")  # not the names that were asked about last
    other.add_constant(outside)
    assert other.headers.getall("x-k") == ["own"]


def test_lines_that_are_not_what_they_should_be_are_refused_before_they_leave() -> None:
    form, lines, made = ConstantFields(own=[b"x-a"]), b"x-a: 1\r\nset-cookie: a=b\r\n", ready()
    for head in (Response("content"), StartMessage({"type": "http.response.start", "status": 200})):
        with pytest.raises(ValueError, match="line end or NUL"):
            head.add_constant_lines(form, lines)
    made.add_constant_lines(form, lines)
    with pytest.raises(ValueError, match="line end or NUL"):
        made.parts()


def test_heads_that_are_kept_go_for_those_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wadjet.http.constantfields._MOST_HEADS", 2)
    fields = ConstantFields({"x-a": "b"})
    kept = fields.heads

    def add(number: int) -> bytes:
        response = ready((b"x-number", b"%d" % number))
        head = text_of(response)
        response.add_constant(fields)
        return head

    first, second, third, again = (add(number) for number in (1, 2, 3, 3))
    assert third == again
    assert list(kept) == [second, third]
    assert first not in kept


def test_one_field_may_stand_for_all() -> None:
    fields = ConstantFields({"a": "b", "c": "d"}, vary=["Origin"], unless=b"a")
    assert fields.merged([(b"a", b"own")]) == [(b"a", b"own"), (b"vary", b"Origin")]
    assert fields.merged([(b"c", b"own")]) == [(b"c", b"own"), (b"a", b"b"), (b"vary", b"Origin")]
