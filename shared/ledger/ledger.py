"""The ledger: everything that must still be known after a crash, in one database."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

from shared.ledger.aliases import Aliases
from shared.ledger.api_keys import ApiKeys
from shared.ledger.audit import Audit
from shared.ledger.booking_days import BookingDays
from shared.ledger.catalogue import CatalogueLinks
from shared.ledger.completeness import Completeness
from shared.ledger.connections import Connections
from shared.ledger.credentials import Credentials
from shared.ledger.cursors import Cursors
from shared.ledger.customers import CustomerRegister
from shared.ledger.database import Database, open_database
from shared.ledger.ecb_rates import EcbRateBook
from shared.ledger.ids import Ids
from shared.ledger.inbox import Inbox
from shared.ledger.links import Links
from shared.ledger.migrate import must_be_at_head, upgrade
from shared.ledger.numbers import Numbers
from shared.ledger.payout_lists import PayoutLists
from shared.ledger.payouts import Payouts
from shared.ledger.preflights import Preflights
from shared.ledger.replies import Replies
from shared.ledger.runs import Runs
from shared.ledger.slots import Slots
from shared.ledger.stock import SalesStock
from shared.ledger.subjects import Subjects
from shared.ledger.tie_out import TieOuts
from shared.ledger.turns import Turns
from shared.ledger.uncounted import UncountedArticles
from shared.ledger.vat_documents import VatDocuments
from shared.ledger.vat_numbers import VatNumbers
from shared.ledger.vat_seen import VatSeenBook
from shared.ledger.vault import Vault

READINESS = ("", "ready.checked_at")  # a cursor of no connection, written to prove that writing works


class Ledger:
    """Rooms of one database; each is usable by many tasks and many processes at once."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], datetime]) -> None:
        ids = Ids(clock)
        self._database = database
        self._clock = clock
        self.inbox = Inbox(database, clock, ids)
        self.subjects = Subjects(database, clock)
        self.links = Links(database, clock, ids)
        self.catalogue = CatalogueLinks(database)
        self.numbers = Numbers(database, clock)
        self.aliases = Aliases(database)
        self.cursors = Cursors(database, clock)
        self.audit = Audit(database, clock, ids)
        self.connections = Connections(database, clock, vault)
        self.credentials = Credentials(database, clock, vault)
        self.runs = Runs(database, clock, ids)
        self.turns = Turns(
            database,
            subjects=self.subjects,
            links=self.links,
            inbox=self.inbox,
            connections=self.connections,
            audit=self.audit,
            runs=self.runs,
        )
        self.slots = Slots(database, clock)
        self.api_keys = ApiKeys(database, clock, ids)
        self.replies = Replies(database, clock)
        self.customers = CustomerRegister(database, clock)
        self.payouts = Payouts(database, clock)
        self.preflights = Preflights(database, clock, ids)
        self.vat_numbers = VatNumbers(database, clock)
        self.payout_lists = PayoutLists(database)
        self.vat_documents = VatDocuments(database)
        self.vat_seen = VatSeenBook(database)
        self.ecb_rates = EcbRateBook(database, clock)
        self.tie_outs = TieOuts(database, clock)
        self.booking_days = BookingDays(database, clock)
        self.completeness = Completeness(database)
        self.sales_stock = SalesStock(database)
        self.uncounted = UncountedArticles(database, clock)

    @classmethod
    async def open(
        cls, url: str, *, keys: Sequence[str], clock: Callable[[], datetime], migrate: bool = False
    ) -> Self:
        """``keys``: Fernet keys, newest first. ``migrate`` (embedded use): bring the schema up to date first.

        Raises ValueError for missing or malformed keys and addresses, SchemaBehind, LedgerUnavailable.
        """
        vault = Vault(keys)
        if migrate:
            await upgrade(url)
        database = open_database(url)
        try:
            await database.read(must_be_at_head)
        except BaseException:
            await database.close()
            raise
        return cls(database, vault, clock)

    async def ready(self) -> None:
        """Raises LedgerUnavailable if the database cannot be written."""
        await self.cursors.set(*READINESS, self._clock().isoformat())

    async def close(self) -> None:
        await self._database.close()
