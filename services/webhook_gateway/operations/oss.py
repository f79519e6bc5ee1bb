"""The OSS list of a quarter: as JSON for programs, as a table for whoever files the return."""

import csv
import datetime
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import BaseModel, Field

from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.answers import Money
from services.webhook_gateway.operations.vat_difference import DifferenceAnswer, SeenAt
from shared.domain.oss import EUR, Amounts, Correction, CorrectionKey, InEuro, LineKey, OssList, member_state
from shared.domain.payments import BOOK_CURRENCY
from shared.domain.quarters import Quarter
from shared.domain.vat.territories import Supply

COLUMNS = (
    "part",
    "identification",
    "country",
    "member_state",
    "period",
    "supply",
    "rate_type",
    "rate",
    "base_eur",
    "vat_eur",
    "base_sek",
    "vat_sek",
    "documents",
    "account",
    "text",
)
StoredRates = Mapping[tuple[Quarter, str], tuple[datetime.date | None, Decimal]]


class OssAmount(BaseModel):
    base: Money
    vat: Money
    base_sek: Money = Field(description="As booked.")
    vat_sek: Money
    ecb_rate: str | None = Field(description="Units for one euro; null until it is supplied.")


class OssLine(BaseModel):
    identification: str = Field(
        description="VAT number of the registration, from `registrations`; may be empty."
    )
    country: str = Field(description="Country of consumption, ISO 3166.", examples=["DE"])
    member_state: str = Field(description="As VAT returns call it: EL for Greece.", examples=["DE"])
    supply: Supply
    rate: str = Field(description="Percent.", examples=["19"])
    rate_type: str = Field(
        description="`standard` or `reduced`, or `unknown` when it is no rate of that country."
    )
    base: Money | None = Field(description="In EUR; null while a rate is missing.")
    vat: Money | None
    base_sek: Money
    vat_sek: Money
    documents: int
    amounts: list[OssAmount] = Field(description="By the documents' currency.")


class OssCorrection(BaseModel):
    identification: str
    country: str = Field(examples=["DE"])
    member_state: str = Field(examples=["DE"])
    period: str = Field(description="The quarter that it corrects.", examples=["2026Q1"])
    base: Money | None
    vat: Money | None = Field(description="In EUR at the rate of that period; less than zero gives back.")
    base_sek: Money
    vat_sek: Money
    documents: int
    too_late: bool = Field(description="More than three years: the return takes it no more.")
    amounts: list[OssAmount]


class OssTotal(BaseModel):
    identification: str
    vat: Money | None = Field(description="To pay with the return, corrections included.")


class OssAccount(BaseModel):
    account: int | None = Field(description="Liability account; null while Fortnox was not asked for it.")
    ours: Money = Field(description="VAT of the quarter's documents.")
    fortnox: Money | None = Field(
        description="What moved there in the quarter; null until Fortnox was asked."
    )
    difference: Money | None


class MissingRate(BaseModel):
    period: str = Field(examples=["2026Q2"])
    currency: str = Field(examples=["SEK"])


class SuppliedRate(BaseModel):
    period: str = Field(examples=["2026Q2"])
    currency: str = Field(examples=["SEK"])
    day: datetime.date | None = Field(description="Null when it was given with the question.")
    rate: str = Field(description="Units for one euro.", examples=["11.1480"])


class OssAnswer(BaseModel):
    connection: str = Field(examples=["acme"])
    quarter: str = Field(examples=["2026Q2"])
    first: datetime.date
    last: datetime.date
    lines: list[OssLine]
    corrections: list[OssCorrection] = Field(description="Credits of sales of earlier quarters.")
    totals: list[OssTotal]
    missing_rates: list[MissingRate] = Field(description="Supply them, and the amounts in EUR are complete.")
    rates: list[SuppliedRate]
    accounts: list[OssAccount] = Field(description="The list against the accounts in Fortnox.")
    differences: list[DifferenceAnswer] = Field(description="What explains their differences.")
    seen: list[SeenAt] = Field(description="When Fortnox was asked last, by financial year.")


