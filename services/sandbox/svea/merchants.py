"""A Svea key set with the switches that decide what is unknown about Svea."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.sandbox.svea.refusals import ErrorShape


class SplitRows(StrEnum):
    """How the rest of a partly delivered row is numbered; Svea does not say."""

    SAME_ID = "same_id"
    NEW_ID = "new_id"


@dataclass
class Merchant:
    merchant_id: str
    secret: str
    country: str
    currency: str
    locale: str
    signs_webhooks: bool = True
    resigns_retries: bool = True
    error_shape: ErrorShape = ErrorShape.DETAILED
    sends_byte_order_mark: bool = False
    split_rows: SplitRows = SplitRows.SAME_ID
    invoice_fee: int | None = None
    """Minor units including VAT; Svea adds the row itself when the buyer picks invoice."""
    invoice_fee_vat_percent: int = 2500
    credits_fail: bool = False
    task_polls: int = 1
    """How many times a task says InProgress before it redirects."""


@dataclass(frozen=True)
class CallRecord:
    """One request that a client made to Svea."""

    at: datetime
    api: str
    merchant_id: str | None
    method: str
    path: str
    query: str
    status: int
    body: bytes
