"""What the smoke test would notice: each kind of difference, on documents that were right before."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.local.demo import tie_out
from services.local.demo.books import Document, Line
from services.local.demo.expected import PURCHASES, SALES
from services.local.demo.operations import SaleState

VAT_ACCOUNTS = {"DE19": 2671, "DE7": 2674, "MP1": 2611}
DONE = SaleState("9300501", "done", "")


def a_line(total: str, rate: str, code: str, account: int) -> Line:
    return Line("a row", account, Decimal(rate), code, Decimal(total))


def an_order() -> Document:
    return Document(
        kind="order",
        number="7",
        reference="S9300501-O",
        checkout_id="9300501",
        order_number="500000501",
        customer="Somebody",
        total=Decimal("120.70"),
        currency="EUR",
        rate=Decimal("11.20"),
        dated="2026-02-03",
        state="invoiced",
    )


def an_invoice() -> Document:
    return replace(
        an_order(),
        kind="invoice",
        number="9",
        reference="S9300501-D7200541",
        state="booked",
        voucher="B9",
        lines=(
            a_line("89.90", "19", "DE19", 3161),
            a_line("24.90", "7", "DE7", 3164),
            a_line("5.90", "19", "DE19", 3161),
        ),
        postings=(
            (1510, Decimal("1351.84")),
            (2671, Decimal("-171.25")),
            (2674, Decimal("-18.26")),
            (3161, Decimal("-901.71")),
            (3164, Decimal("-260.62")),
        ),
    )


def at_svea(delivered: int = 12070, credited: int = 0) -> Mapping[str, Any]:
    delivery = {"Id": 7200541, "DeliveryAmount": delivered, "CreditedAmount": credited}
    return {"Id": 9300501, "SystemStatus": "Closed", "Deliveries": [delivery]}


def moved(document: Document, account: int, by: str) -> Document:
    """The same document, with a posting that is off."""
    postings = tuple((one, amount + Decimal(by) * (one == account)) for one, amount in document.postings)
    return replace(document, postings=postings)


def all_of(order: Mapping[str, Any], *documents: Document, state: SaleState = DONE) -> list[str]:
    return [
        *tie_out.against_svea(order, documents),
        *tie_out.vouchers(documents, VAT_ACCOUNTS),
        *tie_out.against_expected(SALES[9300501], state, documents),
    ]


def test_a_sale_that_is_right_has_no_difference() -> None:
    assert all_of(at_svea(), an_order(), an_invoice()) == []


def test_an_invoice_that_keeps_its_orders_reference_is_the_delivery_that_took_the_order() -> None:
    assert all_of(at_svea(), an_order(), replace(an_invoice(), reference="S9300501-O")) == []


@pytest.mark.parametrize("account", [1510, 2671, 2674, 3161, 3164])
def test_one_ore_on_any_account_is_noticed(account: int) -> None:
    off = moved(an_invoice(), account, "0.01")

    found = all_of(at_svea(), an_order(), off)

    assert any("off balance by 0.01" in one for one in found)
    assert any(f"on account {account}" in one for one in found)


def test_vat_on_the_account_of_another_code_is_noticed_although_the_voucher_balances() -> None:
    postings = tuple((2611 if one == 2671 else one, amount) for one, amount in an_invoice().postings)

    found = list(tie_out.vouchers([replace(an_invoice(), postings=postings)], VAT_ACCOUNTS))

    assert found == [
        "invoice 9: 0.00 SEK on account 2671, expected -171.25",
        "invoice 9: -171.25 SEK on account 2611, expected 0.00",
    ]


def test_an_invoice_that_differs_from_the_delivery_is_noticed_with_both_numbers() -> None:
    assert list(tie_out.against_svea(at_svea(12071), [an_order(), an_invoice()])) == [
        "delivery 7200541: 120.71 at Svea, 120.70 in Fortnox"
    ]


def test_a_purchase_that_is_right_in_the_shop_has_no_difference() -> None:
    in_shop = {"total_invoiced": Decimal("120.7"), "total_refunded": None}

    assert list(tie_out.against_shop(in_shop, [an_order(), an_invoice()])) == []


def test_what_differs_from_the_shop_is_noticed_with_both_numbers() -> None:
    in_shop = {"total_invoiced": Decimal("120.70"), "total_refunded": Decimal("5.90")}
    credit = replace(an_invoice(), kind="credit invoice", total=Decimal("-5.89"))

    assert list(tie_out.against_shop(in_shop, [an_order(), an_invoice(), credit])) == [
        "refunded: 5.90 in the shop, 5.89 in Fortnox"
    ]


def test_an_order_that_the_shop_lost_is_noticed() -> None:
    assert list(tie_out.against_shop(None, [an_order(), an_invoice()])) == [
        "invoiced: 0 in the shop, 120.70 in Fortnox"
    ]


def test_a_credit_that_was_not_booked_is_noticed() -> None:
    assert list(tie_out.against_svea(at_svea(credited=590), [an_order(), an_invoice()])) == [
        "credits of delivery 7200541: 5.9 at Svea, 0.00 in Fortnox"
    ]


def test_an_invoice_that_was_booked_twice_is_noticed() -> None:
    twice = replace(an_invoice(), number="10", voucher="B10", reference="")

    found = all_of(at_svea(), an_order(), an_invoice(), twice)

    assert "invoice 10 () has no delivery at Svea" in found
    assert "not expected: invoice of 120.70, booked" in found


def test_an_invoice_that_was_not_booked_is_noticed() -> None:
    unbooked = replace(an_invoice(), voucher="", postings=(), state="not booked")

    assert "invoice 9 has no voucher" in all_of(at_svea(), an_order(), unbooked)


def test_an_order_left_open_after_the_sale_is_closed_is_noticed() -> None:
    found = list(tie_out.against_svea(at_svea(), [replace(an_order(), state="open"), an_invoice()]))

    assert found == ["order 7 is open, at Svea it is closed"]


@pytest.mark.parametrize("state", [None, SaleState("9300501", "needs_attention", "no account")])
def test_a_sale_that_did_not_end_as_it_must_is_noticed(state: SaleState | None) -> None:
    found = list(tie_out.against_expected(SALES[9300501], state, [an_order(), an_invoice()]))

    assert len(found) == 1
    assert found[0].endswith("expected done")


def test_what_is_expected_of_each_sample_sale_balances() -> None:
    """The hand-made figures themselves: every sale's accounts come to nothing."""
    everything = [*SALES.items(), *PURCHASES.items()]
    sums = {sale: sum(expected.by_account.values()) for sale, expected in everything}

    assert {sale: total for sale, total in sums.items() if total} == {}
