"""Units, price lists and prices against the stand-in."""

from decimal import Decimal

import pytest

from services.sandbox.fortnox.company import Company
from shared.clients.fortnox import client_catalogue
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.errors import ArticleMissing, NotFound
from shared.clients.http import CallRecord

HUNDRED = Decimal("100.00")


@pytest.fixture
async def mug(fortnox: FortnoxClient) -> str:
    return (await fortnox.create_article({"ArticleNumber": "MUG/1", "Description": "Mugg"})).number


async def test_a_unit_or_none(fortnox: FortnoxClient) -> None:
    assert await fortnox.unit("krt") is None

    assert (await fortnox.create_unit("krt", "Kartong")).code == "krt"
    unit = await fortnox.unit("krt")
    assert unit is not None
    assert unit.description == "Kartong"


async def test_the_price_lists_of_the_company(fortnox: FortnoxClient) -> None:
    assert [(one.code, one.preselected) for one in await fortnox.price_lists()] == [("A", True)]


async def test_a_price_is_made_changed_and_removed(fortnox: FortnoxClient, mug: str) -> None:
    made = await fortnox.create_price("A", mug, Decimal(0), HUNDRED)
    assert (made.price_list, made.article_number, made.from_quantity) == ("A", "MUG/1", Decimal(0))
    await fortnox.create_price("A", mug, Decimal("10.00"), Decimal("89.90"))

    changed = await fortnox.update_price("A", mug, Decimal(10), Decimal("79.90"))
    assert changed.price == Decimal("79.90")
    assert [(one.from_quantity, one.price) for one in await fortnox.prices("A", mug)] == [
        (Decimal(0), HUNDRED),
        (Decimal(10), Decimal("79.90")),
    ]

    await fortnox.delete_price("A", mug, Decimal(10))
    assert len(await fortnox.prices("A", mug)) == 1


async def test_the_base_price_is_the_articles_sales_price(fortnox: FortnoxClient, mug: str) -> None:
    await fortnox.create_price("A", mug, Decimal(0), HUNDRED)

    article = await fortnox.article(mug)
    assert article is not None
    assert article.sales_price == HUNDRED


async def test_what_is_not_there_is_told_apart(fortnox: FortnoxClient, mug: str) -> None:
    with pytest.raises(NotFound, match="2000430"):
        await fortnox.update_price("A", mug, Decimal(0), HUNDRED)
    with pytest.raises(NotFound, match="2000430"):
        await fortnox.delete_price("A", mug, Decimal(0))
    with pytest.raises(NotFound, match="2000431"):
        await fortnox.create_price("B", mug, Decimal(0), HUNDRED)
    with pytest.raises(ArticleMissing):
        await fortnox.create_price("A", "NONE", Decimal(0), HUNDRED)


async def test_prices_are_one_end_point_in_the_metrics(
    fortnox: FortnoxClient, mug: str, records: list[CallRecord]
) -> None:
    await fortnox.create_price("A", mug, Decimal(0), HUNDRED)
    await fortnox.update_price("A", mug, Decimal(0), HUNDRED)

    assert [call.endpoint for call in records[-2:]] == ["POST /3/prices", "PUT /3/prices/{n}"]


async def test_an_article_says_its_ean(fortnox: FortnoxClient, company: Company) -> None:
    made = await fortnox.create_article(
        {"ArticleNumber": "E1", "Description": "Mugg", "EAN": "7310865004703"}
    )
    assert made.ean == "7310865004703"


async def test_a_whole_list_comes_in_pages_or_is_not_there(
    fortnox: FortnoxClient, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_catalogue, "PAGE_SIZE", 2)
    for number in ("N1", "N2", "N3"):
        await fortnox.create_article({"ArticleNumber": number, "Description": "Mugg"})
        await fortnox.create_price("A", number, Decimal(0), HUNDRED)

    first, more = await fortnox.price_page(1, "A")
    last, no_more = await fortnox.price_page(2, "A")
    of_all, _ = await fortnox.price_page(2)

    assert ([one.article_number for one in first], more) == (["N1", "N2"], True)
    assert ([one.article_number for one in last], no_more) == (["N3"], False)
    assert [one.article_number for one in of_all] == ["N3"]
    company.change(whole_price_lists=False)
    with pytest.raises(NotFound):
        await fortnox.price_page(1, "A")
    assert len((await fortnox.price_page(1))[0]) == 2
