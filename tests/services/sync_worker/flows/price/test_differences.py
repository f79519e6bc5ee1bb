"""What a product's prices differ in: lists to places, VAT, quantity steps, groups, and what is replaced."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sync_worker.flows.price.differences import differences, stale_tiers
from services.sync_worker.flows.price.observed import ListRow, ObservedPrices, Place, PricedProduct
from services.sync_worker.flows.price.plan import plan
from services.sync_worker.flows.price.read import to_row
from shared.clients.fields import Fields
from shared.clients.fortnox.wire_catalogue import to_price
from shared.domain.documents import Plan
from shared.domain.outcomes import Skipped
from shared.domain.shop_prices import BaseRow, PriceRows, PricesRefused, ShopPricesDraft, TierRow
from shared.settings.connections import ConnectionDeclaration
from shared.settings.products import ProductSettings
from tests.support.paths import REPOSITORY
from tests.support.world import a_declaration

RECORDED = REPOSITORY / "tests" / "recorded" / "price"
GROSS = ProductSettings(shop_prices_include_vat=True)
NET = ProductSettings(shop_prices_include_vat=False)
A = Place("A")
TIERED = Place("A", tiers=True)
VIP = Place("VIP", group="Wholesale", tiers=True)
EURO = Place("EUR", website_id=2, stores=frozenset({4, 5}), tiers=True)


def a_row(amount: str, quantity: str = "0", *, price_list: str = "A") -> ListRow:
    return ListRow("MUGG", price_list, Decimal(quantity), Decimal(amount))


def a_tier(
    amount: str, quantity: str, *, website: int = 0, group: str = "all groups", percent: bool = False
) -> TierRow:
    return TierRow("MUGG", website, group, Decimal(quantity), Decimal(amount), percent)


def a_product(
    *rows: ListRow,
    rate: str | None = "25",
    base: dict[int, str] | None = None,
    tiers: tuple[TierRow, ...] = (),
    whole: bool = True,
) -> PricedProduct:
    """``base``: the shop's price by store."""
    kept = [BaseRow("MUGG", store, Decimal(amount)) for store, amount in (base or {0: "1"}).items()]
    return PricedProduct("MUGG", "MUGG", None if rate is None else Decimal(rate), rows, kept, tiers, whole)


def base_of(rows: PriceRows) -> list[tuple[int, Decimal]]:
    return [(row.store_id, row.amount) for row in rows.base]


# ── one piece ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("settings", "with_vat", "rate", "in_list", "in_shop"),
    [
        (GROSS, False, "25", "80", "100.00"),
        (GROSS, False, "25.5", "79.60", "99.90"),
        (GROSS, True, "25", "100", "100"),
        (NET, False, "25", "80", "80"),
        (NET, True, "25", "100", "80.0000"),
        (NET, True, "6", "99.90", "94.2453"),
    ],
)
def test_a_price_is_kept_with_or_without_vat_as_the_shop_keeps_it(
    settings: ProductSettings, with_vat: bool, rate: str, in_list: str, in_shop: str
) -> None:
    place = Place("A", includes_vat=with_vat)

    rows = differences(a_product(a_row(in_list), rate=rate), [place], settings)

    assert base_of(rows) == [(0, Decimal(in_shop))]


def test_the_recorded_price_of_a_list_becomes_the_product_s() -> None:
    body = json.loads((RECORDED / "fortnox-price.json").read_text(), parse_float=Decimal)
    row = to_row(to_price(Fields(body["Price"], of="Price")))

    rows = differences(a_product(row), [A], NET)

    assert base_of(rows) == [(0, Decimal("399.2"))]


def test_the_base_price_counts_whether_it_is_kept_from_0_or_from_1() -> None:
    for quantity in ("0", "1", "1.00"):
        assert base_of(differences(a_product(a_row("80", quantity)), [A], NET)) == [(0, Decimal(80))]


def test_what_the_shop_has_is_no_difference_however_it_is_written() -> None:
    assert not differences(a_product(a_row("80.00"), base={0: "80.000000"}), [A], NET)


def test_a_price_of_nothing_leaves_the_shop_alone() -> None:
    assert not differences(a_product(a_row("0")), [A], NET)
    assert not differences(a_product(), [A], NET)


def test_a_website_of_several_stores_is_written_once_and_compared_in_all() -> None:
    product = a_product(a_row("9", price_list="EUR"), base={0: "100", 4: "9", 5: "8"})

    assert base_of(differences(product, [EURO], NET)) == [(4, Decimal(9))]
    right = a_product(a_row("9", price_list="EUR"), base={0: "100", 4: "9", 5: "9"})
    assert not differences(right, [EURO], NET)


def test_a_rate_that_nobody_knows_asks_and_a_default_answers() -> None:
    product = a_product(a_row("80"), rate=None)

    with pytest.raises(PricesRefused, match="article MUGG has no VAT rate"):
        differences(product, [A], GROSS)
    assert not base_of(differences(a_product(a_row("1"), rate=None), [A], NET)), "no rate is needed"
    settings = ProductSettings(default_rate=Decimal(25))
    assert base_of(differences(product, [A], settings)) == [(0, Decimal("100.00"))]


# ── quantity steps and groups ─────────────────────────────────────────────────────────────────────


