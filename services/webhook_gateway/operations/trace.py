"""The way from a line on the bank account to the orders in it, and from an order to what paid it."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field

from services.webhook_gateway.operations import payouts, show
from services.webhook_gateway.operations.answers import Money
from services.webhook_gateway.operations.payouts import PayoutAnswer, PayoutRowAnswer
from shared.ledger.links import Outline
from shared.ledger.payout_lists import PayoutHead
from shared.ledger.records import Subject


class TracedDocument(BaseModel):
    kind: str = Field(examples=["invoice"])
    number: str = Field(description="In Fortnox.", examples=["4711"])
    reference: str = Field(description="Ours.", examples=["S9300101-D7200501"])
    total: str | None = Field(description="In the document's currency.", examples=["547.00"])


class TracedSale(BaseModel):
    id: str = Field(description="Our id of the sale; its subject has the same.")
    key: str = Field(description="Svea's checkout order id.", examples=["9300101"])
    market: str | None
    state: str
    documents: list[TracedDocument] = Field(description="Its booked invoices and credit invoices.")


class TracedPayout(PayoutAnswer):
    bank: Money = Field(description="The line on the bank account.")
    vouchers: list[str] = Field(description="Numbers in Fortnox.", examples=[["S-12-2"]])
    items: list[PayoutRowAnswer] = Field(description="From the bank: its first rows. From an order: its own.")
    more: bool = Field(description="There are more rows: ask `GET /payouts/{id}`.")


class TraceAnswer(BaseModel):
    payouts: list[TracedPayout] = Field(description="Newest day first.")
    sales: list[TracedSale] = Field(
        description="Those that the number names; from the bank, those of the rows."
    )


def sale(it: Subject, documents: Sequence[Outline]) -> TracedSale:
    shown = [
        TracedDocument(
            kind=one.kind,
            number=one.number,
            reference=one.reference,
            total=None if one.total is None else f"{one.total:.2f}",
        )
        for one in documents
        if one.kind in ("invoice", "credit_invoice") and one.state == "final" and one.number is not None
    ]
    return TracedSale(id=it.id, key=it.key, market=it.market, state=it.state, documents=shown)


def payout(
    it: PayoutHead,
    counts: Mapping[str, int],
    made: Sequence[Outline],
    items: list[PayoutRowAnswer],
    *,
    more: bool,
) -> TracedPayout:
    return TracedPayout(
        **dict(payouts.payout(it, counts)),
        bank=show.money(it.paid, it.currency),
        vouchers=[one.number for one in made if one.kind == "voucher" and one.number],
        items=items,
        more=more,
    )
