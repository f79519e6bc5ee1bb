from __future__ import annotations

from typing import Any

import pytest

from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.subscriptions import Subscription
from tests.services.sandbox.svea.support import MERCHANT, Receiver, SveaClient, a_cart


def a_delivery(svea: SandboxSvea, payment_type: str = "INVOICE") -> tuple[int, int]:
    checkout_id = svea.create_checkout(MERCHANT, "100000900", a_cart(), payment_type=payment_type)
    svea.finalize(checkout_id)
    order = svea.order(checkout_id)
    delivery_id = order.deliveries[0].number if order.deliveries else svea.deliver(checkout_id)
    return checkout_id, delivery_id


async def delivered(client: SveaClient, checkout_id: int) -> dict[str, Any]:
    order = (await client.admin("GET", f"/api/v1/orders/{checkout_id}")).json()
    assert order["OrderStatus"] == "Delivered"
    delivery: dict[str, Any] = order["Deliveries"][0]
    assert sum(credit["Amount"] for credit in delivery["Credits"]) == -delivery["CreditedAmount"]
    return delivery


async def test_crediting_a_part_of_a_row_shows_negative_amount_and_quantity_and_no_id(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id, delivery_id = a_delivery(svea)
    path = f"/api/v1/orders/{checkout_id}/deliveries/{delivery_id}/credits"

    accepted = await client.admin(
        "POST", path, {"OrderRowIds": [], "RowCreditingOptions": [{"OrderRowId": 1, "Quantity": 100}]}
    )
    await client.call("GET", accepted.headers["Location"])
    done = await client.call("GET", accepted.headers["Location"])
    result = await client.call("GET", done.headers["Location"])
    await svea.settle()

    delivery = await delivered(client, checkout_id)
    assert (accepted.status_code, done.status_code) == (202, 303)
    assert delivery["CreditedAmount"] == 24900
    assert set(delivery["Credits"][0]) == {"Amount", "OrderRows", "Actions"}
    credited = delivery["Credits"][0]["OrderRows"][0]
    assert (credited["OrderRowId"], credited["Quantity"], credited["UnitPrice"]) == (1, -100, 24900)
    assert receiver.events[-1]["EventName"] == "CheckoutOrder.CreditSucceeded"
    assert result.json() == {"CreditId": str(receiver.events[-1]["CreditId"])}
    assert "DeliveryId" not in receiver.events[-1]


async def test_no_more_than_was_delivered_can_be_credited(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id, delivery_id = a_delivery(svea)
    svea.credit_rows(checkout_id, delivery_id, {1: 100})
    await svea.settle()
    told = len(receiver.requests)
    path = f"/api/v1/orders/{checkout_id}/deliveries/{delivery_id}/credits"

    bodies: list[dict[str, Any]] = [
        {"RowCreditingOptions": [{"OrderRowId": 1, "Quantity": 200}]},
        {"OrderRowIds": [9]},
        {"OrderRowIds": []},
        {"NewCreditOrderRow": {"Name": "Bonus", "UnitPrice": 56501, "VatPercent": 2500}},
    ]
    for body in bodies:
        assert (await client.admin("POST", path, body)).status_code == 400
    await svea.settle()

    assert (await delivered(client, checkout_id))["CreditedAmount"] == 24900
    assert len(receiver.requests) == told


async def test_a_fully_credited_delivery_allows_nothing_more_and_stays_delivered(
    svea: SandboxSvea, client: SveaClient
) -> None:
    checkout_id, delivery_id = a_delivery(svea)

    svea.credit_rows(checkout_id, delivery_id, {2: 100})
    svea.credit_rows(checkout_id, delivery_id)

    delivery = await delivered(client, checkout_id)
    assert delivery["CreditedAmount"] == delivery["DeliveryAmount"] == 81400
    assert delivery["Actions"] == []
    assert [row["Actions"] for row in delivery["OrderRows"]] == [[], [], []]


async def test_a_new_row_can_be_credited(svea: SandboxSvea, client: SveaClient) -> None:
    checkout_id, delivery_id = a_delivery(svea)
    path = f"/api/v1/orders/{checkout_id}/deliveries/{delivery_id}/credits"
    row = {"Name": "Refund", "UnitPrice": 5000, "VatPercent": 2500, "Quantity": 100}

    one = await client.admin("POST", path, {"NewCreditOrderRow": row})
    two = await client.admin("POST", path, {"NewCreditOrderRows": [row, row]})

    delivery = await delivered(client, checkout_id)
    assert (one.status_code, two.status_code) == (202, 202)
    assert [credit["Amount"] for credit in delivery["Credits"]] == [-5000, -10000]


async def test_a_fee_can_be_kept_back_on_invoices_only(svea: SandboxSvea, client: SveaClient) -> None:
    fee = {"ArticleNumber": "fee", "Name": "Returavgift", "UnitPrice": 4900, "VatPercent": 2500}
    invoice, account = a_delivery(svea), a_delivery(svea, "ACCOUNTCREDIT")

    answers = [
        await client.admin(
            "POST",
            f"/api/v1/orders/{checkout_id}/deliveries/{delivery_id}/credits/CreditWithFee",
            {"OrderRowIds": [1], "Fee": fee},
        )
        for checkout_id, delivery_id in (invoice, account)
    ]

    assert [answer.status_code for answer in answers] == [202, 400]
    assert (await delivered(client, invoice[0]))["CreditedAmount"] == 49800 - 4900


@pytest.mark.parametrize("payment_type", ["SVEACARDPAY", "SWISH", "MOBILEPAY"])
async def test_the_credited_amount_is_a_target_not_a_step(
    svea: SandboxSvea,
    client: SveaClient,
    subscription: Subscription,
    receiver: Receiver,
    payment_type: str,
) -> None:
    checkout_id, delivery_id = a_delivery(svea, payment_type)
    path = f"/api/v1/orders/{checkout_id}/deliveries/{delivery_id}"

    answers = [
        (await client.admin("PATCH", path, {"CreditedAmount": amount})).status_code
        for amount in (10000, 10000, 15000, 81401, 81400)
    ]
    await svea.settle()

    delivery = await delivered(client, checkout_id)
    assert answers == [204, 400, 204, 400, 204]
    assert [credit["Amount"] for credit in delivery["Credits"]] == [-10000, -5000, -66400]
    assert all(credit["OrderRows"] == [] for credit in delivery["Credits"])
    assert receiver.names.count("CheckoutOrder.CreditSucceeded") == 3


async def test_rows_are_credited_on_invoices_and_amounts_on_cards(
    svea: SandboxSvea, client: SveaClient
) -> None:
    invoice, card = a_delivery(svea), a_delivery(svea, "SVEACARDPAY")
    by_amount = await client.admin(
        "PATCH", f"/api/v1/orders/{invoice[0]}/deliveries/{invoice[1]}", {"CreditedAmount": 100}
    )
    by_row = await client.admin(
        "POST", f"/api/v1/orders/{card[0]}/deliveries/{card[1]}/credits", {"OrderRowIds": [1]}
    )

    assert (by_amount.status_code, by_row.status_code) == (400, 400)
    assert (await delivered(client, invoice[0]))["CreditedAmount"] == 0
    assert (await delivered(client, card[0]))["CreditedAmount"] == 0


async def test_an_unknown_delivery_is_404(svea: SandboxSvea, client: SveaClient) -> None:
    checkout_id, _ = a_delivery(svea)

    answer = await client.admin(
        "POST", f"/api/v1/orders/{checkout_id}/deliveries/1/credits", {"OrderRowIds": [1]}
    )

    assert answer.status_code == 404


async def test_a_credit_that_fails_is_told_and_changes_nothing(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    checkout_id, delivery_id = a_delivery(svea, "SWISH")
    svea.merchant(MERCHANT).credits_fail = True

    credit_id = svea.credit_amount(checkout_id, delivery_id, 5000)
    await svea.settle()

    assert (await delivered(client, checkout_id))["CreditedAmount"] == 0
    assert (
        receiver.events[-1].items()
        >= {
            "EventName": "CheckoutOrder.CreditFailed",
            "CreditId": credit_id,
        }.items()
    )
