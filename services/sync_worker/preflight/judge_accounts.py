"""The chart of accounts against everything that the declaration books on. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from services.sync_worker.preflight.accounts import Use, lines_of, name_of, once, uses_of
from services.sync_worker.preflight.seen import Seen, Year
from shared.clients.fortnox.wire_company import FortnoxAccount
from shared.domain.findings import Finding
from shared.domain.vat.territories import Supply
from shared.domain.vat.treatment import Treated
from shared.domain.vat_boxes import BOX_OF_CODE, boxes_of_sale, code_of_sale
from shared.settings.connections import ConnectionDeclaration

SWEDISH_CODES = frozenset({"MP1", "MP2", "MP3"})
MANDATORY = "MANDATORY"
EXPORT_BOX = "36"


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
            if account is None or _fits(account.vat_code, use):
                continue
            expected = ", ".join(sorted(use.expected)) or "one without Swedish VAT"
            code = account.vat_code or ""
            has = f"has VAT code {code}" if code else "has no VAT code, and so stands in no box of the return"
            yield Finding(
                "account_vat_code",
                "fortnox",
                f"{number} in {year.day.year}",
                f"account {number} ({use.purpose}) {has}, and needs {expected}",
                use.blocking and _is_wrong_vat(code, use),
                facts={"account": str(number), "found": code, "expected": expected},
            )


@dataclass
class _Wanted:
    """What the lines that use one sales account need of its VAT code; None is a sale in no Swedish box."""

    codes: set[str] = field(default_factory=set)
    needs: set[str] = field(default_factory=set)
    boxes: set[str | None] = field(default_factory=set)
    purpose: str = ""
    blocking: bool = False

    @property
    def sells_abroad(self) -> bool:
        """As VOEC does by the rule book: on the export account, whose code is not that of the VAT."""
        return EXPORT_BOX in self.boxes

    @property
    def expected(self) -> set[str]:
        return self.needs if self.sells_abroad else self.codes or self.needs


def _codes_by_account(settings: ConnectionDeclaration) -> Mapping[int, _Wanted]:
    found: dict[int, _Wanted] = {}
    for _, line, blocking in lines_of(settings):
        for account in (line.goods, line.services, line.freight, line.fee):
            if account is None:
                continue
            supply: Supply = "services" if account == line.services else "goods"
            treated = Treated(line.treatment, line.country or "", "", supply)
            wanted = found.setdefault(account, _Wanted())
            wanted.boxes.add(boxes_of_sale(treated, line.rate)[0])
            wanted.needs.add(code_of_sale(treated, line.rate, line.vat_code))
            wanted.purpose = wanted.purpose or name_of(line)
            wanted.blocking |= blocking
            if line.vat_code:
                wanted.codes.add(line.vat_code)
    return found


def _fits(code: str | None, wanted: _Wanted) -> bool:
    """A code of the merchant's own is in no box; without any code only what is in no box is right."""
    if code is None:
        return None in wanted.boxes
    if code in wanted.codes:
        return True
    if code in BOX_OF_CODE:
        return code not in SWEDISH_CODES and BOX_OF_CODE[code] in wanted.boxes
    return not wanted.codes or wanted.sells_abroad


def _is_wrong_vat(code: str, wanted: _Wanted) -> bool:
    """Swedish VAT where there is none, or another code than the lines': VAT would be reported wrongly."""
    if code in SWEDISH_CODES:
        return True
    return bool(code and wanted.codes) and not wanted.sells_abroad


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
