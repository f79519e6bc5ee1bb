"""The shop itself, bulks, and our own module, against recorded answers."""

from decimal import Decimal

import httpx
import pytest

from shared.clients.magento.wire_shop import OperationState
from shared.domain.errors import MagentoRights
from tests.shared.clients.magento.scripted import ScriptedShop
from tests.shared.clients.magento.support import recorded, sample


async def test_websites_and_views_are_read_without_the_admins(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /store/websites", "auth/bearer_integration_token_enabled")
    shop.says_as_recorded("GET /store/storeViews", "auth/ok_or_not_HMAC-SHA256")

    assert [site.code for site in await shop.client.websites()] == ["eu", "base"]
    assert [view.code for view in await shop.client.store_views()] == ["default"]


async def test_store_configs_have_currency_and_time_zone(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /store/storeConfigs", "base/store_storeConfigs")

    (config,) = await shop.client.store_configs()

    assert (config.base_currency, config.time_zone, config.locale) == ("SEK", "Europe/Stockholm", "sv_SE")


async def test_a_currency_without_a_rate_has_none(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /directory/currency", "base/directory_currency")
    shop.says("GET eur/directory/currency", sample("store/directory-currency-rate-missing"))

    whole, lacking = await shop.client.currencies(), await shop.client.currencies("eur")

    assert (whole.base, whole.rates["EUR"]) == ("SEK", Decimal("0.0875"))
    assert set(lacking.allowed) > set(lacking.rates)


async def test_sources_are_read_and_a_shop_without_them_is_told_apart(shop: ScriptedShop) -> None:
    assert await shop.client.stock_sources() is None

    shop.says_as_recorded("GET /inventory/sources", "base/inventory_sources")
    sources = await shop.client.stock_sources()

    assert sources is not None
    assert [(source.code, source.is_enabled) for source in sources] == [("default", True)]


async def test_modules_are_listed(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /modules", "base/modules")

    assert "Magento_Sales" in await shop.client.modules()


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        (httpx.Response(200, text="Magento/2.4 (Community)"), "2.4 (Community)"),
        (httpx.Response(200, text="<html>Welcome</html>"), ""),
        (httpx.Response(404), ""),
    ],
)
async def test_the_version_is_read_where_it_is_shown(
    shop: ScriptedShop, answer: httpx.Response, version: str
) -> None:
    shop.says("GET /magento_version", answer)

    assert await shop.client.version() == version


# ── bulks ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_bulk_is_sent_and_followed(shop: ScriptedShop) -> None:
    number = recorded("async/bulk_source_items_accept")["response"]["bulk_uuid"]
    shop.says_as_recorded("POST all/async/bulk/inventory/source-items", "async/bulk_source_items_accept")
    shop.says("GET /bulk/11111111-2222-4333-8444-555555555555/status", sample("async/bulk-status"))
    shop.says_as_recorded(f"GET /bulk/{number}/status", "async/status_done")

    sent = await shop.client.send_bulk("POST", "/inventory/source-items", [{"sourceItems": []}])
    queued = await shop.client.bulk_operations(sent)
    worked = await shop.client.bulk_operations("11111111-2222-4333-8444-555555555555")

    assert sent == number
    assert queued is not None
    assert {operation.state for operation in queued} == {OperationState.OPEN}
    assert worked is not None
    assert [(found.position, found.state) for found in worked] == [
        (0, OperationState.DONE),
        (1, OperationState.FAILED),
        (2, OperationState.FAILED_FOR_NOW),
        (3, OperationState.OPEN),
    ]
    assert shop.records[-1].endpoint == "GET /rest/V1/bulk/{n}/status"


async def test_a_bulk_that_magento_forgot_is_none(shop: ScriptedShop) -> None:
    shop.says_as_recorded("GET /bulk/gone/status", "errors/bulk_unknown")

    assert await shop.client.bulk_operations("gone") is None


async def test_a_bulk_without_the_right_is_refused_when_it_is_sent(shop: ScriptedShop) -> None:
    shop.says_as_recorded("POST all/async/bulk/inventory/source-items", "auth/forbidden_bulk")

    with pytest.raises(MagentoRights, match="Magento_InventoryApi::stock_source_item_assign"):
        await shop.client.send_bulk("POST", "/inventory/source-items", [{"sourceItems": []}])


# ── our own module ────────────────────────────────────────────────────────────────────────────────


async def test_without_our_module_nothing_is_known(shop: ScriptedShop) -> None:
    assert await shop.client.module_version() is None
    assert await shop.client.svea_of_order(7) is None
    assert await shop.client.shows_shipping_with_vat_only() is None
    assert await shop.client.save_currency_rates({("SEK", "EUR"): Decimal("0.0875")}) is False


async def test_our_module_tells_what_magento_does_not(shop: ScriptedShop) -> None:
    shop.says("GET /sluss/version", {"version": "1.0.0"})
    shop.says("GET /sluss/orders/7/svea", {"svea_order_id": 9123456, "invoice_fee": "29.00"})
    shop.says("GET /sluss/orders/8/svea", {"svea_order_id": None, "invoice_fee": None})
    shop.says("GET /sluss/tax-display", {"price_display": 2, "shipping_display": 2})

    known, unknown = await shop.client.svea_of_order(7), await shop.client.svea_of_order(8)

    assert await shop.client.module_version() == "1.0.0"
    assert known is not None
    assert (known.svea_order_id, known.invoice_fee) == (9123456, Decimal("29.00"))
    assert unknown is not None
    assert (unknown.svea_order_id, unknown.invoice_fee) == (None, Decimal(0))
    assert await shop.client.shows_shipping_with_vat_only() is True


async def test_our_module_takes_rates(shop: ScriptedShop) -> None:
    shop.says("POST /sluss/currency-rates", True)

    assert await shop.client.save_currency_rates({("SEK", "EUR"): Decimal("0.0875")})
    assert shop.body() == {"rates": [{"from": "SEK", "to": "EUR", "rate": 0.0875}]}
