"""How long the listener waits for what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Pace:
    """The defaults are those of the product; tests are less patient."""

    settle: timedelta = timedelta(seconds=2)
    """So long an event waits for the ledger to know what we ourselves have just written."""
    running: timedelta = timedelta(seconds=20)
    """So long it waits, at most, for a run of its subject to end: what that wrote is known then."""
    look: timedelta = timedelta(milliseconds=200)
    """How often events that have waited long enough are taken up."""
    members: timedelta = timedelta(seconds=2)
    """How often we look whether connections were added, changed or removed."""
    tokens: timedelta = timedelta(seconds=60)
    """How often tokens are looked at, and tenants tried again that were refused."""
    save: timedelta = timedelta(seconds=60)
    """How often the positions of all tenants are kept; of those with events it is done at once."""
    first_back_off: timedelta = timedelta(seconds=1)
    longest_back_off: timedelta = timedelta(seconds=60)
    proven: timedelta = timedelta(seconds=30)
    """A connection that lived so long begins again with the first back-off."""


DEFAULT_PACE = Pace()
