"""Journeys of prices that Fortnox owns: price lists to base and tier prices of the shop, by kind `price`."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.fortnox.articles import Articles
from services.sandbox.magento.catalogue_attributes import Scope
from services.sandbox.magento.catalogue_products import TierPrice
from services.sandbox.magento.shop import Shop
from services.sync_worker import shop_prices as passes
from services.sync_worker.booking import no_checkpoint
from shared.clients.fortnox import calls as fortnox_calls
from shared.domain.documents import Draft
from shared.ledger.records import Subject
from tests.journeys.test_sale_backfill import ask
from tests.support.listening import ears
from tests.support.shop_products import (
    KEYS,
    a_price_list,
    a_shop,
    begins,
    declare_products,
    fill,
    hears_of,
    sweeps,
    the_job,
    told,
)
from tests.support.world import CONNECTION, TENANT, World

A = {"price_list": "A"}
FORTNOX_OWNS: dict[str, Any] = {"price_owner": "fortnox", "prices": [A], "default_rate": 25}
GROSS = ("100", "125.00")  # in the list without VAT, in the shop with 25 %
WRITES = ("/V1/products/base-prices", "/V1/products/tier-prices", "/V1/products/tier-prices-delete")


@pytest.fixture
async def shop(world: World) -> Shop:
    """Fortnox owns the prices: list A is without VAT, the shop's prices are with it."""
    return await a_shop(world, **FORTNOX_OWNS)


def an_article(
    world: World, number: str, price: str | None = None, *, price_list: str = "A", vat: int = 25
) -> None:
    company = world.company
    if number not in company.articles:
        fields = {"ArticleNumber": number, "Description": number, "VAT": Decimal(vat), "SalesPrice": None}
        company.store(company.articles, number, _an_article(fields))
    if price is not None:
        costs(world, number, price, price_list=price_list)


def _an_article(fields: dict[str, Any]) -> dict[str, Any]:
    from services.sandbox.fortnox.register_fields import ARTICLE

    return dict(ARTICLE.fresh()) | {"@url": ""} | fields


def costs(world: World, number: str, price: str, *, quantity: str = "0", price_list: str = "A") -> None:
    """A person enters a price in Fortnox."""
    from services.sandbox.fortnox.prices import Prices

    sent = {"PriceList": price_list, "ArticleNumber": number, "FromQuantity": Decimal(quantity)}
    Prices(world.company).create(sent | {"Price": Decimal(price)}, {})


def price(shop: Shop, sku: str, store: int = 0) -> Decimal:
    product = shop.catalogue.get(sku)
    found: Decimal = product.overrides.get(store, {}).get("price", product.values["price"])
    return found


def tiers(shop: Shop, sku: str) -> list[tuple[int, int, Decimal, Decimal]]:
    """Website, group, quantity, price."""
    kept = shop.catalogue.get(sku).tier_prices
    return sorted((one.website_id, one.group_id, one.quantity, one.value) for one in kept)


def price_writes(shop: Shop) -> list[str]:
    return [f"{call.method} {call.path}" for call in shop.calls if call.path.endswith(WRITES)]


async def told_of(world: World, number: str) -> Subject:
    """Fortnox tells that the article has changed."""
    world.later(timedelta(minutes=1))
    await told(world, "fortnox", "article-updated-v1", "price", number)
    await world.works()
    return await alone(world, number)


async def alone(world: World, number: str) -> Subject:
    found = await world.ledger.subjects.find(CONNECTION, "price", number)
    assert found is not None
    return found


async def passes_over(world: World) -> Subject:
    world.later(timedelta(hours=1))
    return await sweeps(world, "prices")


def said(subject: Subject) -> str:
    (note,) = subject.summary["notes"]
    return str(note)


# ── one article ───────────────────────────────────────────────────────────────────────────────────


async def test_a_changed_article_is_one_price_in_the_shop_and_heard_again_none(
    world: World, shop: Shop
) -> None:
    shop.catalogue.add("MUGG-1", "Mugg", 99)
    an_article(world, "MUGG-1", "100")

    subject = await told_of(world, "MUGG-1")

    assert (subject.state, subject.problem) == ("done", None)
    assert price(shop, "MUGG-1") == Decimal("125.00")
    assert price_writes(shop) == ["POST /rest/all/V1/products/base-prices"]
    for _ in range(2):
        assert (await told_of(world, "MUGG-1")).state == "done"
    assert len(price_writes(shop)) == 1
    assert world.writes() == [], "nothing is written to Fortnox"


