from wadjet.http.enums import Charset, ContentType
from wadjet.http.parameters import is_token


def test_a_member_is_its_own_text() -> None:
    text: str = ContentType.json
    assert text == "application/json"
    assert str(ContentType.text_html) == f"{ContentType.text_html}" == "text/html"
    assert str(Charset.utf32) == "utf-32"


def test_every_content_type_is_a_type_and_a_subtype() -> None:
    for member in ContentType:
        major, slash, minor = member.partition("/")
        assert slash
        assert is_token(major)
        assert is_token(minor)


def test_the_names_are_those_of_the_sources() -> None:
    assert len(ContentType) == 36
    assert ContentType["any"] == "*/*"
    assert ContentType["ldap"] == "application/ld+json"
    assert ContentType["m_part_form_data"] == "multipart/form-data"
    assert {member.value for member in Charset} == {"utf-8", "utf-16", "utf-32"}


def test_python_knows_every_charset() -> None:
    for charset in Charset:
        assert "é".encode(charset).decode(charset) == "é"
