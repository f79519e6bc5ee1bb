"""The VAT tie-out of a period: as JSON for programs, as a table for whoever signs the return."""

import csv
import datetime
import io
from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel, Field

from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.answers import Money
from services.webhook_gateway.operations.vat_difference import (
    DifferenceAnswer,
    SeenAt,
    difference,
    seen_at,
)
from shared.domain.payments import BOOK_CURRENCY
from shared.domain.vat_boxes import SAYS
from shared.domain.vat_return import Both, VatTieOut

COLUMNS = ("part", "what", "account", "code", "date", "voucher", "number", "text", "ours", "fortnox", "sek")


class Figures(BaseModel):
    ours: Money = Field(description="By our documents.")
    fortnox: Money = Field(description="By Fortnox' books when it was asked last.")
    difference: Money


class VatCode(BaseModel):
    code: str = Field(
        description="VAT code, or those that share a VAT account; empty for accounts without one."
    )
    base: Figures
    vat: Figures


class VatBox(BaseModel):
    box: str = Field(examples=["05"])
    text: str = Field(examples=["Taxable sales, not in 06, 07 or 08"])
    amount: Figures


class VatAccountLine(BaseModel):
    account: int | None = Field(description="Null for VAT whose account nobody has said.", examples=[2611])
    code: str
    box: str | None = Field(description="Null for what stands in no box, as OSS.")
    amount: Figures


class MiscodedAccount(BaseModel):
    account: int = Field(examples=[3163])
    code: str = Field(description="What it carries in Fortnox; empty for none.", examples=["MP1"])
    box: str | None = Field(description="Where its amounts stand therefore.")
    needed_code: str = Field(examples=["DK25"])
    needed_box: str | None
    amount: Money = Field(description="What of our documents is in the wrong box.")


class VatAnswer(BaseModel):
    connection: str = Field(examples=["acme"])
    first: datetime.date
    last: datetime.date
    seen: list[SeenAt] = Field(
        description="When Fortnox was asked last, by financial year; empty until then."
    )
    codes: list[VatCode]
    boxes: list[VatBox] = Field(description="Of the Swedish VAT return; 49 is their sum.")
    accounts: list[VatAccountLine] = Field(description="Credit is positive.")
    miscoded: list[MiscodedAccount] = Field(
        description="Accounts whose VAT code puts our sales in another box."
    )
    differences: list[DifferenceAnswer] = Field(description="Every difference, down to the document.")
    unexplained: Money | None = Field(
        description="What no line says: zero; null while Fortnox was not asked for all of the period."
    )


def answer(connection: str, it: VatTieOut) -> VatAnswer:
    return VatAnswer(
        connection=connection,
        first=it.first,
        last=it.last,
        seen=[seen_at(one) for one in it.seen],
        codes=[VatCode(code=one.code, base=_figures(one.base), vat=_figures(one.vat)) for one in it.codes],
        boxes=[VatBox(box=box, text=SAYS[box], amount=_figures(both)) for box, both in it.boxes.items()],
        accounts=[
            VatAccountLine(
                account=one.account or None, code=one.code, box=one.box, amount=_figures(one.amount)
            )
            for one in it.accounts
        ],
        miscoded=[
            MiscodedAccount(
                account=one.account,
                code=one.code,
                box=one.box,
                needed_code=one.expected_code,
                needed_box=one.expected,
                amount=_sek(one.amount),
            )
            for one in it.miscoded
        ],
        differences=[difference(one) for one in it.differences],
        unexplained=None if it.unexplained is None else _sek(it.unexplained),
    )


def _figures(both: Both) -> Figures:
    return Figures(ours=_sek(both.ours), fortnox=_sek(both.fortnox), difference=_sek(both.difference))


def _sek(amount: Decimal) -> Money:
    return show.money(amount, BOOK_CURRENCY)


def table(it: VatAnswer) -> str:
    """CSV with one header; empty cells where a line has no such thing."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(_cells(it))
    return written.getvalue()


def _cells(it: VatAnswer) -> Iterator[dict[str, object]]:
    for box in it.boxes:
        yield {"part": "box", "what": box.box, "text": box.text} | _cells_of(box.amount)
    for code in it.codes:
        for what, figures in (("base", code.base), ("vat", code.vat)):
            yield {"part": "code", "what": what, "code": code.code} | _cells_of(figures)
    for line in it.accounts:
        yield {
            "part": "account",
            "what": line.box or "",
            "account": line.account or "",
            "code": line.code,
        } | _cells_of(line.amount)
    for one in it.miscoded:
        yield {
            "part": "miscoded",
            "what": one.box or "",
            "account": one.account,
            "code": one.code,
            "text": f"needs {one.needed_code or 'no code'}, box {one.needed_box or 'none'}",
            "sek": one.amount.amount,
        }
    for found in it.differences:
        yield {
            "part": "difference",
            "what": found.kind,
            "account": found.account,
            "date": found.dated,
            "voucher": found.voucher,
            "number": found.number,
            "text": found.text or found.says,
            "sek": found.amount.amount,
        }
    yield {"part": "unexplained", "sek": it.unexplained.amount if it.unexplained else ""}


def _cells_of(figures: Figures) -> dict[str, object]:
    return {
        "ours": figures.ours.amount,
        "fortnox": figures.fortnox.amount,
        "sek": figures.difference.amount,
    }
