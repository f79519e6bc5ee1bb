"""What the pre-flight check finds: what is wrong, where it is changed, and whether it blocks.

A finding is about the company, the shop, a key set or the declaration as they are now; nothing has failed
yet. Where a run would fail for the same cause, both have the same code and so the same page.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.domain.vat.proposal import Proposal

Where = Literal["fortnox", "magento", "svea", "declaration", "service"]

CURES: Mapping[str, str] = {
    "account_needs_dimension": "In Fortnox' chart of accounts, let cost centre and project of the account be "
    "left out.",
    "account_vat_code": "In Fortnox' chart of accounts, give the account the VAT code that is named, or name "
    "another account in `sales`.",
    "callbacks_missing": "Run the job `svea_subscriptions`; if it stays, see that Svea reaches the address.",
    "cash_method": "Choose the accrual method (faktureringsmetoden) for the year in Fortnox, or ask the "
    "bookkeeper whether invoices may be booked at delivery all the same.",
    "clearing_account_shared": "Give each market an account of its own under `accounts.clearing`.",
    "connection_revoked": "Give consent again, or correct the keys in the connection.",
    "magento_credentials": "Compare the keys of the connection with the shop's integration, and the address "
    "of the shop.",
    "magento_rights": "Give the integration the resource that is named, in Magento under System, "
    "Integrations, API.",
    "mapping_proposed": "Look at `GET .../mapping/proposal`, and add the lines that are right to `sales`.",
    "missing_account": "Create or activate the account in Fortnox' chart of accounts for that year, or name "
    "another in the connection.",
    "missing_currency": "Add the currency in Fortnox under Settings, Currencies, with its rates.",
    "missing_financial_year": "Create the financial year in Fortnox.",
    "missing_mode_of_payment": "Make the mode of payment in Fortnox under Settings, Invoicing, and let it "
    "point at the account that is named.",
    "missing_price_list": "Make the price list in Fortnox, or name another under `products.prices`.",
    "missing_rights": "Give the integration user the licence or right that is named, and give consent again.",
    "missing_voucher_series": "Make the series in Fortnox for that year and mark it as manual, or name "
    "another under `voucher_series`.",
    "period_locked": "Unlock the period in Fortnox, or let `active_from` be a day after it.",
    "price_list_currency": "Let `currency` of the line be the currency that the website's prices are in.",
    "public_url_local": "Set `SLUSS_PUBLIC_URL` to the address that Svea reaches this service by.",
    "refused_by_fortnox": "Read Fortnox' own words in the message. What was asked could not be examined.",
    "refused_by_magento": "Read Magento's own words in the message. The shop could not be examined.",
    "refused_by_svea": "Read Svea's own words in the message. The key set could not be examined.",
    "rounding_on": "Switch rounding to whole kronor (öresavrundning) off, in Fortnox under Settings, "
    "Invoicing.",
    "sales_stopped": "Open the sales that are named, and do what their own problem says.",
    "shop_module_missing": "Install the shop module, or switch off what needs it.",
    "shop_not_connected": "Activate the integration in Magento, or enter its keys in the connection.",
    "unavailable": "See that the address is right and that the system is up; then check again.",
    "warehouse_on": "Mark articles that the shop sells as not stock goods, or have the module switched off.",
    "wrong_company": "Compare the tenant id and country of the connection with the company that has given "
    "consent.",
}
"""Every code there is, and what to do in a bookkeeper's words."""

POINT_AT_SETTINGS = frozenset(
    {
        "cash_method",
        "connection_revoked",
        "magento_credentials",
        "magento_rights",
        "mismatch",
        "missing_account",
        "missing_currency",
        "missing_financial_year",
        "missing_mapping",
        "missing_rights",
        "missing_voucher_series",
        "not_registered",
        "period_locked",
        "unknown_vat_rate",
    }
)
"""Problems of a run after which the check is worth making again."""


@dataclass(frozen=True)
class Finding:
    """``check`` is the part of the check that found it, ``about`` the one thing that it is about."""

    code: str
    where: Where
    about: str
    message: str
    blocking: bool = True
    check: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in CURES:
            raise ValueError(f"{self.code} is no code of a finding")

    @property
    def cure(self) -> str:
        return CURES[self.code]

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two findings the same one, however the message is worded."""
        return self.code, self.where, self.about


@dataclass(frozen=True)
class Report:
    """One check. ``not_examined`` are parts that could not be looked at, and why.

    ``green`` is what the check before had found and this one does not find any more. ``proposal`` is the
    mapping that the chart of accounts suggests; None where the chart could not be read.
    """

    findings: tuple[Finding, ...]
    not_examined: Mapping[str, str] = field(default_factory=dict)
    green: tuple[Finding, ...] = ()
    proposal: Proposal | None = None

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.blocking)


def compared(now: Report, before: Sequence[Finding]) -> Report:
    """With what turned green. What could not be looked at this time stays as it was: it is not green."""
    known = {finding.key for finding in now.findings}
    gone = [finding for finding in before if finding.key not in known]
    kept = tuple(finding for finding in gone if finding.check in now.not_examined)
    green = tuple(finding for finding in gone if finding.check not in now.not_examined)
    return Report((*now.findings, *kept), now.not_examined, green, now.proposal)


def to_json(findings: Collection[Finding]) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code,
            "blocking": one.blocking,
            "where": one.where,
            "about": one.about,
            "message": one.message,
            "cure": one.cure,
            "check": one.check,
            "facts": dict(one.facts),
        }
        for one in findings
    ]


def from_json(stored: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            code=one["code"],
            where=one["where"],
            about=one["about"],
            message=one["message"],
            blocking=one["blocking"],
            check=one["check"],
            facts=one["facts"],
        )
        for one in stored
    )
