from __future__ import annotations

from typing import Any

import pytest

from services.sandbox.svea.refusals import Refused
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.subscriptions import Subscription
from tests.services.sandbox.svea.support import MERCHANT, Receiver, SveaClient, a_cart

A_MUG = {"Name": "Mugg", "Quantity": 100, "UnitPrice": 1, "VatPercent": 0}


async def an_order(svea: SandboxSvea, receiver: Receiver, payment_type: str = "INVOICE") -> int:
    """An order whose Created webhook is already out of the way."""
    checkout_id = svea.create_checkout(MERCHANT, "100000900", a_cart(), payment_type=payment_type)
    svea.finalize(checkout_id)
    await svea.settle()
    receiver.requests.clear()
    return checkout_id


async def shown(client: SveaClient, checkout_id: int) -> dict[str, Any]:
    body: dict[str, Any] = (await client.admin("GET", f"/api/v1/orders/{checkout_id}")).json()
    return body


async def test_a_cancelled_order_keeps_its_rows_as_cancelled(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver)

    answer = await client.admin("PATCH", f"/api/v1/orders/{checkout_id}", {"IsCancelled": True})
    again = await client.admin("PATCH", f"/api/v1/orders/{checkout_id}", {"IsCancelled": True})
    await svea.settle()

    order = await shown(client, checkout_id)
    assert (answer.status_code, again.status_code) == (204, 400)
    assert (order["OrderStatus"], order["SystemStatus"], order["Actions"]) == ("Cancelled", "Closed", [])
    assert order["CancelledAmount"] == order["OrderAmount"] == 81400
    assert all(row["IsCancelled"] for row in order["OrderRows"])
    assert (await client.checkout("GET", f"/api/orders/{checkout_id}")).json()["Status"] == "Final"
    assert [event.get("CloseReason") for event in receiver.events] == ["Cancelled"]


async def test_cancelling_an_amount_is_cumulative(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver, "SVEACARDPAY")
    path = f"/api/v1/orders/{checkout_id}"

    answers = [
        (await client.admin("PATCH", path, {"CancelledAmount": amount})).status_code
        for amount in (1000, 1000, 5000, 81401)
    ]
    svea.deliver(checkout_id)
    await svea.settle()

    order = await shown(client, checkout_id)
    assert answers == [204, 400, 204, 400]
    assert order["CancelledAmount"] == 5000
    assert order["Deliveries"][0]["DeliveryAmount"] == 76400
    assert receiver.names == ["CheckoutOrder.Updated", "CheckoutOrder.Updated", "CheckoutOrder.Delivered"]


async def test_cancelling_the_whole_amount_closes_the_order(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver, "SVEACARDPAY")

    svea.cancel_amount(checkout_id, 81400)
    await svea.settle()

    order = await shown(client, checkout_id)
    assert (order["OrderStatus"], order["CancelledAmount"]) == ("Cancelled", 81400)
    assert receiver.names == ["CheckoutOrder.Closed"]


async def test_cancelled_rows_stay_behind_and_the_others_can_be_delivered(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver)
    path = f"/api/v1/orders/{checkout_id}"

    one = await client.admin("PATCH", path + "/rows/2", {"IsCancelled": True})
    again = await client.admin("PATCH", path + "/rows/cancelOrderRows", {"OrderRowIds": [3, 2]})
    svea.deliver(checkout_id)
    await svea.settle()

    order = await shown(client, checkout_id)
    assert (one.status_code, again.status_code) == (204, 400)
    assert (order["OrderStatus"], order["CancelledAmount"]) == ("Delivered", 26700)
    assert [row["OrderRowId"] for row in order["OrderRows"]] == [2]
    assert order["Deliveries"][0]["DeliveryAmount"] == 54700
    assert receiver.names == ["CheckoutOrder.Updated", "CheckoutOrder.Delivered"]


async def test_cancelling_every_row_closes_the_order(
    svea: SandboxSvea, client: SveaClient, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver)

    svea.cancel_rows(checkout_id, [1, 2, 3])

    assert (await shown(client, checkout_id))["OrderStatus"] == "Cancelled"


