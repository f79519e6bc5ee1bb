"""Plans of sales: whatever the split, documents add up, and what is booked is never planned anew."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sync_worker.flows.sale.from_svea import SveaOrder, to_sale
from services.sync_worker.flows.sale.observed import Booked, ObservedSale
from services.sync_worker.flows.sale.plan import plan
from shared.clients.fields import Fields
from shared.clients.svea.wire import to_admin_order, to_checkout_order
from shared.domain.documents import (
    CreditDraft,
    Draft,
    InvoiceDraft,
    OrderDraft,
    Plan,
    SalesDocument,
    to_plain,
)
from shared.domain.errors import OverCredited, Unbalanced
from shared.domain.items import SoldRow
from shared.domain.money import Money, total
from shared.domain.outcomes import Skipped
from shared.domain.parties import Address, Buyer
from shared.domain.postings import Chart, postings_of
from shared.domain.sale import Sale, SoldCredit, SoldDelivery
from shared.settings.connections import ConnectionDeclaration
from tests.support.paths import REPOSITORY
from tests.support.world import a_declaration

SAMPLES = REPOSITORY / "services" / "sandbox" / "data" / "svea"
RECORDED = REPOSITORY / "tests" / "recorded" / "sale"
SETTINGS = ConnectionDeclaration.model_validate(
    a_declaration(special_articles={"gift_card_sold": ["SKU-GIFT-*"]})
)
TODAY = date(2026, 6, 1)
HOME = Address("Tilda Testsson", "Provgatan 1", "", "11122", "Stockholm", "SE")
BUYER = Buyer("private", "Tilda Testsson", "tilda@example.com", "", "", HOME)
VAT_ACCOUNTS = {"MP1": 2611, "MP2": 2621, "MP3": 2631}
CHART = Chart(receivable=1510, vat_account=lambda code, rate: VAT_ACCOUNTS.get(code or "", 2670))


def sek(amount: str | Decimal) -> Money:
    return Money(Decimal(amount), "SEK")


def a_sold_row(
    amount: str = "100.00", *, rate: str = "25", quantity: str = "1", article: str = "A"
) -> SoldRow:
    return SoldRow("goods", article, f"Vara {article}", Decimal(quantity), sek(amount), Decimal(rate))


def a_delivery(
    *rows: SoldRow, number: int = 1, credited: str = "0.00", credits: tuple[SoldCredit, ...] = ()
) -> SoldDelivery:
    return SoldDelivery(
        id=number,
        on=date(2026, 5, 4) + timedelta(days=number),
        rows=rows,
        amount=total((row.total for row in rows), "SEK"),
        credits=credits,
        credited=sek(credited) if not credits else total((one.amount for one in credits), "SEK"),
    )


def a_sale(*deliveries: SoldDelivery, remaining: tuple[SoldRow, ...] = ()) -> Sale:
    return Sale(
        checkout_id=9300101,
        order_number="100000101",
        status="open" if remaining else "delivered",
        ordered_on=date(2026, 5, 4),
        currency="SEK",
        buyer=BUYER,
        remaining=remaining,
        deliveries=deliveries,
        ordered=total((*(d.amount for d in deliveries), *(row.total for row in remaining)), "SEK"),
    )


def seen(sale: Sale, *booked: Booked) -> ObservedSale:
    return ObservedSale(sale=sale, settings=SETTINGS, today=TODAY, booked=booked, rate=_rate(sale.currency))


def _rate(currency: str) -> Decimal | None:
    return None if currency == "SEK" else Decimal("11.20")


def planned(observed: ObservedSale) -> Plan:
    found = plan(observed)
    assert isinstance(found, Plan), found
    return found


def as_booked(draft: Draft, number: int) -> Booked:
    document = draft if isinstance(draft, SalesDocument) else None
    return Booked(
        kind=draft.kind,
        ref=draft.ref,
        number=str(number),
        state="final",
        draft=to_plain(draft),
        dated=getattr(draft, "dated", None),
        total=document.total if document else None,
        parent=getattr(draft, "order", None) or getattr(draft, "invoice", None),
    )


def book(found: Plan) -> tuple[Booked, ...]:
    return tuple(as_booked(draft, number) for number, draft in enumerate(found.drafts, start=1))


def of(kind: type[Draft], found: Plan) -> list[Draft]:
    return [draft for draft in found.drafts if type(draft) is kind]


# ── whatever is sold ──────────────────────────────────────────────────────────────────────────────

amounts = st.integers(min_value=1, max_value=10_000_000).map(lambda minor: Decimal(minor) / 100)
rates = st.sampled_from(["25", "12", "6"])
quantities = st.one_of(
    st.integers(min_value=1, max_value=97).map(str), st.sampled_from(["0.5", "1.25", "2.75", "13.37"])
)


@st.composite
def sold_rows(draw: st.DrawFn) -> SoldRow:
    return a_sold_row(
        str(draw(amounts)),
        rate=draw(rates),
        quantity=draw(quantities),
        article=draw(st.sampled_from("ABCDEF")),
    )


baskets = st.lists(sold_rows(), min_size=1, max_size=12).map(tuple)


@settings(max_examples=150, deadline=None)
@given(st.lists(baskets, min_size=1, max_size=4), st.one_of(st.just(()), baskets))
def test_each_delivery_is_one_invoice_of_its_own_order_to_the_öre(
    parts: list[tuple[SoldRow, ...]], rest: tuple[SoldRow, ...]
) -> None:
    deliveries = [a_delivery(*rows, number=n) for n, rows in enumerate(parts, start=1)]
    found = planned(seen(a_sale(*deliveries, remaining=rest)))

    invoices = [d for d in found.drafts if isinstance(d, InvoiceDraft)]
    orders = [d for d in found.drafts if isinstance(d, OrderDraft)]
    assert [invoice.total for invoice in invoices] == [delivery.amount for delivery in deliveries]
    assert len({invoice.order for invoice in invoices}) == len(invoices)
    assert len(orders) == len(invoices) + (1 if rest else 0)
    for invoice in invoices:
        lines = postings_of(invoice, CHART)
        assert sum(line.debit - line.credit for line in lines) == 0
        assert next(line.debit for line in lines if line.account == 1510) == invoice.total.amount


@settings(max_examples=150, deadline=None)
@given(st.lists(baskets, min_size=1, max_size=3), st.data())
def test_what_is_booked_is_planned_again_as_it_was_whatever_is_credited_later(
    parts: list[tuple[SoldRow, ...]], data: st.DataObject
) -> None:
    deliveries = [a_delivery(*rows, number=n) for n, rows in enumerate(parts, start=1)]
    sale = a_sale(*deliveries)
    booked = book(planned(seen(sale)))
    whole = deliveries[0].amount
    steps = data.draw(st.lists(amounts, max_size=4))
    credited = Decimal(0)
    for step in [*steps, whole.amount]:
        credited = min(max(credited, step), whole.amount)
        sale = a_sale(replace(deliveries[0], credited=sek(credited)), *deliveries[1:])
        found = planned(seen(sale, *booked))
        before = {one.ref for one in booked}
        for draft in found.drafts:
            if draft.ref in before:
                assert to_plain(draft) == next(one.draft for one in booked if one.ref == draft.ref) or (
                    draft.kind in ("order", "customer", "article")
                )
        booked = book(found)

    credits = [d for d in planned(seen(sale, *booked)).drafts if isinstance(d, CreditDraft)]
    assert total((credit.total for credit in credits), "SEK") == -whole
    assert [credit.linked for credit in credits] == [True] + [False] * (len(credits) - 1)
    left = sum((line.debit - line.credit for c in credits for line in postings_of(c, CHART)), Decimal(0))
    assert left == 0


def test_deliveries_keep_their_orders_whatever_order_svea_lists_them_in() -> None:
    first, second = a_delivery(a_sold_row(), number=1), a_delivery(a_sold_row("50.00"), number=2)
    booked = book(planned(seen(a_sale(second))))

    found = planned(seen(a_sale(first, second), *booked))

    orders = {d.ref: d.order for d in found.drafts if isinstance(d, InvoiceDraft)}
    assert orders == {"S9300101-D2": "S9300101-O", "S9300101-D1": "S9300101-O2"}


def test_an_amount_that_svea_lists_nowhere_is_found_in_what_it_says_is_credited() -> None:
    sale = a_sale(a_delivery(a_sold_row("500.00"), credited="100.00"))
    booked = book(planned(seen(sale)))

    found = planned(seen(a_sale(a_delivery(a_sold_row("500.00"), credited="250.00")), *booked))

    credits = [d for d in found.drafts if isinstance(d, CreditDraft)]
    assert [(credit.ref, credit.total) for credit in credits] == [
        ("S9300101-D1-C1", sek("-100.00")),
        ("S9300101-D1-C2", sek("-150.00")),
    ]


def test_credits_that_sum_to_more_than_svea_says_are_credited_stop() -> None:
    credit = SoldCredit(sek("100.00"))
    sale = a_sale(replace(a_delivery(a_sold_row("500.00")), credits=(credit,), credited=sek("50.00")))

    with pytest.raises(Unbalanced, match=r"100\.00 SEK, Svea says 50\.00 SEK"):
        plan(seen(sale))


def test_a_document_whose_credit_is_gone_at_svea_stops() -> None:
    credit = SoldCredit(sek("100.00"), (a_sold_row("-100.00", quantity="-1"),))
    booked = book(planned(seen(a_sale(a_delivery(a_sold_row("500.00"), credits=(credit,))))))

    with pytest.raises(OverCredited):
        plan(seen(a_sale(a_delivery(a_sold_row("500.00"))), *booked))


# ── what Svea really shows ────────────────────────────────────────────────────────────────────────


def _orders() -> Iterator[Path]:
    return iter(sorted((SAMPLES / "payment-admin").glob("order-*.json")))


def _read(path: Path) -> Sale:
    admin = to_admin_order(Fields(json.loads(path.read_bytes()), of="order"))
    shown = SAMPLES / "checkout" / f"order-{admin.id}-final.json"
    checkout = None
    if shown.exists():
        checkout = to_checkout_order(Fields(json.loads(shown.read_bytes()), of="checkout"))
    country = (admin.billing or admin.shipping).country if (admin.billing or admin.shipping) else "SE"  # type: ignore[union-attr]
    market = next(market for market in SETTINGS.markets if market.country == country)
    return to_sale(SveaOrder(admin, checkout, market), SETTINGS)


@pytest.mark.parametrize("path", list(_orders()), ids=lambda path: path.stem)
def test_every_sample_order_is_read_and_its_documents_add_up(path: Path) -> None:
    sale = _read(path)
    if sale.status == "pending":
        return
    found = plan(seen(sale))
    if isinstance(found, Skipped):
        assert sale.status == "cancelled"
        return
    assert isinstance(found, Plan)
    invoiced = total((d.total for d in found.drafts if isinstance(d, InvoiceDraft)), sale.currency)
    assert invoiced == total((delivery.amount for delivery in sale.deliveries), sale.currency)
    credited = total((d.total for d in found.drafts if isinstance(d, CreditDraft)), sale.currency)
    assert -credited == total((d.credited for d in sale.deliveries if d.credited), sale.currency)


def test_the_recorded_sale_is_two_invoices_and_one_credit() -> None:
    sale = _read(RECORDED / "order-9300101-4-partially-credited.json")

    found = planned(seen(sale))

    documents = [(d.ref, str(d.total)) for d in found.drafts if isinstance(d, InvoiceDraft | CreditDraft)]
    assert documents == [
        ("S9300101-D7200501", "2327.00 SEK"),
        ("S9300101-D7200502", "565.00 SEK"),
        ("S9300101-D7200502-C1", "-149.00 SEK"),
    ]
