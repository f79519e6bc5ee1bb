"""Whose documents numbers are, what we wrote lately, and one value of a name for many connections."""

from datetime import timedelta

from shared.ledger.ledger import Ledger
from shared.ledger.numbers import Wrote
from shared.ledger.records import Exchange
from tests.shared.ledger.builders import a_lease, intends
from tests.support.clock import Clock


def an_exchange(clock: Clock, path: str, method: str = "PUT", connection: str = "acme") -> Exchange:
    return Exchange(
        id="",
        connection=connection,
        subject_id=None,
        link_id=None,
        system="fortnox",
        method=method,
        url_path=path,
        request=None,
        status=200,
        answer=None,
        vendor_request_id=None,
        duration_ms=1,
        at=clock(),
        outcome="answered",
    )


async def test_a_number_leads_to_the_subject_that_keeps_its_document(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)
    invoice = await intends(ledger, lease, "S1", kind="invoice")
    await ledger.links.created(lease, invoice.link, "7")
    payment = await intends(ledger, lease, "P1", kind="payment", parent="S1")
    clock.advance(timedelta(seconds=2))
    await ledger.links.created(lease, payment.link, "31", final=True)

    asked = [("invoice", "7"), ("invoice", "8"), ("credit_invoice", "7")]
    found = await ledger.numbers.ours("acme", "fortnox", asked)

    (one,) = found.values()
    assert found.keys() == {("invoice", "7")}
    assert (one.subject_kind, one.subject_key, one.state) == ("sale", "9300101", "created")
    assert one.running
    assert one.paid == (clock(), clock())
    assert await ledger.numbers.ours("other", "fortnox", asked) == {}


async def test_who_has_ended_is_not_running(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)
    invoice = await intends(ledger, lease, "S1", kind="invoice")
    await ledger.links.created(lease, invoice.link, "7")

    clock.advance(timedelta(minutes=1))

    found = await ledger.numbers.ours("acme", "fortnox", [("invoice", "7")])
    assert not found["invoice", "7"].running


async def test_very_many_numbers_are_asked_for_in_parts(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    for number in range(3):
        made = await intends(ledger, lease, f"S{number}", kind="invoice")
        await ledger.links.created(lease, made.link, str(number * 700))

    found = await ledger.numbers.ours("acme", "fortnox", [("invoice", str(number)) for number in range(1500)])

    assert sorted(number for _, number in found) == ["0", "1400", "700"]


async def test_a_voucher_is_found_by_the_beginning_of_its_name(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    for reference, number in (("V1", "S-12-2"), ("V2", "S-121-2"), ("V3", "S-1-2")):
        made = await intends(ledger, lease, reference, kind="voucher")
        await ledger.links.created(lease, made.link, number)

    assert await ledger.numbers.beginning("acme", "fortnox", "voucher", "S-12-") == [("sale", "9300101")]
    assert await ledger.numbers.beginning("acme", "fortnox", "voucher", "S-13-") == []


async def test_writes_are_found_by_when_they_were_made_although_they_were_kept_later(
    ledger: Ledger, clock: Clock
) -> None:
    began = clock()
    seconds = timedelta(seconds=10)
    ours = [an_exchange(clock, "/3/invoices/7"), an_exchange(clock, "/3/invoices/7", "GET")]
    ours.append(an_exchange(clock, "/3/invoices/8", connection="other"))
    clock.advance(timedelta(minutes=5))
    await ledger.audit.exchanges_made([*ours, an_exchange(clock, "/3/invoices/9")])

    found = await ledger.numbers.written("acme", "fortnox", began - seconds, began + seconds)

    assert found == [Wrote(found[0].id, "/3/invoices/7", began)]
    assert await ledger.numbers.written("acme", "magento", began - seconds, began + seconds) == []


async def test_one_question_reads_and_one_transaction_keeps_a_cursor_of_many_connections(
    ledger: Ledger,
) -> None:
    await ledger.cursors.set("acme", "other_name", "x")

    await ledger.cursors.set_many("place", {"acme": "1", "bolag": "2"})
    await ledger.cursors.set_many("place", {"bolag": "3"})

    assert await ledger.cursors.named("place") == {"acme": "1", "bolag": "3"}
    assert await ledger.cursors.named("nothing") == {}
