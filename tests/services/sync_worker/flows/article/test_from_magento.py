"""Products as a real Magento 2.4.7 and its documentation show them, read and planned."""

import json
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker.flows.article.from_magento import to_product
from services.sync_worker.flows.article.observed import ObservedProduct
from services.sync_worker.flows.article.plan import plan
from services.sync_worker.flows.article.shop import ShopCatalogue, shop_catalogue
from services.sync_worker.shop_websites import Website
from shared.clients.fields import Fields
from shared.clients.magento import wire_catalogue as wire
from shared.domain.catalogue import PriceLineUnfit, Product, ProductDraft, ShopPrice
from shared.domain.documents import Plan
from shared.settings.connections import ConnectionDeclaration
from shared.settings.products import ProductSettings
from tests.support.paths import REPOSITORY
from tests.support.world import a_declaration

RECORDED = REPOSITORY / "tests" / "recorded" / "article"
SHOP = ShopCatalogue(
    rates={2: (Decimal(25),), 5: (Decimal(6),)},
    above={3: frozenset({1, 2, 3})},
    websites={
        1: Website(1, "base", "SEK", frozenset({1, 2})),
        2: Website(2, "eu", "EUR", frozenset({3})),
        3: Website(3, "b2b", "SEK", frozenset({4})),
    },
    currency="SEK",
)


def recorded() -> dict[str, wire.Product]:
    found = [one for file in sorted(RECORDED.glob("*.json")) for one in json.loads(file.read_text())]
    return {one["sku"]: wire.to_product(Fields(one, of="product")) for one in found}


def read(found: wire.Product, *own: wire.BasePrice, shop: ShopCatalogue = SHOP, **settings: Any) -> Product:
    return to_product(found, shop, ProductSettings.model_validate(settings), own)


def a_shop_product(**changed: Any) -> wire.Product:
    raw = {"id": 7, "sku": "A", "name": "A", "type_id": "simple", "status": 1, "price": 125} | changed
    return wire.to_product(Fields(raw, of="product"))


@pytest.mark.parametrize(
    ("sku", "kind", "number"),
    [
        ("SKU-1001", "goods", "SKU-1001"),
        ("TSHIRT-R", "goods", "TSHIRT-R"),
        ("ABC/10 röd", "goods", "ABC/10+20r+C3+B6d"),
        ("VIRT-1", "service", "VIRT-1"),
        ("EBOK-1", "service", "EBOK-1"),
        ("PAKET-FAST", "fixed_bundle", "PAKET-FAST"),
        ("BUNDLE-1", "dynamic_bundle", None),
        ("TSHIRT", "parent", None),
        ("SERIE-1", "parent", None),
    ],
)
def test_a_recorded_product_becomes_the_article_it_should(sku: str, kind: str, number: str | None) -> None:
    product = read(recorded()[sku])
    settings = ConnectionDeclaration.model_validate(a_declaration())

    found = plan(ObservedProduct(product.id, product, settings))

    assert product.kind == kind
    numbers = (
        [one.number for one in found.drafts if isinstance(one, ProductDraft)]
        if isinstance(found, Plan)
        else []
    )
    assert numbers == ([number] if number else [])


def test_a_recorded_product_says_name_rate_websites_and_categories() -> None:
    mug, ebook = read(recorded()["SKU-1001"]), read(recorded()["EBOK-1"])

    assert (mug.name, mug.active, mug.tax_class, mug.rates) == ("Kaffemugg blå", True, 2, (Decimal(25),))
    assert mug.websites == {"base", "eu"}
    assert ebook.rates == (Decimal(6),)
    assert ebook.categories == {1, 2, 3}


def test_what_is_chosen_from_a_list_is_its_label() -> None:
    attributes = [{"attribute_code": "unit", "value": "12"}, {"attribute_code": "ean", "value": " 123 "}]
    shop = ShopCatalogue(labels={"unit": {"12": "kg"}})

    found = read(a_shop_product(custom_attributes=attributes), shop=shop, unit_attribute="unit")

    assert (found.unit, found.ean) == ("kg", "123")


