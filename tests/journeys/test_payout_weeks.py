"""Business weeks through the whole house: after every evening the books say what Svea's reports say.

Clearing is what Svea says is owed, the bank is what Svea says it paid, to the öre; and whatever is heard
twice, or in another order, writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest

from services.sandbox.svea.orders import Delivery, Order, Row
from services.sandbox.svea.settlement import SettlementBook
from services.sandbox.svea.settlement_extras import Extra, ExtraKind
from services.sandbox.svea.week import SELLING_DAYS, a_sale, play_day
from shared.domain.money import to_cents
from tests.journeys.test_sale_backfill import ask
from tests.support.world import CONNECTION, MARKETS, World, a_declaration, a_row, freight

MERCHANT = MARKETS["se"][0]
CLEARING, BANK, RECEIVABLE, UNMATCHED = 1581, 1930, 1510, 2999
A_MONDAY = date(2026, 5, 4)
EVENING = time(21, tzinfo=UTC)
GOODS = (a_row("Mugg", "249.00"), a_row("Middag", "89.00", vat="12"), a_row("Guide", "212.00", vat="6"))
PAYMENT_TYPES = ("INVOICE", "PAYMENTPLAN", "SVEACARDPAY_PF", "SWISH_PF")
EXTRAS = (
    (ExtraKind.MONTHLY_FEE, 29900),
    (ExtraKind.REMINDER, 1234),
    (ExtraKind.KICKBACK, -2150),
    (ExtraKind.DEPOSIT, 45000),
    (ExtraKind.CORRECTION, -333),
    (ExtraKind.POSTAGE, 87),
)
SEEDS = (1, 2, 3)
FINNISH = MARKETS["fi"][0]
FINNISH_GOODS = (a_row("Bastu", "100.40", vat="25.5"), a_row("Kiulu", "37.65", vat="25.5"))
FINNISH_CLEARING, FINNISH_BANK = 1582, 1981
RATES = ("11.20", "11.4937", "10.98", "11.305", "11.27", "11.20", "11.61")


@pytest.fixture
async def merchant(world: World) -> World:
    first, *others = a_declaration()["markets"]
    accounts = {"clearing": CLEARING, "bank": BANK}
    await world.declare(markets=[first | {"accounts": accounts}, *others])
    world.sandbox.svea.merchant(MERCHANT).settles_itself = True
    return world


def book_of(world: World) -> SettlementBook:
    return world.sandbox.svea.book(MERCHANT)


def kronor_of(minor: int) -> Decimal:
    return Decimal(minor) / 100


def must_tie_out(world: World) -> None:
    """By Svea's own reports, all of them: clearing owes the debts, and the bank has what was paid."""
    books, svea = world.books(), book_of(world)
    owed = sum(svea.debts().values())
    paid = sum(group.paid for groups in svea.days.values() for group in groups.values())
    assert (books.get(CLEARING, 0), books.get(BANK, 0)) == (-kronor_of(owed), kronor_of(paid))
    assert UNMATCHED not in books


async def evening(world: World, day: date) -> None:
    world.clock.set(datetime.combine(day, EVENING))
    await ask(world, "POST", f"/connections/{CONNECTION}/jobs/payouts/run")
    await world.works()


async def must_rest(world: World, days: Sequence[date]) -> None:
    """Every day is read again, the last first, and every payout is looked at again."""
    assert len([one for one in book_of(world).days.values() if one]) >= SELLING_DAYS, "that many were paid"
    writes, books = world.writes(), world.books_by_date()
    for day in reversed(days):
        world.later(timedelta(minutes=1))
        await ask(world, "POST", f"/connections/{CONNECTION}/jobs/payouts/run", {"date": day.isoformat()})
        await world.works()
    await world.ledger.subjects.retry_where(connection=CONNECTION, kind="payout")
    await world.works()
    assert (world.writes(), world.books_by_date()) == (writes, books)


def payments(world: World) -> int:
    return sum(one == "POST /3/invoicepayments" for one in world.accepted_writes())


# ── the sandbox's own week ────────────────────────────────────────────────────────────────────────


