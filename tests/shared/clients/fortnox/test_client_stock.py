"""Quantities of articles and balances of the warehouse module, against the stand-in."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.sandbox.fortnox.company import Company
from shared.clients.fields import Fields
from shared.clients.fortnox import calls, client_stock
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.wire_stock import ArticleStock, StockBalance, to_article_stock
from shared.domain.errors import MissingRights, RefusedByFortnox, UnreadableAnswer

FIVE, THREE = Decimal(5), Decimal(3)
AS_LISTED = {
    "ArticleNumber": "A",
    "QuantityInStock": "7",
    "ReservedQuantity": "2",
    "DisposableQuantity": "5",
}


async def an_article(fortnox: FortnoxClient, number: str, pieces: str = "5") -> None:
    counted = {"StockGoods": True, "QuantityInStock": Decimal(pieces), "WebshopArticle": True}
    await fortnox.create_article({"ArticleNumber": number, "Description": "Mugg"} | counted)


async def test_a_page_has_quantities_and_does_not_say_what_is_counted(fortnox: FortnoxClient) -> None:
    await an_article(fortnox, "MUG/1")
    await fortnox.create_article({"ArticleNumber": "TJANST", "Description": "Tjänst"})

    page = await fortnox.article_stock_page(1)

    zero = Decimal(0)
    assert page.is_last
    assert page.articles == (
        ArticleStock("MUG/1", in_webshop=True, in_stock=FIVE, reserved=zero, disposable=FIVE),
        ArticleStock("TJANST", in_webshop=False, in_stock=zero, reserved=zero, disposable=zero),
    )
    assert [one.surely_counted for one in page.articles] == [True, False]
    one = await fortnox.article_stock("MUG/1")
    assert one is not None
    assert (one.counted, one.active) == (True, True)
    assert await fortnox.article_stock("NOPE") is None


async def test_pages_are_read_one_by_one(fortnox: FortnoxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_stock, "PAGE_SIZE", 2)
    for number in "ABC":
        await an_article(fortnox, number)

    first, second = await fortnox.article_stock_page(1), await fortnox.article_stock_page(2)

    assert ([one.number for one in first.articles], first.is_last) == (["A", "B"], False)
    assert ([one.number for one in second.articles], second.is_last) == (["C"], True)
    assert calls.PAGE_SIZE == 500


async def test_those_that_changed_since_can_be_asked_for(fortnox: FortnoxClient, company: Company) -> None:
    for number in "AB":
        await an_article(fortnox, number)
    now = company.clock()
    company.articles.modified["A"] = now - timedelta(days=3)

    page = await fortnox.article_stock_page(1, now - timedelta(days=1))

    assert [one.number for one in page.articles] == ["B"]


async def test_balances_are_by_stock_point(fortnox: FortnoxClient, company: Company) -> None:
    await an_article(fortnox, "MUG/1", "8")
    company.change(warehouse=True)
    company.stock_points["MUG/1"] = {"SYD": THREE}

    assert await fortnox.stock_balances(["MUG/1"]) == [
        StockBalance("MUG/1", "MAIN", in_stock=FIVE, disposable=FIVE),
        StockBalance("MUG/1", "SYD", in_stock=THREE, disposable=THREE),
    ]
    assert await fortnox.stock_balances([]) == []


async def test_a_company_that_takes_fewer_articles_at_once_is_asked_in_halves(
    fortnox: FortnoxClient, company: Company
) -> None:
    numbers = [f"A{n}" for n in range(7)]
    for number in numbers:
        await an_article(fortnox, number)
    company.change(warehouse=True, most_balances=2)

    found = await fortnox.stock_balances(numbers)

    assert [one.article for one in found] == numbers


async def test_without_the_right_nothing_is_told(fortnox: FortnoxClient, company: Company) -> None:
    company.change(most_balances=1, scopes=("article",))

    with pytest.raises((MissingRights, RefusedByFortnox)):
        await fortnox.stock_balances(["A", "B"])


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        (AS_LISTED, ("7", "2", "5")),
        ({"ArticleNumber": "A", "QuantityInStock": 7.5, "ReservedQuantity": None}, ("7.5", "0", "7.5")),
        ({"articlenumber": "A", "DisposableQuantity": "-3"}, ("0", "0", "-3")),
        ({"ArticleNumber": 17, "QuantityInStock": "", "DisposableQuantity": ""}, ("0", "0", "0")),
        ({"ArticleNumber": "A", "QuantityInStock": "1,5", "WebshopArticle": "true"}, ("1.5", "0", "1.5")),
    ],
)
def test_quantities_are_read_whatever_they_are_written_as(article: Any, expected: Any) -> None:
    found = to_article_stock(Fields(article, of="article"))

    assert (f"{found.in_stock:f}", f"{found.reserved:f}", f"{found.disposable:f}") == expected
    assert found.in_webshop is ("WebshopArticle" in article)
    assert (found.counted, found.active) == (None, None)


def test_a_quantity_that_is_no_number_is_told_and_not_taken_for_nothing() -> None:
    with pytest.raises(UnreadableAnswer, match="QuantityInStock: 'många' is not a number"):
        to_article_stock(Fields({"ArticleNumber": "A", "QuantityInStock": "många"}, of="article"))


def test_the_recorded_list_of_articles_is_read(shared_material: Path) -> None:
    recorded = shared_material / "recorded" / "fortnox"
    lists = [json.loads(file.read_text()) for file in sorted(recorded.rglob("*.json"))]
    articles = [one for found in lists for one in articles_in(found)]

    assert articles, "no recorded list of articles"
    for article in articles:
        found = to_article_stock(Fields(article, of="article"))
        assert found.disposable == found.in_stock - found.reserved


def articles_in(recorded: Any) -> list[dict[str, Any]]:
    """Those of a list, wherever the recording keeps the answer."""
    if isinstance(recorded, dict):
        if isinstance(recorded.get("Articles"), list):
            return [one for one in recorded["Articles"] if "DisposableQuantity" in one]
        return [one for value in recorded.values() for one in articles_in(value)]
    if isinstance(recorded, list):
        return [one for value in recorded for one in articles_in(value)]
    return []
