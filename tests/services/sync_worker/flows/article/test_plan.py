"""Plans of products: which become articles, what those say, and whose an article is."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sync_worker.flows.article.observed import KnownArticle, ObservedProduct
from services.sync_worker.flows.article.plan import plan
from shared.domain.catalogue import (
    Accounts,
    ArticleNumberClash,
    ListPrice,
    MissingTaxClass,
    PricesDraft,
    Product,
    ProductDraft,
    ShopPrice,
    UnitDraft,
)
from shared.domain.documents import Plan, to_plain
from shared.domain.errors import MissingMapping
from shared.domain.outcomes import Skipped
from shared.settings.connections import ConnectionDeclaration
from tests.support.world import a_declaration

PRICES = {"prices": [{"price_list": "A"}]}
GROSS = ShopPrice(None, Decimal("125.00"))


def a_product(**changed: Any) -> Product:
    values: dict[str, Any] = {
        "id": 7,
        "sku": "MUGG-1",
        "name": "Mugg",
        "kind": "goods",
        "active": True,
        "tax_class": 2,
        "rates": (Decimal(25),),
        "prices": (GROSS,),
    }
    return Product(**values | changed)


def seen(product: Product | None = None, *, other: Any = None, **how: Any) -> ObservedProduct:
    """``how`` are settings of ``products``, or what is known of its articles."""
    known = {name: how.pop(name) for name in ("article", "others", "claimed_by") if name in how}
    declared = a_declaration(products=how) | (other or {})
    settings = ConnectionDeclaration.model_validate(declared)
    return ObservedProduct(7, product, settings, **known)


def the_article(found: Plan | Skipped) -> ProductDraft:
    assert isinstance(found, Plan)
    (draft,) = (one for one in found.drafts if isinstance(one, ProductDraft))
    return draft


def the_prices(found: Plan | Skipped) -> tuple[ListPrice, ...]:
    assert isinstance(found, Plan)
    return next((one.prices for one in found.drafts if isinstance(one, PricesDraft)), ())


def known(draft: ProductDraft, **changed: Any) -> KnownArticle:
    return KnownArticle(draft.ref, draft.number, "final", to_plain(draft) | changed)


# ── what an article says ──────────────────────────────────────────────────────────────────────────


def test_a_product_is_an_article_with_its_unit() -> None:
    found = plan(seen(a_product(ean="7310865004703")))

    assert isinstance(found, Plan)
    assert [draft.key for draft in found.drafts] == [("unit", "UNIT-st"), ("article", "ART-MUGG-1")]
    assert found.drafts[0] == UnitDraft.of("st")
    article = the_article(found)
    assert (article.description, article.ean, article.unit) == ("Mugg", "7310865004703", "st")
    assert (article.service, article.active, article.rate) == (False, True, Decimal(25))
    assert article.accounts == Accounts(sales=3001, eu=3108, eu_vat=3106, export=3105)


@pytest.mark.parametrize(
    ("kind", "becomes"),
    [
        ("goods", "STOCK"),
        ("service", "SERVICE"),
        ("fixed_bundle", "STOCK"),
        ("parent", None),
        ("dynamic_bundle", None),
        ("other", None),
    ],
)
def test_what_is_sold_by_itself_is_an_article(kind: Any, becomes: str | None) -> None:
    found = plan(seen(a_product(kind=kind)))

    if becomes is None:
        assert isinstance(found, Skipped)
    else:
        assert the_article(found).service is (becomes == "SERVICE")


def test_a_merchant_may_leave_bundles_out() -> None:
    assert isinstance(plan(seen(a_product(kind="fixed_bundle"), fixed_bundles=False)), Skipped)


def test_a_long_name_is_cut_and_a_person_is_told() -> None:
    found = plan(seen(a_product(name="x" * 250)))

    assert len(the_article(found).description) == 200
    assert isinstance(found, Plan)
    assert [advice.code for advice in found.advice] == ["description_cut"]


def test_a_sku_that_fortnox_refuses_has_another_number() -> None:
    article = the_article(plan(seen(a_product(sku="10.5 mm"))))

    assert (article.ref, article.number, article.sku) == ("ART-10+2E5+20mm", "10+2E5+20mm", "10.5 mm")


# ── which products ────────────────────────────────────────────────────────────────────────────────


def test_only_products_of_the_categories_that_are_named() -> None:
    assert isinstance(plan(seen(a_product(categories=frozenset({2, 5})), categories=[5])), Plan)
    assert isinstance(plan(seen(a_product(categories=frozenset({2, 6})), categories=[5])), Skipped)
    assert isinstance(plan(seen(a_product(categories=frozenset({5})), without_categories=[5])), Skipped)


def test_only_products_of_the_websites_that_are_named() -> None:
    assert isinstance(plan(seen(a_product(websites=frozenset({"eu"})), websites=["base", "eu"])), Plan)
    assert isinstance(plan(seen(a_product(websites=frozenset({"eu"})), websites=["base"])), Skipped)


def test_products_can_be_switched_off() -> None:
    assert isinstance(plan(seen(a_product(), other={"sync": {"products": False}})), Skipped)


# ── VAT and accounts ──────────────────────────────────────────────────────────────────────────────


def test_the_first_line_that_fits_decides_rate_and_accounts() -> None:
    lines = [
        {"tax_class": 5, "category": 9, "rate": 6, "account": 3043},
        {"tax_class": 5, "rate": 12, "account": 3042, "export_account": 3115},
    ]
    found = the_article(plan(seen(a_product(tax_class=5, rates=()), article_lines=lines)))
    assert (found.rate, found.accounts.sales, found.accounts.export) == (Decimal(12), 3042, 3115)
    assert found.accounts.eu_vat == 3106

    book = a_product(tax_class=5, rates=(), categories=frozenset({9}))
    found = the_article(plan(seen(book, article_lines=lines)))
    assert (found.rate, found.accounts.sales) == (Decimal(6), 3043)


def test_a_line_may_say_the_account_and_leave_the_rate_to_the_shops_rules() -> None:
    lines = [{"category": 9, "account": 3055}]
    found = the_article(plan(seen(a_product(categories=frozenset({9})), article_lines=lines)))

    assert (found.rate, found.accounts.sales) == (Decimal(25), 3055)


@pytest.mark.parametrize("rates", [(), (Decimal(25), Decimal(12))])
def test_a_tax_class_without_one_rate_asks_for_the_line_to_add(rates: tuple[Decimal, ...]) -> None:
    with pytest.raises(MissingTaxClass, match=r"\{tax_class: 2, rate: \.\.\.\}"):
        plan(seen(a_product(rates=rates)))

    assert the_article(plan(seen(a_product(rates=rates), default_rate=12))).rate == 12


def test_a_product_without_tax_class_has_no_vat() -> None:
    found = the_article(plan(seen(a_product(tax_class=0, rates=()))))

    assert (found.rate, found.accounts.sales) == (Decimal(0), 3004)


def test_a_rate_without_an_account_asks_for_the_line_to_add() -> None:
    with pytest.raises(MissingMapping, match=r"\{treatment: domestic, rate: 19, goods: \.\.\.\}"):
        plan(seen(a_product(rates=(Decimal(19),))))


# ── prices ────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_price_line_no_price_is_written() -> None:
    assert the_prices(plan(seen(a_product()))) == ()


@pytest.mark.parametrize(
    ("shop_has_vat", "list_has_vat", "amount"),
    [(True, False, "100.00"), (True, True, "125.00"), (False, False, "125.00"), (False, True, "156.25")],
)
def test_a_price_has_vat_or_not_as_its_list(shop_has_vat: bool, list_has_vat: bool, amount: str) -> None:
    found = plan(
        seen(
            a_product(),
            prices=[{"price_list": "A", "includes_vat": list_has_vat}],
            shop_prices_include_vat=shop_has_vat,
        )
    )

    assert the_prices(found) == (ListPrice("A", Decimal(0), Decimal(amount)),)


def test_a_list_gets_the_prices_of_its_website() -> None:
    prices = (GROSS, ShopPrice("eu", Decimal("11.90")))
    lines = [{"price_list": "A"}, {"price_list": "EUR", "currency": "EUR", "website": "eu"}]

    found = plan(seen(a_product(prices=prices), prices=lines))

    assert the_prices(found) == (
        ListPrice("A", Decimal(0), Decimal("100.00")),
        ListPrice("EUR", Decimal(0), Decimal("9.52")),
    )


def test_tiers_are_prices_from_a_quantity_and_groups_get_their_own() -> None:
    prices = (
        GROSS,
        ShopPrice(None, Decimal("100.00"), Decimal(10)),
        ShopPrice(None, Decimal("87.50"), Decimal(10), group=4),
        ShopPrice(None, Decimal("110.00"), Decimal(1), group=4),
        ShopPrice(None, Decimal("10.00"), Decimal(1), group=5),
    )
    lines = [
        {"price_list": "A"},
        {"price_list": "B", "tiers": True},
        {"price_list": "C", "tiers": True, "customer_group": 4},
    ]

    found = the_prices(plan(seen(a_product(prices=prices), prices=lines)))

    assert [(one.price_list, one.from_quantity, one.amount) for one in found] == [
        ("A", Decimal(0), Decimal("100.00")),
        ("B", Decimal(0), Decimal("100.00")),
        ("B", Decimal(10), Decimal("80.00")),
        ("C", Decimal(0), Decimal("88.00")),
        ("C", Decimal(10), Decimal("70.00")),
    ]


def test_what_is_not_sold_has_no_prices() -> None:
    found = plan(seen(a_product(active=False), disabled="inactive", **PRICES))

    assert the_article(found).active is False
    assert the_prices(found) == ()


# ── what was there before ─────────────────────────────────────────────────────────────────────────


def test_a_disabled_product_makes_its_article_inactive_and_makes_none() -> None:
    article = the_article(plan(seen(a_product())))

    assert isinstance(plan(seen(a_product(active=False))), Skipped)
    assert the_article(plan(seen(a_product(active=False), article=known(article)))).active is False


def test_the_article_of_a_deleted_product_is_made_inactive_once() -> None:
    article = the_article(plan(seen(a_product())))

    found = the_article(plan(seen(None, others=(known(article),))))
    assert (found.ref, found.active) == (article.ref, False)
    again = the_article(plan(seen(None, others=(known(found),))))
    assert again.content_hash() == found.content_hash()

    assert isinstance(plan(seen(None)), Skipped)
    assert isinstance(plan(seen(None, others=(known(article),), deleted="keep")), Skipped)


def test_a_product_with_a_new_sku_has_a_new_article_and_retires_the_old_one() -> None:
    old = the_article(plan(seen(a_product())))

    found = plan(seen(a_product(sku="MUGG-2"), others=(known(old),)))

    assert isinstance(found, Plan)
    articles = [draft for draft in found.drafts if isinstance(draft, ProductDraft)]
    assert [(one.number, one.active) for one in articles] == [("MUGG-2", True), ("MUGG-1", False)]


def test_two_products_never_share_an_article() -> None:
    with pytest.raises(ArticleNumberClash, match=r"product 7 .* and product 3"):
        plan(seen(a_product(), claimed_by=3))


def test_an_older_page_never_undoes_what_a_newer_event_wrote() -> None:
    new = the_article(plan(seen(a_product(updated_at=datetime(2026, 5, 4, 12, tzinfo=UTC)))))
    old = a_product(name="Kopp", updated_at=datetime(2026, 5, 4, 11, 59, tzinfo=UTC))

    assert the_article(plan(seen(old, article=known(new)))).revise is False
    assert the_article(plan(seen(old))).revise is True


def test_what_the_merchant_keeps_in_fortnox_is_no_reason_for_a_call() -> None:
    before = the_article(plan(seen(a_product(), keep=["active"])))
    after = the_article(plan(seen(a_product(name="Kopp", ean="1"), keep=["active"])))

    assert before.content_hash() == after.content_hash()
    assert the_article(plan(seen(a_product(name="Kopp")))).content_hash() != before.content_hash()


@given(
    st.builds(
        a_product,
        sku=st.text(min_size=1, max_size=64).filter(lambda text: bool(text.strip())),
        name=st.text(max_size=400),
        ean=st.text(max_size=60),
        active=st.booleans(),
        kind=st.sampled_from(["goods", "service", "fixed_bundle"]),
    )
)
def test_a_stored_draft_reads_back_as_it_was_whatever_the_product(product: Product) -> None:
    found = plan(seen(product, disabled="inactive", **PRICES))
    article = the_article(found)

    again = ProductDraft.from_plain(article.ref, to_plain(article))

    assert again.content_hash() == article.content_hash()
    assert len(article.number) <= 50
    assert 0 < len(article.description) <= 200
