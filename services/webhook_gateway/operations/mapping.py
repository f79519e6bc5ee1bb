"""The mapping as the API takes it and shows it: JSON like the declaration's, or a table."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.webhook_gateway.problems import Flaw
from shared.domain.vat.proposal import ProposedLine
from shared.ledger.preflights import StoredPreflight
from shared.ledger.records import StoredConnection
from shared.settings.connections import ConnectionDeclaration
from shared.settings.mapping import DEFAULT_SALES, SalesLine
from shared.settings.mapping_csv import COLUMNS, LineFlaw, line_csv
from shared.settings.mapping_rules import contradictions
from shared.settings.registrations import RegistrationLine

CSV = "text/csv"
PARTS = COLUMNS[3:]


class MappingWanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sales: tuple[SalesLine, ...] = Field(description="All lines of the merchant's own; they replace what is.")
    registrations: tuple[RegistrationLine, ...] | None = Field(
        None, description="All registrations; left out, they stay as they are."
    )


class MappingAnswer(BaseModel):
    connection: str
    version: int = Field(description="Version of the declaration that the mapping is a part of.")
    sales: list[SalesLine] = Field(description="The merchant's own lines.")
    defaults: list[SalesLine] = Field(description="Lines that hold where the merchant has none.")
    registrations: list[RegistrationLine]


class ProposedAnswer(BaseModel):
    state: Literal["new", "same", "differs"] = Field(
        description="Against the mapping as it is now, defaults included."
    )
    line: dict[str, Any] = Field(description="As a line of `sales`.")
    why: str = Field(description="What in Fortnox says so.")
    differs_in: list[str] = Field(description="Columns in which the mapping has something else.")
    csv: str = Field(description="The line, ready to paste into the table.")


class ProposalAnswer(BaseModel):
    examined_at: datetime = Field(description="When the chart of accounts was read, by the pre-flight check.")
    lines: list[ProposedAnswer]
    unclear: list[str] = Field(description="Accounts that look like sales abroad and cannot be read.")


def shown(stored: StoredConnection) -> MappingAnswer:
    own = stored.declaration.sales
    return MappingAnswer(
        connection=stored.name,
        version=stored.version,
        sales=list(own),
        defaults=list(_defaults(own)),
        registrations=list(stored.declaration.registrations),
    )


def table_of(stored: StoredConnection, *, defaults: bool) -> Sequence[SalesLine]:
    own = stored.declaration.sales
    return (*own, *_defaults(own)) if defaults else own


def _defaults(own: Iterable[SalesLine]) -> Iterable[SalesLine]:
    known = {(line.treatment, line.country, line.rate) for line in own}
    return (line for line in DEFAULT_SALES if (line.treatment, line.country, line.rate) not in known)


def flaws_of_lines(found: Iterable[LineFlaw]) -> list[Flaw]:
    """A table's lines are counted as a spreadsheet counts them."""
    return [
        Flaw(path=f"line {one.line}" + (f".{one.column}" if one.column else ""), code="line", detail=str(one))
        for one in found
    ]


def contradictions_in(wanted: MappingWanted, home: str) -> list[Flaw]:
    return [
        Flaw(
            path=f"sales.{one.line}.{one.column}",
            code="contradiction",
            detail=one.said(lambda place: f"sales.{place}"),
        )
        for one in contradictions(wanted.sales, home)
    ]


def proposed(stored: StoredConnection, checked: StoredPreflight) -> ProposalAnswer | None:
    proposal = checked.report.proposal
    if proposal is None:
        return None
    return ProposalAnswer(
        examined_at=checked.examined_at,
        lines=[_proposed(line, stored.declaration) for line in proposal.lines],
        unclear=list(proposal.unclear),
    )


def _proposed(line: ProposedLine, declaration: ConnectionDeclaration) -> ProposedAnswer:
    now = declaration.sales_line(line.treatment, line.country, line.rate)
    whole = _line(line)
    differs = [
        part
        for part in PARTS
        if now is not None and getattr(line, part) not in (None, getattr(now, part)) and part != "vat_account"
    ]
    return ProposedAnswer(
        state="new" if now is None else "differs" if differs else "same",
        line=whole,
        why=line.why,
        differs_in=differs,
        csv=line_csv({name: str(value) for name, value in whole.items()}),
    )


def _line(line: ProposedLine) -> dict[str, Any]:
    """What the line says, in the order of the table."""
    parts = {name: getattr(line, name) for name in COLUMNS}
    parts["rate"] = f"{line.rate:f}"
    return {name: value for name, value in parts.items() if value is not None}
