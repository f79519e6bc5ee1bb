"""The ECB's euro reference rates out of its own files: today's, the history's, or the data portal's.

Sources: eurofxref.csv and eurofxref-hist.csv of ecb.europa.eu (a column per currency, N/A where there is
none); CSV of data.ecb.europa.eu (a row per day and currency, key EXR.D.SEK.EUR.SP00.A).
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from shared.domain.quarters import Quarter

LONGEST_WITHOUT_RATES = timedelta(days=7)  # Easter and Christmas take four


@dataclass(frozen=True)
class DayRates:
    """Units of a currency for one euro, on a day of publication."""

    day: date
    rates: Mapping[str, Decimal]


class UnreadableRates(ValueError):
    """``line`` is counted from 1; None when it is about the file as a whole."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def fits(quarter: Quarter, day: date) -> bool:
    """The period's last day, or a day soon after it where the last day has no rates."""
    return quarter.last <= day <= quarter.last + LONGEST_WITHOUT_RATES


def of_quarter(quarter: Quarter, days: Sequence[DayRates]) -> DayRates:
    """The rates that the period's return takes. Raises UnreadableRates when the file has none of them."""
    fitting = sorted((one for one in days if fits(quarter, one.day)), key=lambda one: one.day)
    if not fitting:
        raise UnreadableRates(
            f"no rates of {quarter.last}, the last day of {quarter}, nor of the first days after it"
        )
    return fitting[0]


def read_csv(text: str) -> list[DayRates]:
    """Raises UnreadableRates with the line."""
    lines = list(csv.reader(text.lstrip("\ufeff").splitlines(), skipinitialspace=True))
    if not lines:
        raise UnreadableRates("the file is empty")
    header = [cell.strip() for cell in lines[0]]
    if header[0] == "Date":
        return [_day(header, cells, line) for line, cells in _filled(lines)]
    if {"CURRENCY", "TIME_PERIOD", "OBS_VALUE"} <= set(header):
        return _portal(header, lines)
    raise UnreadableRates("neither `Date` and currencies nor CURRENCY, TIME_PERIOD and OBS_VALUE", 1)


def _filled(lines: list[list[str]]) -> Iterator[tuple[int, list[str]]]:
    return ((line, cells) for line, cells in enumerate(lines[1:], 2) if any(cell.strip() for cell in cells))


def _day(header: list[str], cells: list[str], line: int) -> DayRates:
    pairs = zip(header[1:], cells[1:], strict=False)
    found = {name: value.strip() for name, value in pairs if name and value.strip() not in ("", "N/A")}
    return DayRates(_date(cells[0], line), {name: _rate(value, line) for name, value in found.items()})


def _portal(header: list[str], lines: list[list[str]]) -> list[DayRates]:
    days: dict[date, dict[str, Decimal]] = {}
    for line, cells in _filled(lines):
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if row.get("CURRENCY_DENOM", "EUR") != "EUR" or row.get("FREQ", "D") != "D":
            raise UnreadableRates("only daily rates against the euro are the ECB's reference rates", line)
        if row.get("OBS_VALUE", "") not in ("", "NaN"):
            day = days.setdefault(_date(row.get("TIME_PERIOD", ""), line), {})
            day[row["CURRENCY"]] = _rate(row["OBS_VALUE"], line)
    return [DayRates(day, rates) for day, rates in days.items()]


def _date(text: str, line: int) -> date:
    for form in ("%Y-%m-%d", "%d %B %Y"):
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 a day, no instant
        except ValueError:
            continue
    raise UnreadableRates(f"{text!r} is not a day", line)


def _rate(text: str, line: int) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0:
        raise UnreadableRates(f"{text!r} is not a rate", line)
    return rate
