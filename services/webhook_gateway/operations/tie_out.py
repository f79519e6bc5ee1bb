"""The tie-out of the clearing accounts: as JSON for programs, as a table for whoever signs the month."""

import csv
import datetime
import io
from collections.abc import Iterator
from decimal import Decimal

from pydantic import BaseModel, Field

from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.answers import Money
from shared.domain.books_seen import BooksSeen
from shared.domain.payments import BOOK_CURRENCY
from shared.domain.tie_out import NotBooked, OpenItem, TieOut

SAYS = {
    "invoiced": "Delivered and invoiced over Svea",
    "credited": "Credited",
    "invoiced_by_others": "Invoices that somebody else made, as far as Svea paid them",
    "paid_without_svea": "Paid when they were made",
    "fees": "Fees, by Svea's reports",
    "fee_vat": "VAT on fees, by Svea's reports",
    "paid_out": "Paid to the bank, by Svea's reports",
    "in_other_currencies": "Payouts in other currencies, as booked",
    "on_other_accounts": "Rows of payouts on other accounts: no document, deposits, costs, exchange",
    "rounding": "Öre of exchange rates on settled invoices",
    "open_invoices": "Open invoices",
    "open_credits": "Open credit invoices",
    "clearing": "Clearing account",
}
COLUMNS = ("part", "what", "account", "date", "number", "reference", "text", "amount", "currency", "sek")


class Line(BaseModel):
    code: str = Field(examples=["invoiced"])
    text: str = Field(examples=["Delivered and invoiced over Svea"])
    amount: Money


class AccountLine(BaseModel):
    account: int = Field(examples=[1581])
    amount: Money = Field(description="Debit is positive.")


class OpenDocument(BaseModel):
    kind: str = Field(description="`invoice` or `credit_invoice`.", examples=["invoice"])
    number: str = Field(examples=["4711"])
    reference: str = Field(examples=["S9300101-D7200501"])
    sale_id: str = Field(description="Subject of its sale.")
    checkout_id: str = Field(examples=["9300101"])
    dated: datetime.date
    open: Money = Field(description="In its own currency.")
    amount: Money = Field(description="In SEK, at the rate it was booked with.")


class NotBookedPayout(BaseModel):
    payout_id: str
    dated: datetime.date
    paid: Money
    why: str = Field(description="Why it is not in the books.")
    amount: Money = Field(description="Its part of the difference.")


class SeenAccount(BaseModel):
    account: int = Field(examples=[1581])
    year_from: datetime.date
    year_to: datetime.date
    moved: Money = Field(description="In that year, by Fortnox.")
    ours: Money = Field(description="In that year, by our documents.")
    difference: Money = Field(description="What somebody else booked on it.")


class SeenInvoice(BaseModel):
    number: str = Field(examples=["4711"])
    sale_id: str
    ours: Money = Field(description="Open by our documents.")
    fortnox: Money = Field(description="Open in Fortnox.")


class SeenInFortnox(BaseModel):
    seen_at: datetime.datetime = Field(description="When Fortnox was asked last; every night, or by a job.")
    accounts: list[SeenAccount]
    invoices: list[SeenInvoice] = Field(description="Those that are open with another amount there.")
    more: int = Field(description="How many more differ.", examples=[0])


class TieOutAnswer(BaseModel):
    connection: str = Field(examples=["acme"])
    on: datetime.date
    lines: list[Line] = Field(description="Their sum is `expected`.")
    expected: Money
    open_invoices: Money
    open_credits: Money
    clearing: list[AccountLine] = Field(description="Each clearing account, by our documents.")
    found: Money = Field(description="Open invoices, open credits and the clearing accounts.")
    difference: Money = Field(description="Zero when all payouts up to that day are in the books.")
    not_booked: list[NotBookedPayout] = Field(description="What explains the difference.")
    unexplained: Money = Field(description="The difference less what explains it: always zero.")
    owed_by_svea: Money = Field(
        description="What the clearing accounts have to show by Svea's newest reports in SEK: "
        "zero, or a debt carried on."
    )
    accounts: list[AccountLine] = Field(description="Everything that the payouts booked, by account.")
    items: list[OpenDocument] = Field(description="Every open document.")
    fortnox: SeenInFortnox | None = Field(description="What Fortnox itself says; null until it was asked.")


def answer(connection: str, it: TieOut, seen: BooksSeen | None) -> TieOutAnswer:
    return TieOutAnswer(
        connection=connection,
        on=it.on,
        lines=[Line(code=code, text=SAYS[code], amount=in_sek(amount)) for code, amount in it.lines.items()],
        expected=in_sek(it.expected),
        open_invoices=in_sek(it.open_invoices),
        open_credits=in_sek(it.open_credits),
        clearing=[AccountLine(account=one, amount=in_sek(sum_)) for one, sum_ in it.clearing.items()],
        found=in_sek(it.found),
        difference=in_sek(it.difference),
        not_booked=[_not_booked(one) for one in it.not_booked],
        unexplained=in_sek(it.unexplained),
        owed_by_svea=in_sek(it.owed_by_svea),
        accounts=[AccountLine(account=one, amount=in_sek(sum_)) for one, sum_ in it.by_account.items()],
        items=[_item(one) for one in it.items],
        fortnox=None if seen is None else _seen(seen),
    )