async def test_a_sku_that_fortnox_writes_otherwise_is_found(world: World, shop: Shop) -> None:
    shop.catalogue.add("10.5 mm åtta", "Borr", 99)
    an_article(world, "10+2E5+20mm+20+C3+A5tta", "100")

    assert (await told_of(world, "10+2E5+20mm+20+C3+A5tta")).state == "done"
    assert price(shop, "10.5 mm åtta") == Decimal("125.00")


async def test_a_sku_in_another_case_is_the_same_product(world: World, shop: Shop) -> None:
    shop.catalogue.add("Mugg-1", "Mugg", 99)
    an_article(world, "MUGG-1", "100")

    assert (await told_of(world, "MUGG-1")).state == "done"
    assert price(shop, "Mugg-1") == Decimal("125.00")
    assert b'"sku":"Mugg-1"' in shop.calls[-1].body.replace(b" ", b""), "spelled as the shop does"


@pytest.mark.parametrize(
    ("arrange", "words"),
    [
        (lambda world, shop: an_article(world, "GHOST", "1"), "no product GHOST"),
        (lambda world, shop: shop.catalogue.add("GHOST", "Grupp", type_id="grouped"), "no product GHOST"),
    ],
)
async def test_what_the_shop_does_not_sell_is_left_out_and_never_made(
    world: World, shop: Shop, arrange: Callable[[World, Shop], object], words: str
) -> None:
    arrange(world, shop)
    products = len(shop.catalogue)

    subject = await told_of(world, "GHOST")

    assert subject.state == "skipped"
    assert words in (subject.reason or "")
    assert (len(shop.catalogue), price_writes(shop)) == (products, [])


async def test_a_price_of_nothing_gives_nothing_away(world: World, shop: Shop) -> None:
    shop.catalogue.add("MUGG-1", "Mugg", 99)
    an_article(world, "MUGG-1", "0")

    assert (await told_of(world, "MUGG-1")).state == "done"
    assert price(shop, "MUGG-1") == 99


async def test_quantity_steps_groups_and_websites(world: World, shop: Shop) -> None:
    lines = [
        A | {"tiers": True},
        {"price_list": "VIP", "customer_group": 2, "tiers": True},
        {"price_list": "EUR", "currency": "EUR", "website": "eu", "includes_vat": True, "tiers": True},
    ]
    for code in ("VIP", "EUR"):
        a_price_list(world, code)
    await declare_products(world, **FORTNOX_OWNS | {"prices": lines})
    shop.catalogue.add("MUGG-1", "Mugg", 99)
    an_article(world, "MUGG-1", "100")
    costs(world, "MUGG-1", "80", quantity="10")
    costs(world, "MUGG-1", "60", price_list="VIP")
    costs(world, "MUGG-1", "11.90", price_list="EUR")
    costs(world, "MUGG-1", "9.90", quantity="10", price_list="EUR")

    assert (await told_of(world, "MUGG-1")).state == "done"

    assert price(shop, "MUGG-1") == Decimal("125.00")
    assert price(shop, "MUGG-1", 2) == Decimal("11.90")
    assert tiers(shop, "MUGG-1") == [
        (0, 2, Decimal(1), Decimal("75.00")),
        (0, 32000, Decimal(10), Decimal("100.00")),
        (2, 32000, Decimal(10), Decimal("9.90")),
    ]
    writes = len(price_writes(shop))
    assert (await told_of(world, "MUGG-1")).state == "done"
    assert len(price_writes(shop)) == writes


async def test_a_step_that_is_gone_in_fortnox_is_gone_in_the_shop(world: World, shop: Shop) -> None:
    await declare_products(world, **FORTNOX_OWNS | {"prices": [A | {"tiers": True}]})
    shop.catalogue.add("MUGG-1", "Mugg", 99)
    own = TierPrice(group_id=3, quantity=Decimal(5), value=Decimal(15), percent=True)
    shop.catalogue.get("MUGG-1").tier_prices = [own]
    an_article(world, "MUGG-1", "100")
    costs(world, "MUGG-1", "80", quantity="10")
    await told_of(world, "MUGG-1")
    assert len(tiers(shop, "MUGG-1")) == 2

    del world.company.prices["A\nMUGG-1\n10"]
    await told_of(world, "MUGG-1")

    assert shop.catalogue.get("MUGG-1").tier_prices == [own], "the merchant's own stays as it is"


