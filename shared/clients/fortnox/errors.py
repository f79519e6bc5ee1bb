"""From Fortnox' code and status to the family of errors that says who acts.

Messages are Swedish and not stable, so the code decides; only where the code is unknown (nobody has
published those of a missing financial year or VAT rate) do words in the message. Fortnox' own text is
always part of ours.
"""

import re
from typing import Any

from shared.clients.fields import Fields
from shared.clients.http import Answer
from shared.domain.errors import (
    AlreadyPaid,
    ConnectionRevoked,
    InDoubt,
    MissingAccount,
    MissingCurrency,
    MissingFinancialYear,
    MissingMapping,
    MissingRights,
    MissingVoucherSeries,
    PeriodLocked,
    RefusedByFortnox,
    SlussError,
    Unavailable,
    UnknownVatRate,
    UnreadableAnswer,
)


class NotFound(RefusedByFortnox):
    """Fortnox says, with a code of its own, that this number does not exist."""


class CustomerMissing(RefusedByFortnox):
    """The document names a customer that does not exist; the engine creates it and goes on."""


class ArticleMissing(RefusedByFortnox):
    """A row names an article that does not exist; the engine creates it and goes on."""


class NumberTaken(RefusedByFortnox):
    """The customer number is in use, or was used by a customer that is deleted."""


BY_CODE: dict[int, type[SlussError]] = {
    2000204: CustomerMissing,
    2001302: ArticleMissing,
    2000637: NumberTaken,
    # asked for by number, and not there
    2000428: NotFound,
    2000429: NotFound,
    2000430: NotFound,
    2000431: NotFound,
    2000432: NotFound,
    2000433: NotFound,
    2000434: NotFound,
    2000435: NotFound,
    2000439: NotFound,
    2001161: NotFound,
    2001403: NotFound,
    # settings of the company
    2000401: PeriodLocked,
    2002141: PeriodLocked,
    2000423: MissingAccount,
    2000550: MissingAccount,
    2001265: MissingAccount,
    2001304: MissingAccount,
    2004167: MissingMapping,
    2000427: MissingCurrency,
    2004344: MissingCurrency,
    2003055: AlreadyPaid,
    # rights, licences, credentials
    2000663: MissingRights,
    2001101: MissingRights,
    2001103: MissingRights,
    2001393: MissingRights,
    2002455: MissingRights,
    2000310: ConnectionRevoked,
    2000311: ConnectionRevoked,
    2004054: ConnectionRevoked,
    2003275: ConnectionRevoked,
    # trouble at Fortnox
    1000003: Unavailable,
    2003127: Unavailable,
}

BY_WORDS: tuple[tuple[re.Pattern[str], type[SlussError]], ...] = (
    (re.compile(r"verifikat(ions)?(nummer)?serie|voucher ?series", re.IGNORECASE), MissingVoucherSeries),
    (re.compile(r"räkenskapsår|bokföringsår|financial year", re.IGNORECASE), MissingFinancialYear),
    (re.compile(r"period\w*\b.*\blåst|låst\w*\b.*\bperiod|period.*locked", re.IGNORECASE), PeriodLocked),
    (re.compile(r"moms(sats|kod|en|procent)?\b|momssats|vat (rate|code)", re.IGNORECASE), UnknownVatRate),
    (re.compile(r"valuta|currency", re.IGNORECASE), MissingCurrency),
    (re.compile(r"behörig|licens|rättighet|licen[cs]e|permission|no access", re.IGNORECASE), MissingRights),
    (re.compile(r"\bkonto(t|n|nummer|numret)?\b|\baccount\b", re.IGNORECASE), MissingAccount),
)

BY_STATUS: dict[int, type[SlussError]] = {
    401: ConnectionRevoked,
    403: MissingRights,
    408: Unavailable,
    429: Unavailable,
}


class Said:
    """What an error answer says, whatever its shape (two casings, OAuth, warehouse, HTML or nothing)."""

    def __init__(self, answer: Answer) -> None:
        self.code: int | None = None
        self.name = self.message = ""
        try:
            body: Any = answer.json()
        except ValueError:
            return
        if not isinstance(body, dict):
            return
        outer = Fields(body, of="error")
        inner = outer.fields("ErrorInformation") or outer
        digits = inner.text("Code").strip()
        self.code = int(digits) if digits.isdecimal() else None
        self.name = outer.text("error") if inner is outer else ""
        self.message = inner.text("Message", "error_description")

    @property
    def anything(self) -> bool:
        return bool(self.code or self.message or self.name)


def understood(answer: Answer) -> bool:
    """Whether a 5xx is a clear refusal, after which nothing was done (code 1000003 is not)."""
    code = Said(answer).code
    return code is not None and BY_CODE.get(code) is not Unavailable


def error_for(answer: Answer, *, endpoint: str, write: bool) -> SlussError:
    """The error for an answer that is not 2xx."""
    said = Said(answer)
    facts = {"endpoint": endpoint, "http_status": str(answer.status)}
    if said.code:
        facts["fortnox_code"] = str(said.code)
    words = said.message or said.name or "no reason given"
    number = f"code {said.code}" if said.code else f"status {answer.status}"
    text = f"Fortnox refused {endpoint}: {words} ({number})"
    family = _family(answer.status, said)
    if family is Unavailable and write and answer.status not in (429, 408):
        return InDoubt(f"{text}: it may or may not have happened", facts=facts)
    return family(text, facts=facts)


def _family(status: int, said: Said) -> type[SlussError]:
    if said.code in BY_CODE:
        return BY_CODE[said.code]
    if status in BY_STATUS:
        return BY_STATUS[status]
    if said.name == "period_locked":
        return PeriodLocked
    for words, family in BY_WORDS:
        if words.search(said.message):
            return family
    if 300 <= status < 400:
        return UnreadableAnswer
    return RefusedByFortnox if status < 500 or said.anything else Unavailable
