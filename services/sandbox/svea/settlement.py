"""Svea settles: what was delivered and credited becomes payouts, each once, with fees and debts carried on.

One book for each merchant. It pays by the agreed number of banking days, so a day settles whatever is due by
then and was not settled before. Rules only: `SandboxSvea` brings the orders and the clock.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from services.sandbox.svea.merchants import Merchant
from services.sandbox.svea.orders import Delivery, Order
from services.sandbox.svea.refusals import invalid, unknown
from services.sandbox.svea.settlement_extras import Extra
from services.sandbox.svea.settlement_groups import Group
from services.sandbox.svea.settlement_rows import Json, fee, row, with_fee
from services.sandbox.svea.settlement_terms import Terms
from services.sandbox.svea.show_admin import SWEDEN

Account = tuple[int, str]
"""Client number and currency: debts are carried within one."""


@dataclass(frozen=True)
class Due:
    """What is left to settle of a delivery, or (negative) of a credit."""

    kind: Literal["Order", "Credit"]
    number: int
    order: Order
    delivery: Delivery
    at: datetime
    amount: int
    is_first: bool


@dataclass
class SettlementBook:
    terms: Terms
    settled: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Minor units by ("Order", delivery number) and ("Credit", credit number)."""
    extras: list[Extra] = field(default_factory=list)
    """They are in the next payout."""
    days: dict[date, dict[Account, Group]] = field(default_factory=dict)

    # --- settling ----------------------------------------------------------------------------------------

    def settle(
        self,
        merchant: Merchant,
        orders: Iterable[Order],
        day: date,
        *,
        amounts: Mapping[int, int] | None = None,
        put: Iterable[bytes] = (),
    ) -> dict[Account, Group]:
        """The payouts of one day; none when the bank is closed. The same day again adds what came since.

        `amounts` settles so much of a delivery (0: nothing of it today). `put` are reports that somebody
        wrote by hand: what they settle is settled.
        """
        last = max(self.days, default=None)
        if last is not None and day < last:
            raise invalid("date", f"{last} is settled, so {day} can not be", 30130)
        if not self.terms.is_open(day):
            return {}
        due = _limited(self._due(merchant, orders, day, put), amounts or {})
        self.days.setdefault(day, {})
        for one in sorted(due, key=lambda one: (one.at, one.kind == "Credit", one.number)):
            self._group(merchant, self._account_of(one), day).rows.append(self._row(one, day))
            self.settled[(one.kind, one.number)] += one.amount
        self._settle_extras(merchant, day)
        if self.terms.shows_idle_debt:
            for account in [account for account, debt in self.debts(before=day).items() if debt]:
                self._group(merchant, account, day)
        return self.days[day]

    def _settle_extras(self, merchant: Merchant, day: date) -> None:
        country, currency = merchant.country, merchant.currency
        for extra in self.extras:
            shown = extra.show(day=day, country=country, currency=currency, terms=self.terms)
            self._group(merchant, (extra.client(self.terms), currency), day).rows.append(shown)
        self.extras.clear()

    def _account_of(self, one: Due) -> Account:
        return self.terms.client_of(one.order.admin_type), one.order.currency

    def _row(self, one: Due, day: date) -> Json:
        return row(
            one.kind,
            day=day,
            currency=one.order.currency,
            terms=self.terms,
            payment_type=one.order.admin_type,
            nominal=one.amount,
            fees=self._fees(one, one.amount),
            about=one.order,
            delivery=one.delivery,
        )

    def _fees(self, one: Due, nominal: int) -> Iterator[Json]:
        if one.kind == "Credit" and not self.terms.returns_fees:
            return
        for term in self.terms.fees_of(one.order.admin_type):
            amount = term.on(nominal, first=one.is_first and one.kind == "Order")
            if amount:
                yield fee(term.type, amount, term.vat_percent)

    def _group(self, merchant: Merchant, account: Account, day: date) -> Group:
        groups = self.days[day]
        if account not in groups:
            client_id, currency = account
            debt = self.debts(before=day).get(account, 0)
            groups[account] = Group(client_id, currency, merchant.country, day, replace(self.terms), debt)
        return groups[account]

    def debts(self, *, before: date | None = None) -> dict[Account, int]:
        """What the merchant owes Svea after the last payout of each account; minor units, zero or more."""
        found: dict[Account, int] = {}
        for day in sorted(self.days):
            if before is None or day < before:
                found |= {account: group.carried for account, group in self.days[day].items()}
        return found

    def _due(
        self, merchant: Merchant, orders: Iterable[Order], day: date, put: Iterable[bytes]
    ) -> Iterator[Due]:
        by_hand = _settled_by(put)
        for order in orders:
            if order.merchant_id != merchant.merchant_id or not self._passes(order):
                continue
            for delivery in order.deliveries:
                for one in self._parts(order, delivery, by_hand):
                    if one.amount and self.terms.paid_on(one.at.astimezone(SWEDEN).date()) <= day:
                        yield one

    def first_due(self, merchant: Merchant, orders: Iterable[Order]) -> date | None:
        """The first day on which anything is to be paid out."""
        days = [one.at.astimezone(SWEDEN).date() for one in self._due(merchant, orders, date.max, ())]
        return min((self.terms.paid_on(day) for day in days), default=None)

    def _passes(self, order: Order) -> bool:
        return order.is_final and order.payment_type not in self.terms.not_through_svea

    def _parts(self, order: Order, delivery: Delivery, by_hand: Counter[tuple[str, int]]) -> Iterator[Due]:
        number = delivery.number
        before = self.settled[("Order", number)] + by_hand[("Order", number)]
        yield Due("Order", number, order, delivery, delivery.created, delivery.amount - before, not before)
        returned = by_hand[("Credit", number)]
        for credit in delivery.credits:
            taken = max(credit.amount, returned)
            returned -= taken
            left = credit.amount - taken - self.settled[("Credit", credit.number)]
            yield Due("Credit", credit.number, order, delivery, credit.at or delivery.created, left, False)

    # --- what Svea says ----------------------------------------------------------------------------------

    def report(self, day: date, *, balances: bool = True) -> Json:
        groups = [group.show(balances=balances) for _, group in sorted(self.days.get(day, {}).items())]
        count = sum(group["paymentReport"]["numberOfRows"] for group in groups)
        return {"totalNrOfRows": count, "clientReports": groups}

    def reissue(self, day: date, delivery_id: int, *, fee: int) -> None:
        """The day again with another first fee on a delivery (minor units before VAT); all sums follow."""
        for account, group in self.days.get(day, {}).items():
            for at, shown in enumerate(group.rows):
                if shown["deliveryId"] == delivery_id and shown["fees"]:
                    carried = group.carried
                    group.rows[at] = with_fee(shown, fee)
                    later = (self.days[other] for other in self.days if other > day)
                    if group.carried != carried and any(account in groups for groups in later):
                        group.rows[at] = shown
                        raise invalid("date", f"the debt of {day} is in a later payout already", 30133)
                    return
        raise unknown("DeliveryId", delivery_id)

    def misstate(self, day: date, name: str, *, by: int, client_id: int | None = None) -> None:
        """A sum of a payout's `paymentReport` is wrong by so much from now on; 0 puts it right."""
        for (number, _), group in self.days.get(day, {}).items():
            if client_id in (None, number):
                if not isinstance(group.show()["paymentReport"].get(name), int):
                    raise unknown("Field", name)
                group.off_by[name] = by
                return
        raise unknown("Payout", day)


def _limited(due: Iterable[Due], amounts: Mapping[int, int]) -> list[Due]:
    """So much of each delivery as was asked for; without its delivery in `amounts`, all of it."""
    found = []
    for one in due:
        wanted = amounts.get(one.number, one.amount) if one.kind == "Order" else one.amount
        if one.kind == "Order" and not 0 <= wanted <= one.amount:
            raise invalid("amounts", f"Delivery {one.number} has {one.amount} left, not {wanted}", 30131)
        if wanted:
            found.append(replace(one, amount=wanted))
    return found


def _settled_by(reports: Iterable[bytes]) -> Counter[tuple[str, int]]:
    """By delivery, for deliveries and for the credits on them."""
    found: Counter[tuple[str, int]] = Counter()
    for report in reports:
        for group in _groups(report):
            for shown in group.get("rows") or ():
                if shown.get("deliveryId") and shown.get("rowType") in ("Order", "Credit"):
                    found[(shown["rowType"], shown["deliveryId"])] += shown["nominalAmount"]
    return found


def _groups(report: bytes) -> list[Json]:
    """None in a report that was put there broken on purpose."""
    try:
        read = json.loads(report)
    except ValueError:
        return []
    return (read.get("clientReports") or []) if isinstance(read, dict) else []