async def test_an_open_order_expires(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver)

    svea.expire(checkout_id)
    await svea.settle()

    order = await shown(client, checkout_id)
    assert (order["OrderStatus"], order["CancelledAmount"]) == ("Cancelled", 81400)
    assert [event["CloseReason"] for event in receiver.events] == ["Expired"]


async def test_a_session_that_expires_never_reaches_payment_admin(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = svea.create_checkout(MERCHANT, "100000902", a_cart())

    svea.expire(checkout_id)
    await svea.settle()

    assert (await client.checkout("GET", f"/api/orders/{checkout_id}")).json()["Status"] == "Cancelled"
    assert (await client.admin("GET", f"/api/v1/orders/{checkout_id}")).status_code == 404
    assert receiver.requests == []


async def test_rows_can_be_added_updated_and_replaced_while_open(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver)
    path = f"/api/v1/orders/{checkout_id}/rows"
    row = {"ArticleNumber": "B", "Name": "Bok", "Quantity": 100, "UnitPrice": 10000, "VatPercent": 600}

    added = await client.admin("POST", path, row)
    two = await client.admin("POST", path + "/addOrderRows", {"OrderRows": [row, row]})
    changed = await client.admin("PATCH", path + "/4", {"unitPrice": 12000})
    several = await client.admin(
        "POST", path + "/updateOrderRows", {"OrderRows": [{"OrderRowId": 5, "Quantity": 200}]}
    )
    amount = (await shown(client, checkout_id))["OrderAmount"]
    replaced = await client.admin("PUT", path + "/replaceOrderRows", {"OrderRows": [row]})
    await svea.settle()

    order = await shown(client, checkout_id)
    assert (added.status_code, added.json()) == (202, {"OrderRowId": 4})
    assert two.json() == {"OrderRowId": [5, 6]}
    assert (changed.status_code, several.status_code, replaced.status_code) == (204, 204, 204)
    assert amount == 81400 + 12000 + 20000 + 10000
    assert (order["OrderAmount"], [row["OrderRowId"] for row in order["OrderRows"]]) == (10000, [7])
    assert receiver.names == ["CheckoutOrder.Updated"] * 5


async def test_an_update_of_several_rows_is_refused_whole(
    svea: SandboxSvea, client: SveaClient, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver)
    before = await shown(client, checkout_id)

    with pytest.raises(Refused, match="Row 9"):
        svea.update_rows(checkout_id, {1: {"UnitPrice": 1}, 9: {"UnitPrice": 1}})

    assert await shown(client, checkout_id) == before


@pytest.mark.parametrize(
    "row",
    [
        {"Quantity": 100, "UnitPrice": 1, "VatPercent": 0},
        A_MUG | {"Name": "x" * 41},
        A_MUG | {"Quantity": 1000000000},
        A_MUG | {"UnitPrice": 1.5},
        A_MUG | {"Unit": "stycken"},
        A_MUG | {"DiscountPercent": 10001},
        A_MUG | {"DiscountPercent": 1, "DiscountAmount": 1},
    ],
)
async def test_a_row_outside_sveas_limits_is_refused(
    svea: SandboxSvea, client: SveaClient, receiver: Receiver, row: dict[str, Any]
) -> None:
    checkout_id = await an_order(svea, receiver)

    answer = await client.admin("POST", f"/api/v1/orders/{checkout_id}/rows", row)

    assert answer.status_code == 400
    assert len((await shown(client, checkout_id))["OrderRows"]) == 3


async def test_the_expiry_of_an_open_order_can_be_moved(
    svea: SandboxSvea, client: SveaClient, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, receiver)

    await client.admin("PATCH", f"/api/v1/orders/{checkout_id}/extendOrder/2026-12-24/")
    answer = await client.admin("PATCH", f"/api/v1/orders/{checkout_id}/extendOrder/2026-12-24")

    assert answer.status_code == 204
    assert (await shown(client, checkout_id))["ExpirationDate"] == "2026-12-24T00:00:00"
