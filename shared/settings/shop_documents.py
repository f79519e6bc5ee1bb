"""What the shop is told of invoices and credit invoices, and in which words."""

from collections.abc import Mapping
from datetime import timedelta
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.settings.section import Section

PLACES = ("number", "order", "date", "due", "ocr", "amount", "paid")
State = Literal["new", "processing", "complete"]


def _only_known_places(text: str) -> str:
    """``{number}`` and its like; anything else in braces is refused now and not when it is filled in."""
    for _, name, how, conversion in Formatter().parse(text):
        if name is not None and (name not in PLACES or how or conversion):
            known = ", ".join(f"{{{place}}}" for place in PLACES)
            raise ValueError(f"{{{name}}} is not one of {known}")
    return text


Words = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_only_known_places)]


class ShopDocuments(Section):
    make_invoice: bool = Field(
        True, description="Whether an order gets an invoice in Magento, or only the comments."
    )
    wait: timedelta = Field(
        timedelta(minutes=3),
        description="How long the shop gets to store an invoice or memo of its own, before we make one.",
    )
    invoice_comment: Words | None = Field(
        "Faktura {number} av {date}: {amount}. Förfaller {due}. OCR {ocr}.",
        description="Comment on the order when its invoice is booked; null: none.",
    )
    paid_comment: Words | None = Field(
        "Faktura {number} är betald {paid}.",
        description="Comment on the order when Fortnox says that its invoice is paid; null: none.",
    )
    pdf_link: Words | None = Field(
        None, description="Address where the buyer finds the invoice; it is added to the invoice's comment."
    )
    visible: bool = Field(True, description="Whether the buyer sees these comments in the shop.")
    notify: bool = Field(False, description="Whether Magento sends invoices and comments to the buyer.")
    invoiced_status: Mapping[State, str] = Field(
        default_factory=dict,
        description="Order status once the invoice is booked, by the state that the order is in.",
    )
    paid_status: Mapping[State, str] = Field(
        default_factory=dict,
        description="Order status once the invoice is paid, by the state that the order is in.",
    )
    return_to_stock: bool = Field(
        True, description="Whether the credit memo of a credit invoice returns its goods to stock."
    )
