"""What Fortnox knows of the shop's orders, and which articles it does not count; on both databases."""

from datetime import timedelta
from typing import Any

from shared.ledger.ledger import Ledger
from shared.ledger.stock import BookedSale
from tests.shared.ledger.builders import LEASE, a_lease, a_subject, intends
from tests.support.clock import Clock

CONNECTION = "acme"


async def booked(ledger: Ledger, key: str, kind: str, *articles: str, **how: Any) -> str:
    """A document of a sale that exists in Fortnox; the sale's subject id."""
    sale = await a_subject(ledger, key, dedupe_key=f"{kind}|{key}")
    lease = await ledger.subjects.lease(sale, "worker-1", lease_for=LEASE)
    assert lease is not None
    draft = {"rows": [{"article": article} for article in articles] + [{"article": None}]}
    intent = await intends(ledger, lease, f"{kind}-{key}", kind=kind, draft=draft)
    if how.get("exists", True):
        link = await ledger.links.created(lease, intent.link, f"{kind}-{key}", final=how.get("final", True))
        if how.get("cancelled"):
            await ledger.links.cancelled(lease, link)
    await ledger.subjects.release(lease)
    return lease.subject.id


async def test_a_sale_is_known_by_the_articles_of_its_orders_and_invoices(ledger: Ledger) -> None:
    first = await booked(ledger, "1", "order", "A", "B")
    await booked(ledger, "1", "invoice", "B", "C")
    second = await booked(ledger, "2", "order", "A", exists=False)
    third = await booked(ledger, "3", "order", "A", cancelled=True)
    fourth = await booked(ledger, "4", "customer", "A")

    found = await ledger.sales_stock.booked(CONNECTION, [first, second, third, fourth, "nobody"])

    assert found == {first: BookedSale(frozenset({"A", "B", "C"}))}
    assert await ledger.sales_stock.booked("somebody-else", [first]) == {}
    assert await ledger.sales_stock.booked(CONNECTION, []) == {}


async def test_an_invoice_that_is_not_booked_leaves_it_unsure(ledger: Ledger) -> None:
    sale = await booked(ledger, "1", "order", "A")
    await booked(ledger, "1", "invoice", "A", final=False)

    found = await ledger.sales_stock.booked(CONNECTION, [sale])

    assert found == {sale: BookedSale(frozenset({"A"}), unsure=True)}


async def test_many_sales_are_asked_for_in_parts(ledger: Ledger) -> None:
    sales = [await booked(ledger, str(n), "order", f"A{n}") for n in range(3)]

    found = await ledger.sales_stock.booked(CONNECTION, [*sales, *(f"nobody-{n}" for n in range(450))])

    assert sorted(found) == sorted(sales)


async def test_orders_whose_sale_is_on_its_way_are_found_under_both_names(ledger: Ledger) -> None:
    await a_subject(ledger, "M7")
    checkout = await a_subject(ledger, "9300101")
    await ledger.aliases.add(CONNECTION, "sale", "M8", checkout)
    settled = await a_subject(ledger, "M9")
    await ledger.subjects.ignore(settled, "it was a test")
    await a_subject(ledger, "M10", connection="somebody-else")

    assert await ledger.sales_stock.unsettled_orders(CONNECTION) == {7, 8}
    states = await ledger.sales_stock.states([checkout, settled, "nobody"])
    assert states == {checkout: "due", settled: "skipped"}


async def test_who_was_looked_at_since_is_told(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger, "1")
    waiting = await a_subject(ledger, "2")
    before = clock()

    assert await ledger.sales_stock.looked_at_since([lease.subject.id, waiting], before) == {lease.subject.id}
    clock.advance(timedelta(seconds=1))
    await ledger.subjects.finish(lease, state="done", settled=True)
    assert await ledger.sales_stock.looked_at_since([lease.subject.id], before) == {lease.subject.id}
    assert await ledger.sales_stock.looked_at_since([lease.subject.id], clock()) == set()


async def test_articles_that_nobody_counts_are_remembered_until_they_are(ledger: Ledger) -> None:
    numbers = [f"A{n}" for n in range(450)]
    await ledger.uncounted.add(CONNECTION, numbers)
    await ledger.uncounted.add(CONNECTION, ["A1", "B"])
    await ledger.uncounted.add(CONNECTION, [])

    assert await ledger.uncounted.among(CONNECTION, [*numbers, "B", "C"]) == {*numbers, "B"}
    assert await ledger.uncounted.among("somebody-else", numbers) == set()
    await ledger.uncounted.forget(CONNECTION, [*numbers[1:], "C"])
    assert await ledger.uncounted.among(CONNECTION, [*numbers, "B"]) == {"A0", "B"}
