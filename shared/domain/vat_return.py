"""The VAT tie-out of a period: base and VAT per code and box, by our documents and by Fortnox.

Every difference between the two is one of the listed ones, or an account that carries another VAT code
than its sales need; what is left would be ``unexplained``, and is zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from shared.domain.vat_books import Difference, VatAccount, VatSeen
from shared.domain.vat_boxes import TO_PAY, box_of, boxes_of_sale, code_of_sale, in_box
from shared.domain.vat_documents import VatDocument, VatPart

ZERO = Decimal("0.00")
Key = TypeVar("Key", int, str)


@dataclass(frozen=True)
class Settlement:
    """A payment or voucher of ours, by account; SEK, credit is positive."""

    kind: str
    reference: str
    number: str
    owner_id: str
    dated: date
    by_account: Mapping[int, Decimal]
    finalised_at: datetime | None = None


Booked = VatDocument | Settlement


@dataclass(frozen=True)
class Both:
    """One figure by our documents and by Fortnox, SEK."""

    ours: Decimal
    fortnox: Decimal

    @property
    def difference(self) -> Decimal:
        return self.fortnox - self.ours


@dataclass(frozen=True)
class CodeLine:
    """``code`` is a VAT code, or those that share a VAT account; empty for accounts without one."""

    code: str
    base: Both
    vat: Both


@dataclass(frozen=True)
class AccountLine:
    account: int
    code: str
    box: str | None
    amount: Both


@dataclass(frozen=True)
class Miscoded:
    """What stands in ``box`` of the return because of the account's code, and belongs in ``expected``."""

    account: int
    code: str
    box: str | None
    expected: str | None
    expected_code: str
    amount: Decimal


@dataclass(frozen=True)
class VatTieOut:
    first: date
    last: date
    codes: tuple[CodeLine, ...]
    boxes: Mapping[str, Both]
    accounts: tuple[AccountLine, ...]
    miscoded: tuple[Miscoded, ...]
    differences: tuple[Difference, ...]
    seen: tuple[VatSeen, ...]

    @property
    def is_seen(self) -> bool:
        """Whether Fortnox was asked for every day of the period."""
        day = self.first
        for year in self.seen:
            if year.first <= day <= year.last:
                day = year.last + timedelta(days=1)
        return day > self.last

    @property
    def unexplained(self) -> Decimal | None:
        """What no line of ``differences`` says; by account, so that two of them cannot hide each other.

        None while Fortnox was not asked for all of the period. Accounts that nobody has named are left out.
        """
        if not self.is_seen:
            return None
        told: dict[int, Decimal] = {}
        for one in self.differences:
            told[one.account] = told.get(one.account, ZERO) + one.amount
        left = {line.account: line.amount.difference for line in self.accounts if line.account}
        return sum((abs(left.get(one, ZERO) - told.get(one, ZERO)) for one in left | told), ZERO)


