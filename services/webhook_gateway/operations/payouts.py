"""Payouts as the operations API shows them: what Svea paid, row by row, and the document of each row."""

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from pydantic import BaseModel, Field

from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.answers import DocumentAnswer, Money, ProblemAnswer, RowState, State
from shared.ledger.ids import subject_id
from shared.ledger.links import Outline
from shared.ledger.payout_lists import PayoutHead, SaleDocument, row_key_of
from shared.ledger.payouts import PayoutRowRecord
from shared.ledger.records import Link


class PayoutAnswer(BaseModel):
    id: str = Field(description="Our id; its subject has the same.")
    connection: str = Field(examples=["acme"])
    market: str = Field(examples=["se"])
    client_id: str = Field(description="Svea's number of the agreement.", examples=["79021"])
    date: datetime.date = Field(description="The day that Svea paid.")
    paid: Money = Field(description="What reaches the bank.")
    nominal: Money = Field(description="Of all rows, before fees.")
    fee: Money = Field(description="Fees without VAT.")
    fee_vat: Money
    opening_debt: Money = Field(description="Owed to Svea from before: zero or negative.")
    closing_debt: Money = Field(description="Carried on to the next day: zero or positive.")
    state: State = Field(description="Of its subject.", examples=["done"])
    reason: str | None = Field(description="Why it was skipped or waits.")
    problem: ProblemAnswer | None = Field(description="Why it is not booked.")
    booked: bool = Field(description="Whether it stands in the books as Svea's report says.")
    chosen_date: datetime.date | None = Field(description="The day that a person chose to book it on.")
    fetched_at: datetime.datetime = Field(description="When Svea's report was read last.")
    rows: dict[RowState, int] = Field(description="How many rows in each state.", examples=[{"matched": 41}])


class PaymentAnswer(BaseModel):
    reference: str
    number: str | None = Field(description="The invoice payment's number in Fortnox.")
    state: str = Field(description="`intended created final cancelled refused`")
    document: str | None = Field(description="Reference of what it pays, or `#` and its number.")
    amount: Money | None = Field(description="What it takes off the document: money and fees.")
    date: datetime.date | None


class PaidDocument(BaseModel):
    number: str = Field(examples=["4711"])
    kind: str | None = Field(description="`invoice` or `credit_invoice`; null if somebody else made it.")
    sale_id: str | None = Field(description="Subject of the sale that it belongs to: the way to the order.")


class PayoutRowAnswer(BaseModel):
    row: str = Field(description="Stable name of the row.")
    kind: str = Field(description="Svea's word.", examples=["Order"])
    payment_type: str = Field(examples=["Card"])
    checkout_id: str | None = Field(description="Svea's checkout order id.", examples=["9300101"])
    delivery_id: str | None = None
    order_number: str = Field(description="The shop's order number, where Svea gives it.")
    comment: str
    nominal: Money
    fee: Money
    fee_vat: Money
    paid: Money = Field(description="What the row adds to the payout.")
    state: RowState
    why: str = Field(description="The same in a sentence.")
    documents: list[PaidDocument] = Field(description="What it pays.")
    payments: list[PaymentAnswer] = Field(description="The payments that were made of it.")
    sale_id: str | None = Field(description="Subject of the sale that the row names.")
    chosen: str | None = Field(description="The invoice number that a person named.")


class PayoutInFull(PayoutAnswer):
    documents: list[DocumentAnswer] = Field(
        description="Its voucher, whose number names it in the books, and its attachment."
    )
    items: list[PayoutRowAnswer] = Field(description="A page of its rows, in the report's order.")
    next_cursor: str | None = Field(description="Asks for more rows; null on the last page.")


def payout(it: PayoutHead, counts: Mapping[str, int]) -> PayoutAnswer:
    def money(amount: Decimal) -> Money:
        return show.money(amount, it.currency)

    return PayoutAnswer(
        id=it.subject_id,
        connection=it.connection,
        market=it.market,
        client_id=it.client_id,
        date=it.dated,
        paid=money(it.paid),
        nominal=money(it.nominal),
        fee=money(it.fee),
        fee_vat=money(it.fee_vat),
        opening_debt=money(it.opening_debt),
        closing_debt=money(it.closing_debt),
        state=cast(State, it.state),
        reason=it.reason,
        problem=show.problem(it.problem) if it.problem else None,
        booked=it.booked,
        chosen_date=it.chosen_on,
        fetched_at=it.fetched_at,
        rows={cast(RowState, state): number for state, number in counts.items()},
    )


def payout_in_full(
    it: PayoutHead,
    counts: Mapping[str, int],
    *,
    links: Sequence[Link],
    rows: list[PayoutRowAnswer],
    next_cursor: str | None,
) -> PayoutInFull:
    return PayoutInFull(
        **dict(payout(it, counts)),
        documents=[show.document(link) for link in links],
        items=rows,
        next_cursor=next_cursor,
    )


def row(
    it: PayoutRowRecord,
    head: PayoutHead,
    *,
    payments: Sequence[Outline],
    sales: Mapping[str, SaleDocument],
) -> PayoutRowAnswer:
    def money(amount: Decimal) -> Money:
        return show.money(amount, head.currency)

    documents = [_paid(number, sales.get(number)) for number in it.documents]
    return PayoutRowAnswer(
        row=it.row_key,
        kind=it.kind,
        payment_type=it.payment_type,
        checkout_id=it.checkout_id,
        delivery_id=it.delivery_id,
        order_number=it.order_number,
        comment=it.comment,
        nominal=money(it.nominal),
        fee=money(it.fee),
        fee_vat=money(it.fee_vat),
        paid=money(it.paid),
        state=cast(RowState, it.state),
        why=it.why,
        documents=documents,
        payments=[_payment(one) for one in payments],
        sale_id=_sale_id(it, head, documents),
        chosen=it.chosen,
    )


def _sale_id(it: PayoutRowRecord, head: PayoutHead, documents: list[PaidDocument]) -> str | None:
    """By the checkout id that Svea names; else by the document that was found another way."""
    if it.checkout_id is not None:
        return subject_id(head.connection, "sale", it.checkout_id)
    return next((one.sale_id for one in documents if one.sale_id is not None), None)


def _paid(number: str, found: SaleDocument | None) -> PaidDocument:
    if found is None:
        return PaidDocument(number=number, kind=None, sale_id=None)
    return PaidDocument(number=number, kind=found.kind, sale_id=found.sale_id)


def _payment(it: Outline) -> PaymentAnswer:
    return PaymentAnswer(
        reference=it.reference,
        number=it.number,
        state=it.state,
        document=it.parent,
        amount=None if it.total is None else show.money(it.total, it.currency or ""),
        date=it.dated,
    )


def by_row(payments: Sequence[Outline]) -> dict[str, list[Outline]]:
    """A payout's payments by the row that they are of."""
    found: dict[str, list[Outline]] = {}
    for one in payments:
        if one.kind == "payment":
            found.setdefault(row_key_of(one.reference), []).append(one)
    return found
