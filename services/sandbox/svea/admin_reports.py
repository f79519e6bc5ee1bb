"""Payment Admin: the payout report of one day (svea.md 5.1). A day without a stored one is empty."""

from __future__ import annotations

from datetime import date

from services.sandbox.svea.edge import Answer, Call
from services.sandbox.svea.refusals import invalid
from services.sandbox.svea.stand_in import SandboxSvea


class ReportsApi:
    def __init__(self, svea: SandboxSvea) -> None:
        self.svea = svea

    async def read(self, call: Call) -> Answer:
        query = call.request.query_params
        if query.get("includeWithholding", "false").lower() not in ("true", "false"):
            raise invalid("includeWithholding", "includeWithholding must be true or false", 30121)
        day = _day(query.get("date", ""))
        stored = self.svea.reports.get((call.merchant.merchant_id, day))
        if stored is not None:
            return Answer(200, stored)
        return Answer(200, {"totalNrOfRows": 0, "clientReports": []})


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid("date", "date must be yyyy-MM-dd", 30120) from error
