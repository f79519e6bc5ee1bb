"""What an event is about, and which events only tell of what we did ourselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.event_listener.routing import About, Known, Verdict, judged, topics_of, voucher_prefix
from shared.clients.fortnox.websocket_frames import StreamEvent
from shared.ledger.numbers import Ours, Wrote
from shared.settings.connections import ConnectionDeclaration
from tests.support.world import a_declaration, a_shop

NOON = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
SALE = About("sale", "9300101")
OF_SHOP = About("shop_document", "7")


def declared(**changes: Any) -> ConnectionDeclaration:
    return ConnectionDeclaration.model_validate(a_declaration(magento=a_shop()) | changes)


def an_event(topic: str = "invoices", kind: str = "invoice-updated", **more: Any) -> StreamEvent:
    found: dict[str, Any] = {"entity": "7", "tenant_id": 1, "offset": "o1", "at": NOON} | more
    return StreamEvent(topic=topic, type=kind, **found)


def ours(state: str = "final", **more: Any) -> Ours:
    found: dict[str, Any] = {
        "kind": "invoice",
        "number": "7",
        "state": state,
        "subject_kind": "sale",
        "subject_key": "9300101",
        "running": False,
        "draft": {},
    } | more
    return Ours(**found)


@pytest.mark.parametrize(
    ("kind", "state", "verdict"),
    [
        ("invoice-created", "created", "echo"),
        ("invoice-bookkeep", "final", "echo"),
        ("invoice-cancelled", "cancelled", "echo"),
        ("invoice-bookkeep", "created", SALE),
        ("invoice-cancelled", "final", SALE),
        ("invoice-cancelled", "created", SALE),
        ("invoice-updated", "created", SALE),
        ("invoicepayment-bookkeep", "final", OF_SHOP),
        ("invoicepayment-deleted", "final", OF_SHOP),
        ("reminder-sent", "final", "no_news"),
        ("invoice-folded-into-a-crane", "final", SALE),
    ],
)
def test_what_we_did_ourselves_is_known_by_the_state_of_our_link(
    kind: str, state: str, verdict: str | About
) -> None:
    found = judged(an_event(kind=kind), Known(ours=[ours(state)]), declared())

    assert found == (Verdict(why_not=verdict) if isinstance(verdict, str) else Verdict((verdict,)))


@pytest.mark.parametrize(
    ("path", "seconds", "echo"),
    [
        ("/3/invoices/7", 0, True),
        ("/3/invoices/7/bookkeep", 10, True),
        ("/3/invoices/7", -10, True),
        ("/3/invoices/7", 11, False),
        ("/3/invoices/71", 0, False),
        ("/3/orders/7", 0, False),
        ("/3/invoices", 0, False),
    ],
)
def test_a_change_is_ours_when_we_wrote_to_the_same_number_in_the_same_seconds(
    path: str, seconds: int, echo: bool
) -> None:
    known = Known(ours=[ours()], wrote=[Wrote("w", path, NOON + timedelta(seconds=seconds))])

    found = judged(an_event(), known, declared())

    assert found == (Verdict(why_not="echo", explained_by=known.wrote[0]) if echo else Verdict((SALE,)))


def test_a_write_of_ours_is_known_again_although_fortnox_clock_is_wrong() -> None:
    event = an_event(at=NOON - timedelta(days=20))
    wrote = [Wrote("w", "/3/invoices/7", NOON)]

    soon = Known(heard_at=NOON + timedelta(seconds=3), ours=[ours()], wrote=wrote)
    late = Known(heard_at=NOON + timedelta(hours=1), ours=[ours()], wrote=wrote)

    assert judged(event, soon, declared()).explained_by == wrote[0]
    assert judged(event, late, declared()).about == (SALE,)


def test_a_change_whose_time_nobody_can_read_is_looked_at() -> None:
    known = Known(ours=[ours()], wrote=[Wrote("w", "/3/invoices/7", NOON)])

    assert judged(an_event(at=None), known, declared()) == Verdict((SALE,))


def test_a_payment_of_ours_is_known_by_its_time_and_another_is_not() -> None:
    paid = ours(paid=(NOON - timedelta(seconds=3),))
    event = an_event(kind="invoicepayment-bookkeep")

    assert judged(event, Known(ours=[paid]), declared()) == Verdict(why_not="echo")
    assert judged(event, Known(ours=[ours(paid=(NOON - timedelta(days=1),))]), declared()).about == (OF_SHOP,)
    assert judged(event, Known(ours=[ours()]), declared(magento=None)).why_not == "not_ours"
    assert judged(event, Known(ours=[ours()]), declared(sync={"shop_invoices": False})).why_not == "not_ours"


def test_an_article_number_with_a_slash_is_found_in_the_path() -> None:
    event = an_event("articles", "article-updated", entity="A/1")

    assert judged(event, Known(wrote=[Wrote("w", "/3/articles/A%2F1", NOON)]), declared()).why_not == "echo"


def test_somebody_elses_invoice_may_be_a_credit_that_the_shop_has_to_know_of() -> None:
    event = an_event(kind="invoice-bookkeep")

    assert judged(event, Known(), declared()).about == (About("shop_document", "7"),)
    silent = declared(sync={"credit_notes": False, "shop_invoices": False})
    assert judged(event, Known(), silent).why_not == "not_ours"
    assert judged(event, Known(), declared(magento=None)).why_not == "not_ours"


def test_a_customer_points_at_the_account_that_keeps_it() -> None:
    kept = ours(kind="customer", draft={"keeper": "SHOP-501"})
    event = an_event("customers", "customer-updated")
    both_ways = declared(customers={"both_ways": ["email"]})

    found = judged(event, Known(ours=[kept]), both_ways)

    assert found.about == (About("customer", "501"),)
    assert judged(event, Known(ours=[ours(kind="customer")]), both_ways).why_not == "not_ours"
    assert judged(event, Known(ours=[kept]), declared()).why_not == "not_wanted"


@pytest.mark.parametrize(
    ("topic", "kind", "about"),
    [
        ("articles", "article-updated", About("stock", "7")),
        ("articles", "article-deleted", About("stock", "7")),
        ("warehouse-stockbalances", "warehouse-stockbalance-changed", About("stock", "7")),
        ("currencies", "currency-updated", About("currency_rate", "acme")),
    ],
)
def test_the_shops_topics_point_at_the_shops_flows(topic: str, kind: str, about: About) -> None:
    settings = declared(sync={"currency_rates": True})

    assert judged(an_event(topic, kind), Known(), settings) == Verdict((about,))
    assert judged(an_event(topic, kind), Known(), declared(magento=None)).why_not == "not_wanted"


def test_a_voucher_is_looked_for_in_the_series_that_we_write_to_only() -> None:
    event = an_event("vouchers", "voucher-updated", entity="12", series="S", year="2")

    assert voucher_prefix(event, declared()) == "S-12-"
    assert voucher_prefix(an_event("vouchers", "voucher-created", series="B"), declared()) is None
    assert judged(event, Known(of_voucher=[("payout", "p")]), declared()).about == (About("payout", "p"),)
    made = an_event("vouchers", "voucher-created", entity="12", series="S")
    assert judged(made, Known(of_voucher=[("payout", "p")]), declared()).why_not == "echo"
    assert judged(made, Known(), declared()).why_not == "not_ours"


def test_topics_that_nobody_here_acts_on_are_not_asked_for() -> None:
    names = ("invoices", "refunds", "payouts", "stock", "customers", "shop_invoices", "credit_notes")
    off = dict.fromkeys(names, False)

    assert topics_of(declared(magento=None)) == ("invoices", "vouchers")
    assert topics_of(declared(sync=off)) == ()
    assert set(topics_of(declared(sync={"currency_rates": True}))) >= {"articles", "currencies", "invoices"}
    assert judged(an_event("suppliers", "supplier-created"), Known(), declared()).why_not == "unknown_topic"


def test_an_event_without_a_number_is_no_news() -> None:
    assert judged(an_event(entity=""), Known(), declared()).why_not == "no_news"
