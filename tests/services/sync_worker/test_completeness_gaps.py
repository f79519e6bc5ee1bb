"""Svea's deliveries and credits against our documents, both ways, to the öre."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.sync_worker.completeness_gaps import gaps_of
from shared.clients.svea.wire import AdminOrder, Credit, Delivery
from shared.ledger.links import Outline
from shared.settings.connections import ConnectionDeclaration
from tests.support.world import a_declaration


def settings(**changes: Any) -> ConnectionDeclaration:
    return ConnectionDeclaration.model_validate(a_declaration(**changes))


def a_delivery(id_: int = 7, amount: int = 54700, credited: int = 0) -> Delivery:
    credits = (Credit(-credited, ()),) if credited else ()
    return Delivery(
        id_, datetime(2026, 5, 4, 8, tzinfo=UTC), None, amount, credited, credits, (), "Delivered"
    )


def an_order(*deliveries: Delivery) -> AdminOrder:
    fields: dict[str, Any] = dict.fromkeys(AdminOrder.__dataclass_fields__, "")
    return AdminOrder(**fields | {"id": "9300101", "currency": "SEK", "deliveries": deliveries})


def a_document(reference: str, total: str, number: str = "4711", **changes: Any) -> Outline:
    kind, parent = "invoice", None
    if "-C" in reference:
        kind, parent = "credit_invoice", reference.partition("-C")[0]
    values: dict[str, Any] = {
        "subject_id": "sale",
        "kind": kind,
        "reference": reference,
        "number": number,
        "state": "final",
        "total": Decimal(total),
        "currency": "SEK",
        "dated": date(2026, 5, 4),
        "parent": parent,
    }
    return Outline(**values | changes)


INVOICE = a_document("S9300101-D7", "547.00")


def test_a_delivery_and_its_credits_with_their_documents_have_no_gap() -> None:
    credits = [
        a_document("S9300101-D7-C1", "-100.00", "4712"),
        a_document("S9300101-D7-C2", "-49.00", "4713"),
    ]

    gaps = gaps_of(an_order(a_delivery(credited=14900)), [INVOICE, *credits], settings())

    assert not gaps
    assert (gaps.deliveries, gaps.credits) == (1, 1)


def test_what_svea_has_and_we_have_not_is_missing() -> None:
    gaps = gaps_of(an_order(a_delivery(credited=14900), a_delivery(8, 100)), [INVOICE], settings())

    assert gaps.missing == (
        "of 149.00 SEK credited on delivery 7, 0.00 SEK is in credit invoices",
        "delivery 8 of 1.00 SEK has no invoice",
    )
    assert gaps.odd == ()


def test_a_document_that_is_not_final_is_none() -> None:
    unfinished = a_document("S9300101-D7", "547.00", state="created")

    assert gaps_of(an_order(a_delivery()), [unfinished], settings()).missing == (
        "delivery 7 of 547.00 SEK has no invoice",
    )


def test_what_only_a_person_can_tell_is_odd() -> None:
    other = a_document("S9300101-D9", "10.00", "4719")
    too_much = a_document("S9300101-D7-C1", "-100.00", "4712")
    dearer = a_document("S9300101-D7", "547.01")

    assert gaps_of(an_order(a_delivery()), [dearer, too_much, other], settings()).odd == (
        "delivery 7 is 547.00 SEK, invoice 4711 is 547.01",
        "credit invoices 4712 are 100.00 SEK, Svea has credited 0.00 SEK",
        "invoice 4719 (S9300101-D9) has no delivery at Svea",
    )


@pytest.mark.parametrize(
    "changes",
    [{"active_from": "2026-05-05"}, {"sync": {"invoices": False}}, {"sync": {"orders": False}}],
)
def test_what_is_not_to_be_booked_is_not_missing(changes: dict[str, Any]) -> None:
    assert not gaps_of(an_order(a_delivery(credited=100)), [], settings(**changes))


def test_refunds_that_are_switched_off_are_not_compared() -> None:
    order = an_order(a_delivery(credited=100))

    assert not gaps_of(order, [INVOICE], settings(sync={"refunds": False}))
