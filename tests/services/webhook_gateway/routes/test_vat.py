"""The VAT tie-out over the API: before and after Fortnox was asked, for which period, and who may."""

from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.vat_books import Difference
from tests.services.webhook_gateway.support import Gateway, problem_of
from tests.services.webhook_gateway.vat_support import fortnox_said, has_a_quarter

VAT = "/connections/acme/vat"
MAY: dict[str, Any] = {"from": "2026-05-01", "to": "2026-05-31"}


async def test_before_fortnox_was_asked_there_is_our_side_and_nothing_is_explained(gateway: Gateway) -> None:
    await gateway.knows()
    await has_a_quarter(gateway)

    said = (await gateway.call("GET", VAT, **MAY)).json()

    assert {one["box"]: one["amount"]["ours"]["amount"] for one in said["boxes"]} == {
        "05": "1000.00",
        "10": "250.00",
        "49": "250.00",
    }
    assert (said["seen"], said["differences"], said["unexplained"]) == ([], [], None)


async def test_afterwards_every_difference_is_named_with_its_voucher(gateway: Gateway) -> None:
    await gateway.knows()
    await has_a_quarter(gateway)
    by_hand = Difference("by_hand", date(2026, 5, 4), 2611, Decimal("-50.00"), voucher="A-7-2", text="rättad")
    moved: dict[str, Any] = {"_2611": "200.00", "_3001": "1000.00", "_2671": "191.90", "_3161": "1010.00"}
    await fortnox_said(gateway, by_hand, **moved)

    said = (await gateway.call("GET", VAT, **MAY)).json()

    (found,) = said["differences"]
    assert (found["kind"], found["voucher"], found["account"], found["amount"]["amount"], found["text"]) == (
        "by_hand",
        "A-7-2",
        2611,
        "-50.00",
        "rättad",
    )
    assert {one["box"]: one["amount"]["difference"]["amount"] for one in said["boxes"]} == {
        "05": "0.00",
        "10": "-50.00",
        "49": "-50.00",
    }
    assert (said["unexplained"]["amount"], said["miscoded"]) == ("0.00", [])
    assert [(one["year_from"], one["year_to"]) for one in said["seen"]] == [("2026-01-01", "2026-12-31")]


async def test_what_cannot_be_answered_is_refused(gateway: Gateway) -> None:
    await gateway.knows()

    wrongs: tuple[dict[str, Any], ...] = (
        {"from": "2026-05-01"},
        {"from": "2026-05-31", "to": "2026-05-01"},
        {"from": "2024-01-01", "to": "2026-05-01"},
        {"from": "May", "to": "June"},
        MAY | {"format": "xml"},
    )
    for wrong in wrongs:
        assert problem_of(await gateway.call("GET", VAT, **wrong)) == (422, "invalid")
    assert problem_of(await gateway.call("GET", "/connections/nobody/vat", **MAY)) == (404, "not_found")
    assert problem_of(await gateway.call("GET", VAT, scopes=("operate",), **MAY)) == (403, "forbidden")
