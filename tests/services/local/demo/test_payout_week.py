"""The demo's business week: which days it plays, and the connection it plays them for."""

from datetime import date, timedelta

import pytest
import yaml

from services.local.demo.house import DECLARATION
from services.local.demo.payout_week import DAYS, monday_of, of_the_week
from shared.settings.connections import ConnectionDeclaration

SEVEN_DAYS = timedelta(days=7)  # what the job reads without being asked


@pytest.mark.parametrize("day", [date(2026, 5, 4) + timedelta(days=number) for number in range(7)])
def test_the_week_is_over_and_no_job_reads_it_by_itself(day: date) -> None:
    monday = monday_of(day)

    assert monday.weekday() == 0
    assert monday + timedelta(days=DAYS + 1) < day - SEVEN_DAYS


def test_the_week_has_a_connection_of_its_own() -> None:
    demo = yaml.safe_load(DECLARATION.read_text())

    week = ConnectionDeclaration.model_validate(of_the_week(demo))

    assert week.sync.payouts
    assert week.magento is None
    assert [market.name for market in week.markets] == ["se"]
    assert week.fortnox.tenant_id != demo["fortnox"]["tenant_id"]
    assert week.markets[0].svea.merchant_id not in [one["svea"]["merchant_id"] for one in demo["markets"]]