def in_sek(amount: Decimal) -> Money:
    return show.money(amount, BOOK_CURRENCY)


def _not_booked(it: NotBooked) -> NotBookedPayout:
    return NotBookedPayout(
        payout_id=it.payout.id,
        dated=it.payout.dated,
        paid=show.money(it.payout.paid, it.payout.currency),
        why=it.payout.why,
        amount=in_sek(it.amount),
    )


def _item(it: OpenItem) -> OpenDocument:
    return OpenDocument(
        kind=it.claim.kind,
        number=it.claim.number,
        reference=it.claim.reference,
        sale_id=it.claim.sale_id,
        checkout_id=it.claim.sale_key,
        dated=it.claim.dated,
        open=show.money(it.open.amount, it.open.currency),
        amount=in_sek(it.amount),
    )


def _seen(it: BooksSeen) -> SeenInFortnox:
    return SeenInFortnox(
        seen_at=it.seen_at,
        accounts=[
            SeenAccount(
                account=one.account,
                year_from=one.first,
                year_to=one.last,
                moved=in_sek(one.moved),
                ours=in_sek(one.ours),
                difference=in_sek(one.difference),
            )
            for one in it.accounts
        ],
        invoices=[
            SeenInvoice(
                number=one.number,
                sale_id=one.sale_id,
                ours=show.money(one.open_by_us, one.currency),
                fortnox=show.money(one.open_in_fortnox, one.currency),
            )
            for one in it.invoices
        ],
        more=it.more,
    )


def table(it: TieOutAnswer) -> str:
    """CSV with one header; empty cells where a line has no such thing."""
    written = io.StringIO()
    writer = csv.DictWriter(written, COLUMNS, restval="")
    writer.writeheader()
    writer.writerows(_cells(it))
    return written.getvalue()


def _cells(it: TieOutAnswer) -> Iterator[dict[str, object]]:
    for line in it.lines:
        yield {"part": "expected", "what": line.code, "text": line.text, "sek": line.amount.amount}
    yield {"part": "expected", "what": "sum", "sek": it.expected.amount}
    for code, amount in (("open_invoices", it.open_invoices), ("open_credits", it.open_credits)):
        yield {"part": "found", "what": code, "text": SAYS[code], "sek": amount.amount}
    for one in it.clearing:
        yield _account("found", "clearing", one) | {"text": SAYS["clearing"]}
    yield {"part": "found", "what": "sum", "sek": it.found.amount}
    yield {"part": "difference", "what": "sum", "sek": it.difference.amount}
    for payout in it.not_booked:
        yield {
            "part": "difference",
            "what": "payout_not_booked",
            "date": payout.dated,
            "reference": payout.payout_id,
            "text": payout.why,
            "amount": payout.paid.amount,
            "currency": payout.paid.currency,
            "sek": payout.amount.amount,
        }
    yield {"part": "svea", "what": "owed_by_svea", "sek": it.owed_by_svea.amount}
    for one in it.accounts:
        yield _account("accounts", "booked_by_payouts", one)
    for item in it.items:
        yield {
            "part": "items",
            "what": item.kind,
            "date": item.dated,
            "number": item.number,
            "reference": item.reference,
            "text": f"Svea order {item.checkout_id}",
            "amount": item.open.amount,
            "currency": item.open.currency,
            "sek": item.amount.amount,
        }
    yield from _fortnox_cells(it.fortnox)


def _account(part: str, what: str, one: AccountLine) -> dict[str, object]:
    return {"part": part, "what": what, "account": one.account, "sek": one.amount.amount}


def _fortnox_cells(it: SeenInFortnox | None) -> Iterator[dict[str, object]]:
    if it is None:
        return
    at = it.seen_at.date()
    for one in it.accounts:
        told = f"moved {one.moved.amount} in the year, {one.ours.amount} by our documents"
        yield {
            "part": "fortnox",
            "what": "account_difference",
            "account": one.account,
            "date": at,
            "text": told,
            "sek": one.difference.amount,
        }
    for invoice in it.invoices:
        yield {
            "part": "fortnox",
            "what": "invoice_differs",
            "date": at,
            "number": invoice.number,
            "text": f"open {invoice.ours.amount} by our documents",
            "amount": invoice.fortnox.amount,
            "currency": invoice.fortnox.currency,
        }
