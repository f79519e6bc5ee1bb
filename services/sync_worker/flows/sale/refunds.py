"""Svea's credits and the shop's credit memos -> refunds, each once. Pure.

A refund made in the shop is a memo there and a credit at Svea; one made at Svea is only there; one
settled outside Svea is only a memo. They are told to be the same by their amount, since neither names
the other. What can be told of neither is held: booked, it could be booked twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from services.sync_worker.flows.sale.from_shop import ShopOrder
from services.sync_worker.flows.sale.observed import Booked
from services.sync_worker.flows.sale.shop_memos import MemoRead, read_memo
from shared.domain.errors import NotYet, RefundsDisagree, SlussError, Unbalanced
from shared.domain.money import Money, total
from shared.domain.outcomes import Advice
from shared.domain.sale import Sale, SoldCredit, SoldDelivery
from shared.settings.connections import ConnectionDeclaration
from shared.settings.magento import ShopRefunds

CANCELLED_MEMO = 3
AMOUNT_ONLY = "amount"


@dataclass
class _Side:
    """One delivery while its credits are told apart: Svea's own, and those that have got their memo."""

    delivery: SoldDelivery
    listed: list[SoldCredit]
    unlisted: Money  # credited at Svea in one sum, with no rows
    booked_amounts: list[Money]  # parts of it that we have booked as an amount
    done: list[SoldCredit] = field(default_factory=list)

    @property
    def open(self) -> Money:
        """What Svea has given back and no memo explains."""
        return total((one.amount for one in self.listed), self.unlisted.currency) + self.unlisted


def with_memos(
    sale: Sale,
    found: ShopOrder,
    settings: ConnectionDeclaration,
    *,
    fee_rate: Decimal | None = None,
    booked: Sequence[Booked] = (),
) -> Sale:
    """The sale with each refund under all its names; ``hold`` says which ones could not be told apart."""
    memos = _memos(found, settings, fee_rate)
    if not memos:
        return sale
    sides = [_side(delivery, sale, booked) for delivery in sale.deliveries]
    left = [read for read in memos if not _paired(read, sides, settings)]
    hold = _held(left, sides, settings)
    alone = [] if hold is not None else _shop_only(left, sides, settings)
    deliveries = tuple(_delivery(side, booked, sale, held=hold is not None) for side in sides)
    advice = tuple(_odd(read) for read in memos if not read.adds_up and read not in left)
    return replace(sale, deliveries=deliveries, hold=hold, advice=(*sale.advice, *advice, *alone))


def _memos(found: ShopOrder, settings: ConnectionDeclaration, fee_rate: Decimal | None) -> list[MemoRead]:
    refunds = _refunds(settings)
    return [
        read_memo(memo, found.order, refunds, fee_rate=fee_rate)
        for memo in sorted(found.memos, key=lambda one: one.entity_id)
        if memo.state != CANCELLED_MEMO
        and memo.grand_total != 0
        and not memo.is_of_fortnox
        and memo.increment_id not in refunds.disregard
    ]


def _refunds(settings: ConnectionDeclaration) -> ShopRefunds:
    return settings.magento.refunds if settings.magento else ShopRefunds()


def _side(delivery: SoldDelivery, sale: Sale, booked: Sequence[Booked]) -> _Side:
    currency = delivery.amount.currency
    listed = total((credit.amount for credit in delivery.credits), currency)
    invoice = sale.reference.delivery(delivery.id)
    entries = [str(one.draft["entry"]) for one in booked if one.parent == invoice and one.draft]
    amounts = [Decimal(entry.split("|")[1]) for entry in entries if entry.startswith(f"{AMOUNT_ONLY}|")]
    return _Side(
        delivery=delivery,
        listed=list(delivery.credits),
        unlisted=(delivery.credited or listed) - listed,
        booked_amounts=[Money(amount, currency) for amount in amounts],
    )


# ── which are the same ────────────────────────────────────────────────────────────────────────────


def _paired(read: MemoRead, sides: Sequence[_Side], settings: ConnectionDeclaration) -> bool:
    return (
        _with_listed(read, sides, settings)
        or _with_booked_amount(read, sides, settings)
        or _with_unlisted(read, sides, settings)
    )


def _with_listed(read: MemoRead, sides: Sequence[_Side], settings: ConnectionDeclaration) -> bool:
    for side in sides:
        for credit in side.listed:
            if credit.amount in read.amounts:
                side.listed.remove(credit)
                side.done.append(_joined(credit, read, settings))
                return True
    return False


def _with_booked_amount(read: MemoRead, sides: Sequence[_Side], settings: ConnectionDeclaration) -> bool:
    """Booked as an amount before the memo was there: the memo is of that very credit invoice."""
    for side in sides:
        for amount in side.booked_amounts:
            if amount in read.amounts and amount <= side.unlisted:
                side.booked_amounts.remove(amount)
                _take_unlisted(side, amount, read, settings)
                return True
    return False


