"""What was seen -> findings. Pure: same company, same findings."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from services.sync_worker.preflight import judge_accounts as accounts
from services.sync_worker.preflight import judge_company as company
from services.sync_worker.preflight import judge_mapping as mapping
from services.sync_worker.preflight import judge_others as others
from services.sync_worker.preflight.seen import FortnoxSeen, Seen
from shared.domain.findings import Finding, Report
from shared.settings.connections import ConnectionDeclaration

Judge = Callable[[Seen, ConnectionDeclaration], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """``needs`` are fields of what Fortnox said, or `magento`; without them nothing can be judged."""

    name: str
    judge: Judge
    needs: tuple[str, ...] = ()


CHECKS = (
    Check("rights", company.judge_rights, ("reached",)),
    Check("company", company.judge_company, ("company",)),
    Check("years", company.judge_years, ("years",)),
    Check("lock", company.judge_lock, ("locked",)),
    Check("accounts", accounts.judge_accounts, ("years",)),
    Check("vat codes", accounts.judge_vat_codes, ("years",)),
    Check("mapping", mapping.judge_mapping, ("years", "predefined")),
    Check("vat accounts", accounts.judge_vat_accounts, ("years", "predefined")),
    Check("currencies", company.judge_currencies, ("currencies",)),
    Check("modes of payment", company.judge_modes, ("modes",)),
    Check("voucher series", company.judge_series, ("years",)),
    Check("price lists", company.judge_price_lists, ("price_lists",)),
    Check("rounding", company.judge_rounding, ("rounding",)),
    Check("warehouse", company.judge_warehouse, ("warehouse",)),
    Check("stopped sales", company.judge_stopped),
    Check("clearing accounts", others.judge_clearing),
    Check("public address", others.judge_public_url),
    Check("callbacks", others.judge_callbacks, ("svea",)),
    Check("shop", others.judge_shop, ("magento",)),
    Check("prices", others.judge_prices, ("magento",)),
)


def judge(seen: Seen, settings: ConnectionDeclaration) -> Report:
    """Findings of one thing are told once; the first, which blocks where any does."""
    findings = list(seen.failed)
    not_examined = dict(seen.unread)
    for check in CHECKS:
        why = _why_not(check, seen)
        if why:
            not_examined[check.name] = why
        else:
            findings += (replace(one, check=check.name) for one in check.judge(seen, settings))
    found: dict[tuple[str, str, str], Finding] = {}
    for finding in sorted(findings, key=lambda one: not one.blocking):
        found.setdefault(finding.key, finding)
    return Report(tuple(found.values()), not_examined)


def _why_not(check: Check, seen: Seen) -> str:
    """Empty when it can be judged."""
    for need in check.needs:
        if need == "svea":
            why = "; ".join(text for name, text in seen.unread.items() if name.startswith("svea "))
        elif need == "magento":
            why = seen.unread.get("magento", "")
        elif need == "reached":
            why = seen.unread.get("fortnox", "")
        else:
            why = "" if _was_read(seen.fortnox, need) else seen.unread.get("fortnox", "it could not be read")
        if why:
            return why
    return ""


def _was_read(fortnox: FortnoxSeen, name: str) -> bool:
    return getattr(fortnox, name) is not None