@dataclass
class VatSums:
    """Takes in what is dated within the period, in any order; ``done`` says what it comes to."""

    first: date
    last: date
    seen: tuple[VatSeen, ...]
    _by_account: dict[int, Decimal] = field(default_factory=dict)
    _boxes: dict[str, Decimal] = field(default_factory=dict)
    _bases: dict[str, Decimal] = field(default_factory=dict)
    _vats: dict[str, Decimal] = field(default_factory=dict)
    _miscoded: dict[tuple[int, str | None, str], Decimal] = field(default_factory=dict)
    _later: list[tuple[Booked, int, Decimal]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._accounts: dict[int, VatAccount] = {}
        for year in self.seen:
            self._accounts |= {one.number: one for one in year.accounts}

    def add(self, one: Booked) -> None:
        by_account = one.by_account() if isinstance(one, VatDocument) else one.by_account
        wanted = {
            account: amount for account, amount in by_account.items() if self._is_reported(account, one)
        }
        _add_all(self._by_account, wanted)
        if _is_later(one, self.seen):
            self._later += [(one, account, amount) for account, amount in wanted.items()]
        if isinstance(one, VatDocument):
            for part in one.parts:
                self._take(part)
            return
        for account, amount in wanted.items():
            self._in_box(self._box(account), amount)
            _add_all(self._vats, {self._label(account): amount})

    def _is_reported(self, account: int, one: Booked) -> bool:
        return isinstance(one, VatDocument) or account in self._accounts

    def _take(self, part: VatPart) -> None:
        at_fortnox = self._box(part.account)
        base_box, vat_box = at_fortnox, self._box(part.vat_account)
        needed = part.code or ""
        if part.treated is not None:
            base_box, vat_box = boxes_of_sale(part.treated, part.rate)
            needed = code_of_sale(part.treated, part.rate, part.code)
        self._in_box(base_box, part.base_sek)
        self._in_box(vat_box, part.vat_sek)
        known = self._accounts.get(part.account)
        agrees = known is not None and at_fortnox == base_box
        _add_all(self._bases, {(known.code or "") if known and agrees else needed: part.base_sek})
        self._must_agree(part.account, base_box, needed, part.base_sek)
        if part.vat:
            _add_all(self._vats, {self._label(part.vat_account, needed or part.code or ""): part.vat_sek})
            self._must_agree(part.vat_account, vat_box, part.code or needed, part.vat_sek)

    def _must_agree(self, account: int, box: str | None, code: str, amount: Decimal) -> None:
        if account in self._accounts and self._box(account) != box:
            key = (account, box, code)
            self._miscoded[key] = self._miscoded.get(key, ZERO) + amount

    def _in_box(self, box: str | None, amount: Decimal) -> None:
        if box is not None:
            self._boxes[box] = self._boxes.get(box, ZERO) + in_box(box, amount)

    def _box(self, account: int) -> str | None:
        known = self._accounts.get(account)
        return None if known is None else box_of(known)

    def _label(self, account: int, otherwise: str = "") -> str:
        """The code or codes whose VAT the account takes."""
        known = self._accounts.get(account)
        return "/".join(known.takes) or known.code or otherwise if known is not None else otherwise

    def done(self) -> VatTieOut:
        moved = self._moved()
        numbers = sorted({*self._by_account, *moved})
        return VatTieOut(
            first=self.first,
            last=self.last,
            codes=self._code_lines(moved),
            boxes=self._box_lines(moved),
            accounts=tuple(self._account_line(one, moved) for one in numbers),
            miscoded=tuple(self._miscoded_lines()),
            differences=tuple(sorted(self._differences(), key=lambda one: (one.dated, one.account))),
            seen=self.seen,
        )

    def _moved(self) -> dict[int, Decimal]:
        moved: dict[int, Decimal] = {}
        for year in self.seen:
            _add_all(moved, year.moved_between(self.first, self.last))
        return {account: amount for account, amount in moved.items() if amount}

    def _account_line(self, account: int, moved: Mapping[int, Decimal]) -> AccountLine:
        known = self._accounts.get(account)
        code = (known.code or "/".join(known.takes)) if known is not None else ""
        both = Both(self._by_account.get(account, ZERO), moved.get(account, ZERO))
        return AccountLine(account, code, self._box(account), both)

    def _code_lines(self, moved: Mapping[int, Decimal]) -> tuple[CodeLine, ...]:
        bases: dict[str, Decimal] = {}
        vats: dict[str, Decimal] = {}
        for account, amount in moved.items():
            known = self._accounts.get(account)
            is_vat = known is not None and (known.takes or known.is_input or 2600 <= account < 2700)
            if is_vat:
                _add_all(vats, {self._label(account): amount})
            else:
                _add_all(bases, {(known.code or "") if known is not None else "": amount})
        names = sorted({*bases, *vats, *self._bases, *self._vats})
        return tuple(
            CodeLine(
                name,
                Both(self._bases.get(name, ZERO), bases.get(name, ZERO)),
                Both(self._vats.get(name, ZERO), vats.get(name, ZERO)),
            )
            for name in names
        )

    def _box_lines(self, moved: Mapping[int, Decimal]) -> dict[str, Both]:
        theirs: dict[str, Decimal] = {}
        for account, amount in moved.items():
            box = self._box(account)
            if box is not None:
                _add_all(theirs, {box: in_box(box, amount)})
        lines = {
            box: Both(self._boxes.get(box, ZERO), theirs.get(box, ZERO))
            for box in sorted({*theirs, *self._boxes} - {"49"})
        }
        return lines | {"49": Both(_to_pay(self._boxes), _to_pay(theirs))}

    def _miscoded_lines(self) -> Iterable[Miscoded]:
        for (account, expected, code), amount in sorted(self._miscoded.items(), key=str):
            if amount:
                has = self._accounts[account]
                yield Miscoded(
                    account, has.code or "/".join(has.takes), self._box(account), expected, code, amount
                )

    def _differences(self) -> list[Difference]:
        """What was found when Fortnox was asked, and what has been booked since."""
        found = [
            one for year in self.seen for one in year.differences if self.first <= one.dated <= self.last
        ]
        later = [_not_read_yet(*one) for one in self._later]
        already = {(one.reference, one.account): one for one in found if one.kind == "unfinished"}
        for position, one in enumerate(later):
            seen = already.pop((one.reference, one.account), None)
            if seen is not None:  # booked in Fortnox before it was asked, and finished here after that
                found.remove(seen)
                later[position] = replace(seen, kind="differs", amount=seen.amount + one.amount)
        return [one for one in (*found, *later) if one.amount]


def _not_read_yet(one: Booked, account: int, amount: Decimal) -> Difference:
    return Difference(
        kind="not_read_yet",
        dated=one.dated,
        account=account,
        amount=-amount,
        document=one.kind,
        number=one.number,
        reference=one.reference,
        sale_id=one.sale_id if isinstance(one, VatDocument) else one.owner_id,
    )


def _is_later(one: Booked, seen: Iterable[VatSeen]) -> bool:
    for year in seen:
        if year.first <= one.dated <= year.last:
            return one.finalised_at is None or one.finalised_at > year.seen_at
    return False


def _to_pay(boxes: Mapping[str, Decimal]) -> Decimal:
    return sum((boxes.get(box, ZERO) for box in TO_PAY), ZERO) - boxes.get("48", ZERO)


def _add_all(sums: dict[Key, Decimal], more: Mapping[Key, Decimal]) -> None:
    for key, amount in more.items():
        sums[key] = sums.get(key, ZERO) + amount
