"""What the tests let other processes do to the same ledger: `python -m ... <deed> <url> ...`."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from shared.ledger.group_commit import GroupCommit
from shared.ledger.ledger import Ledger
from shared.ledger.records import Wake
from tests.shared.ledger.builders import LEASE, an_event, an_open_ledger


def say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def duplicates(ledger: Ledger, count: int) -> None:
    """Sends the same event many times; says how often it was new."""
    accepted = await asyncio.gather(*(ledger.inbox.accept([an_event()]) for _ in range(count)))
    say(sum(not one.duplicate for (one,) in accepted))


async def intake(ledger: Ledger, name: str) -> None:
    """Sends events without end and says the number of each once it is acknowledged."""
    commits = GroupCommit(ledger, nobody)
    await commits.start()

    async def send(caller: int) -> None:
        number = caller
        while True:
            await commits.accept(an_event(f"{name}{number}"))
            say(number)
            number += 16

    await asyncio.gather(*(send(caller) for caller in range(16)))


async def nobody(_: Sequence[Wake]) -> None:
    return


async def churn(ledger: Ledger, name: str, rounds: int) -> None:
    """Takes leases, links documents and finishes, as a worker does; says how many it did."""
    for number in range(rounds):
        (accepted,) = await ledger.inbox.accept([an_event(f"{name}{number}")])
        assert accepted.subject is not None
        lease = await ledger.subjects.lease(accepted.subject.subject_id, name, lease_for=LEASE)
        assert lease is not None
        intent = await ledger.links.intend(
            lease, system="fortnox", kind="order", reference=f"{name}{number}", draft={}, content_hash=""
        )
        await ledger.links.created(lease, intent.link, f"{name}{number}")
        await ledger.subjects.finish(lease, state="done", settled=True)
    say(rounds)


async def lease(ledger: Ledger, subject_id: str) -> None:
    """Tries once to lease; says whether it did."""
    say(await ledger.subjects.lease(subject_id, str(os.getpid()), lease_for=LEASE) is not None)


async def main(deed: str, url: str, *more: str) -> None:
    ledger = await an_open_ledger(url)
    if deed == "duplicates":
        await duplicates(ledger, int(more[0]))
    elif deed == "intake":
        await intake(ledger, more[0])
    elif deed == "churn":
        await churn(ledger, more[0], int(more[1]))
    elif deed == "lease":
        await lease(ledger, more[0])
    else:
        raise SystemExit(f"no such deed: {deed}")
    await ledger.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
