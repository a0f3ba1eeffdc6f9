"""Query: every word of the sources' code, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.db.site import Article, Author, Base, Colour, Remark, Thing, using
from wadjet.db import (
    Database,
    DoesNotExist,
    FieldError,
    IntegrityError,
    MultipleObjectsReturned,
    NotLoaded,
    Query,
    create_all,
    fields,
    transaction,
)
from wadjet.db import query as queries


async def filled() -> None:
    """Keep two authors and four articles."""
    anna = await Author.objects.create(name="Anna")
    await Author.objects.create(name="bob")
    for number, (title, views) in enumerate([("One", 1), ("two", 2), ("100%", 3), ("a_b", 4)]):
        await Article.objects.create(
            title=title, views=views, is_published=views < 3, author=anna if number else None
        )


LOOKUPS: list[tuple[dict[str, Any], list[int]]] = [
    ({"is_published": True}, [1, 2]),
    ({"views": 2}, [2]),
    ({"views": "2"}, [2]),
    ({"views__exact": 2}, [2]),
    ({"views__gt": 2}, [3, 4]),
    ({"views__gte": 2}, [2, 3, 4]),
    ({"views__lt": 2}, [1]),
    ({"views__lte": 2}, [1, 2]),
    ({"views__in": [1, 4, 10**30]}, [1, 4]),
    ({"views__in": []}, []),
    ({"views__range": (2, 3)}, [2, 3]),
    ({"views": 10**30}, []),
    ({"views__gt": 10**30}, []),
    ({"views__lt": 10**30}, [1, 2, 3, 4]),
    ({"views__gt": -(10**30)}, [1, 2, 3, 4]),
    ({"title": "one"}, []),
    ({"title__iexact": "one"}, [1]),
    ({"title__contains": "n"}, [1]),
    ({"title__contains": "N"}, []),
    ({"title__icontains": "O"}, [1, 2]),
    ({"title__contains": "%"}, [3]),
    ({"title__contains": "_"}, [4]),
    ({"title__startswith": "O"}, [1]),
    ({"title__startswith": "o"}, []),
    ({"title__istartswith": "o"}, [1]),
    ({"title__endswith": "o"}, [2]),
    ({"title__iendswith": "O"}, [2]),
    ({"author": None}, [1]),
    ({"author_id": None}, [1]),
    ({"author_id__isnull": True}, [1]),
    ({"author__isnull": False}, [2, 3, 4]),
    ({"author__isnull": True}, [1]),
    ({"author__name": "Anna", "views__lt": 4}, [2, 3]),
    ({"author__name__istartswith": "a"}, [2, 3, 4]),
    ({"author__articles__title": "two"}, [2, 3, 4]),
]


def test_lookups_find_their_rows(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        for lookups, found in LOOKUPS:
            rows = await Article.objects.filter(**lookups).order_by("views").all()
            assert [row.views for row in rows] == found, lookups
            rest = await Article.objects.exclude(**lookups).order_by("views").all()
            assert [row.views for row in rest] == [n for n in (1, 2, 3, 4) if n not in found], lookups

    using(url, work)


@pytest.mark.parametrize(
    "lookups",
    [
        {"nope": 1},
        {"title__nope": "x"},
        {"title__contains__more": "x"},
        {"author__nope": 1},
        {"author": 5},
        {"views": "many"},
        {"views__in": "12"},
        {"views__in": 1},
        {"views__range": 1},
        {"views__gt": None},
        {"author_id__isnull": "yes"},
        {"title__contains": 1},
        {"title__contains": "\x00"},  # which SQLite would take for the end of the pattern
        {"title__iexact": "\x00"},
        {"title__startswith": "\ud800"},
        {"author__isnull": "yes"},
        {"self": 1},
        {"title": "\x00"},
        {"title": "\ud800"},
        {"created_at__gt": "yesterday"},
        {"__class__": 1},
        {"author__articles__author__articles__author__articles__author__name": "x"},
    ],
)
def test_what_no_field_has_is_a_422_before_anything_is_asked(lookups: dict[str, Any]) -> None:
    with pytest.raises(FieldError) as caught:
        Article.objects.filter(**lookups)
    assert caught.value.status_code == 422


def test_order_limit_and_offset(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        rows = await Article.objects.order_by("-views").limit(2).offset(1).all()
        assert [row.views for row in rows] == [3, 2]
        rows = await Article.objects.order_by("is_published", "-views").all()
        assert [row.views for row in rows] == [4, 3, 2, 1]
        rows = await Article.objects.order_by(Article.views % 2, "-views").all()
        assert [row.views for row in rows] == [4, 2, 3, 1]
        assert await Article.objects.limit(3).count() == 3
        assert await Article.objects.offset(3).count() == 1
        assert await Article.objects.limit(0).all() == []
        assert await Article.objects.limit(0).first() is None

    using(url, work)


@pytest.mark.parametrize("count", [-1, True, "2", 2**63])
def test_a_limit_is_a_number_that_is_not_negative(count: Any) -> None:
    for word in (Article.objects.limit, Article.objects.offset):
        with pytest.raises(FieldError, match="takes a number"):
            word(count)


def test_one_row(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        assert (await Article.objects.get(views=2)).title == "two"
        assert (await Article.objects.filter(views=2).get()).title == "two"
        assert (await Article.objects.get(Article.views > 3)).title == "a_b"
        assert await Article.objects.get_or_none(views=9) is None
        assert await Article.objects.filter(views=9).first() is None
        first = await Article.objects.first()
        assert first is not None
        assert first.views == 1
        last = await Article.objects.order_by("-views").first()
        assert last is not None
        assert last.views == 4
        with pytest.raises(DoesNotExist) as caught:
            await Article.objects.get(views=9)
        assert caught.value.status_code == 404
        with pytest.raises(MultipleObjectsReturned, match="several rows of Article"):
            await Article.objects.get(is_published=True)

    using(url, work)


#: What ``get`` takes by a statement that is made once for each column, beside what it does not.
ONE: list[tuple[dict[str, Any], int | None]] = [
    ({"id": 2}, 2),
    ({"id": "2"}, 2),
    ({"id": 10**30}, None),
    ({"id": None}, None),
    ({"id": Thing.ratio + 1}, 2),
    ({"price": "1.50"}, 1),
    ({"price": None}, 2),
    ({"colour": Colour.BLUE}, 2),
    ({"raw": b"\x00\xff"}, 1),
    ({"ratio": 0.5}, 1),
    ({"ratio": 0.5, "colour": Colour.RED}, 1),
    ({"ratio": 0.5, "colour": Colour.BLUE}, None),
]


@pytest.mark.parametrize(("lookups", "found"), ONE)
def test_one_row_is_the_same_by_get_and_by_filter(
    lookups: dict[str, Any], found: int | None, sqlite_url: str
) -> None:
    async def work(database: Database) -> None:
        await Thing.objects.create(price="1.50", colour="red", raw=b"\x00\xff", ratio=0.5)
        await Thing.objects.create(colour=Colour.BLUE, ratio=1.0)
        for query in (Thing.objects, Thing.objects.using(database)):
            for _ in range(2):
                row = await query.get_or_none(**lookups)
                assert (row and row.id) == found
        rows = await Thing.objects.filter(**lookups).all()
        assert [row.id for row in rows] == ([] if found is None else [found])

    using(sqlite_url, work)


def test_get_asks_for_no_more_than_the_query_has(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        assert await Article.objects.filter(is_published=False).get_or_none(id=1) is None
        assert await Article.objects.exclude(id=1).get_or_none(id=1) is None
        assert await Article.objects.limit(0).get_or_none(id=1) is None
        assert (await Article.objects.prefetch("author").get(id=2)).author.name == "Anna"  # type: ignore[union-attr]  # it has one
        with pytest.raises(FieldError, match="has no field 'nope'"):
            await Article.objects.get(nope=1)
        with pytest.raises(FieldError):
            await Article.objects.get(id="x")

    using(url, work)


def test_the_statement_for_one_row_is_made_once_for_each_column(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(_: Database) -> None:
        await filled()
        assert (await Author.objects.get(name="Anna")).id == 1
        monkeypatch.setattr(fields, "select", None)
        monkeypatch.setattr(queries, "select", None)
        assert (await Author.objects.get(name="bob")).id == 2

    using(sqlite_url, work)


def test_counting_and_values(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        published = Article.objects.filter(is_published=True)
        assert await published.count() == 2
        assert await published.exists()
        assert not await published.filter(views=4).exists()
        assert await published.order_by("views").values("title") == [{"title": "One"}, {"title": "two"}]
        assert await published.order_by("-views").values("views").first() == {"views": 2}
        assert await published.filter(views=4).values("views").first() is None
        assert (await Author.objects.values().all())[0] == {"id": 1, "name": "Anna"}
        with pytest.raises(FieldError, match="has no field 'nope'"):
            published.values("nope")

    using(url, work)


def test_creating_makes_values_what_their_fields_keep(url: str) -> None:
    async def work(_: Database) -> None:
        article = await Article.objects.create(
            title="x", views="7", is_published="yes", created_at="2026-01-02T03:04:05+02:00"
        )
        moment = datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
        assert (article.views, article.is_published, article.created_at) == (7, True, moment)
        kept = await Article.objects.get(id=article.id)
        assert kept._to_dict() == article._to_dict()
        assert kept.created_at.tzinfo is UTC
        thing = await Thing.objects.create(
            price="1.50", colour="red", data={"a": [1, None]}, raw=b"\x00x", ratio=0.5
        )
        assert (await Thing.objects.get(id=thing.id))._to_dict() == {
            "id": thing.id,
            "price": Decimal("1.50"),
            "colour": Colour.RED,
            "data": {"a": [1, None]},
            "names": None,
            "either": None,
            "raw": b"\x00x",
            "ratio": 0.5,
        }

    using(url, work)


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"title": "x", "nope": 1, "also": 2}, ["/also", "/nope"]),
        ({"title": 5}, ["/title"]),
        ({"title": None}, ["/title"]),
        ({"title": "x\x00"}, ["/title"]),
        ({"title": "x", "views": 2**31}, ["/views"]),
        ({"title": "x", "views": "many"}, ["/views"]),
        ({"title": "x", "created_at": "now"}, ["/created_at"]),
        ({"title": "x", "author": 5}, ["/author"]),
        ({"title": "x", "author": {"id": 1}}, ["/author"]),
        ({"title": "x", "remarks": None}, ["/remarks"]),
        ({"title": "x", "remarks": ["x"]}, ["/remarks"]),
        ({"title": "x", "remarks": {"a": 1}}, ["/remarks"]),
        ({"title": "x", "self": 1}, ["/self"]),
    ],
)
def test_a_wrong_field_is_a_422_that_points_at_it(
    sqlite_url: str, fields: dict[str, Any], pointers: list[str]
) -> None:
    async def work(_: Database) -> None:
        with pytest.raises(FieldError) as caught:
            await Article.objects.create(**fields)
        assert caught.value.status_code == 422
        problems: Any = caught.value.extensions["errors"]
        assert [problem["pointer"] for problem in problems] == pointers
        assert await Article.objects.count() == 0

    using(sqlite_url, work)


@pytest.mark.parametrize(
    ("fields", "is_taken"),
    [
        ({"names": ["a", "b"]}, True),
        ({"names": None}, True),
        ({"names": "ab"}, False),
        ({"names": [1]}, False),
        ({"names": {"a": 1}}, False),
        ({"data": {"a": [1]}}, True),
        ({"data": [1]}, False),
        ({"either": ["a"]}, True),
        ({"either": {"a": 1}}, True),
    ],
)
def test_a_field_of_json_holds_what_its_model_says(
    sqlite_url: str, fields: dict[str, Any], is_taken: bool
) -> None:
    async def work(_: Database) -> None:
        (name,) = fields
        if is_taken:
            made = await Thing.objects.create(**fields)
            assert getattr(await Thing.objects.get(id=made.id), name) == fields[name]
        else:
            with pytest.raises(FieldError) as caught:
                await Thing.objects.create(**fields)
            problems: Any = caught.value.extensions["errors"]
            assert problems[0]["pointer"] == f"/{name}"

    using(sqlite_url, work)


def test_a_field_without_a_value_is_a_422_that_points_at_it(url: str) -> None:
    async def work(_: Database) -> None:
        with pytest.raises(FieldError) as caught:
            await Article.objects.create(views=1)
        problems: Any = caught.value.extensions["errors"]
        assert [problem["pointer"] for problem in problems] == ["/title"]
        with pytest.raises(IntegrityError):  # it is of another row that there is no value
            await Article.objects.create(title="x", author=Author())
        assert await Article.objects.count() == 0

    using(url, work)


def test_a_moment_is_in_utc_from_the_beginning(sqlite_url: str) -> None:
    async def work(_: Database) -> None:
        made = await Article.objects.create(title="x", created_at="2026-01-02T03:04:05+02:00")
        assert made._to_dict() == (await Article.objects.get(id=made.id))._to_dict()
        assert made.created_at.isoformat() == "2026-01-02T01:04:05+00:00"

    using(sqlite_url, work)


def test_processes_that_start_at_once_all_create_the_tables(url: str) -> None:
    async def start() -> int:
        async with Database(url) as database:
            await create_all(database, Base.metadata)
            return await Article.objects.count()

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*[start() for _ in range(4)])

    assert asyncio.run(all_at_once()) == [0] * 4


def test_a_text_that_is_too_long_is_a_422(url: str) -> None:
    async def work(_: Database) -> None:
        with pytest.raises(FieldError):
            await Author.objects.create(name="x" * 51)
        assert await Author.objects.get_or_none(name="x" * 51) is None

    using(url, work)


def test_saving_writes_what_was_changed_and_nothing_else_does(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        mine, theirs = await Article.objects.get(views=2), await Article.objects.get(views=2)
        mine.title, theirs.views = "mine", 20
        await theirs.save()
        await mine.save()  # writes the title alone
        await mine.save()
        kept = await Article.objects.get(id=mine.id)
        assert (kept.title, kept.views) == ("mine", 20)
        kept.title = "never saved"
        async with transaction():
            assert (await Article.objects.get(id=kept.id)).title == "mine"
        assert (await kept.refresh()).title == "mine"
        kept.views = "many"  # type: ignore[assignment]  # as a document may bring it
        with pytest.raises(FieldError):
            await kept.save()

    using(url, work)


def test_a_row_that_is_gone(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        mine, theirs = await Article.objects.get(views=1), await Article.objects.get(views=1)
        await theirs.delete()
        await mine.delete()
        mine.title = "late"
        with pytest.raises(DoesNotExist):
            await mine.save()
        with pytest.raises(DoesNotExist):
            await mine.refresh()
        for never_saved in (Article(title="x").delete(), Article(title="x").refresh()):
            with pytest.raises(DoesNotExist, match="was never saved"):
                await never_saved

    using(url, work)


def test_changing_and_deleting_many(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        assert await Article.objects.filter(views__gt=2).update(views=Article.views * 10) == 2
        assert await Article.objects.update(is_published="no") == 4
        assert await Article.objects.update() == 0
        assert await Article.objects.filter(is_published=True).count() == 0
        assert await Article.objects.order_by("-views").limit(1).delete() == 1
        assert await Article.objects.filter(author__name="Anna").delete() == 2
        assert [row.views for row in await Article.objects.all()] == [1]
        with pytest.raises(FieldError):
            await Article.objects.update(nope=1)
        with pytest.raises(FieldError):
            await Article.objects.update(views="x")

    using(url, work)


def test_constraints_are_409(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        with pytest.raises(IntegrityError) as caught:
            await Author.objects.create(name="Anna")
        assert caught.value.status_code == 409
        assert "Anna" not in str(caught.value.detail)  # what is kept is told to nobody
        with pytest.raises(IntegrityError):
            await Article.objects.create(title="x", author_id=99)
        with pytest.raises(IntegrityError):
            await Author.objects.filter(name="Anna").delete()
        with pytest.raises(FieldError):
            await Article.objects.update(title=None)

    using(url, work)


def test_one_or_a_new_one(url: str) -> None:
    async def work(_: Database) -> None:
        author, is_new = await Author.objects.get_or_create({"password": "x"}, name="Anna")
        assert (author.name, author.password, is_new) == ("Anna", "x", True)
        again, is_new = await Author.objects.get_or_create({"password": "y"}, name="Anna")
        assert (again.id, again.password, is_new) == (author.id, "x", False)
        with pytest.raises(IntegrityError):
            await Author.objects.get_or_create({"id": author.id}, name="other")

    using(url, work)


def test_relations_are_loaded_where_somebody_says_so(url: str) -> None:
    async def work(_: Database) -> None:
        await filled()
        article = await Article.objects.get(views=2)
        with pytest.raises(
            NotLoaded, match=r"Article.objects.prefetch\('author'\), or await article.load\('author'\)"
        ):
            assert article.author
        with pytest.raises(NotLoaded, match=r"Article.remarks was not loaded"):
            article.remarks = [Remark(text="good")]
        await article.load("remarks")
        article.remarks = [Remark(text="good")]
        await article.save()
        assert [remark.text for remark in article.remarks] == ["good"]
        article = await Article.objects.prefetch("author__articles", "remarks").get(views=2)
        assert article.author is not None
        assert sorted(row.views for row in article.author.articles) == [2, 3, 4]
        assert [remark.article_id for remark in article.remarks] == [article.id]
        other = await (await Article.objects.get(views=3)).load("author")
        assert other.author is not None
        assert other.author.name == "Anna"
        assert await Article.objects.filter(author=other.author).count() == 3
        assert await Author.objects.filter(articles=other).count() == 1
        with pytest.raises(FieldError, match="has no relation 'title'; there are author, remarks"):
            Article.objects.prefetch("title")
        await article.delete()
        assert await Remark.objects.count() == 0

    using(url, work)


def test_a_statement_goes_down_to_sqlalchemy() -> None:
    query = Article.objects.filter(views=1).order_by("-title").limit(2)
    assert "ORDER BY article.title DESC" in str(query.stmt)
    assert "FOR UPDATE" in str(query.for_update().stmt)
    assert isinstance(query, Query)


def test_objects_are_of_the_class() -> None:
    with pytest.raises(AttributeError, match=r"write Article.objects"):
        _ = Article(title="x").objects
    assert repr(Article(title="x")) == "<Article unsaved>"
    assert Remark.__tablename__ == "remark"
