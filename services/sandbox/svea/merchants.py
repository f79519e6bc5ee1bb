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


class ReportsAccess(StrEnum):
    """What a merchant gets whose reports are not activated; Svea does not say."""

    ACTIVATED = "activated"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"


class DayWithoutPayout(StrEnum):
    """How a report says that nothing was paid out; Svea does not say."""

    EMPTY = "empty"
    MISSING = "missing"
    NO_CONTENT = "no_content"
    NOT_FOUND = "not_found"


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
    settles_itself: bool = False
    """Reports are made when they are asked for, of every day up to the clock's."""
    reports_access: ReportsAccess = ReportsAccess.ACTIVATED
    day_without_payout: DayWithoutPayout = DayWithoutPayout.EMPTY
    shuffles_reports: bool = False
    """Groups and rows come in another order each time."""
    hides_balances: bool = False
    """Without `includeWithholding=true` a report has no balance rows; its sums are the same."""


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
