"""The OSS list of a quarter: what the return of the Union scheme asks for, from booked documents.

Sources: Directive 2006/112/EC articles 369g (contents; corrections name period and country) and 369h
(euro, at the ECB's rate of the period's last day, or of the next day that has one); Implementing
Regulation (EU) 282/2011 article 60 (nothing is rounded to whole euro) and 61 (corrections for three years).
A correction is converted at the rate of the period that it corrects.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from shared.domain.money import to_cents
from shared.domain.quarters import Quarter
from shared.domain.vat.rates import rates_on
from shared.domain.vat.territories import Supply
from shared.domain.vat_documents import VatDocument, VatPart

EUR = "EUR"
ZERO = Decimal("0.00")
YEARS_OF_CORRECTION = 3
RateType = Literal["standard", "reduced", "unknown"]
EcbRates = Mapping[tuple[Quarter, str], Decimal]  # units of the currency for one euro
MEMBER_STATES = {"GR": "EL"}  # where VAT returns say another code than ISO


@dataclass(frozen=True, order=True)
class LineKey:
    """``identification`` is the VAT number of the registration, empty where none is declared."""

    identification: str
    country: str
    supply: Supply
    rate: Decimal
    rate_type: RateType


@dataclass(frozen=True, order=True)
class CorrectionKey:
    identification: str
    country: str
    quarter: Quarter


@dataclass(frozen=True)
class Amounts:
    """Of one currency; SEK as booked."""

    currency: str
    base: Decimal = ZERO
    vat: Decimal = ZERO
    base_sek: Decimal = ZERO
    vat_sek: Decimal = ZERO

    def plus(self, part: VatPart) -> "Amounts":
        return Amounts(
            self.currency,
            self.base + part.base,
            self.vat + part.vat,
            self.base_sek + part.base_sek,
            self.vat_sek + part.vat_sek,
        )


@dataclass(frozen=True)
class InEuro:
    """One line of the list; ``base`` and ``vat`` are EUR, None while a rate is missing."""

    documents: int
    amounts: tuple[Amounts, ...]
    base: Decimal | None
    vat: Decimal | None

    @property
    def base_sek(self) -> Decimal:
        return sum((one.base_sek for one in self.amounts), ZERO)

    @property
    def vat_sek(self) -> Decimal:
        return sum((one.vat_sek for one in self.amounts), ZERO)


@dataclass(frozen=True)
class Correction:
    """``too_late``: the country itself has to be asked, the return takes no more corrections."""

    sums: InEuro
    too_late: bool


@dataclass(frozen=True)
class OssList:
    """``by_account``: VAT in SEK on the liability accounts, by the documents of the quarter.

    ``missing`` are the rates that somebody has to supply before the list is complete.
    """

    quarter: Quarter
    lines: Mapping[LineKey, InEuro]
    corrections: Mapping[CorrectionKey, Correction]
    by_account: Mapping[int, Decimal]
    missing: tuple[tuple[Quarter, str], ...]

    def vat_of(self, identification: str) -> Decimal | None:
        """EUR to pay with the return, corrections included; None while a rate is missing."""
        own = [one.vat for key, one in self.lines.items() if key.identification == identification]
        corrected = [
            one.sums.vat
            for key, one in self.corrections.items()
            if key.identification == identification and not one.too_late
        ]
        known = [one for one in (*own, *corrected) if one is not None]
        return sum(known, ZERO) if len(known) == len(own) + len(corrected) else None

    @property
    def identifications(self) -> tuple[str, ...]:
        filed = {key.identification for key in self.lines}
        return tuple(sorted(filed | {key.identification for key in self.corrections}))


@dataclass
class _Group:
    documents: set[str] = field(default_factory=set)
    amounts: dict[str, Amounts] = field(default_factory=dict)

    def add(self, document: VatDocument, part: VatPart) -> None:
        self.documents.add(document.reference)
        before = self.amounts.get(document.currency, Amounts(document.currency))
        self.amounts[document.currency] = before.plus(part)


@dataclass
class OssSums:
    """Takes in the documents dated within the quarter, in any order; ``done`` says what they come to."""

    quarter: Quarter
    identification_on: Callable[[date], str]
    _lines: dict[LineKey, _Group] = field(default_factory=dict)
    _corrections: dict[CorrectionKey, _Group] = field(default_factory=dict)
    _by_account: dict[int, Decimal] = field(default_factory=dict)

    def add(self, document: VatDocument) -> None:
        for part in document.parts:
            if part.treated is not None and part.treated.treatment == "oss":
                self._take(document, part, part.treated.country, part.treated.supply)

    def _take(self, document: VatDocument, part: VatPart, country: str, supply: Supply) -> None:
        account = part.vat_account
        if part.vat:
            self._by_account[account] = self._by_account.get(account, ZERO) + part.vat_sek
        identification = self.identification_on(document.supplied)
        of = Quarter.of(document.supplied)
        if of < self.quarter:
            correction = CorrectionKey(identification, country, of)
            self._corrections.setdefault(correction, _Group()).add(document, part)
            return
        kind = rate_type(country, part.rate, document.supplied)
        line = LineKey(identification, country, supply, part.rate, kind)
        self._lines.setdefault(line, _Group()).add(document, part)

    @property
    def quarters(self) -> set[Quarter]:
        """Those whose rates are needed."""
        return {self.quarter, *(key.quarter for key in self._corrections)}

    def done(self, rates: EcbRates) -> OssList:
        missing: set[tuple[Quarter, str]] = set()
        lines = {
            key: _in_euro(group, self.quarter, rates, missing) for key, group in sorted(self._lines.items())
        }
        corrections = {
            key: Correction(_in_euro(group, key.quarter, rates, missing), _is_too_late(key, self.quarter))
            for key, group in sorted(self._corrections.items())
        }
        return OssList(
            quarter=self.quarter,
            lines=lines,
            corrections=corrections,
            by_account=dict(sorted(self._by_account.items())),
            missing=tuple(sorted(missing)),
        )


def _in_euro(group: _Group, quarter: Quarter, rates: EcbRates, missing: set[tuple[Quarter, str]]) -> InEuro:
    """Converted exactly and rounded once, when the currencies are summed."""
    amounts = tuple(group.amounts[name] for name in sorted(group.amounts))
    lacking = {(quarter, one.currency) for one in amounts if _rate(rates, quarter, one.currency) is None}
    missing |= lacking
    base = vat = None
    if not lacking:
        base = _sum((one.base, _rate(rates, quarter, one.currency)) for one in amounts)
        vat = _sum((one.vat, _rate(rates, quarter, one.currency)) for one in amounts)
    return InEuro(len(group.documents), amounts, base, vat)


def _sum(amounts: Iterable[tuple[Decimal, Decimal | None]]) -> Decimal:
    return to_cents(sum((amount / rate for amount, rate in amounts if rate), ZERO))


def _rate(rates: EcbRates, quarter: Quarter, currency: str) -> Decimal | None:
    return Decimal(1) if currency == EUR else rates.get((quarter, currency))


def _is_too_late(key: CorrectionKey, now: Quarter) -> bool:
    """Three years from the day that the return was to be filed, and this one is filed after its quarter."""
    due = key.quarter.due
    return now.last > due.replace(year=due.year + YEARS_OF_CORRECTION)


def rate_type(country: str, rate: Decimal, day: date) -> RateType:
    known = rates_on(country, day)
    if known is None or rate not in known:
        return "unknown"
    return "standard" if rate == known[0] else "reduced"


def member_state(country: str) -> str:
    """As VAT returns call it."""
    return MEMBER_STATES.get(country, country)
