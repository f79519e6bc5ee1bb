"""What lines of a mapping may not say together. One check for a declaration, a CSV file and the API."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.domain.vat.territories import EU
from shared.settings.mapping import SalesLine

SWEDISH_CODES = {"MP1": Decimal(25), "MP2": Decimal(12), "MP3": Decimal(6)}
ABROAD = ("oss", "voec")
WITHOUT_VAT = ("eu_business", "export")


@dataclass(frozen=True)
class Contradiction:
    """``line`` and ``other`` are places in the mapping, from 0; ``column`` is what to change.

    ``message`` has ``{other}`` where the other line is to be named.
    """

    line: int
    column: str
    message: str
    other: int | None = None

    def said(self, name_of: Callable[[int], str]) -> str:
        return self.message if self.other is None else self.message.format(other=name_of(self.other))


def contradictions(lines: Sequence[SalesLine], home: str) -> tuple[Contradiction, ...]:
    """All of them, in the order of the lines."""
    found = [*_of_each(lines, home), *_twice(lines), *_codes(lines), *_code_accounts(lines)]
    return tuple(sorted(found, key=lambda one: one.line))


def _of_each(lines: Sequence[SalesLine], home: str) -> Iterator[Contradiction]:
    for place, line in enumerate(lines):
        for column, message in (*_country_flaws(line, home), *_code_flaws(line), *_rate_flaws(line)):
            yield Contradiction(place, column, message)


def _country_flaws(line: SalesLine, home: str) -> Iterator[tuple[str, str]]:
    country = line.country
    if country is None:
        return
    if line.treatment == "oss" and country == home:
        yield "country", f"{country} is the home country: its sales are domestic"
    elif line.treatment == "oss" and country not in EU and country != "XI":
        yield "country", f"{country} is no country of the EU, so OSS does not cover it"
    elif line.treatment == "voec" and country in EU and country != home:
        yield "country", f"{country} is a country of the EU; its VAT is declared by OSS"
    elif line.treatment == "domestic" and country != home:
        yield "country", f"domestic is {home}, and not {country}"


def _code_flaws(line: SalesLine) -> Iterator[tuple[str, str]]:
    swedish = SWEDISH_CODES.get(line.vat_code or "")
    if swedish is not None and line.treatment in (*ABROAD, *WITHOUT_VAT):
        yield "vat_code", f"{line.vat_code} is a Swedish code: the VAT would be in the Swedish return"
    elif swedish is not None and swedish != line.rate:
        yield "vat_code", f"{line.vat_code} is the code of {swedish:f} %, and the line is for {line.rate:f} %"
    elif line.vat_code is None and line.treatment in ABROAD and line.rate in SWEDISH_CODES.values():
        yield "vat_code", f"{line.rate:f} % is a Swedish rate too: without a code the VAT would be Swedish"


def _rate_flaws(line: SalesLine) -> Iterator[tuple[str, str]]:
    if line.rate and line.treatment in WITHOUT_VAT:
        yield "rate", f"{line.treatment} is without VAT, so the rate is 0"


def _twice(lines: Sequence[SalesLine]) -> Iterator[Contradiction]:
    known: dict[tuple[str, str | None, Decimal], int] = {}
    for place, line in enumerate(lines):
        before = known.setdefault((line.treatment, line.country, line.rate), place)
        if before != place:
            said = " ".join(filter(None, (line.treatment, line.country, f"{line.rate:f} %")))
            yield Contradiction(place, "rate", f"{said} is in {{other}} already", before)


def _codes(lines: Sequence[SalesLine]) -> Iterator[Contradiction]:
    """Fortnox has one rate for each code; and the VAT of two countries on one code cannot be told apart."""
    known: dict[str, int] = {}
    for place, line in enumerate(lines):
        if line.vat_code is None or line.vat_code in SWEDISH_CODES:
            continue
        before = known.setdefault(line.vat_code, place)
        first = lines[before]
        if first.rate != line.rate:
            message = f"{line.vat_code} is the code of {first.rate:f} % in {{other}}"
            yield Contradiction(place, "vat_code", message, before)
        elif line.treatment in ABROAD and (first.treatment, first.country) != (line.treatment, line.country):
            message = f"{line.vat_code} is the code of {first.country or first.treatment} in {{other}}"
            yield Contradiction(place, "vat_code", message, before)


def _code_accounts(lines: Sequence[SalesLine]) -> Iterator[Contradiction]:
    known: dict[str, int] = {}
    for place, line in enumerate(lines):
        if line.vat_code is None or line.vat_account is None:
            continue
        before = known.setdefault(line.vat_code, place)
        if lines[before].vat_account != line.vat_account:
            message = f"{line.vat_code} has VAT account {lines[before].vat_account} in {{other}}"
            yield Contradiction(place, "vat_account", message, before)
