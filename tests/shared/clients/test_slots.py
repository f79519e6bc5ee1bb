"""The arithmetic of slots, with a clock that we hold; and that the script in Redis does the very same."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis.asyncio import Redis

from shared.clients.rate_limit import SCRIPT
from shared.clients.slots import SECOND, Pace, Slot, Slots, Verdict

FORTNOX = Pace(rate=25, window=5 * SECOND, margin=80_000)
START = 1_800_000_000 * SECOND


def granted(slots: Slots, lane: str, now: int) -> int:
    slot = slots.take(lane, now)
    assert slot.verdict is Verdict.GRANTED
    return now + slot.wait


def busiest(instants: list[int], window: int) -> int:
    """The most grants in any half-open window."""
    ordered = sorted(instants)
    return max(sum(1 for other in ordered if first <= other < first + window) for first in ordered)


@given(
    st.lists(st.tuples(st.sampled_from(["sale", "settle", "bulk"]), st.integers(0, 400_000)), max_size=200)
)
@settings(max_examples=60, deadline=None)
def test_no_window_ever_holds_more_than_the_rate(wishes: list[tuple[str, int]]) -> None:
    slots, now, instants = Slots(FORTNOX), START, []
    for lane, later in wishes:
        now += later
        slot = slots.take(lane, now)
        if slot.verdict is Verdict.GRANTED:
            instants.append(now + slot.wait)

    assert not instants or busiest(instants, FORTNOX.window + FORTNOX.margin) <= 25
    assert instants == sorted(instants)


def test_sales_take_the_whole_rate_at_once_and_then_queue_one_window_later() -> None:
    slots = Slots(FORTNOX)

    instants = [granted(slots, "sale", START) - START for _ in range(50)]

    assert instants == [0] * 25 + [5_080_000] * 25


def test_a_wish_beyond_the_horizon_is_told_so_and_reserves_nothing() -> None:
    slots = Slots(FORTNOX)
    for _ in range(50):
        granted(slots, "sale", START)

    refused = slots.take("sale", START)

    assert refused == Slot(Verdict.TOO_FAR, 10_160_000, epoch=0)
    assert len(slots.grants) == 50
    assert slots.grants[-1] == START + 5_080_000


def test_a_sale_waits_for_at_most_one_slot_of_bulk_work() -> None:
    slots, now = Slots(FORTNOX), START
    for _ in range(200):  # bulk alone takes all it can get
        slot = slots.take("bulk", now)
        now += max(slot.wait, 1)

    sale = slots.take("sale", now)

    assert sale.verdict is Verdict.GRANTED
    assert sale.wait <= 2 * 203_200


def test_bulk_alone_uses_the_whole_rate() -> None:
    slots, now, count = Slots(FORTNOX), START, 0
    while now < START + 60 * SECOND:
        slot = slots.take("bulk", now)
        count += slot.verdict is Verdict.GRANTED
        now += max(slot.wait - 10_000, 1_000) if slot.verdict is Verdict.ASK_AGAIN else max(slot.wait, 1)

    assert count >= 0.97 * 25 * 12


def test_bulk_stands_back_while_sales_are_reserved_but_keeps_its_share() -> None:
    slots, now, lanes = Slots(FORTNOX), START, {"sale": 0, "settle": 0, "bulk": 0}
    while now < START + 60 * SECOND:
        for lane in ("sale", "settle", "bulk"):
            slot = slots.take(lane, now)
            if slot.verdict is Verdict.GRANTED:
                lanes[lane] += 1
        now += SECOND // 50

    assert 11 <= lanes["bulk"] <= 14  # one per window
    assert 22 <= lanes["settle"] <= 26  # two per window
    assert lanes["sale"] >= 0.85 * (300 + 50)


def test_bulk_stands_back_for_settle() -> None:
    slots, now, lanes = Slots(FORTNOX), START, {"settle": 0, "bulk": 0}
    asks = {"settle": START, "bulk": START}
    while now < START + 60 * SECOND:
        for lane in ("settle", "bulk"):
            if asks[lane] <= now:
                slot = slots.take(lane, now)
                lanes[lane] += slot.verdict is Verdict.GRANTED
                asks[lane] = now + slot.wait
        now += 5_000

    assert lanes["settle"] >= 0.85 * 25 * 12
    assert lanes["bulk"] >= 10


def test_a_refusal_closes_the_window_for_everybody_and_frees_what_was_reserved() -> None:
    slots = Slots(FORTNOX)
    for _ in range(30):
        granted(slots, "sale", START)

    slots.refused(5 * SECOND, START)

    assert slots.epoch == 1  # sleepers ask again
    assert all(grant <= START for grant in slots.grants)
    margin = slots.margin(START + SECOND)
    assert 158_000 < margin <= 160_000
    assert granted(slots, "sale", START + SECOND) == START + FORTNOX.window + margin


def test_the_margin_doubles_with_a_refusal_to_half_a_second_at_most_and_halves_back() -> None:
    slots = Slots(FORTNOX)
    seen = []
    now = START
    for _ in range(4):
        slots.refused(5 * SECOND, now)
        seen.append(slots.margin(now))
        now += 5 * SECOND

    assert seen[0] == 160_000
    assert seen[1] > seen[0]
    assert max(seen) <= 500_000
    assert slots.margin(now + 600 * SECOND) - FORTNOX.margin < 1_000


def test_many_refusals_of_one_burst_widen_the_margin_once() -> None:
    slots = Slots(FORTNOX)

    for late in range(20):
        slots.refused(5 * SECOND, START + late * 1000)

    assert slots.margin(START) == 160_000


# ── the script does the same ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def wishes() -> Iterator[tuple[str, str, int]]:
    chance = random.Random(20260504)

    def some() -> Iterator[tuple[str, str, int]]:
        for number in range(2000):
            mean = 60_000 if number % 400 < 200 else 250_000
            if chance.random() < 0.01:
                yield "refused", "sale", chance.randrange(SECOND)
            yield (
                "take",
                chance.choice(["sale", "sale", "settle", "bulk"]),
                int(chance.expovariate(1 / mean)),
            )

    return some()


async def test_redis_grants_exactly_what_the_arithmetic_says(
    redis_url: str, wishes: Iterator[tuple[str, str, int]]
) -> None:
    redis = Redis.from_url(redis_url)
    run = redis.register_script(SCRIPT)
    slots, now, pace = Slots(FORTNOX), START, FORTNOX

    async def in_redis(step: str, lane: str, *more: int) -> Any:
        numbers = (pace.rate, pace.window, pace.margin, pace.widest, pace.halving, pace.horizon, pace.ahead)
        arguments: list[str | int] = [step, lane, *numbers, pace.share(lane), now, *more]
        return await run(keys=["{k}:g", "{k}:s"], args=arguments)

    try:
        verdicts = set()
        for step, lane, later in wishes:
            now += later
            if step == "refused":
                slots.refused(2 * SECOND, now)
                await in_redis("refused", lane, 2 * SECOND)
                continue
            ours = slots.take(lane, now)
            theirs = await in_redis("take", lane)
            assert theirs == [ours.verdict, ours.wait, ours.epoch]
            verdicts.add(ours.verdict)
        assert verdicts == {Verdict.GRANTED, Verdict.ASK_AGAIN, Verdict.TOO_FAR}
    finally:
        await redis.aclose()