async def test_the_week_of_the_sandbox_ties_out_every_evening(merchant: World) -> None:
    """A partial delivery, refunds of a piece, of an amount and of all, and a payout that is negative."""
    world, owed = merchant, []
    for number in range(SELLING_DAYS + 1):
        played = play_day(world.sandbox.svea, MERCHANT, A_MONDAY, number)
        world.clock.set(world.sandbox.clock().astimezone(UTC))
        world.sandbox.clock.follow_source()
        await world.works()
        await evening(world, played.day)
        must_tie_out(world)
        owed.append(sum(book_of(world).debts().values()))

    assert [amount > 0 for amount in owed] == [False, False, False, True, False, False]
    assert {invoice["Balance"] for invoice in world.invoices} == {0}
    assert payments(world) == len(world.invoices)
    assert len([call for call in world.calls() if "invoicepayments" in call]) == 2 * payments(world)
    await must_rest(world, sorted(book_of(world).days))


# ── generated weeks ───────────────────────────────────────────────────────────────────────────────


class Week:
    """Sales, deliveries and refunds as the dice fall; the same for the same seed."""

    def __init__(
        self, world: World, seed: int, merchant: str = MERCHANT, goods: Sequence[Row] = GOODS
    ) -> None:
        self.world, self.dice, self.svea = world, Random(seed), world.sandbox.svea
        self.merchant, self.goods = merchant, goods
        self.sold: list[Order] = []

    def morning(self, number: int) -> None:
        for count in range(self.dice.randint(1, 3)):
            payment_type = self.dice.choice(PAYMENT_TYPES)
            checkout = a_sale(
                self.svea, self.merchant, f"{number}{count:02}", self._rows(), payment_type=payment_type
            )
            order = self.svea.order(checkout)
            self.sold.append(order)
            if not order.deliveries:
                self._deliver(order)

    def afternoon(self) -> None:
        for order in self.sold:
            if self._is_half_delivered(order) and self.dice.random() < 0.6:
                self.svea.deliver(order.checkout_id)
            for delivery in order.deliveries:
                if self.dice.random() < 0.35 and delivery.credited < delivery.amount:
                    self._give_back(order, delivery)
        if self.dice.random() < 0.5:
            kind, amount = self.dice.choice(EXTRAS)
            self.svea.book(self.merchant).extras.append(Extra(kind, amount, payment_type="Card"))

    def _rows(self) -> tuple[Row, ...]:
        goods = self.dice.sample(self.goods, self.dice.randint(1, len(self.goods)))
        pieces = [
            Row(one.article_number, one.name, one.unit_price, 100 * self.dice.randint(1, 4), one.vat_percent)
            for one in goods
        ]
        has_freight = self.goods is GOODS and self.dice.random() < 0.5
        return (*pieces, freight()) if has_freight else tuple(pieces)

    def _deliver(self, order: Order) -> None:
        """Sometimes a part; the card takes all of it at once."""
        some = {order.rows[0].row_id: None}
        in_parts = order.admin_type == "Invoice" and len(order.rows) > 1 and self.dice.random() < 0.5
        self.svea.deliver(order.checkout_id, some if in_parts else None)

    def _is_half_delivered(self, order: Order) -> bool:
        delivered = sum(one.amount for one in order.deliveries)
        return order.admin_type == "Invoice" and delivered < sum(row.amount for row in order.rows)

    def _give_back(self, order: Order, delivery: Delivery) -> None:
        """An amount where Svea takes one, else rows; now and then all of it."""
        left = delivery.amount - delivery.credited
        if order.admin_type in ("Invoice", "PaymentPlan"):
            rows = [row for row in delivery.rows if delivery.left_of(row.row_id) > 0]
            wanted = None if self.dice.random() < 0.4 else {self.dice.choice(rows).row_id: None}
            self.svea.credit_rows(order.checkout_id, delivery.number, wanted)
        else:
            amount = left if self.dice.random() < 0.4 else self.dice.randint(1, left)
            self.svea.credit_amount(order.checkout_id, delivery.number, delivery.credited + amount)


