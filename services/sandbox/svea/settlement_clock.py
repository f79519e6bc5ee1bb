"""Settling by the sandbox's clock: every day that has come, whether or not anybody asked for it that day."""

from __future__ import annotations

from datetime import date, timedelta

from services.sandbox.svea.merchants import Merchant
from services.sandbox.svea.show_admin import SWEDEN
from services.sandbox.svea.stand_in import SandboxSvea


def settle_until(svea: SandboxSvea, merchant: Merchant, day: date) -> None:
    """Settle each day up to this one and the clock's that was not settled yet; days written by hand stay."""
    book = svea.book(merchant.merchant_id)
    last = max(book.days, default=None)
    since = book.first_due(merchant, svea.orders.values()) if last is None else last + timedelta(days=1)
    until = min(day, svea.clock().astimezone(SWEDEN).date())
    while since is not None and since <= until:
        if (merchant.merchant_id, since) not in svea.reports:
            svea.settle_day(merchant.merchant_id, since)
        since += timedelta(days=1)
