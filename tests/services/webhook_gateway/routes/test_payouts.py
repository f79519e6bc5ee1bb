"""Payouts over the API: found by day or bank line, shown row by row, matched by hand, booked on a day."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.payouts import Payout
from shared.ledger.payout_lists import row_key_of
from shared.ledger.records import Problem
from tests.services.webhook_gateway.payouts_support import (
    a_payout,
    a_row,
    ends,
    has_document,
    has_lease,
    has_payout,
    has_sale,
    kr,
)
from tests.services.webhook_gateway.support import Gateway, problem_of

REFERENCE = "Pse-79021-20260504-SEK"


async def is_booked(gateway: Gateway, payout: Payout | None = None) -> str:
    """A payout whose first row paid invoice 4711, and whose second waits."""
    payout = payout or a_payout(a_row(), a_row("two", "399.00", "5.99", checkout_id=7709999, delivery_id=1))
    payout_id = await has_payout(gateway, payout)
    lease = await has_lease(gateway, payout_id)
    await has_document(
        gateway, lease, "payment", f"{REFERENCE}-one-1", "31", total="538.79", parent="S9300101-D7200501"
    )
    await has_document(gateway, lease, "voucher", f"{REFERENCE}-V", "S-12-2")
    await gateway.ledger.payouts.note(
        payout_id,
        [
            ("one-1", "matched", "547.00 SEK pays invoice 4711 by its delivery", ["4711"]),
            ("two-1", "parked", "Svea order 7709999 has no invoice; on 2999 until there is one", []),
        ],
    )
    await gateway.ledger.payouts.booked(payout_id)
    await ends(gateway, lease)
    return payout_id


async def ids(gateway: Gateway, **params: Any) -> list[str]:
    answer = await gateway.call("GET", "/payouts", **params)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_payouts_are_listed_by_day_state_and_state_of_their_rows(gateway: Gateway) -> None:
    await gateway.knows()
    booked = await is_booked(gateway)
    later = await has_payout(gateway, a_payout(on="2026-05-11"))
    lease = await has_lease(gateway, later)
    problem = Problem("unbalanced", "rows 1486.04 SEK, paid 1476.04 SEK", "Compare.", {})
    await ends(gateway, lease, "needs_attention", problem=problem, next_try_at=gateway.clock())

    assert await ids(gateway) == [later, booked]
    assert await ids(gateway, connection="acme", **{"from": "2026-05-05", "to": "2026-05-31"}) == [later]
    assert await ids(gateway, connection="another") == []
    assert await ids(gateway, state="needs_attention") == [later]
    assert await ids(gateway, state="done") == [booked]
    assert await ids(gateway, rows="parked") == [booked]
    first = (await gateway.call("GET", "/payouts", limit=1)).json()
    assert await ids(gateway, limit=1, cursor=first["next_cursor"]) == [booked]
    assert first["items"][0]["problem"]["code"] == "unbalanced"


async def test_a_line_at_the_bank_finds_its_payout(gateway: Gateway) -> None:
    await gateway.knows()
    payout = await has_payout(gateway)
    other = await has_payout(gateway, a_payout(a_row(nominal="100.00"), on="2026-05-05"))

    assert await ids(gateway, amount="538.79", date="2026-05-06") == [payout]
    assert await ids(gateway, amount="538.8") == []
    assert await ids(gateway, date="2026-05-06") == [other, payout]
    assert await ids(gateway, amount="538.79", date="2026-05-03") == []
    assert await ids(gateway, amount="538.79", date="2026-05-10") == []


async def test_a_payout_is_shown_row_by_row_with_documents_vouchers_and_sales(gateway: Gateway) -> None:
    await gateway.knows()
    sale = await has_sale(gateway)
    payout = await is_booked(gateway)

    shown = (await gateway.call("GET", f"/payouts/{payout}")).json()

    assert shown["paid"] == {"amount": "931.80", "currency": "SEK"}
    assert shown["rows"] == {"matched": 1, "parked": 1}
    assert (shown["date"], shown["booked"], shown["state"]) == ("2026-05-04", True, "done")
    assert [(one["kind"], one["number"]) for one in shown["documents"]] == [("voucher", "S-12-2")]
    paid, parked = shown["items"]
    assert paid["documents"] == [{"number": "4711", "kind": "invoice", "sale_id": sale}]
    assert [(one["number"], one["amount"]["amount"]) for one in paid["payments"]] == [("31", "538.79")]
    assert (paid["state"], paid["fee"]["amount"], paid["sale_id"]) == ("matched", "8.21", sale)
    assert (parked["state"], parked["documents"], parked["payments"]) == ("parked", [], [])
    assert "7709999" in parked["why"]


async def test_rows_come_in_pages_and_by_state(gateway: Gateway) -> None:
    await gateway.knows()
    payout = await is_booked(gateway)

    first = (await gateway.call("GET", f"/payouts/{payout}", limit=1)).json()
    second = (await gateway.call("GET", f"/payouts/{payout}", limit=1, cursor=first["next_cursor"])).json()
    parked = (await gateway.call("GET", f"/payouts/{payout}", state="parked")).json()

    assert [row["row"] for row in first["items"] + second["items"]] == ["one-1", "two-1"]
    assert second["next_cursor"] is None
    assert [row["row"] for row in parked["items"]] == ["two-1"]
    assert problem_of(await gateway.call("GET", f"/payouts/{payout}", cursor="x")) == (422, "invalid")


async def test_a_sale_shows_the_rows_that_paid_it(gateway: Gateway) -> None:
    """By its checkout id, and by a payment of its invoice where the row names no checkout."""
    await gateway.knows()
    sale = await has_sale(gateway)
    payout = await is_booked(gateway, a_payout(a_row(checkout_id=None), a_row("two", "10.00", "0.00")))

    shown = (await gateway.call("GET", f"/subjects/{sale}")).json()

    assert [(one["payout_id"], one["row"], one["state"]) for one in shown["payouts"]] == [
        (payout, "one-1", "matched"),
        (payout, "two-1", "parked"),
    ]
    assert shown["payouts"][0]["dated"] == "2026-05-04"


@pytest.mark.parametrize("end", ["", "-S", ".2", "-S.2"])
def test_a_payment_names_its_row(end: str) -> None:
    assert row_key_of(f"{REFERENCE}-0f1e2d3c4b5a6978-2{end}") == "0f1e2d3c4b5a6978-2"


# ── by hand ───────────────────────────────────────────────────────────────────────────────────────


async def match(gateway: Gateway, payout: str, row: str, body: Any, **how: Any) -> Any:
    return await gateway.call("POST", f"/payouts/{payout}/rows/{row}/match", body, **how)


async def test_a_row_is_matched_by_hand_and_a_worker_is_woken(gateway: Gateway) -> None:
    await gateway.knows()
    payout = await is_booked(gateway)
    headers = {"Idempotency-Key": "match-1"}

    answer = await match(gateway, payout, "two-1", {"invoice_number": "4712"}, headers=headers)
    again = await match(gateway, payout, "two-1", {"invoice_number": "4712"}, headers=headers)

    assert (answer.status_code, answer.json()["chosen"]) == (200, "4712")
    assert again.headers["idempotency-replayed"] == "true"
    assert await gateway.ledger.payouts.chosen(payout) == {"two-1": "4712"}
    told = [event for event in await gateway.events() if event.source == "operator"]
    assert [(one.name, dict(one.attributes)) for one in told] == [
        ("payout_row_matched", {"row": "two-1", "document": "4712", "was": ""})
    ]
    subject = await gateway.ledger.subjects.get(payout)
    assert subject is not None
    assert subject.state == "due"

    await match(gateway, payout, "two-1", {"undo": True})
    assert await gateway.ledger.payouts.chosen(payout) == {}


async def test_a_row_is_matched_to_the_only_fitting_document_of_a_sale(gateway: Gateway) -> None:
    await gateway.knows()
    await has_sale(gateway, "9300102", ("S9300102-D1", "4801", "100.00"), ("S9300102-D2", "4802", "399.00"))
    await has_sale(gateway, "9300103", ("S9300103-D1", "4803", "1.00"), ("S9300103-D2", "4804", "2.00"))
    payout = await is_booked(gateway)

    exact = await match(gateway, payout, "two-1", {"sale": "9300102"})
    several = await match(gateway, payout, "two-1", {"sale": "9300103"})
    nobody = await match(gateway, payout, "two-1", {"sale": "1"})

    assert exact.json()["chosen"] == "4802"
    assert problem_of(several) == (422, "invalid")
    assert "4803, 4804" in several.json()["errors"][0]["detail"]
    assert nobody.json()["errors"][0]["code"] == "unknown_sale"


async def test_a_refund_is_matched_to_the_credit_invoice_of_its_sale(gateway: Gateway) -> None:
    await gateway.knows()
    await has_sale(
        gateway, "9300102", ("S9300102-D1", "4801", "547.00"), ("S9300102-D1-C1", "4805", "-249.00")
    )
    row = a_row("three", "-249.00", "0.00", kind="Credit", checkout_id=None)
    payout = await has_payout(gateway, a_payout(a_row(), row))

    answer = await match(gateway, payout, "three-1", {"sale": "9300102"})

    assert answer.json()["chosen"] == "4805"


async def test_what_cannot_be_matched_is_refused_and_changes_nothing(gateway: Gateway) -> None:
    await gateway.knows()
    cost = a_row("cost", "0.00", "28.00", kind="Manual", checkout_id=None, comment="chargeback")
    payout = await is_booked(gateway, a_payout(a_row(), a_row("two"), cost))
    named = {"invoice_number": "4712"}

    assert problem_of(await match(gateway, payout, "one-1", named)) == (409, "row_is_paid")
    assert problem_of(await match(gateway, payout, "cost-1", named)) == (409, "row_has_no_document")
    assert problem_of(await match(gateway, payout, "nothing", named)) == (404, "not_found")
    assert problem_of(await match(gateway, "nobody", "one-1", named)) == (404, "not_found")
    assert problem_of(await match(gateway, payout, "two-1", {})) == (422, "invalid")
    assert problem_of(await match(gateway, payout, "two-1", {"invoice_number": "x"})) == (422, "invalid")
    assert problem_of(await match(gateway, payout, "two-1", named | {"undo": True})) == (422, "invalid")
    refused = await match(gateway, payout, "two-1", named, scopes=("read",))
    assert problem_of(refused) == (403, "forbidden")
    assert await gateway.ledger.payouts.chosen(payout) == {}
    assert [event for event in await gateway.events() if event.source == "operator"] == []


async def test_a_row_whose_payment_was_removed_is_matched_again_and_says_which_payment(
    gateway: Gateway,
) -> None:
    """Undone, it is about the document that its payment pays."""
    await gateway.knows()
    payout = await is_booked(gateway)
    removed = {"payment_removed": True}

    answer = await match(gateway, payout, "one-1", {"invoice_number": "4712"} | removed)
    row = await gateway.ledger.payouts.row(payout, "one-1")

    assert (answer.status_code, answer.json()["chosen"]) == (200, "4712")
    assert row is not None
    assert row.removed == ("31",)
    assert await gateway.ledger.payouts.removed(payout) == {"31"}
    (told,) = [event for event in await gateway.events() if event.source == "operator"]
    assert told.attributes == {"row": "one-1", "document": "4712", "was": "", "removed": "31"}

    undone = await match(gateway, payout, "one-1", {"undo": True})
    assert undone.json()["chosen"] == "4711"
    assert await gateway.ledger.payouts.removed(payout) == frozenset()
    assert problem_of(await match(gateway, payout, "one-1", {"undo": True})) == (409, "row_is_paid")
    assert problem_of(await match(gateway, payout, "one-1", {"undo": True} | removed)) == (422, "invalid")
    alone = await match(gateway, payout, "one-1", removed)
    assert (alone.status_code, alone.json()["chosen"]) == (200, None)


async def test_a_waiting_payout_is_booked_on_the_day_that_a_person_chose(gateway: Gateway) -> None:
    await gateway.knows()
    gateway.clock.set(gateway.clock().replace(day=20))
    payout = await has_payout(gateway)

    answer = await gateway.call("POST", f"/payouts/{payout}/book", {"date": "2026-05-18"})

    assert (answer.status_code, answer.json()["chosen_date"]) == (200, "2026-05-18")
    stored = await gateway.ledger.payouts.get(payout)
    assert stored is not None
    assert (stored.chosen_on, stored.paid) == (date(2026, 5, 18), Decimal("538.79"))
    told = [event for event in await gateway.events() if event.source == "operator"]
    assert [(one.name, dict(one.attributes)) for one in told] == [
        ("payout_day_chosen", {"date": "2026-05-18"})
    ]


async def test_a_booked_payout_keeps_its_day_and_no_day_is_before_it_or_to_come(gateway: Gateway) -> None:
    await gateway.knows()
    booked = await is_booked(gateway)
    waiting = await has_payout(gateway, a_payout(a_row(), on="2026-05-03", closing_debt=kr("0.00")))

    def book(payout: str, day: str) -> Any:
        return gateway.call("POST", f"/payouts/{payout}/book", {"date": day})

    assert problem_of(await book(booked, "2026-05-04")) == (409, "payout_is_booked")
    assert problem_of(await book(waiting, "2026-05-02")) == (422, "invalid")
    assert problem_of(await book(waiting, "2026-05-05")) == (422, "invalid")
    assert problem_of(await book("nobody", "2026-05-04")) == (404, "not_found")
    stored = await gateway.ledger.payouts.get(waiting)
    assert stored is not None
    assert stored.chosen_on is None
