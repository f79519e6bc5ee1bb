"""What the pre-flight check can make good by itself: one draft for each thing that is missing in Fortnox.

Only what is missing is made. What exists and is otherwise than it should be is the merchant's: a person
changes it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from shared.domain.documents import Draft
from shared.domain.findings import Finding


@dataclass(frozen=True)
class CurrencyDraft(Draft):
    """A currency with a rate of the merchant's own: SEK per unit."""

    kind: ClassVar[str] = "currency"

    code: str
    rate: Decimal


@dataclass(frozen=True)
class ModeOfPaymentDraft(Draft):
    kind: ClassVar[str] = "mode_of_payment"

    code: str
    account: int
    text: str


@dataclass(frozen=True)
class VoucherSeriesDraft(Draft):
    """A manual series in one financial year; ``year`` is Fortnox' id of it."""

    kind: ClassVar[str] = "voucher_series"

    code: str
    year: int
    text: str


def fix_for(finding: Finding) -> Draft | None:
    """What would make it good; None where a person has to."""
    facts = finding.facts
    match facts.get("fix"):
        case "currency":
            return CurrencyDraft(f"CURRENCY-{facts['currency']}", facts["currency"], Decimal(facts["rate"]))
        case "mode_of_payment":
            code, account = facts["mode"], int(facts["account"])
            return ModeOfPaymentDraft(f"MODE-{code}", code, account, f"Svea {facts['market']}")
        case "voucher_series":
            code, year = facts["series"], int(facts["year"])
            return VoucherSeriesDraft(f"SERIES-{code}-{year}", code, year, "Svea")
    return None


def fixes_for(findings: Iterable[Finding], codes: Iterable[str]) -> tuple[Draft, ...]:
    """Each thing once, in the order of the findings."""
    wanted = set(codes)
    drafts = (fix_for(finding) for finding in findings if finding.code in wanted)
    return tuple({draft.key: draft for draft in drafts if draft is not None}.values())
