"""Runs, slots, keys, replies, the customer register, cursors, aliases and the audit trail."""

import asyncio
from datetime import timedelta

import pytest

from shared.ledger.ids import Ids
from shared.ledger.ledger import Ledger
from shared.ledger.records import ApiKey, Conflict, CustomerRow, OpenRunItem, RunItem, StoredReply
from tests.shared.ledger.builders import a_subject
from tests.support.clock import Clock


def test_ids_grow_even_when_the_clock_stands_still_or_goes_back(clock: Clock) -> None:
    ids = Ids(clock)
    made = [ids.new() for _ in range(1000)]
    clock.advance(-timedelta(hours=1))
    made += [ids.new() for _ in range(1000)]
    clock.advance(timedelta(hours=2))
    made += [ids.new()]

    assert made == sorted(set(made))
    assert {len(one) for one in made} == {32}


# ── runs ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_shows_its_items_in_order_and_ends_with_the_last(ledger: Ledger, clock: Clock) -> None:
    subject_id = await a_subject(ledger)
    items = [RunItem(str(n), "waiting", "queued", subject_id) for n in (3, 1, 2)]
    run = await ledger.runs.start("acme", "backfill", {"checkout_ids": [3, 1, 2]}, items)
    assert (run.total, run.open, run.counts, run.finished_at) == (3, 3, {"waiting": 3}, None)
    assert [item.key for item in run.items.items] == ["3", "1", "2"]
    assert (await ledger.runs.open_items(subject_id))[0] == OpenRunItem(run.id, "backfill", "3")

    for key in ("3", "1"):
        await ledger.runs.item_done(run.id, key, "done", "booked", {"invoice": "17"})
    assert [item.key for item in await ledger.runs.unsettled(run.id)] == ["2"]
    await ledger.runs.item_done(run.id, "2", "needs_attention", "unbalanced")

    ended = await ledger.runs.get(run.id, limit=2)
    assert ended is not None
    assert (ended.open, ended.counts) == (0, {"done": 2, "needs_attention": 1})
    assert ended.finished_at == clock.now
    assert ended.items.items[0] == RunItem("3", "done", "booked", subject_id, {"invoice": "17"})
    rest = await ledger.runs.get(run.id, cursor=ended.items.next_cursor, limit=2)
    assert rest is not None
    assert ([item.key for item in rest.items.items], rest.items.next_cursor) == (["2"], None)
    assert await ledger.runs.open_items(subject_id) == []


async def test_the_last_items_of_a_run_that_end_at_once_end_it(ledger: Ledger) -> None:
    items = [RunItem(str(n), "waiting", "") for n in range(6)]
    run = await ledger.runs.start("acme", "backfill", {}, items)

    await asyncio.gather(*(ledger.runs.item_done(run.id, item.key, "done", "") for item in items))

    ended = await ledger.runs.get(run.id)
    assert ended is not None
    assert ended.finished_at is not None


async def test_a_run_takes_items_that_are_found_later_and_keeps_those_it_has(ledger: Ledger) -> None:
    run = await ledger.runs.start("acme", "backfill_dates", {}, [RunItem("x", "invalid", "")], settled=["x"])

    await ledger.runs.add_items(run.id, [RunItem("x", "waiting", ""), RunItem("y", "waiting", "")])

    found = await ledger.runs.get(run.id)
    assert found is not None
    assert [(item.key, item.state) for item in found.items.items] == [("x", "invalid"), ("y", "waiting")]
    assert found.open == 1


async def test_previews_and_dates_without_items_wait_for_a_worker_and_backfills_for_their_subjects(
    ledger: Ledger,
) -> None:
    one = [RunItem("1", "waiting", "")]
    preview = await ledger.runs.start("acme", "preview", {}, one)
    await ledger.runs.start("acme", "backfill", {}, one)
    dates = await ledger.runs.start("acme", "backfill_dates", {"from": "2026-05-01"})
    assert await ledger.runs.to_work_out() == [preview.id, dates.id]

    await ledger.runs.item_done(preview.id, "1", "done", "")
    await ledger.runs.add_items(dates.id, one)

    assert await ledger.runs.to_work_out() == []


async def test_five_thousand_items_are_one_run(ledger: Ledger) -> None:
    run = await ledger.runs.start(
        "acme", "backfill", {}, [RunItem(str(n), "waiting", "") for n in range(5000)]
    )

    assert (run.total, len(run.items.items), run.items.next_cursor) == (5000, 50, "49")