async def test_an_article_that_changes_in_fortnox_is_priced_within_seconds(world: World, shop: Shop) -> None:
    """Nobody has published that a price is told of; that its article is, is."""
    shop.catalogue.add("MUGG-1", "Mugg", 99)
    articles = Articles(world.company)
    articles.create({"ArticleNumber": "MUGG-1", "Description": "Mugg", "VAT": Decimal(25)}, {})
    magento = {"base_url": "http://sandbox/magento", "order_wait": 0, **KEYS}
    async with ears(world, magento=magento, products=FORTNOX_OWNS, sync={"stock": False}) as ears_:
        ears_.start()
        await ears_.listen(TENANT)

        costs(world, "MUGG-1", "100")
        articles.update("MUGG-1", {"Description": "Mugg med öra"}, {})

        (event,) = await ears_.heard(1)
        assert event.subject_id == (await alone(world, "MUGG-1")).id
        await world.works()
    assert price(shop, "MUGG-1") == Decimal("125.00")


# ── who owns prices ───────────────────────────────────────────────────────────────────────────────


async def test_where_the_shop_owns_prices_nothing_of_fortnox_goes_there(world: World, shop: Shop) -> None:
    await declare_products(world, prices=[A])
    shop.catalogue.add("MUGG-1", "Mugg", 99)
    an_article(world, "MUGG-1", "100")

    event, job = await told_of(world, "MUGG-1"), await passes_over(world)

    assert (event.state, job.state) == ("skipped", "skipped")
    assert "the shop decides" in (event.reason or "")
    assert price(shop, "MUGG-1") == 99
    assert price_writes(shop) == []


async def test_where_fortnox_owns_prices_the_shops_are_never_written_to_fortnox(
    world: World, shop: Shop
) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 99)
    await hears_of(world, mug)
    assert world.company.prices == {}
    costs(world, "MUGG-1", "100")
    await told_of(world, "MUGG-1")

    shop.catalogue.change("MUGG-1", price=Decimal(500))  # a person, in the shop
    await hears_of(world, mug)
    await sweeps(world, "products_full")

    assert [call for call in world.writes() if "prices" in call] == []
    assert [one["Price"] for one in world.company.prices.values()] == [100]
    await passes_over(world)
    assert price(shop, "MUGG-1") == Decimal("125.00"), "Fortnox' price stands again"


async def test_our_own_price_coming_back_as_a_notice_changes_nothing(world: World, shop: Shop) -> None:
    mug = shop.catalogue.add("MUGG-1", "Mugg", 99)
    await hears_of(world, mug)
    costs(world, "MUGG-1", "100")
    await told_of(world, "MUGG-1")
    fortnox, writes = len(world.writes()), len(price_writes(shop))
    product = shop.catalogue.get("MUGG-1")
    product.updated_at = shop.catalogue.now()  # as newer versions do after base-prices

    for _ in range(2):
        await hears_of(world, mug)
        await sweeps(world)
        await told_of(world, "MUGG-1")

    assert (len(world.writes()), len(price_writes(shop))) == (fortnox, writes)


# ── all of them ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.clients.fortnox import client_catalogue

    monkeypatch.setattr(client_catalogue, "PAGE_SIZE", 20)
    monkeypatch.setattr(fortnox_calls, "PAGE_SIZE", 20)


def stocked(world: World, shop: Shop, number: int, price: str = "100") -> None:
    fill(shop, number)
    for n in range(1, number + 1):
        an_article(world, f"GEN-{n:05}", price)


@pytest.mark.parametrize("whole_lists", [True, False])
async def test_a_pass_writes_what_differs_in_pages_and_a_second_one_nothing(
    world: World, shop: Shop, small_pages: None, whole_lists: bool
) -> None:
    world.company.change(whole_price_lists=whole_lists)
    stocked(world, shop, 50)  # 125.00 in the shop, as the list has it
    costs(world, "GEN-00007", "200")
    an_article(world, "ONLY-FORTNOX", "5")

    job = await passes_over(world)

    assert said(job) == "50 prices looked at: 1 products written, 0 looked at alone"
    assert price(shop, "GEN-00007") == Decimal("250.00")
    assert price_writes(shop) == ["POST /rest/all/V1/products/base-prices"]
    lists = [call for call in world.calls() if "/prices" in call]
    assert len([call for call in lists if "GET" in call]) == (3 if whole_lists else 4)
    assert said(await passes_over(world)).startswith("50 prices looked at: 0 products written")
    assert len(price_writes(shop)) == 1
    assert len(shop.catalogue) == 50


async def test_an_article_whose_rate_only_fortnox_knows_is_looked_at_alone(world: World, shop: Shop) -> None:
    await declare_products(world, price_owner="fortnox", prices=[A])
    shop.catalogue.add("BOK", "Bok", 1)
    an_article(world, "BOK", "100", vat=6)

    job = await passes_over(world)

    assert said(job) == "1 prices looked at: 0 products written, 1 looked at alone"
    assert price(shop, "BOK") == Decimal("106.00")


