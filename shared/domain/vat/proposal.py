"""A mapping proposed from the merchant's own chart of accounts and VAT codes. Pure, and only a proposal.

Fortnox shows no list of VAT codes. What is known of a code is the account it posts to (predefined accounts
`OUTVAT_<code>`), the accounts that carry it, and its name: `DE19`, `FI255`. A line is proposed where country
and rate can be read from the code or from the account's name, and are a rate of that country; where the two
disagree nothing is proposed, and it is said why.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from shared.domain.vat.rates import RATES, rates_on
from shared.domain.vat.territories import EU
from shared.domain.vat.treatment import Treatment

CODE = re.compile(r"^([A-Z]{2})[ _-]?(\d{1,4})$")
PERCENT = re.compile(r"(\d{1,2}(?:[.,]\d{1,2})?)\s*%")
FREIGHT = re.compile(r"frakt|freight|shipping|porto", re.IGNORECASE)
SALES = range(3000, 4000)

# As charts of accounts name them: in Swedish, sometimes in English.
NAMES = {
    "AT": ("österrike", "austria"),
    "BE": ("belgien", "belgium"),
    "BG": ("bulgarien", "bulgaria"),
    "CY": ("cypern", "cyprus"),
    "CZ": ("tjeckien", "czech"),
    "DE": ("tyskland", "germany"),
    "DK": ("danmark", "denmark"),
    "EE": ("estland", "estonia"),
    "ES": ("spanien", "spain"),
    "FI": ("finland",),
    "FR": ("frankrike", "france"),
    "GR": ("grekland", "greece"),
    "HR": ("kroatien", "croatia"),
    "HU": ("ungern", "hungary"),
    "IE": ("irland", "ireland"),
    "IT": ("italien", "italy"),
    "LT": ("litauen", "lithuania"),
    "LU": ("luxemburg", "luxembourg"),
    "LV": ("lettland", "latvia"),
    "MT": ("malta",),
    "NL": ("nederländerna", "holland", "netherlands"),
    "NO": ("norge", "norway"),
    "PL": ("polen", "poland"),
    "PT": ("portugal",),
    "RO": ("rumänien", "romania"),
    "SI": ("slovenien", "slovenia"),
    "SK": ("slovakien", "slovakia"),
    "XI": ("nordirland", "northern ireland"),
}
SWEDISH = (("MP1", 25), ("MP2", 12), ("MP3", 6))


@dataclass(frozen=True)
class ChartAccount:
    """One active account of the chart; ``vat_code`` is None where it has none."""

    number: int
    text: str
    vat_code: str | None


@dataclass(frozen=True)
class ProposedLine:
    """A line for `sales`, with where each part of it is from. Rate in percent."""

    treatment: Treatment
    rate: Decimal
    goods: int
    why: str
    country: str | None = None
    services: int | None = None
    freight: int | None = None
    fee: int | None = None
    vat_code: str | None = None
    vat_account: int | None = None

    @property
    def key(self) -> tuple[str, str | None, Decimal]:
        return self.treatment, self.country, self.rate


@dataclass(frozen=True)
class Proposal:
    """``unclear`` are sentences about accounts that look like sales abroad and cannot be read."""

    lines: tuple[ProposedLine, ...]
    unclear: tuple[str, ...] = ()


def proposal_to_json(proposal: Proposal) -> dict[str, Any]:
    lines = [{**asdict(line), "rate": f"{line.rate:f}"} for line in proposal.lines]
    return {"lines": lines, "unclear": list(proposal.unclear)}


def proposal_from_json(stored: Mapping[str, Any]) -> Proposal:
    lines = (ProposedLine(**{**line, "rate": Decimal(line["rate"])}) for line in stored["lines"])
    return Proposal(tuple(lines), tuple(stored["unclear"]))


def propose(
    accounts: Iterable[ChartAccount], predefined: Mapping[str, int], *, home: str, day: date
) -> Proposal:
    """Of a Swedish company the lines without a country too; of others those of other countries alone."""
    chart = {one.number: one for one in accounts}
    own = [*_domestic(chart, predefined), *_abroad(chart, predefined)] if home == "SE" else []
    unclear: list[str] = []
    by_country = _by_country(chart, predefined, home, day, unclear)
    lines = (*own, *by_country)
    return Proposal(lines, tuple(unclear))


# ── Sweden, and what goes abroad without a rate of its own ────────────────────────────────────────


def _domestic(chart: Mapping[int, ChartAccount], predefined: Mapping[str, int]) -> Iterator[ProposedLine]:
    for code, rate in SWEDISH:
        goods = _known(chart, predefined.get(f"SALES_{rate}_SE"))
        if goods is None:
            continue
        fee = _known(chart, predefined.get("ADMFEE"))
        yield ProposedLine(
            "domestic",
            Decimal(rate),
            goods,
            f"Fortnox' predefined account SALES_{rate}_SE",
            freight=_coded(chart, code, freight=True),
            fee=fee if fee is not None and chart[fee].vat_code == code else None,
            vat_code=code,
            vat_account=predefined.get(f"OUTVAT_{code}"),
        )


def _abroad(chart: Mapping[int, ChartAccount], predefined: Mapping[str, int]) -> Iterator[ProposedLine]:
    cases: tuple[tuple[Treatment, str, str, str], ...] = (
        ("eu_business", "SALESEUREV", "VTEU", "FTEU"),
        ("export", "SALESEXPORT", "E", "OTTU"),
    )
    for treatment, name, code, code_of_services in cases:
        goods = _known(chart, predefined.get(name))
        if goods is not None:
            why = f"Fortnox' predefined account {name}"
            services = _coded(chart, code_of_services, freight=False)
            freight = _coded(chart, code, freight=True)
            yield ProposedLine(treatment, Decimal(0), goods, why, services=services, freight=freight)


def _known(chart: Mapping[int, ChartAccount], number: int | None) -> int | None:
    return number if number in chart else None


def _coded(chart: Mapping[int, ChartAccount], code: str, *, freight: bool) -> int | None:
    """The lowest sales account with that VAT code that is, or is not, named for freight."""
    found = (
        one.number
        for one in chart.values()
        if one.number in SALES and one.vat_code == code and bool(FREIGHT.search(one.text)) == freight
    )
    return min(found, default=None)


# ── other countries' VAT ──────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Read:
    """What an account is for, as its code and its name say."""

    country: str
    rate: Decimal
    why: str


def _by_country(
    chart: Mapping[int, ChartAccount],
    predefined: Mapping[str, int],
    home: str,
    day: date,
    unclear: list[str],
) -> Iterator[ProposedLine]:
    found: dict[tuple[str, Decimal], list[tuple[ChartAccount, _Read]]] = {}
    for number in sorted(number for number in chart if number in SALES):
        read = _read(chart[number], home, day)
        if isinstance(read, _Read):
            found.setdefault((read.country, read.rate), []).append((chart[number], read))
        elif read:
            unclear.append(f"account {number} ({chart[number].text}): {read}")
    for (country, rate), candidates in sorted(found.items()):
        codes = sorted({one.vat_code or "" for one, _ in candidates})
        if len(codes) > 1:
            unclear.append(f"{country} {rate:f} %: several VAT codes, {', '.join(codes)}")
        else:
            yield _line_of(country, rate, candidates, predefined)


def _line_of(
    country: str,
    rate: Decimal,
    candidates: list[tuple[ChartAccount, _Read]],
    predefined: Mapping[str, int],
) -> ProposedLine:
    plain = [one for one in candidates if not FREIGHT.search(one[0].text)] or candidates
    goods, read = plain[0]
    freight = next((one.number for one, _ in candidates if FREIGHT.search(one.text)), goods.number)
    return ProposedLine(
        "oss" if country in EU or country == "XI" else "voec",
        rate,
        goods.number,
        read.why,
        country=country,
        freight=freight,
        vat_code=goods.vat_code,
        vat_account=predefined.get(f"OUTVAT_{goods.vat_code}"),
    )


def _read(account: ChartAccount, home: str, day: date) -> _Read | str:
    """What it is for; or why that is unclear, empty where it is no sale abroad at all."""
    code = (account.vat_code or "").upper()
    by_code, by_text = _of_code(code), _of_text(account.text)
    country = by_code[0] or by_text[0]
    if country in ("", home):
        return ""
    if not code:
        return f"it has no VAT code, and {country} needs one of its own" if "OSS" in account.text else ""
    if by_code[0] and by_text[0] and by_code[0] != by_text[0]:
        return f"its code {code} says {by_code[0]}, its name {by_text[0]}"
    rates = rates_on(country, day) or ()
    coded = [rate for rate in rates if by_code[1] and f"{rate:f}".replace(".", "") == by_code[1]]
    named = [rate for rate in rates if rate == by_text[1]]
    if coded and by_text[1] is not None and coded != named:
        return f"its code {code} says {coded[0]:f} %, its name {by_text[1]:f} %"
    if not (coded or named):
        return f"neither its code {code} nor its name says a rate of {country}" if by_code[0] else ""
    why = f"account {account.number} ({account.text}) has the VAT code {account.vat_code}"
    return _Read(country, (coded or named)[0], why)


def _of_code(code: str) -> tuple[str, str]:
    """Country and digits: `FI255` is FI and 255."""
    found = CODE.match(code)
    country = "" if found is None else ("GR" if found[1] == "EL" else found[1])
    return (country, found[2]) if found is not None and country in RATES else ("", "")


def _of_text(text: str) -> tuple[str, Decimal | None]:
    """A name of two countries names none."""
    words = text.casefold()
    countries = {code for code, names in NAMES.items() if any(name in words for name in names)}
    if "XI" in countries:
        countries -= {"IE"}  # "Nordirland" has "irland" in it
    percent = PERCENT.search(text)
    rate = Decimal(percent[1].replace(",", ".")) if percent else None
    return (countries.pop() if len(countries) == 1 else "", rate)
