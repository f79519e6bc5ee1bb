"""A document is intended before it is written, by one writer, and linked once."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.errors import LeaseLost, NotYet
from shared.ledger.errors import AlreadyLinked
from shared.ledger.ledger import Ledger
from shared.ledger.records import Intent
from tests.shared.ledger.builders import LEASE, a_lease, intends
from tests.support.clock import Clock


async def test_a_first_intent_is_fresh_and_is_there_before_any_call(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)

    intent = await intends(ledger, lease, total=Decimal("2327.00"), currency="SEK", dated=date(2026, 5, 4))

    assert intent.fresh
    (link,) = await ledger.links.for_subject(lease.subject.id)
    assert link == intent.link
    assert (link.state, link.number, link.intended_at) == ("intended", None, clock.now)
    assert (link.total, link.currency, link.dated) == (Decimal("2327.00"), "SEK", date(2026, 5, 4))


@pytest.mark.parametrize("amount", ["0.10", "-0.01", "2327.00", "12345678901234.56", "0.000000001", "100"])
async def test_no_digit_of_an_amount_is_lost(ledger: Ledger, amount: str) -> None:
    lease = await a_lease(ledger)

    await intends(ledger, lease, total=Decimal(amount), draft={"total": Decimal(amount), "rate": Decimal(25)})

    (link,) = await ledger.links.for_subject(lease.subject.id)
    assert link.total is not None
    assert link.total.as_tuple() == Decimal(amount).as_tuple()
    assert link.draft == {"total": str(Decimal(amount)), "rate": "25"}


async def test_a_float_is_refused_where_an_amount_belongs(ledger: Ledger) -> None:
    lease = await a_lease(ledger)

    with pytest.raises(Exception, match="an amount is a Decimal, not float"):
        await intends(ledger, lease, total=0.1)

    assert await ledger.links.for_subject(lease.subject.id) == []


async def test_a_second_intent_is_not_fresh_and_keeps_what_was_intended_first(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    first = await intends(ledger, lease)

    second = await intends(ledger, lease, draft={"rows": 2}, content_hash="h2")

    assert second == Intent(first.link, fresh=False)


async def test_after_a_look_that_found_nothing_the_new_draft_is_armed(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)
    link = (await intends(ledger, lease, total=Decimal("1.00"))).link
    await ledger.links.unanswered(lease, link)
    clock.advance(timedelta(seconds=5))

    armed = await ledger.links.rearm(
        lease, link, draft={"rows": 2}, content_hash="h2", total=Decimal("2.00"), currency="SEK"
    )

    assert (armed.draft, armed.content_hash, armed.total) == ({"rows": 2}, "h2", Decimal("2.00"))
    assert (armed.intended_at, armed.unanswered) == (clock.now, False)


async def test_a_document_goes_from_intended_to_final_and_its_number_finds_it(
    ledger: Ledger, clock: Clock
) -> None:
    lease = await a_lease(ledger)
    link = (await intends(ledger, lease)).link

    created = await ledger.links.created(lease, link, "17", notes=["adopted"])
    clock.advance(timedelta(seconds=1))
    final = await ledger.links.final(lease, created, notes=["bookkept"])

    assert (final.state, final.number, final.notes) == ("final", "17", ["adopted", "bookkept"])
    assert (final.created_at, final.finalised_at) == (clock.now - timedelta(seconds=1), clock.now)
    assert await ledger.links.by_number("acme", "fortnox", "order", "17") == final
    assert await ledger.links.get("acme", "fortnox", "order", "order:9300101") == final
    assert await ledger.links.by_number("acme", "fortnox", "invoice", "17") is None
    assert await ledger.links.numbered("acme", "fortnox", {"17", "18"}) == [final]
    assert await ledger.links.numbered("acme", "magento", {"17"}) == []
    assert await intends(ledger, lease) == Intent(final, fresh=False)


async def test_a_refused_document_is_fresh_again_with_its_new_draft(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    link = (await intends(ledger, lease)).link
    refused = await ledger.links.refused(lease, link, "period_locked")
    assert (refused.state, refused.problem_code) == ("refused", "period_locked")

    again = await intends(ledger, lease, draft={"rows": 2}, content_hash="h2")

    assert again.fresh
    assert (again.link.id, again.link.state, again.link.content_hash) == (link.id, "intended", "h2")
    assert again.link.problem_code is None


async def test_a_document_that_vanished_is_made_anew_under_its_reference(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    link = (await intends(ledger, lease)).link
    created = await ledger.links.created(lease, link, "17")

    await ledger.links.forgotten(lease, created)

    again = await intends(ledger, lease)
    assert again.fresh
    assert (await ledger.links.created(lease, again.link, "18")).number == "18"


async def test_a_cancelled_document_stays_known(ledger: Ledger, clock: Clock) -> None:
    lease = await a_lease(ledger)
    link = await ledger.links.created(lease, (await intends(ledger, lease)).link, "17")

    cancelled = await ledger.links.cancelled(lease, link)

    assert (cancelled.state, cancelled.number, cancelled.cancelled_at) == ("cancelled", "17", clock.now)
    assert await intends(ledger, lease) == Intent(cancelled, fresh=False)


async def test_a_change_keeps_the_number_and_takes_the_new_content(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    link = await ledger.links.created(lease, (await intends(ledger, lease)).link, "17")

    changed = await ledger.links.updated(
        lease, link, {"rows": 3}, "h3", total=Decimal("3.00"), currency="SEK"
    )

    assert (changed.number, changed.state, changed.content_hash) == ("17", "created", "h3")
    assert (changed.draft, changed.total) == ({"rows": 3}, Decimal("3.00"))


async def test_one_document_over_there_is_never_linked_twice(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    one = (await intends(ledger, lease, "one")).link
    other = (await intends(ledger, lease, "other")).link
    await ledger.links.created(lease, one, "17")

    with pytest.raises(AlreadyLinked, match="order 17 belongs to another reference than other"):
        await ledger.links.created(lease, other, "17")

    found = await ledger.links.get("acme", "fortnox", "order", "other")
    assert found is not None
    assert (found.state, found.number) == ("intended", None)


async def test_the_same_number_twice_for_the_same_link_is_the_same(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    link = (await intends(ledger, lease)).link

    await ledger.links.created(lease, link, "17")

    assert (await ledger.links.created(lease, link, "17")).number == "17"


async def test_of_two_subjects_that_need_one_customer_one_writes_it_and_the_other_waits(
    ledger: Ledger,
) -> None:
    leases = [await a_lease(ledger, key, owner=f"worker-{key}") for key in "abcdef"]

    tries = [intends(ledger, lease, "customer:anna@example.com", kind="customer") for lease in leases]
    results = await asyncio.gather(*tries, return_exceptions=True)

    intents = [result for result in results if isinstance(result, Intent)]
    assert [intent.fresh for intent in intents] == [True]
    assert sum(isinstance(result, NotYet) for result in results) == 5


async def test_who_waited_for_a_customer_finds_it_written(ledger: Ledger) -> None:
    first, second = await a_lease(ledger, "a"), await a_lease(ledger, "b")
    link = (await intends(ledger, first, "customer", kind="customer")).link
    written = await ledger.links.created(first, link, "1001")

    assert await intends(ledger, second, "customer", kind="customer") == Intent(written, fresh=False)
    changed = await ledger.links.updated(second, written, {"name": "Anna"}, "h2")
    assert changed.content_hash == "h2"


async def test_a_customer_whose_writer_died_is_taken_over_but_has_to_be_looked_for(
    ledger: Ledger, clock: Clock
) -> None:
    dead = await a_lease(ledger, "a")
    link = (await intends(ledger, dead, "customer", kind="customer")).link
    clock.advance(LEASE)
    second = await a_lease(ledger, "b")

    taken = await intends(ledger, second, "customer", kind="customer")

    assert (taken.fresh, taken.link.id) == (False, link.id)
    with pytest.raises(LeaseLost):  # nobody took its subject, yet the document is no longer its own to write
        await ledger.links.created(dead, link, "1001")
    assert (await ledger.links.created(second, taken.link, "1001")).number == "1001"


async def test_a_customer_whose_writer_gave_up_is_taken_over_at_once(ledger: Ledger) -> None:
    first, second = await a_lease(ledger, "a"), await a_lease(ledger, "b")
    await intends(ledger, first, "customer", kind="customer")
    with pytest.raises(NotYet, match="customer customer is being written for a"):
        await intends(ledger, second, "customer", kind="customer")

    await ledger.subjects.finish(first, state="waiting", settled=False, failed=True)

    assert not (await intends(ledger, second, "customer", kind="customer")).fresh


async def test_the_next_run_of_the_same_subject_looks_for_what_the_last_one_intended(
    ledger: Ledger, clock: Clock
) -> None:
    dead = await a_lease(ledger)
    await intends(ledger, dead)
    clock.advance(LEASE)
    lease = await ledger.subjects.lease(dead.subject.id, "worker-2", lease_for=LEASE)
    assert lease is not None

    taken = await intends(ledger, lease)

    assert not taken.fresh
    assert (await ledger.links.created(lease, taken.link, "17")).state == "created"


async def test_a_thousand_names_find_those_that_there_are(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    for number in (1, 999):
        await intends(ledger, lease, f"payment:{number:04}", kind="payment")
    names = {("payment", f"payment:{number:04}") for number in range(1000)}

    found = await ledger.links.named("acme", "fortnox", names)

    assert [link.reference for link in found] == ["payment:0001", "payment:0999"]
    assert await ledger.links.named("acme", "fortnox", set()) == []
