"""The product's own client against the stand-in's catalogue, customers and stock: each call it has, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from services.sandbox.app import create_sandbox_app
from services.sandbox.magento.lines import Line
from services.sandbox.magento.shop import Shop
from services.sandbox.sandbox import Sandbox
from shared.clients.factory import magento_client
from shared.clients.magento.client import MagentoClient
from shared.settings.magento import MagentoSettings
from shared.settings.service import ServiceSettings
from tests.support.clock import Clock


@pytest.fixture
async def client(sandbox: Sandbox, shop: Shop, clock: Clock) -> AsyncIterator[MagentoClient]:
    keys = shop.integration
    settings = {
        "base_url": "http://sandbox/magento/default",
        "consumer_key": keys.consumer_key,
        "consumer_secret": keys.consumer_secret,
        "access_token": keys.access_token,
        "access_token_secret": keys.access_token_secret,
    }
    found = magento_client(
        MagentoSettings.model_validate(settings),
        ServiceSettings(magento_rate=1000),
        None,
        lambda record: None,
        transport=httpx.ASGITransport(app=create_sandbox_app(sandbox, in_process=True)),
        clock=clock,
    )
    yield found
    await found.close()


async def test_a_generated_catalogue_is_read_to_its_end(shop: Shop, client: MagentoClient) -> None:
    shop.catalogue.add("MUGG/1", "Mugg", 129, ean="7300000000012", cost="40")
    shop.catalogue.generate(250)

    products = [product async for product in client.products(size=100, store="all")]

    assert [product.product_id for product in products] == list(range(1, 252))
    assert (products[0].attribute("ean"), products[0].attribute("cost")) == ("7300000000012", "40.000000")
    assert products[0].tax_class_id == 2
    lists = [call for call in shop.calls if call.path == "/rest/all/V1/products"]
    assert len(lists) == 3


async def test_products_are_found_by_sku_by_number_and_by_parent(shop: Shop, client: MagentoClient) -> None:
    shop.catalogue.add("R/1", "Röd", 199, visibility=1)
    shop.catalogue.add("TRÖJA", "Tröja", type_id="configurable", variants=["R/1"])

    parent = await client.product("tröja")
    assert parent is not None
    variants = await client.products_with_ids(parent.child_ids)

    assert [variant.sku for variant in variants] == ["R/1"]
    assert [variant.sku for variant in await client.variants("TRÖJA")] == ["R/1"]
    assert await client.product_by_id(77) is None


async def test_prices_products_and_stock_are_written(shop: Shop, client: MagentoClient) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100, quantity=5)

    faults = await client.save_base_prices(
        [{"sku": sku, "price": Decimal("129.90"), "store_id": 0} for sku in ("MUGG", "NOPE")]
    )
    await client.save_costs([{"sku": "MUGG", "cost": Decimal(41), "store_id": 0}])
    await client.save_product({"sku": "MUGG", "name": "Kaffemugg"})
    item = {"sku": "MUGG", "source_code": "default", "quantity": 8, "status": 1}
    await client.save_source_items([item])

    product = await client.product("MUGG")
    assert product is not None
    assert (product.name, product.price, product.attribute("cost")) == (
        "Kaffemugg",
        Decimal("129.9"),
        "41.000000",
    )
    assert [fault.parameters for fault in faults] == [("SKU", "NOPE")]
    assert [price.price for price in await client.base_prices(["MUGG"])] == [Decimal("129.9")]
    items = await client.source_items(["MUGG"])
    assert items is not None
    assert [(one.source_code, one.quantity) for one in items] == [("default", Decimal(8))]


async def test_customers_are_made_found_and_changed(shop: Shop, client: MagentoClient) -> None:
    made = await client.create_customer(
        {"email": "anna@example.com", "firstname": "Anna", "lastname": "Öberg", "website_id": 1}
    )
    shop.customers.add("bo@example.com")

    changed = await client.update_customer(made.customer_id, lambda _: {"taxvat": "SE556677889901"})
    found = await client.customers_with_email("ANNA@example.com", website_id=1)
    listed = [customer.customer_id async for customer in client.customers()]

    assert changed is not None
    assert changed == found[0]
    assert listed == [1, 2]
    assert [group.code for group in await client.customer_groups()][:2] == ["NOT LOGGED IN", "General"]
    assert await client.customer(99) is None


async def test_what_the_shop_is_and_what_its_module_adds(shop: Shop, client: MagentoClient) -> None:
    category = shop.catalogue.categories.add("Muggar")

    assert [website.code for website in await client.websites()] == ["base", "eu"]
    assert [view.code for view in await client.store_views()] == ["default", "de_de", "en_eur"]
    assert len(await client.store_configs()) == 3
    assert [one.category_id for one in await client.categories()][-1] == category
    assert next(rate.code for rate in await client.tax_rates()) == "SE 25"
    assert [one.class_id for one in await client.tax_classes()] == [2, 3, 4]
    assert len(await client.tax_rules()) == 2
    sources = await client.stock_sources()
    assert sources is not None
    assert len(sources) == 1
    assert await client.save_currency_rates({("SEK", "EUR"): Decimal("0.09")})
    assert shop.pages.rates["SEK", "EUR"] == Decimal("0.09")
    assert await client.shows_shipping_with_vat_only() is False
    assert "Sluss_Connector" in await client.modules()

    shop.module_installed = False
    assert await client.module_version() is None
    assert not await client.save_currency_rates({("SEK", "EUR"): Decimal("0.1")})


async def test_what_svea_keeps_of_an_order_is_read(shop: Shop, client: MagentoClient) -> None:
    order = shop.orders(Line("MUGG", "Mugg", "129"), svea_order_id=9300101, fee="29")

    kept = await client.svea_of_order(order)

    assert kept is not None
    assert (kept.svea_order_id, kept.invoice_fee) == (9300101, Decimal(29))


async def test_a_bulk_is_sent_and_asked_about(shop: Shop, client: MagentoClient) -> None:
    shop.catalogue.add("MUGG", "Mugg", 100)
    bodies = [{"sku": sku, "product": {"price": 130}} for sku in ("MUGG", "NOPE")]

    operations = await client.bulk_operations(await client.send_bulk("PUT", "/products/bySku", bodies))

    assert operations is not None
    assert len(operations) == 2
    assert shop.catalogue.get("MUGG").values["price"] == 130
    assert await client.bulk_operations("799b4d0a-0000-4000-8000-000000000000") is None