async def sells_for_a_week(world: World, seed: int, *, read_every_evening: bool) -> list[date]:
    """Monday to Friday, then two days on which Svea only settles; the days."""
    week = Week(world, seed)
    days = [A_MONDAY + timedelta(days=number) for number in (0, 1, 2, 3, 4, 7, 8)]
    for number, day in enumerate(days):
        world.on(day.isoformat())
        if number < SELLING_DAYS:
            week.morning(number)
            await world.works()
            world.later(timedelta(hours=3))
            week.afternoon()
            await world.works()
        if read_every_evening:
            await evening(world, day)
            must_tie_out(world)
    return days


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_generated_week_ties_out_every_evening(merchant: World, seed: int) -> None:
    days = await sells_for_a_week(merchant, seed, read_every_evening=True)

    assert {invoice["Balance"] for invoice in merchant.invoices} == {0}
    assert payments(merchant) == len(merchant.invoices)
    await must_rest(merchant, days)


async def test_a_week_whose_days_are_read_late_and_the_last_first_leaves_the_same_books(
    merchant: World,
) -> None:
    days = await sells_for_a_week(merchant, SEEDS[0], read_every_evening=False)
    merchant.on("2026-06-01")  # none of the days is among the last seven
    for day in reversed(days):
        merchant.later(timedelta(minutes=1))
        await ask(merchant, "POST", f"/connections/{CONNECTION}/jobs/payouts/run", {"date": day.isoformat()})
        await merchant.works()

    must_tie_out(merchant)
    assert {invoice["Balance"] for invoice in merchant.invoices} == {0}
    await must_rest(merchant, days)


# ── two key sets in two currencies ────────────────────────────────────────────────────────────────


@pytest.fixture
async def two_markets(world: World) -> World:
    """Sweden in SEK and Finland in EUR, each with its own key set, clearing account and bank account."""
    swedish, norwegian, finnish, *others = a_declaration()["markets"]
    markets = [
        swedish | {"accounts": {"clearing": CLEARING, "bank": BANK}},
        norwegian,
        finnish | {"accounts": {"clearing": FINNISH_CLEARING, "bank": FINNISH_BANK}},
        *others,
    ]
    await world.declare(markets=markets)
    for merchant in (MERCHANT, FINNISH):
        world.sandbox.svea.merchant(merchant).settles_itself = True
    return world


@dataclass
class InEuro:
    """What the Finnish reports come to in SEK, payout by payout, each at the rate of its day."""

    world: World
    paid: Decimal = Decimal(0)
    owed: Decimal = Decimal(0)

    def add(self, day: date, rate: Decimal) -> None:
        for group in self.world.sandbox.svea.book(FINNISH).days.get(day, {}).values():
            self.paid += to_cents(kronor_of(group.paid) * rate)
            if group.rows:  # nothing happens to a debt on a day without rows
                self.owed = to_cents(kronor_of(group.carried) * rate)

    def must_tie_out(self) -> None:
        books = self.world.books()
        found = (books.get(FINNISH_CLEARING, Decimal(0)), books.get(FINNISH_BANK, Decimal(0)))
        assert found == (-self.owed, self.paid)


@pytest.mark.parametrize("seed", [4])
async def test_two_key_sets_in_two_currencies_tie_out_each_by_its_own_reports(
    two_markets: World, seed: int
) -> None:
    """The rate moves every day, and debts are carried over it."""
    world, euro = two_markets, InEuro(two_markets)
    weeks = [Week(world, seed), Week(world, 10 * seed, FINNISH, FINNISH_GOODS)]
    days = [A_MONDAY + timedelta(days=number) for number in (0, 1, 2, 3, 4, 7, 8)]
    for number, (day, rate) in enumerate(zip(days, map(Decimal, RATES), strict=True)):
        world.on(day.isoformat())
        world.company.currencies["EUR"] = replace(
            world.company.currencies["EUR"], buy_rate=rate, sell_rate=rate
        )
        for week in weeks if number < SELLING_DAYS else ():
            week.morning(number)
        await world.works()
        world.later(timedelta(hours=3))
        for week in weeks if number < SELLING_DAYS else ():
            week.afternoon()
        await world.works()
        await evening(world, day)
        must_tie_out(world)
        euro.add(day, rate)
        euro.must_tie_out()

    assert {invoice["Balance"] for invoice in world.invoices} == {0}
    assert payments(world) == len(world.invoices)
    assert abs(world.books().get(RECEIVABLE, Decimal(0))) <= Decimal("0.01") * len(world.invoices)
    await must_rest(world, days)
