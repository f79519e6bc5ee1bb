"""The chart of accounts against everything that the declaration books on. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from services.sync_worker.preflight.accounts import Use, lines_of, name_of, once, uses_of
from services.sync_worker.preflight.seen import Seen, Year
from shared.clients.fortnox.wire_company import FortnoxAccount
from shared.domain.findings import Finding
from shared.settings.connections import ConnectionDeclaration

SWEDISH_CODES = frozenset({"MP1", "MP2", "MP3"})
MANDATORY = "MANDATORY"


def judge_accounts(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    for year in seen.fortnox.years or ():
        if year.accounts is not None:
            for use in once(uses_of(settings)).values():
                yield from _account(use, year.accounts.get(use.account), year)


def _account(use: Use, account: FortnoxAccount | None, year: Year) -> Iterator[Finding]:
    facts = {"account": str(use.account), "day": year.day.isoformat(), "path": use.path}
    about = f"{use.account} in {year.day.year}"
    if account is None or not account.active:
        what = "does not exist" if account is None else "is not active"
        yield Finding(
            "missing_account",
            "fortnox",
            about,
            f"account {use.account} ({use.purpose}) {what} in the financial year of {year.day}",
            use.blocking,
            facts=facts,
        )
        return
    needed = [
        name
        for name, setting in (
            ("cost centre", account.cost_center_settings),
            ("project", account.project_settings),
        )
        if setting.upper() == MANDATORY
    ]
    if needed:
        message = f"account {use.account} ({use.purpose}) takes no row without {' and '.join(needed)}"
        yield Finding("account_needs_dimension", "fortnox", about, message, use.blocking, facts=facts)


def judge_vat_codes(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """The account's own code decides in which box of the VAT return the sale lands."""
    wanted = _codes_by_account(settings)
    for year in seen.fortnox.years or ():
        for number, use in wanted.items():
            account = (year.accounts or {}).get(number)
            if account is None or account.vat_code is None or _fits(account.vat_code, use):
                continue
            expected = ", ".join(sorted(use.codes)) or "one without Swedish VAT"
            yield Finding(
                "account_vat_code",
                "fortnox",
                f"{number} in {year.day.year}",
                f"account {number} ({use.purpose}) has VAT code {account.vat_code}, and needs {expected}",
                use.blocking,
                facts={"account": str(number), "found": account.vat_code, "expected": expected},
            )


@dataclass
class _Wanted:
    """What the lines that use one sales account need of its VAT code."""

    codes: set[str] = field(default_factory=set)
    treatments: set[str] = field(default_factory=set)
    purpose: str = ""
    blocking: bool = False


def _codes_by_account(settings: ConnectionDeclaration) -> Mapping[int, _Wanted]:
    found: dict[int, _Wanted] = {}
    for _, line, blocking in lines_of(settings):
        for account in (line.goods, line.services, line.freight, line.fee):
            if account is None:
                continue
            wanted = found.setdefault(account, _Wanted())
            wanted.treatments.add(line.treatment)
            wanted.purpose = wanted.purpose or name_of(line)
            wanted.blocking |= blocking
            if line.vat_code:
                wanted.codes.add(line.vat_code)
    return found


def _fits(code: str, wanted: _Wanted) -> bool:
    """VOEC sells on the export account by the rule book, so there any code will do that is not Swedish."""
    if code in wanted.codes:
        return True
    if code in SWEDISH_CODES:
        return False
    return not wanted.codes or "voec" in wanted.treatments or "export" in wanted.treatments


def judge_vat_accounts(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """Where Fortnox posts the VAT of Swedish codes; those of other codes are shown by no read."""
    predefined = seen.fortnox.predefined or {}
    lines = lines_of(settings)
    used = {line.vat_code for _, line, _ in lines}
    blocks = {line.vat_code for _, line, blocking in lines if blocking}
    for year in seen.fortnox.years or ():
        for code in sorted(SWEDISH_CODES & used):
            number = predefined.get(f"OUTVAT_{code}")
            account = (year.accounts or {}).get(number) if number is not None else None
            if number is None or year.accounts is None or (account is not None and account.active):
                continue
            yield Finding(
                "missing_account",
                "fortnox",
                f"{number} in {year.day.year}",
                f"account {number} (VAT of code {code}) is missing or not active in the year of {year.day}",
                code in blocks,
                facts={"account": str(number), "day": year.day.isoformat(), "path": f"OUTVAT_{code}"},
            )
