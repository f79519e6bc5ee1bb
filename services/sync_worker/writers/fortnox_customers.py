"""Customers in Fortnox: found exactly and within type, else created; kept as the last sale says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.sync_worker.booking import Numbers, Written
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.encode import clean_text
from shared.clients.fortnox.wire import FortnoxCustomerHead
from shared.domain.documents import CustomerDraft
from shared.domain.parties import digits, folded, same_text
from shared.ledger.ledger import Ledger
from shared.ledger.records import CustomerRow

REGISTER_IS_FRESH_FOR = timedelta(seconds=30)
OVERLAP = timedelta(minutes=5)
TYPES = {"private": "PRIVATE", "company": "COMPANY"}


@dataclass
class CustomerWriter:
    """``find`` reads our copy of the merchant's register, brought up to date by one call; without a
    copy it searches at Fortnox."""

    client: FortnoxClient
    ledger: Ledger
    connection: str
    clock: Callable[[], datetime]
    may_exist: bool = True
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True

    async def find(self, draft: CustomerDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        if draft.number is not None:
            return draft.number
        for candidate in await self._candidates(draft, in_doubt=in_doubt):
            if _could_be(draft, candidate) and await self._is(draft, candidate.number):
                return candidate.number
        return None

    async def _candidates(self, draft: CustomerDraft, *, in_doubt: bool) -> Sequence[CustomerRow]:
        """A customer that a crash left behind is younger than our copy, however fresh that is."""
        synced_at = await self.ledger.customers.synced_at(self.connection)
        if synced_at is None:
            return await self._search(draft)
        if in_doubt or self.clock() - synced_at > REGISTER_IS_FRESH_FOR:
            await refresh_register(self.client, self.ledger, self.connection, self.clock())
        return await self.ledger.customers.candidates(
            self.connection, organisation_number=draft.organisation_number or None, email=draft.email or None
        )

    async def _search(self, draft: CustomerDraft) -> Sequence[CustomerRow]:
        if draft.organisation_number:
            found = await self.client.find_customers(organisationnumber=draft.organisation_number)
        elif draft.email:
            found = await self.client.find_customers(email=draft.email)
        else:
            found = []
        return [to_register(head) for head in found]

    async def _is(self, draft: CustomerDraft, number: str) -> bool:
        """Of the same type and active, and not the customer of somebody else of ours."""
        linked = await self.ledger.links.by_number(self.connection, "fortnox", "customer", number)
        if linked is not None and linked.reference != draft.ref:
            return False
        customer = await self.client.customer(number)
        return customer is not None and customer.active and customer.kind == TYPES[draft.party]

    async def create(self, draft: CustomerDraft, numbers: Numbers) -> Written:
        customer = await self.client.create_customer(_payload(draft))
        await self.ledger.customers.upsert_many(self.connection, [to_register(customer)])
        return Written(customer.number, customer)

    async def update(
        self, draft: CustomerDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        if draft.number is not None:
            return Written(number)  # a collective customer is the merchant's own
        payload = {name: value for name, value in _payload(draft).items() if name != "Type"}
        return Written(number, await self.client.update_customer(number, payload))

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("a sale never removes a customer")

    async def compare(self, draft: CustomerDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: CustomerDraft, number: str) -> None:
        """A customer has no final state."""


async def refresh_register(client: FortnoxClient, ledger: Ledger, connection: str, now: datetime) -> int:
    """Bring our copy of the register up to date; the first time reads all pages. Returns how many rows."""
    since = await ledger.customers.synced_at(connection)
    batch: list[CustomerRow] = []
    count = 0
    async for head in client.customers_changed_since(since - OVERLAP if since else None):
        batch.append(to_register(head))
        if len(batch) == 500:
            await ledger.customers.upsert_many(connection, batch)
            count, batch = count + len(batch), []
    await ledger.customers.upsert_many(connection, batch)
    await ledger.customers.set_synced_at(connection, now)
    return count + len(batch)


def to_register(head: FortnoxCustomerHead) -> CustomerRow:
    return CustomerRow(
        number=head.number, name=head.name, email=head.email, organisation_number=head.organisation_number
    )


def _could_be(draft: CustomerDraft, candidate: CustomerRow) -> bool:
    """Organisation number first, then e-mail plus name; exactly, never by substring."""
    if draft.party == "company" and digits(draft.organisation_number):
        return digits(candidate.organisation_number or "") == digits(draft.organisation_number)
    if not draft.email:
        return False
    return folded(candidate.email or "") == folded(draft.email) and same_text(
        candidate.name or "", clean_text(draft.name)
    )


def _payload(draft: CustomerDraft) -> dict[str, Any]:
    billing, delivery = draft.billing, draft.delivery
    return {
        "Name": draft.name,
        "Type": TYPES[draft.party],
        "Email": draft.email,
        "EmailInvoice": draft.email,
        "Phone1": draft.phone,
        "OrganisationNumber": draft.organisation_number or None,
        "Address1": billing.street,
        "Address2": billing.street2,
        "ZipCode": billing.postal_code,
        "City": billing.city,
        "CountryCode": billing.country or None,
        **({} if delivery is None else _delivery(draft)),
        "Currency": draft.currency,
        "VATType": draft.vat_type,
        "VATNumber": draft.vat_number or None,
        "TermsOfPayment": draft.terms_of_payment,
        "ShowPriceVATIncluded": draft.party == "private",
    }


def _delivery(draft: CustomerDraft) -> dict[str, Any]:
    address = draft.delivery or draft.billing
    return {
        "DeliveryName": address.name,
        "DeliveryAddress1": address.street,
        "DeliveryAddress2": address.street2,
        "DeliveryZipCode": address.postal_code,
        "DeliveryCity": address.city,
        "DeliveryCountryCode": address.country or None,
    }