async def test_a_list_that_is_gone_takes_no_group_prices_away(world: World, shop: Shop) -> None:
    await declare_products(world, **FORTNOX_OWNS | {"prices": [A | {"price_list": "GONE"}]})
    shop.catalogue.add("MUGG", "Mugg", 125)
    an_article(world, "MUGG", "100")

    subject = await told_of(world, "MUGG")

    assert subject.problem is not None
    assert (subject.state, subject.problem.code) == ("needs_attention", "price_line_unfit")
    assert price_writes(shop) == []


async def test_one_cause_for_most_prices_is_asked_once_and_the_pass_goes_on_when_it_is_gone(
    world: World, shop: Shop, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "MOST_STOPPED", 15)
    await declare_products(world, price_owner="fortnox", prices=[A])  # nobody says a VAT rate
    stocked(world, shop, 50, "110")

    job = await begins(world, "prices")

    assert job.problem is not None
    assert (job.state, job.problem.code, job.problem.facts) == (
        "needs_attention",
        "prices_stopped",
        {"products": "20"},
    )
    assert "has no VAT rate" in job.problem.message
    await declare_products(world, **FORTNOX_OWNS)
    await world.ledger.subjects.retry([job.id])
    await world.works()
    assert (await the_job(world, "prices")).state == "done"
    assert {price(shop, f"GEN-{n:05}") for n in range(1, 51)} == {Decimal("137.50")}


async def test_rows_that_the_shop_refuses_are_named_and_hold_up_nobody(world: World, shop: Shop) -> None:
    await declare_products(world, **FORTNOX_OWNS | {"prices": [A | {"tiers": True}]})
    stocked(world, shop, 10, "110")
    shop.catalogue.add("KIT", "Paket", 300, type_id="bundle", price_type="1")
    an_article(world, "KIT", "200")
    costs(world, "KIT", "150", quantity="10")  # Magento takes percentages only on a bundle

    job = await passes_over(world)

    assert job.state == "done"
    assert (price(shop, "GEN-00010"), price(shop, "KIT")) == (Decimal("137.50"), Decimal("250.00"))
    page = await world.ledger.subjects.page(CONNECTION, kind="price")
    assert [(one.key, one.state) for one in page.items] == [("KIT", "needs_attention")]
    problem = page.items[0].problem
    assert problem is not None
    assert (problem.code, problem.facts) == ("prices_refused", {"sku": "KIT"})
    assert "Price Type = fixed" in problem.message


async def test_a_call_that_is_refused_as_a_whole_is_made_in_halves(world: World, shop: Shop) -> None:
    stocked(world, shop, 16, "110")
    refusal = Status(400, b'{"message": "Could not save prices"}', {"content-type": "application/json"})
    world.sandbox.faults.add(FaultRule(System.MAGENTO, refusal, path="/base-prices$", times=3))

    job = await passes_over(world)

    assert job.state == "done"
    assert {price(shop, f"GEN-{n:05}") for n in range(1, 17)} == {Decimal("137.50")}


async def test_a_shop_that_takes_twenty_rows_at_once_gets_twenty(world: World, shop: Shop) -> None:
    stocked(world, shop, 45, "110")
    limit = Status(
        400,
        b'{"message": "Maximum items of type \\"%type\\" is %max", "parameters": {"type": "x", "max": 20}}',
        {"content-type": "application/json"},
    )
    world.sandbox.faults.add(FaultRule(System.MAGENTO, limit, path="/base-prices$", times=1))

    await passes_over(world)

    sizes = [call.body.count(b'"sku"') for call in shop.calls if call.path.endswith("/base-prices")]
    assert sizes == [20, 20, 5]


async def test_a_pass_gives_way_and_goes_on_where_it_was(
    world: World, shop: Shop, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "SLICE", timedelta(0))
    stocked(world, shop, 50, "110")

    job = await begins(world, "prices")
    assert (job.state, job.problem and job.problem.code) == ("waiting", "not_yet")
    for _ in range(3):
        world.later(timedelta(seconds=1))
        await world.works()

    job = await the_job(world, "prices")
    assert job.state == "done"
    assert said(job).startswith("50 prices looked at: 50 products written")
    assert len(price_writes(shop)) == 3


class Died(BaseException):
    """What nobody catches: the process is gone."""


