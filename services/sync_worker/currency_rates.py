"""The daily look at the shop's currency rates: an event for the subject that holds all of them."""

from services.sync_worker.workshop import Workshop
from shared.domain.outcomes import Done
from shared.ledger.ids import subject_id
from shared.ledger.records import IncomingEvent, RunItem, Subject

KIND = "currency_rate"


async def currency_rates(shop: Workshop, subject: Subject) -> Done:
    """A run that a person asked for ends with the subject: its line waits for it."""
    connection = subject.connection
    line = RunItem(KIND, "new", "The rates are looked at.", subject_id(connection, KIND, connection))
    for run in await shop.ledger.runs.jobs(connection, subject.kind):
        await shop.ledger.runs.add_items(run.id, [line])
    event = IncomingEvent(
        connection=connection,
        source="schedule",
        name="currency_rates",
        dedupe_key=f"{KIND}|{subject.wanted}",
        subject_kind=KIND,
        subject_key=connection,
        lane="bulk",
    )
    accepted = await shop.ledger.inbox.accept([event])
    await shop.queue.wake([one.subject for one in accepted if one.subject is not None])
    return Done(notes=("the shop's rates are looked at",))
