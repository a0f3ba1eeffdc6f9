import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import steps
from wadjet.http.languages import AcceptLanguage


@pytest.mark.parametrize(
    ("field", "tags", "found"),
    [
        pytest.param(
            "zh-Hant-CN-x-private1-private2", ["zh-Hant-CN-x-private1", "zh"], 0, id="RFC 4647 §3.4, 1"
        ),
        pytest.param(
            "zh-Hant-CN-x-private1-private2", ["zh-Hant-CN-x", "zh-Hant-CN"], 1, id="RFC 4647 §3.4, 2"
        ),
        pytest.param("zh-Hant-CN-x-private1-private2", ["zh-Hant", "zh"], 0, id="RFC 4647 §3.4, 3"),
        pytest.param("fr-FR, zh-Hant", ["zh", "fr"], 1, id="RFC 4647 §3.4, the first range first"),
        ("de-CH", ["de-DE", "DE"], 1),
        ("de", ["de-DE"], None),
        ("en;q=0.5, de", ["en", "de"], 1),
        ("en-US, en;q=0", ["en"], None),
        ("*", ["de"], None),
        ("de, *;q=0", ["de-CH"], None),
        ("", ["de"], None),
        (None, ["de"], None),
        ("nonsense!", ["de"], None),
    ],
)
def test_ranges_are_shortened_until_one_fits(field: str | None, tags: list[str], found: int | None) -> None:
    assert AcceptLanguage(field).lookup(tags) == (None if found is None else tags[found])
    assert AcceptLanguage(field).lookup(tags, default="xx") == ("xx" if found is None else tags[found])


def test_a_default_is_looked_for_in_steps() -> None:
    language = AcceptLanguage("de, fr;q=0")
    assert language.lookup(["en"], default_range="en-GB", default_tag="it") == "en"
    assert language.lookup(["es"], "en-GB", "it") == "it"
    assert language.lookup(["es"], "en-GB", "fr", default="none") == "none"
    assert language.lookup(["es"], default=lambda: "none") == "none"
    assert AcceptLanguage("*;q=0").lookup(["en"], "en", "en") is None


@pytest.mark.parametrize(
    ("field", "offers", "best"),
    [
        pytest.param("da, en-gb;q=0.8, en;q=0.7", ["en", "en-GB"], "en-GB", id="RFC 9110 §12.5.4"),
        ("en-GB", ["de", "en"], "en"),
        ("en-GB, *;q=0.1", ["de"], "de"),
        ("*", ["de", "en"], "de"),
        ("de;q=0, *", ["de", "en"], "en"),
        ("de;q=0, *", ["de"], None),
        ("*;q=0", ["de"], None),
        ("fr", ["de", "en"], None),
        ("", ["de"], None),
        (None, ["de", "en"], "de"),
        ("en_US", ["de", "en"], "de"),
        (None, [], None),
    ],
)
def test_the_language_that_suits_best_is_found(
    field: str | None, offers: list[str], best: str | None
) -> None:
    assert AcceptLanguage(field).best_of(offers) == best
    assert AcceptLanguage(field).best_of(offers, "xx") == (best or "xx")


@pytest.mark.parametrize(
    ("field", "tags", "filtered"),
    [
        pytest.param(
            "da, en-GB;q=0.8, en;q=0.7",
            ["en", "en-gb", "da-DK", "fr"],
            [("da-DK", 1.0), ("en-gb", 0.8), ("en", 0.7)],
            id="webob §5",
        ),
        pytest.param(
            "de-de",
            ["de-DE", "de-de-1996", "de-Deva", "de-Latn-DE"],
            [("de-DE", 1.0), ("de-de-1996", 1.0)],
            id="RFC 4647 §3.3.1",
        ),
        ("de, en", ["en", "de"], [("de", 1.0), ("en", 1.0)]),
        ("en-GB;q=0, en;q=0.5", ["en-GB", "en-US"], [("en-US", 0.5)]),
        ("*;q=0.5, en", ["de", "en"], [("en", 1.0), ("de", 0.5)]),
        ("", ["en"], []),
        (None, ["en"], []),
        ("!", ["en"], []),
    ],
)
def test_languages_are_filtered(
    field: str | None, tags: list[str], filtered: list[tuple[str, float]]
) -> None:
    language = AcceptLanguage(field)
    assert language.basic_filtering(tags) == filtered
    if language:
        assert language.acceptable_offers(tags) == filtered
        assert [tag in language for tag in tags] == [tag in dict(filtered) for tag in tags]


def test_where_nothing_was_said_all_are_accepted() -> None:
    assert AcceptLanguage(None).acceptable_offers(["de", "en"]) == [("de", 1.0), ("en", 1.0)]
    assert "de" in AcceptLanguage("!")


@pytest.mark.parametrize(
    "field", ["en_US", "abcdefghi", "en-", "-en", "1a", "en-abcdefghi", "a-" * 16 + "a", "*-CH", "é"]
)
def test_what_is_no_language_range_makes_the_field_malformed(field: str) -> None:
    assert not AcceptLanguage(field)


def test_a_range_has_up_to_sixteen_subtags() -> None:
    assert AcceptLanguage("a-" * 15 + "a")


LANGUAGEISH = st.text(st.sampled_from("ab-*;,q=01. "))


@given(st.one_of(st.none(), st.text(), LANGUAGEISH), st.lists(st.one_of(st.text(), LANGUAGEISH)))
def test_choosing_never_raises(field: str | None, tags: list[str]) -> None:
    language = AcceptLanguage(field)
    for found in (language.lookup(tags), language.best_of(tags)):
        assert found is None or found in tags
    assert set(dict(language.basic_filtering(tags))) <= set(tags)


@pytest.mark.parametrize("hostile", [",", "en,", "-a", ";q=1", "*,"], ids=repr)
def test_the_work_grows_with_the_length(hostile: str) -> None:
    def choose(field: str) -> None:
        AcceptLanguage(field).best_of(["de"])

    choose("en")
    assert steps(choose, "en" + hostile * 400) <= 2.1 * steps(choose, "en" + hostile * 200) + 20