def test_a_price_from_a_quantity_on_is_a_tier_where_the_line_says_so() -> None:
    product = a_product(a_row("80"), a_row("70", "10"), base={0: "80"})

    assert not differences(product, [A], NET)
    assert differences(product, [TIERED], NET) == PriceRows(tiers=(a_tier("70", "10"),))


def test_the_price_of_a_group_is_a_tier_from_one_piece_on_and_never_the_product_s_price() -> None:
    product = a_product(a_row("60", price_list="VIP"), a_row("50", "10", price_list="VIP"))

    rows = differences(product, [VIP], NET)

    assert rows == PriceRows(
        tiers=(a_tier("60", "1", group="Wholesale"), a_tier("50", "10", group="Wholesale"))
    )


def test_a_percentage_in_a_place_of_ours_becomes_a_price() -> None:
    product = a_product(
        a_row("80"), a_row("70", "10"), base={0: "80"}, tiers=(a_tier("70", "10", percent=True),)
    )

    assert differences(product, [TIERED], NET) == PriceRows(tiers=(a_tier("70", "10"),))


def test_groups_are_the_same_in_any_case() -> None:
    product = a_product(a_row("60", price_list="VIP"), tiers=(a_tier("60", "1.0000", group="WHOLESALE"),))

    assert not differences(product, [VIP], NET)


# ── what goes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_step_that_the_list_has_no_more_goes_and_the_merchants_own_tiers_stay() -> None:
    own = a_tier("15", "5", group="Retailer", percent=True)
    product = a_product(
        a_row("80"), a_row("70", "10"), base={0: "80"}, tiers=(a_tier("70", "10"), a_tier("60", "20"), own)
    )

    rows = differences(product, [TIERED], NET)

    assert rows == PriceRows(replaced=(own, a_tier("70", "10")))


def test_the_last_tier_is_removed_by_name() -> None:
    product = a_product(a_row("80"), base={0: "80"}, tiers=(a_tier("60", "20"),))

    assert differences(product, [TIERED], NET) == PriceRows(removed=(a_tier("60", "20"),))


def test_a_part_of_a_list_removes_nothing_but_says_what_may_be_gone() -> None:
    product = a_product(a_row("80"), base={0: "80"}, tiers=(a_tier("60", "20"),), whole=False)

    assert not differences(product, [TIERED], NET)
    assert stale_tiers(product, [TIERED]) == [a_tier("60", "20")]
    assert stale_tiers(product, [A]) == [], "tiers are not this line's"


def test_tiers_that_are_in_each_others_way_are_replaced_together() -> None:
    everywhere = a_tier("70", "10")
    product = a_product(
        a_row("9", price_list="EUR"), a_row("7", "10", price_list="EUR"), base={4: "9"}, tiers=(everywhere,)
    )

    rows = differences(product, [EURO], NET)

    assert rows == PriceRows(replaced=(everywhere, a_tier("7", "10", website=2)))


# ── whatever the prices ───────────────────────────────────────────────────────────────────────────

AMOUNT = st.decimals(min_value="0", max_value="99999", places=2)
STEPS = st.dictionaries(st.sampled_from(["0", "5", "10", "100"]), AMOUNT, max_size=4)


@given(lists=st.fixed_dictionaries({"A": STEPS, "VIP": STEPS}), gross=st.booleans(), old=STEPS)
def test_what_was_written_is_no_difference_the_next_time(
    lists: dict[str, dict[str, Decimal]], gross: bool, old: dict[str, Decimal]
) -> None:
    settings, places = (GROSS if gross else NET), [TIERED, VIP]
    rows = [
        ListRow("MUGG", name, Decimal(quantity), amount)
        for name, steps in lists.items()
        for quantity, amount in steps.items()
    ]
    before = tuple(a_tier(str(amount), quantity) for quantity, amount in old.items() if quantity != "0")
    first = differences(a_product(*rows, tiers=before), places, settings)

    base = {row.store_id: str(row.amount) for row in first.base} or {0: "1"}
    tiers = {tier.place: tier for tier in before} if not (first.replaced or first.removed) else {}
    tiers |= {tier.place: tier for tier in (*first.tiers, *first.replaced)}
    again = differences(a_product(*rows, base=base, tiers=tuple(tiers.values())), places, settings)

    assert not again


# ── the plan ──────────────────────────────────────────────────────────────────────────────────────


def seen(product: PricedProduct | None, **how: Any) -> ObservedPrices:
    products = {"price_owner": "fortnox", "prices": [{"price_list": "A"}], "shop_prices_include_vat": False}
    settings = ConnectionDeclaration.model_validate(a_declaration(products=products))
    return ObservedPrices("MUGG", settings, settings_clock(), places=[A], product=product, **how)


def settings_clock() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 5, 4, tzinfo=UTC)


def test_a_plan_is_one_draft_of_what_differs_or_says_why_there_is_none() -> None:
    found = plan(seen(a_product(a_row("80"))))
    same = plan(seen(a_product(a_row("80"), base={0: "80"})))

    assert isinstance(found, Plan)
    (draft,) = found.drafts
    assert isinstance(draft, ShopPricesDraft)
    assert (draft.ref, base_of(draft.prices)) == ("SHOP-MUGG", [(0, Decimal(80))])
    assert isinstance(same, Plan)
    assert same.drafts == ()
    assert plan(seen(None, reason="no shop")) == Skipped("no shop")
