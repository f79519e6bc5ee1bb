"""Payment Admin: the payout report of one day (svea.md 5.1), put there by hand or settled."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.sandbox.svea.edge import Answer, Call
from services.sandbox.svea.merchants import DayWithoutPayout, Merchant, ReportsAccess
from services.sandbox.svea.refusals import Refused, invalid, unauthorized, unknown
from services.sandbox.svea.settlement_clock import settle_until
from services.sandbox.svea.stand_in import SandboxSvea


class ReportsApi:
    def __init__(self, svea: SandboxSvea) -> None:
        self.svea = svea

    async def read(self, call: Call) -> Answer:
        merchant, query = call.merchant, call.request.query_params
        _must_have_access(merchant)
        withholding = query.get("includeWithholding", "false").lower()
        if withholding not in ("true", "false"):
            raise invalid("includeWithholding", "includeWithholding must be true or false", 30121)
        day = _day(query.get("date", ""))
        stored = self.svea.reports.get((merchant.merchant_id, day))
        if stored is not None:
            return Answer(200, stored)
        if merchant.settles_itself:
            settle_until(self.svea, merchant, day)
        balances = withholding == "true" or not merchant.hides_balances
        report = self.svea.book(merchant.merchant_id).report(day, balances=balances)
        if not report["clientReports"]:
            return _without_payout(merchant, day)
        if merchant.shuffles_reports:
            self._shuffle(report)
        return Answer(200, report)

    def _shuffle(self, report: dict[str, Any]) -> None:
        chance = self.svea.numbers.random
        chance.shuffle(report["clientReports"])
        for group in report["clientReports"]:
            chance.shuffle(group["rows"])


def _must_have_access(merchant: Merchant) -> None:
    if merchant.reports_access is ReportsAccess.UNAUTHORIZED:
        raise unauthorized("Reports are not activated")
    if merchant.reports_access is ReportsAccess.FORBIDDEN:
        raise Refused(403, 40301, "Reports", "Reports are not activated for this merchant")


def _without_payout(merchant: Merchant, day: date) -> Answer:
    how = merchant.day_without_payout
    if how is DayWithoutPayout.NOT_FOUND:
        raise unknown("Report", day)
    if how is DayWithoutPayout.NO_CONTENT:
        return Answer(204)
    empty: dict[str, Any] = {} if how is DayWithoutPayout.MISSING else {"clientReports": []}
    return Answer(200, {"totalNrOfRows": 0, **empty})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid("date", "date must be yyyy-MM-dd", 30120) from error
