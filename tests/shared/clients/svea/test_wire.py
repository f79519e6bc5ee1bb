"""Svea's sampled answers, field by field."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.clients.fields import Fields
from shared.clients.svea.wire import Address, to_admin_order, to_checkout_order, to_subscriptions
from shared.domain.errors import UnreadableAnswer
from tests.shared.clients.support import sample


def admin(shared_material: Path, name: str) -> Fields:
    return Fields(sample(shared_material, "svea-samples", "payment-admin", f"{name}.json"), of="answer")


def test_a_partly_credited_order_is_read_with_its_deliveries_and_credits(shared_material: Path) -> None:
    order = to_admin_order(admin(shared_material, "order-9300101-4-partially-credited"))

    assert (order.id, order.merchant_order_id, order.currency) == ("9300101", "100000101", "SEK")
    assert (order.status, order.system_status, order.is_pending) == ("Delivered", "Closed", False)
    assert (order.payment_type, order.amount, order.cancelled_amount) == ("Invoice", 289200, 0)
    assert order.created_at is not None
    assert order.created_at.astimezone(UTC) == datetime(2026, 2, 2, 8, 15, 22, tzinfo=UTC)
    assert order.rows == ()
    first, second = order.deliveries
    assert (first.id, first.invoice_id, first.amount, first.credited_amount) == (7200501, 880501, 232700, 0)
    assert (second.id, second.amount, second.credited_amount) == (7200502, 56500, 14900)
    assert [row.row_id for row in first.rows] == [1, 4, 5, 6]
    assert first.rows[2].unit_price == -25000
    (credit,) = second.credits
    assert (credit.amount, credit.rows[0].quantity, credit.rows[0].unit_price) == (-14900, -100, 14900)
    assert order.billing == Address(
        "Testsson, Tilda", "", "", "Provgatan 1", "", "", "11122", "Stockholm", "SE"
    )


def test_pending_cancelled_and_instant_orders_are_read(shared_material: Path) -> None:
    assert to_admin_order(admin(shared_material, "order-9300104-1-pending")).is_pending

    cancelled = to_admin_order(admin(shared_material, "order-9300102-cancelled"))
    assert (cancelled.status, cancelled.cancelled_amount) == ("Cancelled", cancelled.amount)
    assert all(row.cancelled for row in cancelled.rows)

    instant = to_admin_order(admin(shared_material, "order-9300103-delivered-instant"))
    assert [delivery.invoice_id for delivery in instant.deliveries] == [None]


def test_a_final_checkout_is_read_with_its_cart(shared_material: Path) -> None:
    order = to_checkout_order(
        Fields(sample(shared_material, "svea-samples", "checkout", "order-9300101-final.json"), of="answer")
    )

    assert (order.id, order.client_order_number, order.status) == ("9300101", "100000101", "Final")
    assert (order.currency, order.country, order.locale) == ("SEK", "SE", "sv-SE")
    assert (order.payment_type, order.payment_method) == ("INVOICE", "Invoice")
    assert (order.is_company, order.national_id, order.customer_id) == (False, "190001019999", 51001)
    assert [(row.row_number, row.row_type) for row in order.rows][3] == (4, "ShippingFee")
    assert sum(row.quantity * row.unit_price // 100 for row in order.rows) == 289200


def test_every_sampled_order_is_read(shared_material: Path) -> None:
    folder = shared_material / "apis" / "svea-samples"
    admins = sorted((folder / "payment-admin").glob("order-*.json"))
    checkouts = sorted((folder / "checkout").glob("order-*.json"))

    assert len(admins) > 10
    assert len(checkouts) > 5
    for path in admins:
        order = to_admin_order(admin(shared_material, path.stem))
        for delivery in order.deliveries:
            assert sum(credit.amount for credit in delivery.credits) == -delivery.credited_amount
    for path in checkouts:
        assert to_checkout_order(Fields(sample(folder, str(path)), of="answer")).id == path.stem.split("-")[1]


def test_a_delivery_id_of_zero_is_none_and_an_empty_address_is_none() -> None:
    order = to_admin_order(
        Fields(
            {
                "id": "17",
                "CURRENCY": "sek",
                "OrderStatus": "SomethingNew",
                "OrderAmount": "100",
                "BillingAddress": {"FullName": None, "CountryCode": "SE"},
                "Deliveries": [{"Id": 0, "DeliveryAmount": 100}],
            },
            of="answer",
        )
    )

    assert (order.id, order.currency, order.status) == ("17", "SEK", "SomethingNew")
    assert (order.billing, order.shipping) == (None, None)
    assert [delivery.id for delivery in order.deliveries] == [None]


def test_an_amount_that_is_missing_is_never_nought() -> None:
    with pytest.raises(UnreadableAnswer, match="OrderAmount"):
        to_admin_order(Fields({"Id": 1, "Currency": "SEK", "OrderStatus": "Open"}, of="answer"))


def test_subscriptions_are_read_wrapped_and_bare(shared_material: Path) -> None:
    wrapped = sample(shared_material, "svea-samples", "subscriptions", "list-response.json")

    (subscription,) = to_subscriptions(wrapped)

    assert subscription.id == "cd20ff38-b18f-4134-883a-7291e7bb2a9b"
    assert (subscription.verified, len(subscription.events)) == (True, 7)
    assert to_subscriptions(wrapped["Subscriptions"]) == (subscription,)
