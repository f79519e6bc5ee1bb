"""Refunds in parts give back exactly what was charged: total, net and VAT, per VAT code and account."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.documents import CreditDraft, InvoiceDraft
from shared.domain.items import SoldRow
from shared.domain.money import Money, total
from shared.domain.sale import SoldCredit
from tests.services.sync_worker.flows.sale.test_plan import (
    a_delivery,
    a_sale,
    a_sold_row,
    amounts,
    book,
    planned,
    quantities,
    rates,
    seen,
    sek,
)

PRICES = ("33.33", "33.33", "0.03")
Sums = dict[tuple[str | None, int], tuple[Decimal, Decimal]]


def sums(*documents: InvoiceDraft | CreditDraft) -> Sums:
    """Net and VAT by code and account, zeros left out."""
    found: defaultdict[tuple[str | None, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for document in documents:
        for row in document.rows:
            found[row.vat_code, row.account][0] += row.net.amount
            found[row.vat_code, row.account][1] += row.vat.amount
    return {key: (net, vat) for key, (net, vat) in found.items() if net or vat}


worth_refunding = st.integers(500, 2_000_000).map(lambda minor: str(Decimal(minor) / 100))
baskets = st.lists(
    st.builds(a_sold_row, worth_refunding, rate=rates, quantity=quantities, article=st.sampled_from("ABC")),
    min_size=1,
    max_size=8,
).map(tuple)


@settings(max_examples=150, deadline=None)
@given(baskets, st.lists(amounts, max_size=5))
def test_amounts_given_back_in_parts_leave_nothing_behind(
    rows: tuple[SoldRow, ...], steps: list[Decimal]
) -> None:
    delivery = a_delivery(*rows)
    sale = a_sale(delivery)
    booked = book(planned(seen(sale)))
    credited = Decimal(0)
    for step in [*steps, delivery.amount.amount]:
        credited = min(max(credited, step), delivery.amount.amount)
        sale = a_sale(replace(delivery, credited=sek(credited)))
        booked = book(planned(seen(sale, *booked)))

    found = planned(seen(sale, *booked))

    documents = [one for one in found.drafts if isinstance(one, InvoiceDraft | CreditDraft)]
    assert sums(*documents) == {}


def test_three_mugs_for_a_hundred_that_come_back_one_by_one() -> None:
    """20.00 VAT was charged; of 33.33, 33.33 and 33.34 each would be 6.67."""
    delivery = a_delivery(a_sold_row("100.00", quantity="3"))
    booked = book(planned(seen(a_sale(delivery))))
    credits: tuple[SoldCredit, ...] = ()
    for part in ("33.33", "33.33", "33.34"):
        back = a_sold_row(f"-{part}", quantity="-1")
        credits = (*credits, SoldCredit(sek(part), (back,), on=delivery.on))
        found = planned(seen(a_sale(replace(delivery, credits=credits, credited=_sum(credits))), *booked))
        booked = book(found)

    made = [one for one in found.drafts if isinstance(one, CreditDraft)]
    assert [one.vat.amount for one in made] == [Decimal("-6.67"), Decimal("-6.67"), Decimal("-6.66")]
    assert [one.total.amount for one in made] == [Decimal("-33.33"), Decimal("-33.33"), Decimal("-33.34")]


def test_all_of_it_at_once_is_the_invoice_the_other_way_round() -> None:
    delivery = a_delivery(
        a_sold_row("33.33"), a_sold_row("33.33", article="B"), a_sold_row("0.03", article="C")
    )
    sale = a_sale(replace(delivery, credited=delivery.amount))
    booked = book(planned(seen(a_sale(delivery))))

    (credit,) = (one for one in planned(seen(sale, *booked)).drafts if isinstance(one, CreditDraft))

    assert [(row.total.amount, row.vat.amount) for row in credit.rows] == [
        (Decimal("-33.33"), Decimal("-6.67")),
        (Decimal("-33.33"), Decimal("-6.67")),
        (Decimal("-0.03"), Decimal("-0.01")),
    ]


def _sum(credits: tuple[SoldCredit, ...]) -> Money:
    return total((one.amount for one in credits), "SEK")
