"""One row per job: what, how often, and in which time zone a connection counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim

from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class Job:
    """``cron`` is in the connection's time zone; a connection's ``schedule`` replaces it.

    ``chore`` is the kind of subject that a worker does it as, where it has another name than the job.
    ``needs_shop``: a connection without one has nothing to do at its ticks. ``lane`` is the chore's.
    """

    name: str
    cron: str
    says: str
    needs_shop: bool = False
    chore: str = ""
    lane: str = "bulk"
    takes_date: bool = False  # a person may ask for it for another day

    @property
    def kind(self) -> str:
        return self.chore or self.name


TIMETABLE = (
    Job(
        "svea_open_sales",
        "*/15 * * * *",
        "Read open and pending Svea sales again: a webhook may be lost.",
        lane="settle",
    ),
    Job(
        "svea_recent_sales",
        "20 */6 * * *",
        "Read the sales of the last months again: a credit may be missed.",
        lane="settle",
    ),
    Job(
        "shop_orders",
        "3-59/5 * * * *",
        "Look for orders that changed in the shop: a notice may be lost.",
        needs_shop=True,
    ),
    Job(
        "shop_documents",
        "9-59/15 * * * *",
        "Look for invoices that were booked or paid, and for credit invoices of people, to tell the shop.",
        needs_shop=True,
    ),
    Job(
        "shop_documents_full",
        "10 3 * * *",
        "Look at all invoices and credit invoices of the last weeks: a change may be missed.",
        needs_shop=True,
    ),
    Job("customer_register", "*/10 * * * *", "Bring our copy of Fortnox' customers up to date."),
    Job(
        "customers",
        "7-59/15 * * * *",
        "Look at customers that changed in the shop or in Fortnox.",
        needs_shop=True,
    ),
    Job(
        "customers_full",
        "30 2 * * *",
        "Compare every account in the shop: changed addresses are not told.",
        needs_shop=True,
    ),
    Job(
        "products",
        "11-59/15 * * * *",
        "Look for products that changed in the shop; at first, at all of them.",
        needs_shop=True,
    ),
    Job(
        "products_full",
        "30 3 * * 0",
        "Look at every product: new prices and deleted products are not told.",
        needs_shop=True,
    ),
    Job(
        "prices",
        "30 4 * * *",
        "Compare the shop's prices with Fortnox' price lists, where these own them.",
        needs_shop=True,
    ),
    Job(
        "currency_rates",
        "30 13 * * *",
        "Compare the shop's currency rates with Fortnox', and write what differs.",
        needs_shop=True,
    ),
    Job(
        "stock",
        "*/15 * * * *",
        "Tell the shop of stock that changed in Fortnox.",
        needs_shop=True,
        chore="stock_sweep",
    ),
    Job("stock_full", "10 3 * * *", "Compare the stock of every article with the shop's.", needs_shop=True),
    Job(
        "payouts",
        "0 23 * * *",
        "Read Svea's payouts of the day and of the last seven, and book them.",
        takes_date=True,
    ),
    Job("preflight", "20 5 * * *", "Check that Fortnox, Svea and the shop are as the sales need them."),
    Job("svea_subscriptions", "10 4 * * *", "See to it that Svea calls us for every event."),
    Job(
        "completeness",
        "45 1 * * *",
        "Ask Svea whether every delivery and credit has its document.",
        takes_date=True,
    ),
    Job("tie_out", "50 4 * * *", "Ask Fortnox for the clearing accounts and for what is open, to compare."),
    Job(
        "vat_tie_out",
        "10 5 * * *",
        "Ask Fortnox for the year's vouchers, to compare their VAT with ours.",
        takes_date=True,
    ),
    Job(
        "mask_old_payloads",
        "40 3 * * *",
        "Mask webhook bodies and exchanges that have been kept long enough.",
    ),
)

JOBS = {job.name: job for job in TIMETABLE}

# A tick that was missed is looked for behind ever longer times, since most are found in the first.
LOOK_BACKS = (timedelta(hours=2), timedelta(days=2), timedelta(days=8), timedelta(days=32))


def latest_tick(job: Job, connection: ConnectionDeclaration, *, now: datetime) -> datetime | None:
    """The last one that has passed, in UTC: of what was missed, one is done. None before there was any."""
    for back in LOOK_BACKS:
        found = None
        for tick in _ticks(job, connection, after=now - back):
            if tick > now:
                break
            found = tick
        if found is not None:
            return found
    return None


def next_tick(job: Job, connection: ConnectionDeclaration, *, now: datetime) -> datetime:
    """When the job's line says that it runs next, in UTC."""
    return next(_ticks(job, connection, after=now))


def _ticks(job: Job, connection: ConnectionDeclaration, *, after: datetime) -> Iterator[datetime]:
    """As UTC, in which they are compared: in its own zone, an hour that comes twice in a night of October
    is one, and the ticks of its second half would be late by an hour.

    A line with a fixed hour runs once in such a night, and at once when its hour is left out in March.
    """
    line = connection.schedule.get(job.name, job.cron)
    for tick in CronSim(line, after.astimezone(connection.zone)):
        yield tick.astimezone(UTC)
