"""Users: told apart by their key, found by id and name, stamped by their password."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wadjet.auth import MemoryUser, MemoryUsers
from wadjet.auth.users import key_of, stamp_of
from wadjet.errors import ConfigError


def test_a_user_is_found_by_id_and_name() -> None:
    ann = MemoryUser(1, "ann", permissions=frozenset({"book.edit"}))
    users = MemoryUsers([ann])
    assert users.by_id("1") is users.by_name("ann") is ann
    assert users.by_id("2") is users.by_name("bob") is None
    assert ann.has_perm("book.edit")
    assert not ann.has_perm("book")


def test_two_users_do_not_go_by_one_name() -> None:
    users = MemoryUsers([MemoryUser(1, "ann")])
    users.put(MemoryUser(1, "ann", is_staff=True))
    with pytest.raises(ValueError, match="'ann' is taken"):
        users.put(MemoryUser(2, "ann"))


def test_a_user_shows_no_password() -> None:
    assert "secret" not in repr(MemoryUser(1, "ann", password="secret"))


def test_the_key_of_a_user_is_its_pk_or_id() -> None:
    assert key_of(SimpleNamespace(pk=0, id=2)) == "0"
    assert key_of(SimpleNamespace(id="x")) == "x"
    with pytest.raises(ConfigError, match="neither pk nor id"):
        key_of(SimpleNamespace(pk=None))


def test_a_stamp_changes_with_the_password_and_tells_nothing_of_it() -> None:
    ann, other = MemoryUser(1, "ann", password="kept"), MemoryUser(1, "ann", password="other")
    assert stamp_of(ann) != stamp_of(other)
    assert "kept" not in stamp_of(ann)
    assert stamp_of(MemoryUser(1, "ann")) == stamp_of(SimpleNamespace()) == ""
