"""The control API: everything the Python objects can do, for other processes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.events import EVENT_NAMES
from tests.services.sandbox.svea.support import MERCHANT, Receiver, SveaClient

ITEM = {"ArticleNumber": "A", "Name": "Mugg", "Quantity": 200, "UnitPrice": 24900, "VatPercent": 2500}


@pytest.fixture
def subscribed(sandbox: Sandbox) -> None:
    sandbox.svea.subscriptions.add(
        "s", merchant_id=MERCHANT, url="http://receiver/hook", events=EVENT_NAMES
    ).verified = True


async def post(http: httpx.AsyncClient, path: str, body: Any = None) -> Any:
    answer = await http.post("/_control" + path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def an_order(http: httpx.AsyncClient, payment_type: str = "INVOICE") -> int:
    wanted = {
        "merchant_id": MERCHANT,
        "client_order_number": "100000950",
        "items": [ITEM],
        "payment_type": payment_type,
        "shipping": {"FullName": "Testsson, Tilda", "City": "Ort"},
    }
    checkout_id: int = (await post(http, "/svea/orders", wanted))["checkout_id"]
    return checkout_id


async def admin(http: httpx.AsyncClient, checkout_id: int) -> dict[str, Any]:
    order: dict[str, Any] = (await http.get(f"/_control/svea/orders/{checkout_id}")).json()["admin"]
    return order


@pytest.mark.usefixtures("subscribed")
async def test_a_purchase_is_played_from_session_to_refund(
    http: httpx.AsyncClient, receiver: Receiver
) -> None:
    checkout_id = await an_order(http)
    order = f"/svea/orders/{checkout_id}"

    await post(http, order + "/finalize", {"pending": True})
    await post(http, order + "/release_pending")
    await post(http, order + "/update_rows", {"rows": {"1": {"UnitPrice": 20000}}})
    added = await post(http, order + "/add_rows", {"rows": [ITEM]})
    await post(http, order + "/cancel_rows", {"row_ids": added["row_ids"]})
    delivered = await post(http, order + "/deliver", {"rows": {"1": 100}, "on": "2026-05-05T10:00:00Z"})
    await post(http, order + "/deliver")
    delivery = f"{order}/deliveries/{delivered['delivery_id']}"
    await post(http, delivery + "/credit_new_row", {"rows": [{**ITEM, "Quantity": 100, "UnitPrice": 500}]})
    await post(http, "/svea/settle")
    shown = await admin(http, checkout_id)

    assert shown["OrderStatus"] == "Delivered"
    assert [one["DeliveryAmount"] for one in shown["Deliveries"]] == [20000, 20000]
    assert [one["CreditedAmount"] for one in shown["Deliveries"]] == [500, 0]
    assert [name.removeprefix("CheckoutOrder.") for name in receiver.names] == [
        "Created",
        "PendingStatusReleased",
        "Updated",
        "Updated",
        "Updated",
        "Delivered",
        "Delivered",
        "CreditSucceeded",
    ]


async def test_cards_are_lowered_captured_credited_cancelled_and_expire(http: httpx.AsyncClient) -> None:
    captured = await an_order(http, "SVEACARDPAY")
    await post(http, f"/svea/orders/{captured}/finalize")
    await post(http, f"/svea/orders/{captured}/cancel_amount", {"cumulative_minor": 800})
    lowered = await post(http, f"/svea/orders/{captured}/deliver_lower_amount", {"amount": 40000})
    delivery = f"/svea/orders/{captured}/deliveries/{lowered['delivery_id']}"
    await post(http, delivery + "/credit_amount", {"cumulative_minor": 10000})
    ended = {}
    for ending in ("cancel", "expire"):
        checkout_id = await an_order(http, "SVEACARDPAY")
        await post(http, f"/svea/orders/{checkout_id}/finalize")
        await post(http, f"/svea/orders/{checkout_id}/{ending}")
        ended[ending] = (await admin(http, checkout_id))["OrderStatus"]

    shown = (await admin(http, captured))["Deliveries"][0]
    assert (shown["DeliveryAmount"], shown["CreditedAmount"]) == (40000, 10000)
    assert ended == {"cancel": "Cancelled", "expire": "Cancelled"}


async def test_rows_of_an_invoice_can_be_credited_and_replaced(http: httpx.AsyncClient) -> None:
    checkout_id = await an_order(http)
    order = f"/svea/orders/{checkout_id}"
    await post(http, order + "/finalize")
    await post(http, order + "/replace_rows", {"rows": [ITEM, ITEM]})
    delivered = await post(http, order + "/deliver", {"rows": {"2": None}})

    credited = await post(
        http, f"{order}/deliveries/{delivered['delivery_id']}/credit_rows", {"rows": {"2": 100}}
    )

    shown = (await admin(http, checkout_id))["Deliveries"][0]
    assert shown["CreditedAmount"] == 24900
    assert credited["credit_id"] > 0


async def test_what_svea_refuses_the_control_refuses_with_the_reason(http: httpx.AsyncClient) -> None:
    checkout_id = await an_order(http)

    unknown = await http.post("/_control/svea/orders/1/deliver")
    not_final = await http.post(f"/_control/svea/orders/{checkout_id}/deliver")
    await post(http, f"/svea/orders/{checkout_id}/finalize")
    twice = await http.post(f"/_control/svea/orders/{checkout_id}/finalize")

    assert (unknown.status_code, not_final.status_code, twice.status_code) == (404, 404, 400)
    assert twice.json() == {"field": "Status", "detail": "Order is Final"}


async def test_a_merchant_is_added_and_switched_and_its_secret_is_not_shown(
    http: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await post(
        http,
        "/svea/merchants",
        {
            "merchant_id": "700009",
            "secret": "s3cret",
            "country": "DE",
            "currency": "EUR",
            "locale": "de-DE",
            "invoice_fee": 290,
        },
    )
    switched = await http.patch(
        "/_control/svea/merchants/700009", json={"error_shape": "header", "signs_webhooks": False}
    )
    listed = await http.get("/_control/svea/merchants")

    assert switched.json()["error_shape"] == "header"
    assert (sandbox.svea.merchant("700009").signs_webhooks, switched.json()["invoice_fee"]) == (False, 290)
    assert "s3cret" not in listed.text + switched.text
    assert (await http.patch("/_control/svea/merchants/1", json={})).status_code == 404
    assert (await http.patch("/_control/svea/merchants/700009", json={"x": 1})).status_code == 422


@pytest.mark.usefixtures("subscribed")
async def test_webhooks_are_held_doubled_lost_released_and_read_back(
    http: httpx.AsyncClient, receiver: Receiver
) -> None:
    checkout_id = await an_order(http)
    await http.put("/_control/svea/delivery_mode", json={"hold": True, "copies": 2})
    await post(http, f"/svea/orders/{checkout_id}/finalize")
    held = (await http.get("/_control/svea/delivery_mode")).json()
    released = await post(http, "/svea/release_webhooks", {"order": "reversed"})
    await http.put("/_control/svea/delivery_mode", json={"lose": 1})
    await post(http, f"/svea/orders/{checkout_id}/deliver")
    lost = (await http.get("/_control/svea/delivery_mode")).json()["lost"]
    await post(http, "/svea/settle")
    log = (await http.get("/_control/svea/webhooks")).json()
    await http.delete("/_control/svea/webhooks")

    assert (held["held"], released, lost) == (2, {"released": 2}, 1)
    assert receiver.names == ["CheckoutOrder.Created"] * 2
    assert [(one["name"], one["attempt"], one["status"]) for one in log] == [
        ("CheckoutOrder.Created", 1, 200)
    ] * 2
    assert "X-Signature-512" in log[0]["headers"]
    assert (await http.get("/_control/svea/webhooks")).json() == []


@pytest.mark.usefixtures("subscribed")
async def test_svea_can_be_made_impatient_and_events_sent_again(
    http: httpx.AsyncClient, receiver: Receiver
) -> None:
    receiver.answers = [500, 500, 500]
    impatient = {"max_attempts": 2, "first_backoff_seconds": 0, "requires_https": True}
    await http.put("/_control/svea/sending", json=impatient)
    checkout_id = await an_order(http)

    await post(http, f"/svea/orders/{checkout_id}/finalize")
    await post(http, "/svea/settle")
    given_up = (await http.get("/_control/svea/webhooks/given_up")).json()
    resent = await post(http, "/svea/resend_webhooks", {"last": 1, "copies": 2})
    await post(http, "/svea/settle")
    (subscription,) = (await http.get(f"/_control/svea/subscriptions/{MERCHANT}")).json()

    assert given_up == [{"name": "CheckoutOrder.Created", "url": "http://receiver/hook"}]
    assert (resent, len(receiver.requests)) == ({"sent": 2}, 5)
    assert (subscription["subscription_id"], subscription["verified"]) == ("s", True)


@pytest.mark.usefixtures("subscribed")
async def test_any_text_can_be_sent_as_a_webhook(http: httpx.AsyncClient, receiver: Receiver) -> None:
    text = '{"EventName":"CheckoutOrder.Delivered","CheckoutOrderId":1,"DeliveryId":2}'

    sent = await post(http, "/svea/webhooks/exact", {"merchant_id": MERCHANT, "body": text})
    await post(http, "/svea/settle")

    assert (sent, receiver.requests[0][2]) == ({"sent_to": 1}, text.encode())


async def test_samples_and_stories_are_played(http: httpx.AsyncClient) -> None:
    await post(http, "/svea/samples", {"stage": "none"})
    listed = (await http.get("/_control/svea/stories")).json()

    for number in (1, 2):
        await post(http, f"/svea/stories/A/{number}")
    beyond = await http.post("/_control/svea/stories/A/99")

    assert [one["key"] for one in listed] == ["A", "B", "B2", "C", "D", "E", "F", "G", "H", "I"]
    assert listed[0]["steps"][1]["webhook"] == "01-created-9300101.json"
    assert (await admin(http, 9300101))["OrderStatus"] == "Open"
    assert beyond.status_code == 404


async def test_a_report_put_there_is_served(http: httpx.AsyncClient, client: SveaClient) -> None:
    body = b'{"totalNrOfRows": 0, "clientReports": []}'

    put = await http.put(f"/_control/svea/reports/{MERCHANT}/2026-05-08", content=body)
    answer = await client.admin("GET", "/api/v2/reports?date=2026-05-08&includeWithholding=true")
    calls = (await http.get("/_control/svea/calls", params={"merchant_id": MERCHANT})).json()

    assert (put.status_code, answer.content) == (204, body)
    assert [(call["path"], call["status"]) for call in calls] == [("/api/v2/reports", 200)]
    await http.delete("/_control/svea/calls")
    assert (await http.get("/_control/svea/calls")).json() == []


async def test_the_clock_is_set_advanced_and_given_back(http: httpx.AsyncClient, sandbox: Sandbox) -> None:
    at = (await http.put("/_control/clock", json={"at": "2026-02-03T12:00:00Z"})).json()
    on = (await http.put("/_control/clock", json={"advance_seconds": 60})).json()
    back = (await http.put("/_control/clock", json={})).json()
    refused = await http.put("/_control/clock", json={"at": "2026-02-03T12:00:00"})

    assert (at["now"], on["now"]) == ("2026-02-03T12:00:00Z", "2026-02-03T12:01:00Z")
    assert (back["was_set"], refused.status_code) == (False, 422)
    assert sandbox.clock() == sandbox.clock.source()


async def test_faults_are_added_shown_and_removed(http: httpx.AsyncClient, client: SveaClient) -> None:
    rule = {
        "system": "svea_admin",
        "path": "/reports",
        "times": 1,
        "status": {"code": 500, "body": "broken", "headers": {"Retry-After": "1"}},
    }

    number = (await post(http, "/faults", rule))["number"]
    struck = await client.admin("GET", "/api/v2/reports?date=2026-05-08")
    shown = (await http.get("/_control/faults")).json()
    removed = await http.delete(f"/_control/faults/{number}")

    assert (struck.status_code, struck.text, struck.headers["Retry-After"]) == (500, "broken", "1")
    assert [(one["action"], one["hits"]) for one in shown["rules"]] == [("status", 1)]
    assert removed.status_code == 204
    assert (await http.delete(f"/_control/faults/{number}")).status_code == 404
    assert (await http.get("/_control/faults")).json() == {"rules": [], "held": []}


@pytest.mark.parametrize("actions", [{}, {"drop": "after", "pause": "after"}, {"drop": "sometimes"}])
async def test_a_fault_has_exactly_one_action(
    http: httpx.AsyncClient, sandbox: Sandbox, actions: dict[str, Any]
) -> None:
    answer = await http.post("/_control/faults", json={"system": "fortnox", **actions})

    assert answer.status_code == 422
    assert sandbox.faults.rules == []


async def test_waiting_for_a_held_request_gives_up(http: httpx.AsyncClient) -> None:
    answer = await http.get("/_control/faults/held", params={"at_least": 1, "timeout_seconds": 0.01})

    assert answer.status_code == 408
