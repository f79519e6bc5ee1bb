"""One row per job: what, how often, and in which time zone a connection counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronsim import CronSim

from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class Job:
    """``cron`` is in the connection's time zone; a connection's ``schedule`` replaces it."""

    name: str
    cron: str
    says: str


TIMETABLE = (
    Job("svea_open_sales", "*/15 * * * *", "Read open and pending Svea sales again: a webhook may be lost."),
    Job(
        "svea_recent_sales",
        "20 */6 * * *",
        "Read the sales of the last months again: a credit may be missed.",
    ),
    Job("shop_orders", "3-59/5 * * * *", "Look for orders that changed in the shop: a notice may be lost."),
    Job(
        "shop_documents",
        "9-59/15 * * * *",
        "Look for invoices that were booked or paid, and for credit invoices of people, to tell the shop.",
    ),
    Job(
        "shop_documents_full",
        "10 3 * * *",
        "Look at all invoices and credit invoices of the last weeks: a change may be missed.",
    ),
    Job("customer_register", "*/10 * * * *", "Bring our copy of Fortnox' customers up to date."),
    Job("customers", "7-59/15 * * * *", "Look at customers that changed in the shop or in Fortnox."),
    Job("customers_full", "30 2 * * *", "Compare every account in the shop: changed addresses are not told."),
    Job(
        "products",
        "11-59/15 * * * *",
        "Look for products that changed in the shop; at first, at all of them.",
    ),
    Job(
        "products_full", "30 3 * * 0", "Look at every product: new prices and deleted products are not told."
    ),
    Job("prices", "30 4 * * *", "Compare the shop's prices with Fortnox' price lists, where these own them."),
    Job(
        "currency_rates",
        "30 13 * * *",
        "Compare the shop's currency rates with Fortnox', and write what differs.",
    ),
    Job("stock", "*/15 * * * *", "Tell the shop of stock that changed in Fortnox."),
    Job("stock_full", "10 3 * * *", "Compare the stock of every article with the shop's."),
    Job("payouts", "0 23 * * *", "Read Svea's payouts of the day and of the last seven, and book them."),
    Job("preflight", "20 5 * * *", "Check that Fortnox, Svea and the shop are as the sales need them."),
    Job("svea_subscriptions", "10 4 * * *", "See to it that Svea calls us for every event."),
    Job("completeness", "45 1 * * *", "Ask Svea whether every delivery and credit has its document."),
    Job("tie_out", "50 4 * * *", "Ask Fortnox for the clearing accounts and for what is open, to compare."),
    Job(
        "mask_old_payloads",
        "40 3 * * *",
        "Mask webhook bodies and exchanges that have been kept long enough.",
    ),
)

LOOK_BACK = timedelta(days=2)


def slots_due(job: Job, connection: ConnectionDeclaration, *, now: datetime) -> Iterator[datetime]:
    """The latest tick that has passed and not more: what was missed is done once."""
    line = connection.schedule.get(job.name, job.cron)
    local = now.astimezone(connection.zone)
    ticks = CronSim(line, local - LOOK_BACK)
    latest = None
    for tick in ticks:
        if tick > local:
            break
        latest = tick
    if latest is not None:
        yield latest.astimezone(UTC)


def next_tick(job: Job, connection: ConnectionDeclaration, *, now: datetime) -> datetime:
    """When the job's line says that it runs next, in UTC."""
    line = connection.schedule.get(job.name, job.cron)
    return next(iter(CronSim(line, now.astimezone(connection.zone)))).astimezone(UTC)
