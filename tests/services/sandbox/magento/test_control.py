"""The Magento stand-in steered from another process, and kept in a file."""

from __future__ import annotations

from pathlib import Path

import httpx

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.keeping import KeptState
from services.sandbox.magento.lines import Line
from services.sandbox.magento.shop import Shop
from services.sandbox.sandbox import Sandbox
from tests.services.sandbox.magento.support import MagentoCaller
from tests.services.sandbox.svea.support import Receiver

CONTROL = "/_control/magento/shops"
LINE = {"sku": "SKU-1001", "name": "Kaffemugg blå", "price": "125", "quantity": 2}


async def test_a_shop_sells_and_refunds_by_control(http: httpx.AsyncClient, receiver: Receiver) -> None:
    made = (await http.post(CONTROL, json={"name": "acme", "consumer_key": "k" * 32})).json()
    subscription = {"url": "https://gateway/x", "secret": "s", "sender": "module"}
    assert (await http.post(f"{CONTROL}/acme/subscriptions", json=subscription)).status_code == 201

    order = (await http.post(f"{CONTROL}/acme/orders", json={"lines": [LINE], "shipping": "49"})).json()
    path = f"{CONTROL}/acme/orders/{order['order_id']}"
    invoice = await http.post(path + "/invoice", json={"transaction_id": "T1"})
    shipment = await http.post(path + "/ship", json={"quantities": {"SKU-1001": 1}})
    memo = await http.post(path + "/refund", json={"quantities": {"SKU-1001": 1}, "shipping": "0"})
    await http.post("/_control/magento/settle")

    assert made["consumer_key"] == "k" * 32
    assert order == {"order_id": 1, "increment_id": "000000001"}
    assert [invoice.json(), shipment.json(), memo.json()] == [
        {"invoice_id": 1},
        {"shipment_id": 1},
        {"creditmemo_id": 1},
    ]
    assert (await http.get(path)).json()["total_refunded"] == 125
    sent = (await http.get("/_control/magento/notices")).json()
    assert [one["name"] for one in sent][:2] == ["order.placed", "invoice.created"]
    assert len(receiver.requests) == len(sent)


async def test_a_shop_is_filled_by_the_hundred_and_lists_its_orders(http: httpx.AsyncClient) -> None:
    await http.post(CONTROL, json={"name": "acme"})

    filled = await http.post(f"{CONTROL}/acme/fill", json={"products": 300, "customers": 2})
    more = await http.post(f"{CONTROL}/acme/fill", json={"customers": 1})
    order = (await http.post(f"{CONTROL}/acme/orders", json={"lines": [LINE], "number": "77"})).json()
    await http.post(f"{CONTROL}/acme/orders/{order['order_id']}/invoice", json={})
    listed = (await http.get(f"{CONTROL}/acme/orders")).json()

    assert filled.json() == {"products": 300, "customers": 2}
    assert more.json() == {"products": 300, "customers": 3}
    (shown,) = listed
    assert (shown["order_id"], shown["increment_id"], shown["state"]) == (1, "77", "processing")
    assert (shown["invoices"], shown["shipments"], shown["memos"]) == (1, 0, 0)
    assert (await http.post(f"{CONTROL}/nobody/fill", json={})).status_code == 404


async def test_a_refusal_of_the_shop_is_told_as_one(http: httpx.AsyncClient, shop: Shop) -> None:
    missing = await http.post(f"{CONTROL}/{shop.name}/orders/9/invoice", json={})
    unknown = await http.post(f"{CONTROL}/nobody/orders", json={"lines": [LINE]})
    mistyped = await http.post(f"{CONTROL}/{shop.name}/orders", json={"lines": [LINE], "colour": "red"})

    assert [missing.status_code, unknown.status_code, mistyped.status_code] == [404, 404, 422]


async def test_switches_are_turned(http: httpx.AsyncClient, shop: Shop, call: MagentoCaller) -> None:
    path = f"{CONTROL}/{shop.name}"

    await http.patch(path, json={"broken": "maintenance", "shipping_display": 2, "resources": []})
    closed = await call("GET", "/rest/V1/orders/1")
    await http.patch(path, json={"broken": None})
    forbidden = await call("GET", "/rest/V1/orders/1")

    assert (closed.status_code, forbidden.status_code) == (503, 401)
    assert shop.pages.shipping_display == 2
    calls = (await http.get(path + "/calls")).json()
    assert [(one["path"], one["status"]) for one in calls] == [
        ("/rest/V1/orders/1", 503),
        ("/rest/V1/orders/1", 401),
    ]


async def test_faults_strike_a_shops_calls(sandbox: Sandbox, call: MagentoCaller) -> None:
    rule = FaultRule(System.MAGENTO, Status(502, b"gone"), "GET", r"/rest/V1/orders", times=1)
    sandbox.faults.add(rule)

    struck = await call("GET", "/rest/V1/orders/1")
    after = await call("GET", "/rest/V1/orders/1")

    assert (struck.status_code, after.status_code) == (502, 404)


def test_a_shop_is_known_again_by_the_next_process(tmp_path: Path) -> None:
    before = Sandbox()
    shop = before.magento.add_shop(consumer_key="k" * 32)
    shop.subscribe("https://gateway/x", "s")
    shop.catalogue.add(sku="SKU-1001", name="Kaffemugg", price="125")
    order_id = shop.orders(Line("SKU-1001", "Kaffemugg", "125", 2))
    KeptState(before, tmp_path / "state").save()

    after = Sandbox()
    KeptState(after, tmp_path / "state").restore()

    known = after.magento.shops["default"]
    assert known.integration.consumer_key == "k" * 32
    assert known.sales.orders[order_id].fields["grand_total"] == 250
    assert known.clock is after.clock
    assert known.announce.outbox is after.magento.outbox
