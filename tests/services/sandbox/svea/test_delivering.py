from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.sandbox.svea.merchants import SplitRows
from services.sandbox.svea.orders import Row
from services.sandbox.svea.refusals import Refused
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.subscriptions import Subscription
from tests.services.sandbox.svea.support import MERCHANT, Receiver, SveaClient, a_cart


async def an_order(svea: SandboxSvea, payment_type: str = "INVOICE", *, pending: bool = False) -> int:
    checkout_id = svea.create_checkout(MERCHANT, "100000900", a_cart(), payment_type=payment_type)
    svea.finalize(checkout_id, pending=pending)
    await svea.settle()
    return checkout_id


async def shown(client: SveaClient, checkout_id: int) -> dict[str, Any]:
    answer = await client.admin("GET", f"/api/v1/orders/{checkout_id}")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def rows(order: dict[str, Any]) -> dict[int, int]:
    return {row["OrderRowId"]: row["Quantity"] for row in order["OrderRows"]}


async def test_a_session_becomes_final_when_the_buyer_confirms(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = svea.create_checkout(
        MERCHANT, "100000900", a_cart(), customer={"EmailAddress": "a@example.com"}, shipping={"City": "Ort"}
    )
    created = (await client.checkout("GET", f"/api/orders/{checkout_id}")).json()
    in_admin_before = await client.admin("GET", f"/api/v1/orders/{checkout_id}")

    svea.finalize(checkout_id)
    await svea.settle()
    final = (await client.checkout("GET", f"/api/orders/{checkout_id}")).json()

    assert (created["Status"], created["PaymentType"], created["ShippingAddress"]) == ("Created", None, None)
    assert in_admin_before.status_code == 404
    assert (final["Status"], final["PaymentType"], final["EmailAddress"]) == (
        "Final",
        "INVOICE",
        "a@example.com",
    )
    assert (await shown(client, checkout_id))["OrderAmount"] == 81400
    assert (
        receiver.events[0].items()
        >= {
            "EventName": "CheckoutOrder.Created",
            "CheckoutOrderId": checkout_id,
            "IsPending": False,
            "TimestampUtc": "2026-05-04T07:00:00.0000000Z",
        }.items()
    )


async def test_an_invoice_gets_sveas_fee_row(svea: SandboxSvea, client: SveaClient) -> None:
    svea.merchant(MERCHANT).invoice_fee = 2900

    invoice = await shown(client, await an_order(svea))
    card = await shown(client, await an_order(svea, "SVEACARDPAY"))

    assert invoice["OrderAmount"] == 84300
    assert invoice["OrderRows"][-1]["ArticleNumber"] == "6eaceaec-fffc-41ad-8095-c21de609bcfd"
    assert card["OrderAmount"] == 81400


async def test_partial_deliveries_split_rows_and_close_the_order_at_the_last(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea)

    first = svea.deliver(checkout_id, {1: 100, 3: None}, on=datetime(2026, 5, 5, 22, 30, tzinfo=UTC))
    half = await shown(client, checkout_id)
    second = svea.deliver(checkout_id)
    done = await shown(client, checkout_id)
    await svea.settle()

    assert (half["OrderStatus"], half["SystemStatus"]) == ("Open", "Active")
    assert rows(half) == {1: 100, 2: 300}
    assert rows(half["Deliveries"][0]) == {1: 100, 3: 100}
    assert half["Deliveries"][0]["CreationDate"] == "2026-05-06T00:30:00"
    assert half["Deliveries"][0]["DueDate"] == "2026-06-05T00:00:00"
    assert (done["OrderStatus"], done["SystemStatus"], done["OrderRows"]) == ("Delivered", "Closed", [])
    assert [delivery["DeliveryAmount"] for delivery in done["Deliveries"]] == [29800, 51600]
    assert done["Deliveries"][0]["InvoiceId"] != done["Deliveries"][1]["InvoiceId"]
    assert [event["DeliveryId"] for event in receiver.events[1:]] == [first, second]


async def test_the_rest_of_a_split_row_may_get_a_new_number(svea: SandboxSvea, client: SveaClient) -> None:
    svea.merchant(MERCHANT).split_rows = SplitRows.NEW_ID
    checkout_id = await an_order(svea)

    svea.deliver(checkout_id, {2: 100})

    assert rows(await shown(client, checkout_id)) == {1: 200, 3: 100, 4: 200}


async def test_a_discount_amount_is_shared_between_the_parts_to_the_last_minor_unit(
    svea: SandboxSvea, client: SveaClient
) -> None:
    cart = [Row("A", "Mugg", 12900, 300, discount_amount=100)]
    checkout_id = svea.create_checkout(MERCHANT, "100000901", cart)
    svea.finalize(checkout_id)

    for _ in range(3):
        svea.deliver(checkout_id, {1: 100})

    order = await shown(client, checkout_id)
    assert [delivery["DeliveryAmount"] for delivery in order["Deliveries"]] == [12867, 12866, 12867]
    assert sum(delivery["DeliveryAmount"] for delivery in order["Deliveries"]) == order["OrderAmount"]


@pytest.mark.parametrize("payment_type", ["SWISH", "SWISH_PF", "TRUSTLY", "DBSWEDBANKSE"])
async def test_an_instant_method_is_delivered_at_once(
    svea: SandboxSvea,
    client: SveaClient,
    subscription: Subscription,
    receiver: Receiver,
    payment_type: str,
) -> None:
    order = await shown(client, await an_order(svea, payment_type))

    assert order["OrderStatus"] == "Delivered"
    assert order["Deliveries"][0]["Actions"] == ["CanCreditAmount"]
    assert order["Deliveries"][0]["InvoiceId"] is None
    assert receiver.names == ["CheckoutOrder.Created", "CheckoutOrder.Delivered"]


async def test_a_pending_order_allows_nothing_until_it_is_released(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id = await an_order(svea, pending=True)
    pending = await shown(client, checkout_id)

    with pytest.raises(Refused, match="pending"):
        svea.deliver(checkout_id)
    svea.release_pending(checkout_id)
    svea.deliver(checkout_id)
    await svea.settle()

    assert (pending["SystemStatus"], pending["Actions"]) == ("Pending", [])
    assert receiver.events[0]["IsPending"] is True
    assert receiver.names[1:] == ["CheckoutOrder.PendingStatusReleased", "CheckoutOrder.Delivered"]


async def test_delivering_over_http_queues_a_task_that_redirects_to_the_order(
    svea: SandboxSvea, client: SveaClient
) -> None:
    checkout_id = await an_order(svea)
    path = f"/api/v1/orders/{checkout_id}/deliveries"
    wanted = {"OrderRowIds": [1], "RowDeliveryOptions": [{"OrderRowId": 2, "Quantity": 100}]}

    accepted = await client.admin("POST", path, wanted)
    running = await client.call("GET", accepted.headers["Location"])
    done = await client.call("GET", accepted.headers["Location"])

    assert accepted.status_code == 202
    assert (running.status_code, running.json()["Status"]) == (200, "InProgress")
    assert (done.status_code, done.headers["Location"]) == (
        303,
        f"http://sandbox/svea/admin/api/v1/orders/{checkout_id}",
    )
    followed = (await client.call("GET", done.headers["Location"])).json()
    assert followed["Deliveries"][0]["Id"] == accepted.json()["DeliveryId"]
    assert rows(followed["Deliveries"][0]) == {1: 200, 2: 100}


async def test_a_delivered_row_cannot_be_delivered_again(svea: SandboxSvea, client: SveaClient) -> None:
    checkout_id = await an_order(svea)
    path = f"/api/v1/orders/{checkout_id}/deliveries"
    await client.admin("POST", path, {"OrderRowIds": [1]})

    again = await client.admin("POST", path, {"OrderRowIds": [1]})

    assert again.status_code == 400
    assert again.json() == {
        "Code": 400,
        "Message": "Validation failed",
        "Errors": [{"Code": 30001, "Field": "OrderRowIds", "ErrorMessage": "Row 1 can not be delivered"}],
    }
    assert len((await shown(client, checkout_id))["Deliveries"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"OrderRowIds": [9]},
        {"OrderRowIds": ["1"]},
        {"RowDeliveryOptions": [{"OrderRowId": 1, "Quantity": 300}]},
        {"RowDeliveryOptions": [{"OrderRowId": 1, "Quantity": 0}]},
        {"RowDeliveryOptions": [{"OrderRowId": 1, "Quantity": 1.5}]},
        {"OrderRowIds": [], "InvoiceDistributionType": "Pigeon"},
    ],
)
async def test_a_senseless_delivery_is_refused_and_changes_nothing(
    svea: SandboxSvea, client: SveaClient, body: dict[str, Any]
) -> None:
    checkout_id = await an_order(svea)
    before = await shown(client, checkout_id)

    answer = await client.admin("POST", f"/api/v1/orders/{checkout_id}/deliveries", body)

    assert answer.status_code == 400
    assert await shown(client, checkout_id) == before


async def test_cancel_remaining_ends_the_order_with_what_was_delivered(
    svea: SandboxSvea, client: SveaClient
) -> None:
    checkout_id = await an_order(svea)

    await client.admin(
        "POST", f"/api/v1/orders/{checkout_id}/deliveries", {"OrderRowIds": [2], "CancelRemaining": True}
    )

    order = await shown(client, checkout_id)
    assert (order["OrderStatus"], order["CancelledAmount"]) == ("Delivered", 81400 - 26700)


async def test_capturing_less_cancels_the_difference(svea: SandboxSvea, client: SveaClient) -> None:
    checkout_id = await an_order(svea, "SVEACARDPAY")
    path = f"/api/v1/orders/{checkout_id}/deliveries/DeliverAndLowerAmount"

    refused = await client.admin("POST", path, {"DeliveredAmount": 81401})
    accepted = await client.admin("POST", path, {"DeliveredAmount": 80000})

    order = await shown(client, checkout_id)
    assert (refused.status_code, accepted.status_code) == (400, 202)
    assert order["Deliveries"][0]["DeliveryAmount"] == 80000
    assert (order["OrderStatus"], order["CancelledAmount"]) == ("Delivered", 1400)


async def test_a_payment_plan_is_delivered_whole(svea: SandboxSvea, client: SveaClient) -> None:
    checkout_id = await an_order(svea, "PAYMENTPLAN")

    assert "CanDeliverPartially" not in (await shown(client, checkout_id))["Actions"]
    with pytest.raises(Refused, match="partially"):
        svea.deliver(checkout_id, {1: None})
    svea.deliver(checkout_id)
    assert (await shown(client, checkout_id))["OrderStatus"] == "Delivered"