def answer(
    connection: str,
    it: OssList,
    rates: StoredRates,
    accounts: list[OssAccount],
    differences: list[DifferenceAnswer],
    seen: list[SeenAt],
) -> OssAnswer:
    return OssAnswer(
        connection=connection,
        quarter=str(it.quarter),
        first=it.quarter.first,
        last=it.quarter.last,
        lines=[_line(key, one, it.quarter, rates) for key, one in it.lines.items()],
        corrections=[_correction(key, one, rates) for key, one in it.corrections.items()],
        totals=[OssTotal(identification=one, vat=_euro(it.vat_of(one))) for one in it.identifications],
        missing_rates=[MissingRate(period=str(quarter), currency=one) for quarter, one in it.missing],
        rates=[
            SuppliedRate(period=str(quarter), currency=currency, day=day, rate=f"{rate:f}")
            for (quarter, currency), (day, rate) in sorted(rates.items())
        ],
        accounts=accounts,
        differences=differences,
        seen=seen,
    )


def _line(key: LineKey, it: InEuro, quarter: Quarter, rates: StoredRates) -> OssLine:
    return OssLine(
        identification=key.identification,
        country=key.country,
        member_state=member_state(key.country),
        supply=key.supply,
        rate=f"{key.rate:f}",
        rate_type=key.rate_type,
        base=_euro(it.base),
        vat=_euro(it.vat),
        base_sek=_sek(it.base_sek),
        vat_sek=_sek(it.vat_sek),
        documents=it.documents,
        amounts=[_amount(one, quarter, rates) for one in it.amounts],
    )


def _correction(key: CorrectionKey, it: Correction, rates: StoredRates) -> OssCorrection:
    return OssCorrection(
        identification=key.identification,
        country=key.country,
        member_state=member_state(key.country),
        period=str(key.quarter),
        base=_euro(it.sums.base),
        vat=_euro(it.sums.vat),
        base_sek=_sek(it.sums.base_sek),
        vat_sek=_sek(it.sums.vat_sek),
        documents=it.sums.documents,
        too_late=it.too_late,
        amounts=[_amount(one, key.quarter, rates) for one in it.sums.amounts],
    )


def _amount(it: Amounts, quarter: Quarter, rates: StoredRates) -> OssAmount:
    _, rate = rates.get((quarter, it.currency), (None, None))
    return OssAmount(
        base=show.money(it.base, it.currency),
        vat=show.money(it.vat, it.currency),
        base_sek=_sek(it.base_sek),
        vat_sek=_sek(it.vat_sek),
        ecb_rate="1" if it.currency == EUR else None if rate is None else f"{rate:f}",
    )


def _euro(amount: Decimal | None) -> Money | None:
    return None if amount is None else show.money(amount, EUR)


def _sek(amount: Decimal) -> Money:
    return show.money(amount, BOOK_CURRENCY)


def table(it: OssAnswer) -> str:
    """CSV with one header; empty cells where a line has no such thing, or a rate is missing."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(_cells(it))
    return written.getvalue()


def _cells(it: OssAnswer) -> Iterator[dict[str, object]]:
    for line in it.lines:
        yield _sums("supply", line) | {
            "period": it.quarter,
            "supply": line.supply,
            "rate_type": line.rate_type,
            "rate": line.rate,
        }
    for correction in it.corrections:
        text = "too late for the return" if correction.too_late else ""
        yield _sums("correction", correction) | {"period": correction.period, "text": text}
    for total in it.totals:
        yield {"part": "total", "identification": total.identification, "vat_eur": _amount_of(total.vat)}
    for missing in it.missing_rates:
        yield {"part": "missing_rate", "period": missing.period, "text": missing.currency}
    for account in it.accounts:
        yield {
            "part": "account",
            "account": account.account or "",
            "vat_sek": account.ours.amount,
            "text": f"Fortnox {_amount_of(account.fortnox)}, difference {_amount_of(account.difference)}"
            if account.fortnox
            else "Fortnox was not asked yet",
        }
    for one in it.differences:
        yield {
            "part": "difference",
            "period": one.dated,
            "account": one.account,
            "vat_sek": one.amount.amount,
            "text": f"{one.kind} {one.voucher} {one.number} {one.text}".strip(),
        }


def _sums(part: str, line: OssLine | OssCorrection) -> dict[str, object]:
    return {
        "part": part,
        "identification": line.identification,
        "country": line.country,
        "member_state": line.member_state,
        "base_eur": _amount_of(line.base),
        "vat_eur": _amount_of(line.vat),
        "base_sek": line.base_sek.amount,
        "vat_sek": line.vat_sek.amount,
        "documents": line.documents,
    }


def _amount_of(money: Money | None) -> str:
    return "" if money is None else money.amount
