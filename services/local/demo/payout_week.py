"""A business week of a merchant with books of their own: sales, refunds, a payout each evening, the tie-out.

The week is in the past, and the stand-ins' clock goes through it; afterwards it shows the real time again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.local.demo.operations import Operations
from services.local.demo.progress import Progress
from services.local.demo.show import PayoutOutcome, Show
from services.local.demo.stand_ins import StandIns

NAME = "week"
DAYS = 6  # Monday to Friday, and the Monday after on which Friday is paid
ZERO = Decimal("0.00")
NEVER = "0 0 1 1 *"
GOOD = ("done", "skipped")
DEBT_EVENINGS = 1


def of_the_week(demo: Mapping[str, Any]) -> dict[str, Any]:
    """The demo's Swedish market as a connection of its own, whose payouts are booked."""
    market = demo["markets"][0]
    svea = market["svea"] | {
        "merchant_id": 700009,
        "secret": "not-a-real-secret-se-0009",
        "callback_token": "demo-token-se-9c40b1e27d",
    }
    return {
        "name": NAME,
        "active_from": demo["active_from"],
        "fortnox": demo["fortnox"] | {"client_id": "demo-week", "tenant_id": 1000002},
        "markets": [market | {"svea": svea}],
        "sales": demo["sales"],
        "sync": {"stock": False},
        "schedule": {"payouts": NEVER, "completeness": NEVER, "tie_out": NEVER},
    }


def monday_of(today: date) -> date:
    """Of the last week whose payouts are all a week old: the job reads what is younger by itself."""
    return today - timedelta(days=today.weekday() + 21)


@dataclass(frozen=True, slots=True)
class Evening:
    """One day's report as Svea has it."""

    day: date
    groups: tuple[Mapping[str, Any], ...]

    def outcomes(self) -> Iterator[PayoutOutcome]:
        for group in self.groups:
            sums = group["paymentReport"]
            yield PayoutOutcome(
                day=self.day,
                agreement=str(group["clientId"]),
                rows=sum(row["rowType"] in ("Order", "Credit") for row in group["rows"]),
                nominal=_kronor(sums["nominalAmount"]),
                fees=_kronor(sums["feeAmountExcludingVat"] + sums["feeVatAmount"]),
                paid=_kronor(sums["sveaPaidAmountIncludingWithholding"]),
                owed=_kronor(sums["closingBalanceDebt"]),
            )


class WeekChapter:
    """Plays, shows and checks. `differences` collects whatever is not as it must be."""

    def __init__(
        self,
        stand_ins: StandIns,
        operations: Operations,
        declared: Mapping[str, Any],
        gateway_url: str,
        progress: Progress,
        show: Show,
    ) -> None:
        """`stand_ins` and `operations` are those of the week's own connection, `declared`."""
        self._stand_ins = stand_ins
        self._operations = operations
        self._svea = declared["markets"][0]["svea"]
        self._accounts = declared["markets"][0]["accounts"]
        self._gateway_url = gateway_url
        self._progress = progress
        self._show = show
        self._evenings: list[Evening] = []
        self.differences: list[str] = []

    def play(self, today: date) -> None:
        """What an earlier demo with this state has played is not played again."""
        begun = [name.split()[1] for name in self._progress.done if name.startswith(f"{NAME} ")]
        monday = date.fromisoformat(begun[0]) if begun else monday_of(today)
        self._show.chapter(f"A business week from {monday}, with a payout each evening")
        if f"{NAME} {monday} {DAYS - 1}" not in self._progress.done:
            self._play_all(monday)
        self._tie_out()

    def _play_all(self, monday: date) -> None:
        self._open()
        try:
            for number in range(DAYS):
                self._play(monday, number)
        finally:
            self._stand_ins.control.put("/clock", {})
        self._show.payouts([outcome for evening in self._evenings for outcome in evening.outcomes()])
        if sum(any(_owed(one) for one in evening.groups) for evening in self._evenings) != DEBT_EVENINGS:
            self.differences.append("week: one evening was to end with a debt")

    def _open(self) -> None:
        merchants = self._stand_ins.control.get("/svea/merchants")
        number = str(self._svea["merchant_id"])
        if all(str(one["merchant_id"]) != number for one in merchants):
            wanted = {"country": "SE", "currency": "SEK", "locale": "sv-SE"}
            made = {"merchant_id": number, "secret": self._svea["secret"], **wanted}
            self._stand_ins.control.post("/svea/merchants", made)
        self._stand_ins.open_company()
        self._operations.apply()
        self._stand_ins.subscribe(self._gateway_url)

    def _play(self, monday: date, number: int) -> None:
        """Sales and refunds of the day, then its payouts. What is settled is not played again."""
        self._operations.pause(0)
        merchant, name = self._svea["merchant_id"], f"{NAME} {monday} {number}"
        day = monday + timedelta(days=number if number < DAYS - 1 else 7)
        book = f"/svea/settlements/{merchant}"
        if day.isoformat() not in self._stand_ins.control.get(book)["days"]:
            self._stand_ins.control.post(f"/svea/weeks/{merchant}/{monday}/{number}")
        elif name not in self._progress.done:  # its webhooks may have gone down with a demo that was killed
            self._operations.backfill(*self._stand_ins.checkouts(merchant))
        self._stand_ins.settle()
        self._must_be_good("sale")
        report = self._stand_ins.control.get(f"{book}/days/{day}")
        self._evenings.append(Evening(day, tuple(report["clientReports"])))
        if name in self._progress.done:
            return
        self._operations.run_to_its_end("payouts", {"date": day.isoformat()})
        self._must_be_good("payout")
        self._check_books(day)
        self._progress.note(name, [])

    def _must_be_good(self, kind: str) -> None:
        for key, state in self._operations.at_rest(kind).items():
            if state.state not in GOOD:
                self.differences.append(f"week: {kind} {key} is {state.state}: {state.why}")

    def _check_books(self, day: date) -> None:
        """After every evening: the bank is what Svea paid, and clearing is what it is owed."""
        groups = [group for evening in self._evenings for group in evening.groups]
        debts = {group["clientId"]: _owed(group) for group in groups}
        paid = sum(group["paymentReport"]["sveaPaidAmountIncludingWithholding"] for group in groups)
        books = self._stand_ins.balances()
        for what, account, wanted in (
            ("bank", self._accounts["bank"], _kronor(paid)),
            ("clearing", self._accounts["clearing"], -_kronor(sum(debts.values()))),
        ):
            if (found := books.get(account, ZERO)) != wanted:
                self.differences.append(f"week, {day}: {what} {account} is {found}, by Svea {wanted}")

    def _tie_out(self) -> None:
        self._operations.run_to_its_end("tie_out")
        found = self._operations.tie_out()
        self._show.tie_out(found)
        seen = found["fortnox"] or {"accounts": [], "invoices": []}
        left = {
            "difference": found["difference"]["amount"],
            "found": found["found"]["amount"],
            **{f"{one['account']} in Fortnox": one["difference"]["amount"] for one in seen["accounts"]},
        }
        self.differences += [
            f"week, tie-out: {what} {amount}" for what, amount in left.items() if Decimal(amount)
        ]
        self.differences += [f"week, tie-out: invoice {one['number']} differs" for one in seen["invoices"]]
        if not seen["accounts"]:
            self.differences.append("week, tie-out: Fortnox was not asked")


def _owed(group: Mapping[str, Any]) -> int:
    owed: int = group["paymentReport"]["closingBalanceDebt"]
    return owed


def _kronor(minor: int) -> Decimal:
    return Decimal(minor) / 100
