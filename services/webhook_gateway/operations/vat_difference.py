"""A difference between our documents and Fortnox' VAT accounts, as the API shows it."""

import datetime

from pydantic import BaseModel, Field

from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.answers import Money
from shared.domain.payments import BOOK_CURRENCY
from shared.domain.vat_books import Difference, VatSeen

SAYS = {
    "by_hand": "A person booked this voucher.",
    "by_others": "Another invoice, payment or import booked this.",
    "differs": "Fortnox has booked our document otherwise.",
    "missing": "Our document has no voucher in Fortnox: cancelled, deleted or moved to another year.",
    "unfinished": "It is booked in Fortnox, and not finished here yet.",
    "more": "More vouchers of that day, which are not listed one by one.",
    "not_read_yet": "Booked since Fortnox was asked last.",
}


class SeenAt(BaseModel):
    year_from: datetime.date
    year_to: datetime.date
    seen_at: datetime.datetime


class DifferenceAnswer(BaseModel):
    kind: str = Field(examples=["by_hand"])
    says: str = Field(examples=["A person booked this voucher."])
    dated: datetime.date
    account: int = Field(examples=[2611])
    amount: Money = Field(description="What Fortnox has more than our documents; credit is positive.")
    voucher: str = Field(
        description="Series, number and id of the year; empty without one.", examples=["A-12-3"]
    )
    text: str = Field(description="What Fortnox says of the voucher.")
    document: str = Field(
        description="Kind of our document, or of theirs; may be empty.", examples=["invoice"]
    )
    number: str
    reference: str
    sale_id: str = Field(description="Subject of our document; may be empty.")


def difference(it: Difference) -> DifferenceAnswer:
    return DifferenceAnswer(
        kind=it.kind,
        says=SAYS[it.kind],
        dated=it.dated,
        account=it.account,
        amount=show.money(it.amount, BOOK_CURRENCY),
        voucher=it.voucher,
        text=it.text,
        document=it.document,
        number=it.number,
        reference=it.reference,
        sale_id=it.sale_id,
    )


def seen_at(it: VatSeen) -> SeenAt:
    return SeenAt(year_from=it.first, year_to=it.last, seen_at=it.seen_at)