async def test_a_run_without_items_is_finished_by_hand(ledger: Ledger, clock: Clock) -> None:
    run = await ledger.runs.start("acme", "backfill_dates", {"from": "2026-05-01"})

    await ledger.runs.finish(run.id)

    found = await ledger.runs.get(run.id)
    assert found is not None
    assert (found.finished_at, found.request) == (clock.now, {"from": "2026-05-01"})
    assert await ledger.runs.get("unknown") is None


# ── slots ─────────────────────────────────────────────────────────────────────────────────────────


async def test_the_same_tick_is_taken_once(ledger: Ledger, clock: Clock) -> None:
    taken = await asyncio.gather(*(ledger.slots.take("payouts", "acme", clock.now) for _ in range(8)))
    other = await ledger.slots.take("payouts", "other", clock.now)
    following = await ledger.slots.take("payouts", "acme", clock.now + timedelta(days=1))

    assert (sum(taken), other, following) == (1, True, True)


async def test_the_last_tick_says_how_it_ended(ledger: Ledger, clock: Clock) -> None:
    assert await ledger.slots.last("payouts", "acme") is None
    for days in (1, 0):
        await ledger.slots.take("payouts", "acme", clock.now + timedelta(days=days))

    await ledger.slots.record("payouts", "acme", clock.now + timedelta(days=1), "3 payouts")

    last = await ledger.slots.last("payouts", "acme")
    assert last is not None
    assert (last.slot, last.result, last.recorded_at) == (
        clock.now + timedelta(days=1),
        "3 payouts",
        clock.now,
    )


# ── keys of the operations API ────────────────────────────────────────────────────────────────────


async def test_a_key_is_known_until_it_is_revoked_and_never_shown_again(ledger: Ledger, clock: Clock) -> None:
    key_id, plain = await ledger.api_keys.create("console", ["read", "operate"])

    assert await ledger.api_keys.verify(plain) == ApiKey(key_id, "console", ("read", "operate"))
    assert await ledger.api_keys.verify(plain + "x") is None
    (listed,) = await ledger.api_keys.list()
    assert (listed.name, listed.last_used_at, listed.revoked_at) == ("console", clock.now, None)
    assert plain not in str(listed)

    assert await ledger.api_keys.revoke(key_id)
    assert await ledger.api_keys.verify(plain) is None
    assert not await ledger.api_keys.revoke(key_id)


async def test_an_unknown_scope_makes_no_key(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="unknown scopes: root"):
        await ledger.api_keys.create("console", ["read", "root"])

    assert await ledger.api_keys.list() == []


async def test_a_changed_bootstrap_key_replaces_the_one_before(ledger: Ledger) -> None:
    for plain in ("first", "first", "second"):
        await ledger.api_keys.ensure_bootstrap(plain)

    second = await ledger.api_keys.verify("second")
    assert second is not None
    assert second.scopes == ("read", "operate", "admin")
    assert await ledger.api_keys.verify("first") is None
    await ledger.api_keys.ensure_bootstrap("first")
    assert await ledger.api_keys.verify("first") is not None
    assert await ledger.api_keys.verify("second") is None


# ── replies ───────────────────────────────────────────────────────────────────────────────────────


async def test_the_first_answer_is_the_answer_for_two_days(ledger: Ledger, clock: Clock) -> None:
    first = await ledger.replies.put("k", "abc", "f1", status=202, body=b"{}", headers={"location": "/r/1"})
    second = await ledger.replies.put("k", "abc", "f1", status=500, body=b"other")

    kept = StoredReply(202, b"{}", {"location": "/r/1"})
    assert (first, second) == (kept, kept)
    assert await ledger.replies.get("k", "abc", "f1") == kept
    assert await ledger.replies.get("k", "abc", "f2") == Conflict()
    assert await ledger.replies.get("other", "abc", "f1") is None
    clock.advance(timedelta(hours=48))
    assert await ledger.replies.get("k", "abc", "f1") is None
    again = await ledger.replies.put("k", "abc", "f2", status=200, body=b"again")
    assert again == StoredReply(200, b"again", {})


async def test_old_answers_are_purged(ledger: Ledger, clock: Clock) -> None:
    await ledger.replies.put("k", "old", "f", status=200, body=b"")
    clock.advance(timedelta(hours=48))
    await ledger.replies.put("k", "new", "f", status=200, body=b"")

    assert await ledger.replies.purge() == 1
    assert await ledger.replies.get("k", "new", "f") is not None


