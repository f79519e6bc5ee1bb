"""The mapping as a table: one line per treatment, country and rate. Made to be opened in a spreadsheet.

Commas or semicolons, points or decimal commas, with or without a byte order mark: a Swedish spreadsheet
writes the latter of each. What is wrong is told by its line in the file, all of it at once.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from shared.settings.mapping import SalesLine
from shared.settings.mapping_rules import contradictions

COLUMNS = (
    "treatment",
    "country",
    "rate",
    "goods",
    "services",
    "freight",
    "fee",
    "vat_code",
    "vat_account",
)
NEEDED = ("treatment", "rate", "goods")
MOST_LINES = 2000
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class LineFlaw:
    """``line`` is counted from 1 as a spreadsheet does, the headings being line 1."""

    line: int
    column: str
    detail: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.detail}"


class MappingFlaws(ValueError):
    """Everything that is wrong with a table."""

    def __init__(self, flaws: Sequence[LineFlaw]) -> None:
        super().__init__("; ".join(str(one) for one in flaws))
        self.flaws = tuple(flaws)


def to_csv(lines: Iterable[SalesLine]) -> str:
    """With headings, commas and points; what is read back is the same."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([_cell(getattr(line, column)) for column in COLUMNS])
    return out.getvalue()


def line_csv(line: Mapping[str, str]) -> str:
    """One line ready to paste into the table."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([line.get(column, "") for column in COLUMNS])
    return out.getvalue()


def from_csv(text: str, *, home: str) -> tuple[SalesLine, ...]:
    """Raises MappingFlaws with all that is wrong, by line."""
    rows = list(_rows(text))
    flaws: list[LineFlaw] = []
    lines: list[SalesLine] = []
    places: list[int] = []
    for number, row in rows[:MOST_LINES]:
        try:
            lines.append(SalesLine.model_validate(row))
            places.append(number)
        except ValidationError as problem:
            flaws += _flaws(problem, number)
    if len(rows) > MOST_LINES:
        flaws.append(LineFlaw(rows[MOST_LINES][0], "", f"at most {MOST_LINES} lines are taken"))
    for one in contradictions(lines, home):
        flaws.append(LineFlaw(places[one.line], one.column, one.said(lambda place: f"line {places[place]}")))
    if flaws:
        raise MappingFlaws(sorted(flaws, key=lambda flaw: flaw.line))
    return tuple(lines)


def _cell(value: object) -> str:
    """`25.50` is written as `25.5`; a text that a spreadsheet would take for a formula gets a quote."""
    if value is None:
        return ""
    text = f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells that are not empty, lines without any left out. Raises MappingFlaws."""
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    headings: list[str] | None = None
    begins = 1
    try:
        for cells in reader:
            line, begins = begins, reader.line_num + 1
            values = [cell.strip() for cell in cells]
            if not any(values):
                continue
            if headings is None:
                headings = _headings(values, line)
            else:
                yield line, _named(headings, values, line)
    except csv.Error as problem:
        raise MappingFlaws([LineFlaw(begins, "", f"this is no CSV: {problem}")]) from problem
    if headings is None:
        raise MappingFlaws([LineFlaw(1, "", f"the headings are missing: {','.join(COLUMNS)}")])


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return ";" if first.count(";") > first.count(",") else ("\t" if "\t" in first else ",")


def _headings(cells: Sequence[str], line: int) -> list[str]:
    found = [cell.lower().replace(" ", "_") for cell in cells]
    while found and not found[-1]:
        found.pop()
    flaws = [
        LineFlaw(line, heading, f"no such column; there are {', '.join(COLUMNS)}")
        for heading in found
        if heading not in COLUMNS
    ]
    flaws += [LineFlaw(line, one, "this column is there twice") for one in COLUMNS if found.count(one) > 1]
    flaws += [LineFlaw(line, one, "this column is missing") for one in NEEDED if one not in found]
    if flaws:
        raise MappingFlaws(flaws)
    return found


def _named(headings: Sequence[str], cells: Sequence[str], line: int) -> dict[str, str]:
    if any(cells[len(headings) :]):
        raise MappingFlaws([LineFlaw(line, "", f"{len(cells)} cells, but {len(headings)} headings")])
    row = {name: cell.removeprefix("'") for name, cell in zip(headings, cells, strict=False) if cell}
    if "rate" in row:
        row["rate"] = row["rate"].removesuffix("%").strip().replace(",", ".")
    return row


def _flaws(problem: ValidationError, line: int) -> Iterator[LineFlaw]:
    for one in problem.errors():
        column = ".".join(str(part) for part in one["loc"])
        yield LineFlaw(line, column, str(one["msg"]).removeprefix("Value error, "))