def _with_unlisted(read: MemoRead, sides: Sequence[_Side], settings: ConnectionDeclaration) -> bool:
    for side in sides:
        booked = total(side.booked_amounts, side.unlisted.currency)
        for amount in read.amounts:
            if amount.amount > 0 and amount <= side.unlisted - booked:
                _take_unlisted(side, amount, read, settings)
                return True
    return False


def _take_unlisted(side: _Side, amount: Money, read: MemoRead, settings: ConnectionDeclaration) -> None:
    side.unlisted = side.unlisted - amount
    credit = SoldCredit(amount, told_as=f"{AMOUNT_ONLY}|{amount.amount}")
    side.done.append(_joined(credit, read, settings))


def _joined(credit: SoldCredit, read: MemoRead, settings: ConnectionDeclaration) -> SoldCredit:
    """Svea's credit in the memo's rows, when these come to Svea's amount: that is the money that moved."""
    rows = read.given_back() if read.rows_total == credit.amount else credit.rows
    return replace(
        credit,
        rows=rows,
        memo=read.memo.entity_id,
        on=_day(read, settings),
        told_as=credit.fingerprint,
    )


def _day(read: MemoRead, settings: ConnectionDeclaration) -> date | None:
    made = read.memo.created_at
    return made.astimezone(settings.zone).date() if made else None


# ── what is left ──────────────────────────────────────────────────────────────────────────────────


def _held(
    left: Sequence[MemoRead], sides: Sequence[_Side], settings: ConnectionDeclaration
) -> SlussError | None:
    """Memos that may be of what Svea has given back, or whose money Svea should have given back."""
    if not left:
        return None
    at_svea = total((side.open for side in sides), left[0].header.currency)
    in_shop = total((read.header for read in left), at_svea.currency)
    if at_svea and at_svea == in_shop:
        return None
    facts = {
        "memos": ", ".join(read.memo.increment_id for read in left),
        "shop": str(in_shop),
        "svea": str(at_svea),
    }
    if at_svea:
        return RefundsDisagree(
            f"the shop's credit memos come to {in_shop}, Svea's refunds that none of them explains to "
            f"{at_svea}, a difference of {in_shop - at_svea}",
            facts=facts,
        )
    online = [read for read in left if read.memo.invoice_id is not None]
    if online:
        return NotYet(
            f"credit memo {online[0].memo.increment_id} of {online[0].header} is refunded through Svea, "
            "which does not show it yet",
            facts=facts,
        )
    return _first_problem(left)


def _first_problem(left: Sequence[MemoRead]) -> SlussError | None:
    for read in left:
        try:
            read.must_add_up()
        except Unbalanced as problem:
            return problem
    return None


def _shop_only(
    left: Sequence[MemoRead], sides: Sequence[_Side], settings: ConnectionDeclaration
) -> list[Advice]:
    """Offline memos: credited, with the money still to be paid by hand. A memo that is several refunds
    at Svea, or several that are one, is those already."""
    if any(side.open for side in sides) or not sides:
        return []
    told = []
    for read in left:
        side = max(sides, key=lambda one: (_creditable(one) >= read.header, -one.delivery.id))
        side.done.append(
            SoldCredit(
                read.header,
                read.given_back(),
                memo=read.memo.entity_id,
                on=_day(read, settings),
                by_provider=False,
            )
        )
        text = f"credit memo {read.memo.increment_id} of {read.header} was not refunded through Svea"
        told.append(Advice("refunded_outside_svea", text, {"memo": read.memo.increment_id}))
    return told


def _creditable(side: _Side) -> Money:
    given = total((one.amount for one in side.done), side.unlisted.currency)
    return side.delivery.amount - given - side.open


def _delivery(side: _Side, booked: Sequence[Booked], sale: Sale, *, held: bool) -> SoldDelivery:
    """``credited`` stays what Svea says, less what is held and not booked."""
    delivery = side.delivery
    if not held:
        return replace(delivery, credits=(*side.done, *side.listed))
    invoice = sale.reference.delivery(delivery.id)
    entries = [str(one.draft["entry"]) for one in booked if one.parent == invoice and one.draft]
    known = [credit for credit in side.listed if credit.fingerprint in entries]
    credits = (*side.done, *known)
    amounts = total(side.booked_amounts, side.unlisted.currency)
    listed = total((one.amount for one in credits if one.by_provider), side.unlisted.currency)
    return replace(delivery, credits=credits, credited=listed + amounts)


def _odd(read: MemoRead) -> Advice:
    text = (
        f"credit memo {read.memo.increment_id} says {read.header}, its rows {read.rows_total}; "
        "booked as Svea refunded it"
    )
    return Advice("memo_does_not_add_up", text, {"memo": read.memo.increment_id})