# ── customers ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written", ["556036-0793", "5560360793", "16556036-0793", "SE556036079301", "se 556036 0793 01"]
)
async def test_a_company_is_found_however_its_number_is_written(ledger: Ledger, written: str) -> None:
    company = CustomerRow("1", "Ericsson", "info@example.com", "556036-0793")
    await ledger.customers.upsert_many("acme", [company, CustomerRow("2", "Other", None, "556703-7485")])

    assert await ledger.customers.candidates("acme", organisation_number=written) == [company]
    assert await ledger.customers.candidates("other", organisation_number=written) == []


async def test_a_buyer_is_found_by_address_whatever_its_case_and_everybody_who_shares_it(
    ledger: Ledger,
) -> None:
    rows = [CustomerRow(n, None, "Anna@Example.com ", None) for n in ("2", "1")]
    await ledger.customers.upsert_many("acme", rows)

    found = await ledger.customers.candidates("acme", email="anna@example.COM")

    assert [row.number for row in found] == ["1", "2"]
    assert await ledger.customers.candidates("acme", email="anna@example.co") == []
    assert await ledger.customers.candidates("acme", email="  ", organisation_number="-") == []


async def test_a_customer_that_changed_is_found_under_its_new_address_only(
    ledger: Ledger, clock: Clock
) -> None:
    await ledger.customers.upsert_many("acme", [CustomerRow("1", "Anna", "old@example.com", None)])
    changed = CustomerRow("1", "Anna B", "new@example.com", None)
    await ledger.customers.upsert_many("acme", [changed])
    await ledger.customers.set_synced_at("acme", clock.now)

    assert await ledger.customers.candidates("acme", email="old@example.com") == []
    assert await ledger.customers.candidates("acme", email="new@example.com") == [changed]
    assert await ledger.customers.synced_at("acme") == clock.now
    assert await ledger.customers.synced_at("other") is None


# ── cursors, aliases, audit ───────────────────────────────────────────────────────────────────────


async def test_a_cursor_is_what_was_set_last(ledger: Ledger) -> None:
    assert await ledger.cursors.get("acme", "svea.orders") is None
    for value in ("a", "b"):
        await ledger.cursors.set("acme", "svea.orders", value)

    assert await ledger.cursors.get("acme", "svea.orders") == "b"
    assert await ledger.cursors.get("other", "svea.orders") is None


async def test_a_name_belongs_to_who_had_it_first(ledger: Ledger) -> None:
    one, other = await a_subject(ledger, "1"), await a_subject(ledger, "2")

    owners = [await ledger.aliases.add("acme", "increment_id", "42", subject) for subject in (one, other)]

    assert owners == [one, one]
    assert await ledger.aliases.for_subject(one) == [("increment_id", "42")]
    assert await ledger.aliases.for_subject(other) == []


async def test_exchanges_are_kept_in_order_and_their_bodies_forgotten_in_time(
    ledger: Ledger, clock: Clock
) -> None:
    for number in range(3):
        await ledger.audit.exchange(
            connection="acme",
            system="fortnox",
            method="POST",
            url_path="/3/orders",
            request=f'{{"n": {number}}}',
            status=201,
            answer="{}",
            duration_ms=12,
            outcome="created",
            vendor_request_id=f"req-{number}",
            subject_id="s",
            link_id=f"link-{number}",
        )
        clock.advance(timedelta(days=1))

    assert await ledger.audit.mask_before(clock.now - timedelta(days=1), 10) == 2

    kept = await ledger.audit.exchanges(subject_id="s")
    assert [one.request for one in kept] == [None, None, '{"n": 2}']
    assert [one.vendor_request_id for one in kept] == ["req-0", "req-1", "req-2"]
    assert [one.link_id for one in await ledger.audit.exchanges(link_id="link-1")] == ["link-1"]
    with pytest.raises(ValueError, match="of a subject or of a link"):
        await ledger.audit.exchanges()


async def test_what_people_did_is_listed_newest_first(ledger: Ledger) -> None:
    for number in range(3):
        await ledger.audit.act("key:console", "subject.retried", "acme", f"s{number}", {"reason": number})
    await ledger.audit.act("key:console", "connection.put", "other")

    page = await ledger.audit.acts(connection="acme", limit=2)
    rest = await ledger.audit.acts(connection="acme", cursor=page.next_cursor, limit=2)

    assert [act.subject_id for act in [*page.items, *rest.items]] == ["s2", "s1", "s0"]
    assert rest.next_cursor is None
    assert [act.detail for act in (await ledger.audit.acts(subject_id="s1")).items] == [{"reason": 1}]