# ── prices by website ─────────────────────────────────────────────────────────────────────────────

LISTS = [
    {"price_list": "A"},
    {"price_list": "B", "website": "b2b"},
    {"price_list": "E", "website": "eu", "currency": "EUR"},
]


def test_a_website_without_a_price_of_its_own_has_the_default_one_in_its_currency_only() -> None:
    found = read(a_shop_product(), prices=LISTS)

    assert found.prices == (ShopPrice(None, Decimal(125)), ShopPrice("b2b", Decimal(125)))


def test_a_websites_own_price_is_that_of_any_of_its_store_views() -> None:
    own = (
        wire.BasePrice("A", 0, Decimal(125)),
        wire.BasePrice("A", 3, Decimal("11.90")),
        wire.BasePrice("A", 4, Decimal(99)),
    )

    found = read(a_shop_product(), *own, prices=LISTS)

    assert [price.amount for price in found.prices] == [Decimal(125), Decimal(99), Decimal("11.90")]


def test_tiers_belong_to_their_website_and_group_and_a_percentage_is_of_the_base_price() -> None:
    tiers = [
        {"customer_group_id": 32000, "qty": 10, "value": 100, "extension_attributes": {"website_id": 0}},
        {"customer_group_id": 2, "qty": 5, "value": 90, "extension_attributes": {"website_id": 3}},
        {
            "customer_group_id": 32000,
            "qty": 20,
            "value": 0,
            "extension_attributes": {"website_id": 0, "percentage_value": 50},
        },
    ]

    found = read(a_shop_product(tier_prices=tiers), prices=LISTS[:2])

    assert [(one.website, one.from_quantity, one.amount, one.group) for one in found.prices] == [
        (None, Decimal(0), Decimal(125), None),
        (None, Decimal(10), Decimal(100), None),
        (None, Decimal(20), Decimal("62.5"), None),
        ("b2b", Decimal(0), Decimal(125), None),
        ("b2b", Decimal(10), Decimal(100), None),
        ("b2b", Decimal(5), Decimal(90), 2),
        ("b2b", Decimal(20), Decimal("62.5"), None),
    ]


# ── the shop as a whole ───────────────────────────────────────────────────────────────────────────


class AShop:
    """As much of the client as is asked; every question is counted."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        async def answer(*args: Any) -> Any:
            self.asked.append(name)
            return ANSWERS[name]

        return answer


ANSWERS: dict[str, Any] = {
    "tax_rates": (
        wire.TaxRate(1, "SE 25", "SE", Decimal(25)),
        wire.TaxRate(2, "SE 12", "SE", Decimal(12)),
        wire.TaxRate(3, "DE 19", "DE", Decimal(19)),
    ),
    "tax_rules": (
        wire.TaxRule("standard", 0, (3,), (2, 6), (1, 3)),
        wire.TaxRule("food", 0, (3,), (6,), (2,)),
    ),
    "categories": (wire.Category(5, 2, "Muggar", True, (1, 2, 5)),),
    "attribute_options": (),
    "websites": (),
    "store_configs": (),
}


async def test_a_tax_class_has_the_rates_of_the_companys_country() -> None:
    shop: Any = AShop()

    found = await shop_catalogue(shop, ConnectionDeclaration.model_validate(a_declaration()))

    assert found.rates == {2: (Decimal(25),), 6: (Decimal(12), Decimal(25))}
    assert "categories" not in shop.asked  # nothing in the settings is about them


async def test_categories_are_read_with_those_above_when_the_settings_are_about_them() -> None:
    shop: Any = AShop()
    settings = ConnectionDeclaration.model_validate(a_declaration(products={"categories": [2]}))

    assert (await shop_catalogue(shop, settings)).above == {5: frozenset({1, 2, 5})}


async def test_a_price_line_names_a_website_that_there_is() -> None:
    shop: Any = AShop()
    lines = [{"price_list": "B", "website": "nowhere"}]
    settings = ConnectionDeclaration.model_validate(a_declaration(products={"prices": lines}))

    with pytest.raises(PriceLineUnfit, match="no website nowhere"):
        await shop_catalogue(shop, settings)
