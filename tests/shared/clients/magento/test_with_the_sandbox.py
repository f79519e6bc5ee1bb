"""The client and a stand-in that was written apart from it, as strict as 2.4.7-p3, understand each other."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.sandbox.app import create_sandbox_app
from services.sandbox.magento.lines import Line
from services.sandbox.magento.shop import Shop
from services.sandbox.sandbox import Sandbox
from shared.clients.factory import magento_client
from shared.clients.magento.client import MagentoClient
from shared.clients.magento.probe import State, probe
from shared.domain.errors import MagentoCredentials, MagentoRights, RefusedByMagento, Unavailable
from shared.settings.magento import MagentoSettings
from shared.settings.service import ServiceSettings
from tests.support.clock import Clock

MUG = Line("SKU-1001", "Kaffemugg blå", "125", 3)
BOOK = Line("SKU-1002", "Bok om åäö", "112", 1, "12")


@dataclass
class Both:
    shop: Shop
    client: MagentoClient
    connect: Callable[..., MagentoClient]


@pytest.fixture
async def both(sandbox: Sandbox, clock: Clock) -> AsyncIterator[Both]:
    shop = sandbox.magento.add_shop()
    opened: list[MagentoClient] = []

    def connect(**changed: Any) -> MagentoClient:
        keys = shop.integration
        settings = {
            "base_url": "http://sandbox/magento/",
            "consumer_key": keys.consumer_key,
            "consumer_secret": keys.consumer_secret,
            "access_token": keys.access_token,
            "access_token_secret": keys.access_token_secret,
        }
        client = magento_client(
            MagentoSettings.model_validate(settings | changed),
            ServiceSettings(magento_rate=1000),
            None,
            transport=httpx.ASGITransport(create_sandbox_app(sandbox)),
            clock=clock,
        )
        opened.append(client)
        return client

    yield Both(shop, connect(), connect)
    for client in opened:
        await client.close()


async def test_a_sale_is_read_with_all_that_was_made_of_it(both: Both) -> None:
    number = both.shop.orders(MUG, BOOK, shipping="49", svea_order_id=9300101)
    both.shop.invoice(number)
    both.shop.ship(number)
    both.shop.refund(number, {"SKU-1001": 1}, shipping="0")

    order = await both.client.order(number)
    assert order is not None
    (invoice,) = await both.client.invoices_of(number)
    (memo,) = await both.client.credit_memos_of(number)
    (shipment,) = await both.client.shipments_of(number)

    assert (order.grand_total, invoice.grand_total, memo.grand_total) == (
        Decimal(536),
        Decimal(536),
        Decimal(125),
    )
    assert [item.sku for item in order.money_items] == ["SKU-1001", "SKU-1002"]
    assert [item.quantity for item in shipment.items] == [3, 1]
    assert await both.client.orders_numbered([order.increment_id]) == (order,)
    assert await both.client.orders_of_checkout(9300101) == (order,)


async def test_a_shop_without_sveas_module_finds_no_checkout(both: Both) -> None:
    both.shop.orders(MUG)
    both.shop.svea_installed = False

    assert await both.client.orders_of_checkout(9300101) == ()


async def test_a_refund_is_made_of_named_lines_only(both: Both) -> None:
    number = both.shop.orders(MUG, BOOK, shipping="49")
    both.shop.invoice(number)
    order = await both.client.order(number)
    assert order is not None
    mug = order.money_items[0]

    made = await both.client.refund_offline(
        number, {mug.item_id: Decimal(1)}, base_shipping=Decimal("39.2"), return_to_stock=[mug.item_id]
    )

    memo = await both.client.credit_memo(made)
    assert memo is not None
    assert (memo.grand_total, memo.shipping_incl_tax) == (Decimal(174), Decimal(49))
    with pytest.raises(RefusedByMagento, match="invalid quantity to refund"):
        await both.client.refund_offline(number, {mug.item_id: Decimal(9)}, base_shipping=Decimal(0))


async def test_freight_alone_is_refunded_by_a_line_of_no_pieces(both: Both) -> None:
    number = both.shop.orders(MUG, shipping="49")
    both.shop.invoice(number)
    order = await both.client.order(number)
    assert order is not None

    made = await both.client.refund_offline(
        number, {order.money_items[0].item_id: Decimal(0)}, base_shipping=Decimal("39.2")
    )

    memo = await both.client.credit_memo(made)
    assert memo is not None
    assert memo.grand_total == 49


async def test_an_order_gets_our_name_and_a_comment_and_keeps_its_status(both: Both) -> None:
    number = both.shop.orders(MUG)
    order = await both.client.order(number)
    assert order is not None

    await both.client.set_external_order_id(order, "FNX-O-5001")
    await both.client.add_order_comment(order, "Fortnox order 5001")

    again = await both.client.order(number)
    assert again is not None
    assert (again.ext_order_id, again.status, again.grand_total) == (
        "FNX-O-5001",
        order.status,
        order.grand_total,
    )
    assert await both.client.order_comments(number) == ("Fortnox order 5001",)


async def test_every_product_is_listed_once(both: Both) -> None:
    both.shop.catalogue.generate(25)

    found = [product.product_id async for product in both.client.products(size=10)]

    assert len(found) == len(set(found)) == len(both.shop.catalogue)
    assert found == sorted(found)


@pytest.mark.parametrize("sku", ["A/B", "A B&C", "50%", "ÅÄÖ-1", "A+B", "A,B"])
async def test_a_product_is_found_whatever_its_sku(both: Both, sku: str) -> None:
    both.shop.catalogue.add(sku=sku, name="Udda", price=99)

    product = await both.client.product(sku)

    assert product is not None
    assert (product.sku, product.price) == (sku, Decimal(99))


@pytest.mark.parametrize("sku", ["A/B", "A+B", "A%2FB", "A B", "Å=1"])
async def test_a_sku_in_a_path_is_signed_as_the_server_sees_it(both: Both, sku: str) -> None:
    both.shop.catalogue.add(sku=sku, name="Tröja", type_id="configurable")

    assert await both.client.variants(sku) == ()
    assert [call.status for call in both.shop.calls] == [200]


async def test_prices_and_products_are_written_for_all_stores(both: Both) -> None:
    both.shop.catalogue.add(sku="SKU-1", name="Mugg", price=99)

    problems = await both.client.save_base_prices(
        [
            {"sku": "SKU-1", "price": Decimal("101.50"), "store_id": 0},
            {"sku": "NOPE", "price": 1, "store_id": 0},
        ]
    )
    await both.client.save_product({"sku": "SKU-1", "name": "Mugg röd"})

    product = await both.client.product("SKU-1")
    assert product is not None
    assert (product.price, product.name) == (Decimal("101.5"), "Mugg röd")
    assert [problem.parameters for problem in problems] == [("SKU", "NOPE")]


async def test_a_customer_is_made_found_and_changed(both: Both) -> None:
    made = await both.client.create_customer(
        {"email": "anna@example.com", "firstname": "Anna", "lastname": "Öberg", "website_id": 1}
    )

    await both.client.update_customer(made.customer_id, lambda found: {"taxvat": "SE556677889901"})

    (found,) = await both.client.customers_with_email("anna@example.com", website_id=1)
    assert (found.customer_id, found.name, found.taxvat) == (
        made.customer_id,
        "Anna Öberg",
        "SE556677889901",
    )


async def test_the_probe_says_what_is_granted(both: Both) -> None:
    works = await probe(both.client)
    both.shop.integration.resources = {"Magento_Backend::store", "Magento_Sales::actions_view"}
    lacking = await probe(both.client)
    nobody = await probe(both.connect(authentication="bearer"))
    wrong = await probe(both.connect(consumer_secret="x" * 32))

    assert (works.state, works.base_currencies) == (
        State.WORKS,
        frozenset({"SEK", "EUR"}),
    )
    assert lacking.state is State.MISSING_RIGHTS
    assert {gone.resource for gone in lacking.missing} == {
        "Magento_Sales::sales_invoice",
        "Magento_Sales::sales_creditmemo",
        "Magento_Sales::shipment",
        "Magento_Customer::customer",
        "Magento_Customer::group",
        "Magento_Catalog::products",
        "Magento_Catalog::categories",
        "Magento_Tax::manage_tax",
    }
    assert nobody.state is State.NOBODY
    assert wrong.state is State.WRONG_CREDENTIALS


async def test_wrong_keys_and_missing_rights_are_told_apart(both: Both) -> None:
    with pytest.raises(MagentoCredentials, match="signature is invalid"):
        await both.connect(access_token_secret="x" * 32).order(1)

    both.shop.integration.resources = set()
    with pytest.raises(MagentoRights, match="Magento_Sales::actions_view"):
        await both.client.order(1)


async def test_a_shop_in_maintenance_takes_no_write_and_says_so(both: Both) -> None:
    number = both.shop.orders(MUG)
    both.shop.invoice(number)
    both.shop.broken = "maintenance"

    with pytest.raises(Unavailable) as caught:
        await both.client.refund_offline(number, {1: Decimal(1)}, base_shipping=Decimal(0))

    assert caught.value.retry_after == timedelta(minutes=1)
