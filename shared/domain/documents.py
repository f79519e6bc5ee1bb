"""Drafts: documents before they are booked. A draft that does not add up cannot exist.

Drafts name each other by our own references, so a plan is complete before any number exists.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from shared.domain.errors import SlussError, Unbalanced
from shared.domain.items import MAX_ROWS, Row
from shared.domain.money import Money, must_add_up, total
from shared.domain.outcomes import Advice
from shared.domain.parties import Address, PartyKind, VatType
from shared.domain.references import MAX_REFERENCE_LENGTH, InvoiceReference
from shared.domain.vat.treatment import Treated

NOT_KEPT = {"kept": False}  # metadata of a field that is too large to be stored with our link


@dataclass(frozen=True)
class Draft:
    """What should exist in another system, under our own reference."""

    kind: ClassVar[str]
    system: ClassVar[str] = "fortnox"

    ref: str

    def __post_init__(self) -> None:
        if not self.ref or len(self.ref) > MAX_REFERENCE_LENGTH:
            raise ValueError(f"a reference has 1 to {MAX_REFERENCE_LENGTH} characters: {self.ref!r}")

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.ref

    def material(self) -> Mapping[str, Any]:
        """The facts whose change means that the document must be changed."""
        plain: dict[str, Any] = to_plain(self)
        return plain

    def content_hash(self) -> str:
        text = json.dumps(self.material(), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class CustomerDraft(Draft):
    kind: ClassVar[str] = "customer"

    party: PartyKind
    name: str
    email: str
    phone: str
    organisation_number: str
    billing: Address
    delivery: Address | None
    currency: str
    vat_type: VatType
    vat_number: str = ""
    terms_of_payment: str | None = None
    number: str | None = None  # of a customer that already exists and is only referred to
    revise: bool = True  # False: an older sale of this customer, which must not undo what a newer one said

    def material(self) -> Mapping[str, Any]:
        plain = dict(to_plain(self))
        plain.pop("revise")
        return plain


@dataclass(frozen=True)
class ArticleDraft(Draft):
    kind: ClassVar[str] = "article"
    revise: ClassVar[bool] = False  # the shop's catalogue, not a sale, changes an article

    number: str
    description: str
    rate: Decimal
    unit: str | None
    account: int | None
    service: bool = False  # goods and services are apart in the periodic summary

    def material(self) -> Mapping[str, Any]:
        return {"number": self.number}


@dataclass(frozen=True)
class SalesDocument(Draft):
    """What orders, invoices and credit invoices have in common; amounts include VAT."""

    customer: str
    rows: tuple[Row, ...]
    total: Money
    checkout_id: int | None  # Svea's; None when the sale was paid elsewhere
    order_number: str
    name: str
    billing: Address
    delivery: Address | None
    rate: Decimal | None  # SEK per unit of the currency; None for SEK
    order_number_field: str
    your_reference: str
    remarks: str = field(default="", kw_only=True)  # what is printed below the rows

    def __post_init__(self) -> None:
        super().__post_init__()
        must_add_up(self.ref, parts=[row.total for row in self.rows], to=self.total)
        if len(self.rows) > MAX_ROWS:
            raise Unbalanced(f"{self.ref}: {len(self.rows)} rows, at most {MAX_ROWS} can be booked")

    @property
    def currency(self) -> str:
        return self.total.currency

    @property
    def vat(self) -> Money:
        return total((row.vat for row in self.rows), self.currency)

    def material(self) -> Mapping[str, Any]:
        plain = dict(to_plain(self))
        plain.pop("rate")  # a new day's rate is no reason to change a document
        if not self.remarks:
            plain.pop("remarks")
        plain["rows"] = [_without(row, "treated") for row in plain["rows"]]  # nor is a better sentence
        return plain


@dataclass(frozen=True)
class OrderDraft(SalesDocument):
    kind: ClassVar[str] = "order"

    ordered_on: date
    cancelled: bool = False


@dataclass(frozen=True)
class InvoiceDraft(SalesDocument):
    """Made from its order, which it closes."""

    kind: ClassVar[str] = "invoice"

    order: str
    dated: date
    reference: InvoiceReference = "delivery"

    @property
    def references(self) -> tuple[str, ...]:
        """What may stand on the invoice; the first is what it is given when it has to be patched."""
        choices = {"delivery": (self.ref,), "order": (self.order,), "auto": (self.ref, self.order)}
        return choices[self.reference]


@dataclass(frozen=True)
class CreditDraft(SalesDocument):
    """Gives back a part of an invoice: quantities and total are negative.

    ``linked`` is the first credit, which Fortnox makes from the invoice; later ones stand alone and
    name the invoice in a text row, as the law on change invoices asks.
    """

    kind: ClassVar[str] = "credit_invoice"

    invoice: str
    dated: date
    linked: bool
    entry: str  # fingerprint of the refund it books
    clear_first: bool = False  # the invoice's rows would leak into these, were they replaced by position

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.total.amount >= 0:
            raise Unbalanced(f"{self.ref}: a credit invoice of {self.total} gives nothing back")


@dataclass(frozen=True)
class Plan:
    """The drafts that should exist for a subject, in the order they are brought about.

    ``names`` are other names of the subject, as (kind of name, name); ``open`` says that more is
    expected, so the sweep looks again; ``hold`` is raised once these drafts are booked, and says why
    more are not planned. ``extras`` are brought about last: nothing in the books depends on them.
    """

    drafts: tuple[Draft, ...] = ()
    advice: tuple[Advice, ...] = ()
    explanations: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    open: bool = False
    hold: SlussError | None = None
    extras: tuple[Draft, ...] = ()

    def __post_init__(self) -> None:
        keys = [draft.key for draft in (*self.drafts, *self.extras)]
        if len(keys) != len(set(keys)):
            raise ValueError(f"two drafts share a reference: {sorted(keys)}")


def rows_from(draft: Mapping[str, Any], currency: str) -> tuple[Row, ...]:
    """The rows of a draft that we stored."""
    return tuple(
        Row(
            text=plain["text"],
            quantity=Decimal(plain["quantity"]),
            price=Money(Decimal(plain["price"]["amount"]), currency),
            rate=Decimal(plain["rate"]),
            account=int(plain["account"]),
            kind=plain["kind"],
            vat_code=plain["vat_code"],
            article=plain["article"],
            unit=plain["unit"],
            treated=treated_from(plain),
        )
        for plain in draft["rows"]
    )


def treated_from(row: Mapping[str, Any]) -> Treated | None:
    """Why a stored row's VAT is as it is; None for what is no sale, and for rows of before this was kept."""
    kept = row.get("treated")
    return Treated(**kept) if kept else None


def _without(plain: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in plain.items() if key != name}


def rate_from(draft: Mapping[str, Any]) -> Decimal | None:
    """SEK per unit as the draft had it; None in SEK."""
    return Decimal(draft["rate"]) if draft.get("rate") else None


def to_plain(value: Any) -> Any:
    """JSON-ready: Decimals as text, dates as ISO, dataclasses as objects; nothing is rounded."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = (f.name for f in fields(value) if f.metadata.get("kept", True))
        return {name: to_plain(getattr(value, name)) for name in kept}
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value