@pytest.mark.parametrize("step", ["intended", "answered", "created"])
async def test_a_worker_that_dies_in_a_pass_leaves_the_right_prices(
    world: World, shop: Shop, small_pages: None, step: str
) -> None:
    stocked(world, shop, 50, "110")
    seen = 0

    async def dies(at: str, draft: Draft) -> None:
        nonlocal seen
        seen += at == step and draft.kind == "shop_prices"
        if seen >= 2:
            raise Died

    world.shop.checkpoint = dies
    with pytest.raises(Died):
        await begins(world, "prices")
    world.shop.checkpoint = no_checkpoint

    for _ in range(3):
        world.later(timedelta(minutes=1))
        await world.works()

    assert (await the_job(world, "prices")).state == "done"
    assert {price(shop, f"GEN-{n:05}") for n in range(1, 51)} == {Decimal("137.50")}


async def test_maintenance_and_a_storm_of_429_end_in_the_right_prices(world: World, shop: Shop) -> None:
    stocked(world, shop, 5, "110")
    storm = Status(429, b'{"message": "Too many requests"}', {"Retry-After": "0"})
    world.sandbox.faults.add(FaultRule(System.FORTNOX, storm, path="sublist", times=2))
    shop.broken = "maintenance"

    job = await begins(world, "prices")
    assert (job.state, job.problem and job.problem.code) == ("waiting", "unavailable")
    for _ in range(4):
        world.later(timedelta(minutes=15))
        await world.works()
    assert price_writes(shop) == []
    shop.broken = None
    for _ in range(3):
        world.later(timedelta(minutes=31))
        await world.works()

    assert (await the_job(world, "prices")).state == "done"
    assert {price(shop, f"GEN-{n:05}") for n in range(1, 6)} == {Decimal("137.50")}
    assert len(price_writes(shop)) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"price_list": "B"}, "Fortnox has no price list B"),
        (A | {"website": "nowhere"}, "no website nowhere"),
        (A | {"website": "eu"}, "price list A is in SEK"),
        (A | {"customer_group": 99, "tiers": True}, "no customer group 99"),
    ],
)
async def test_a_line_that_does_not_fit_stops_the_pass_before_the_first_price(
    world: World, shop: Shop, line: dict[str, Any], words: str
) -> None:
    await declare_products(world, **FORTNOX_OWNS | {"prices": [line]})
    stocked(world, shop, 2, "110")

    job = await passes_over(world)

    assert job.problem is not None
    assert job.problem.code == "price_line_unfit"
    assert words in job.problem.message
    assert price_writes(shop) == []


async def test_a_shop_with_one_price_for_all_websites_can_have_none_of_its_own(
    world: World, shop: Shop
) -> None:
    shop.catalogue.attributes.by_code["price"].scope = Scope.GLOBAL
    await declare_products(world, **FORTNOX_OWNS | {"prices": [A | {"website": "base"}]})
    stocked(world, shop, 1, "110")

    job = await passes_over(world)

    assert job.problem is not None
    assert (job.problem.code, price_writes(shop)) == ("price_line_unfit", [])
    assert "one price for all websites" in job.problem.message


@pytest.mark.parametrize("module", [True, False])
async def test_prices_are_not_written_wrong_by_the_vat_where_the_module_can_tell(
    world: World, shop: Shop, module: bool
) -> None:
    shop.pages.prices_include_tax, shop.module_installed = False, module
    stocked(world, shop, 1, "110")

    job = await passes_over(world)

    if module:
        assert job.problem is not None
        assert (job.problem.code, price_writes(shop)) == ("price_line_unfit", [])
        assert "the shop's catalogue prices are without VAT" in job.problem.message
    else:
        assert (job.state, price(shop, "GEN-00001")) == ("done", Decimal("137.50"))


async def test_a_person_runs_it_and_waits_for_what_was_looked_at_alone(world: World, shop: Shop) -> None:
    await declare_products(world, **FORTNOX_OWNS | {"prices": [A | {"tiers": True}]})
    stocked(world, shop, 2, "110")
    tier = TierPrice(group_id=32000, quantity=Decimal(10), value=Decimal(1))
    shop.catalogue.ours(shop.catalogue.get("GEN-00002")).tier_prices = [tier]

    started = await ask(world, "POST", f"/connections/{CONNECTION}/jobs/prices/run")
    await world.works()

    run = await ask(world, "GET", f"/runs/{started['run_id']}")
    assert {item["key"]: item["state"] for item in run["items"]} == {"prices": "done", "GEN-00002": "done"}
    assert tiers(shop, "GEN-00002") == [], "the list has no such step, as all of its rows say"
