"""Rows that are neither a delivery nor a credit: costs, deposits, kickbacks, claims that Svea hands back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.sandbox.svea.orders import Delivery, Order
from services.sandbox.svea.refusals import invalid
from services.sandbox.svea.settlement_rows import Json, fee, row
from services.sandbox.svea.settlement_terms import Terms, fee_vat_percent


class ExtraKind(StrEnum):
    MONTHLY_FEE = "monthly_fee"
    REMINDER = "reminder"
    COLLECTION = "collection"
    DUE_DATE = "due_date"
    POSTAGE = "postage"
    LEGAL_ACTION = "legal_action"
    INTEREST = "interest"
    KICKBACK = "kickback"
    DEPOSIT = "deposit"
    REGRESSION = "regression"
    DISMISSED = "dismissed"
    CORRECTION = "correction"
    DEVIATION = "deviation"
    MANUAL = "manual"


_SHAPES: dict[ExtraKind, tuple[str, str | None]] = {
    ExtraKind.MONTHLY_FEE: ("Manual", "Service"),
    ExtraKind.REMINDER: ("Cost", "Reminder"),
    ExtraKind.COLLECTION: ("Cost", "Collection"),
    ExtraKind.DUE_DATE: ("Cost", "DueDate"),
    ExtraKind.POSTAGE: ("Cost", "Postage"),
    ExtraKind.LEGAL_ACTION: ("Cost", "LegalAction"),
    ExtraKind.INTEREST: ("Cost", "Interest"),
    ExtraKind.KICKBACK: ("Kickback", "Kickback"),
    ExtraKind.DEPOSIT: ("Deposit", "Deposit"),
    ExtraKind.REGRESSION: ("Regression", None),
    ExtraKind.DISMISSED: ("Manual", "Dismissed"),
    ExtraKind.CORRECTION: ("Manual", "Correction"),
    ExtraKind.DEVIATION: ("Manual", "Deviation"),
    ExtraKind.MANUAL: ("Manual", None),
}
"""Row type, and the type of its fee; None: the amount is nominal."""


@dataclass(frozen=True)
class Extra:
    """`amount` is what it costs the merchant before VAT, in minor units; negative is paid to the merchant:
    a kickback, a deposit that is released, a correction in the merchant's favour."""

    kind: ExtraKind
    amount: int
    about: Order | None = None
    delivery: Delivery | None = None
    payment_type: str | None = None
    client_id: int | None = None
    vat: int | None = None
    """Minor units, when it is not the usual percentage."""
    vat_percent: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if self.vat and _SHAPES[self.kind][1] is None:
            raise invalid("vat", f"{self.kind} has no fee, so no VAT on it", 30132)

    def client(self, terms: Terms) -> int:
        return terms.client_of(self._payment_type) if self.client_id is None else self.client_id

    def show(self, *, day: date, country: str, currency: str, terms: Terms) -> Json:
        row_type, fee_type = _SHAPES[self.kind]
        nominal, fees = -self.amount, []
        if fee_type is not None:
            percent = self._vat_percent(country, fee_type)
            nominal, fees = 0, [fee(fee_type, self.amount, percent, vat=self.vat)]
        return row(
            row_type,
            day=day,
            currency=currency,
            terms=terms,
            payment_type=self._payment_type,
            nominal=nominal,
            fees=fees,
            about=self.about,
            delivery=self.delivery,
            comment=self.comment,
        )

    @property
    def _payment_type(self) -> str | None:
        return self.about.admin_type if self.payment_type is None and self.about else self.payment_type

    def _vat_percent(self, country: str, fee_type: str) -> int:
        """A correction has the VAT of the commission that it corrects."""
        if self.vat_percent is not None:
            return self.vat_percent
        usual = "Credit" if fee_type == "Correction" else fee_type
        return fee_vat_percent(country, self._payment_type, usual)
