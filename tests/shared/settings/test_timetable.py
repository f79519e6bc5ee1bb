"""The timetable: when a job's ticks are, in any zone, in nights with 23 and 25 hours, and after a pause."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from shared.settings.connections import ConnectionDeclaration
from shared.settings.timetable import JOBS, TIMETABLE, Job, latest_tick, next_tick
from tests.support.paths import REPOSITORY
from tests.support.world import a_declaration

PAYOUTS = JOBS["payouts"]  # 23:00
MARCH, OCTOBER = datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 21, tzinfo=UTC)


def declared(**changes: Any) -> ConnectionDeclaration:
    return ConnectionDeclaration.model_validate(a_declaration(**changes))


def a_job(line: str) -> Job:
    return Job("payouts", line, "A job.")


def latest(job: Job, now: str, **changes: Any) -> str:
    found = latest_tick(job, declared(**changes), now=datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found is not None
    return f"{found:%m-%d %H:%M}"


def ticks(job: Job, begin: datetime, hours: int) -> list[str]:
    """What a scheduler that looks every five minutes would take, as local time with its offset."""
    settings = declared()
    found: list[datetime] = []
    for minute in range(0, hours * 60 + 1, 5):
        tick = latest_tick(job, settings, now=begin + timedelta(minutes=minute, seconds=7))
        if tick is not None and begin <= tick < begin + timedelta(hours=hours) and tick not in found:
            found.append(tick)
    return [f"{tick.astimezone(settings.zone):%H:%M%z}" for tick in found]


# ── zones and lines ───────────────────────────────────────────────────────────────────────────────


def test_a_tick_is_in_the_connections_own_time_zone_summer_and_winter() -> None:
    assert latest(PAYOUTS, "2026-07-01T21:00") == "07-01 21:00"
    assert latest(PAYOUTS, "2026-12-01T22:00") == "12-01 22:00"
    assert latest(PAYOUTS, "2026-07-01T15:30", time_zone="Asia/Tokyo") == "07-01 14:00"


def test_a_connection_may_have_a_timetable_of_its_own() -> None:
    assert latest(PAYOUTS, "2026-07-01T21:00", schedule={"payouts": "30 20 * * *"}) == "07-01 18:30"


@pytest.mark.parametrize("job", TIMETABLE, ids=lambda job: str(job.name))
def test_every_job_has_a_line_of_its_own_that_another_replaces(job: Job) -> None:
    now = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)
    plain, replaced = declared(), declared(schedule={job.name: "30 13 * * *"})

    assert next_tick(job, plain, now=now) > now
    assert latest_tick(job, plain, now=now) is not None
    assert latest_tick(job, replaced, now=now) == datetime(2026, 5, 4, 11, 30, tzinfo=UTC)
    assert next_tick(job, replaced, now=now) == datetime(2026, 5, 5, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "says"),
    [
        ({"coffee": "0 9 * * *"}, "there is no job coffee; jobs: completeness, "),
        ({"payouts": "0 25 * * *"}, "is not a cron line"),
        ({"payouts": "0 0 31 2 *"}, "is not a cron line"),
        ({"payouts": ""}, "is not a cron line"),
    ],
)
def test_a_schedule_that_can_never_be_is_refused(schedule: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        declared(schedule=schedule)


def test_the_names_that_others_rely_on_are_jobs() -> None:
    assert {"payouts", "stock", "products", "customers", "currency_rates", "completeness"} <= JOBS.keys()


# ── what was missed ───────────────────────────────────────────────────────────────────────────────


def test_of_what_was_missed_only_the_latest_tick_is_due() -> None:
    assert latest(PAYOUTS, "2026-07-03T20:00") == "07-02 21:00"
    assert latest(a_job("*/5 * * * *"), "2026-07-03T20:04") == "07-03 20:00"


def test_a_weekly_tick_is_found_after_days_and_a_monthly_after_weeks() -> None:
    """Sunday 03:30, looked for on Saturday: the house was down for the week."""
    assert latest(JOBS["products_full"], "2026-07-11T20:00") == "07-05 01:30"
    assert latest(a_job("0 6 1 * *"), "2026-07-30T20:00") == "07-01 04:00"


def test_before_there_was_any_tick_nothing_is_due() -> None:
    settings = declared(schedule={"payouts": "0 0 29 2 *"})

    assert latest_tick(PAYOUTS, settings, now=datetime(2026, 7, 1, tzinfo=UTC)) is None
    assert next_tick(PAYOUTS, settings, now=datetime(2026, 7, 1, tzinfo=UTC)).year == 2028


# ── nights with 23 and 25 hours ───────────────────────────────────────────────────────────────────


def test_in_march_a_job_of_the_hour_that_is_left_out_runs_at_once() -> None:
    assert ticks(a_job("30 2 * * *"), MARCH, 8) == ["03:00+0200"]
    assert ticks(a_job("30 3 * * *"), MARCH, 8) == ["03:30+0200"]


def test_in_october_a_job_of_the_hour_that_comes_twice_runs_once() -> None:
    assert ticks(a_job("30 2 * * *"), OCTOBER, 8) == ["02:30+0200"]
    assert ticks(a_job("45 1 * * *"), OCTOBER, 8) == ["01:45+0200"]


def test_a_job_of_every_quarter_goes_on_through_both_nights() -> None:
    """In October the hour between two and three comes twice, and has eight ticks."""
    quarters = a_job("*/15 * * * *")

    in_march, in_october = ticks(quarters, MARCH, 8), ticks(quarters, OCTOBER, 8)

    assert (len(in_march), len(in_october)) == (32, 32)
    assert [tick for tick in in_march if tick.startswith("02")] == []
    assert [tick for tick in in_october if tick.startswith("02")] == [
        f"02:{minute:02}{offset}" for offset in ("+0200", "+0100") for minute in (0, 15, 30, 45)
    ]


@pytest.mark.parametrize("begin", [MARCH, OCTOBER])
@pytest.mark.parametrize("job", TIMETABLE, ids=lambda job: str(job.name))
def test_no_job_is_late_left_out_or_doubled_in_such_a_night(job: Job, begin: datetime) -> None:
    """What is taken by looking again and again is what the line says of the night; next and latest agree."""
    settings = declared()
    said: list[str] = []
    tick = next_tick(job, settings, now=begin - timedelta(seconds=1))
    while tick < begin + timedelta(hours=8):
        said.append(f"{tick.astimezone(settings.zone):%H:%M%z}")
        tick = next_tick(job, settings, now=tick)

    assert ticks(job, begin, 8) == said


# ── as it is told ─────────────────────────────────────────────────────────────────────────────────


def test_the_page_of_the_timetable_has_every_job_with_its_line() -> None:
    page = (REPOSITORY / "docs" / "timetable.md").read_text()
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {row[1].strip(" `"): row[2].strip(" `") for row in rows}

    assert told == {job.name: job.cron for job in TIMETABLE}
