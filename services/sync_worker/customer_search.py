"""Who in the merchant's Fortnox this customer already is: exactly, within type, never by a part of a text.

Reads our copy of the register, brought up to date by one call; without a copy it searches at Fortnox.
Fortnox has no search by VAT number: those who share an e-mail address are looked at, and those whose
VAT number stands as organisation number.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.encode import clean_text
from shared.clients.fortnox.wire import FortnoxCustomer, FortnoxCustomerHead
from shared.domain.customers import bare_organisation_number, bare_vat_number, organisation_number_in
from shared.domain.parties import PartyKind, folded, same_text
from shared.ledger.customers import organisation_key
from shared.ledger.ledger import Ledger
from shared.ledger.records import CustomerRow

REGISTER_IS_FRESH_FOR = timedelta(seconds=30)
OVERLAP = timedelta(minutes=5)
ROWS_PER_WRITE = 500
TYPES = {"private": "PRIVATE", "company": "COMPANY"}


@dataclass(frozen=True)
class Sought:
    """What is known of a customer that may be there; ``reference`` is ours for it."""

    reference: str
    party: PartyKind
    name: str
    email: str = ""
    organisation_number: str = ""
    vat_number: str = ""

    @property
    def company_number(self) -> str:
        """Bare; empty for a person, whose number we do not use."""
        if self.party == "private":
            return ""
        return bare_organisation_number(self.organisation_number) or organisation_number_in(self.vat_number)


@dataclass(frozen=True)
class CustomerSearch:
    client: FortnoxClient
    ledger: Ledger
    connection: str
    clock: Callable[[], datetime]

    async def find(self, sought: Sought, *, in_doubt: bool = False) -> FortnoxCustomer | None:
        """By organisation number, then VAT number, then e-mail plus name; None if nobody is exactly this.

        ``in_doubt``: a crash may have left one behind that is younger than our copy, however fresh it is.
        """
        looked_at: dict[str, FortnoxCustomer | None] = {}
        at_fortnox = await self._has_no_copy(in_doubt=in_doubt)
        async for candidates, is_it in self._ways(sought, at_fortnox=at_fortnox):
            for number in dict.fromkeys(row.number for row in candidates):
                if number not in looked_at:
                    looked_at[number] = await self._usable(sought, number)
                found = looked_at[number]
                if found is not None and is_it(found):
                    return found
        return None

    async def by_number(self, number: str, reference: str) -> FortnoxCustomer | None:
        """The customer with this number, unless it is another's of ours."""
        return None if await self._is_anothers(number, reference) else await self.client.customer(number)

    async def _ways(
        self, sought: Sought, *, at_fortnox: bool
    ) -> AsyncIterator[tuple[Sequence[CustomerRow], Callable[[FortnoxCustomer], bool]]]:
        """The surest first; a later one is asked for only if those before found nobody."""
        number, vat = sought.company_number, bare_vat_number(sought.vat_number)
        by_email: Sequence[CustomerRow] | None = None
        if number:
            rows = await self._by_organisation(number, at_fortnox)
            yield rows, lambda one: organisation_key(one.organisation_number) == number
        if sought.party == "company" and vat:
            by_email = await self._by_email(sought.email, at_fortnox)
            rows = [*await self._by_organisation(vat, at_fortnox), *by_email]
            yield rows, lambda one: vat in (bare_vat_number(one.vat_number), _as_vat(one))
        if by_email is None:
            by_email = await self._by_email(sought.email, at_fortnox)
        yield _named(by_email, sought), lambda one: _no_other_number(one, number)

    async def _has_no_copy(self, *, in_doubt: bool) -> bool:
        synced_at = await self.ledger.customers.synced_at(self.connection)
        if synced_at is None:
            return True
        if in_doubt or self.clock() - synced_at > REGISTER_IS_FRESH_FOR:
            await refresh_register(self.client, self.ledger, self.connection, self.clock())
        return False

    async def _by_organisation(self, number: str, at_fortnox: bool) -> Sequence[CustomerRow]:
        if not at_fortnox:
            return await self.ledger.customers.candidates(self.connection, organisation_number=number)
        rows: list[CustomerRow] = []
        for written in _ways_to_write(number):
            rows += map(to_register, await self.client.find_customers(organisationnumber=written))
        return [row for row in rows if organisation_key(row.organisation_number) == organisation_key(number)]

    async def _by_email(self, email: str, at_fortnox: bool) -> Sequence[CustomerRow]:
        if not email:
            return []
        if not at_fortnox:
            return await self.ledger.customers.candidates(self.connection, email=email)
        rows = map(to_register, await self.client.find_customers(email=email))
        return [row for row in rows if folded(row.email or "") == folded(email)]

    async def _usable(self, sought: Sought, number: str) -> FortnoxCustomer | None:
        """Of the same type and active, and not the customer of somebody else of ours."""
        if await self._is_anothers(number, sought.reference):
            return None
        customer = await self.client.customer(number)
        usable = customer is not None and customer.active and customer.kind == TYPES[sought.party]
        return customer if usable else None

    async def _is_anothers(self, number: str, reference: str) -> bool:
        linked = await self.ledger.links.by_number(self.connection, "fortnox", "customer", number)
        return linked is not None and linked.reference != reference


async def refresh_register(client: FortnoxClient, ledger: Ledger, connection: str, now: datetime) -> int:
    """Bring our copy of the register up to date; the first time reads all pages. Returns how many rows."""
    since = await ledger.customers.synced_at(connection)
    batch: list[CustomerRow] = []
    count = 0
    async for head in client.customers_changed_since(since - OVERLAP if since else None):
        batch.append(to_register(head))
        if len(batch) == ROWS_PER_WRITE:
            await ledger.customers.upsert_many(connection, batch)
            count, batch = count + len(batch), []
    await ledger.customers.upsert_many(connection, batch)
    await ledger.customers.set_synced_at(connection, now)
    return count + len(batch)


def to_register(head: FortnoxCustomerHead) -> CustomerRow:
    return CustomerRow(
        number=head.number, name=head.name, email=head.email, organisation_number=head.organisation_number
    )


def _named(rows: Iterable[CustomerRow], sought: Sought) -> list[CustomerRow]:
    name = clean_text(sought.name)
    return [row for row in rows if same_text(row.name or "", name)]


def _no_other_number(customer: FortnoxCustomer, number: str) -> bool:
    theirs = organisation_key(customer.organisation_number)
    return not number or theirs is None or theirs == number


def _as_vat(customer: FortnoxCustomer) -> str:
    return bare_vat_number(customer.organisation_number)


def _ways_to_write(number: str) -> tuple[str, ...]:
    """Fortnox searches for a part of the text as it is written: 5560360793 is not in 556036-0793."""
    if len(number) == 10 and number.isdigit():
        return f"{number[:6]}-{number[6:]}", number
    return (number,)
