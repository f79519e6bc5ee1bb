"""Customers in Fortnox: found exactly and within type, else created.

A sale's customer is written as a whole, as the last sale says. One that an account of the shop keeps is
read first, and only what differs is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from services.sync_worker.customer_search import TYPES, CustomerSearch, Sought, to_register
from services.sync_worker.writers.fortnox_customer_changes import card_payload, changes_to
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.fortnox.errors import NotFound
from shared.clients.fortnox.wire import FortnoxCustomer
from shared.domain.customers import KeptCustomerDraft
from shared.domain.documents import CustomerDraft


@dataclass
class CustomerWriter:
    client: FortnoxClient
    search: CustomerSearch
    may_exist: bool = True
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True

    async def find(self, draft: CustomerDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """A kept customer was looked for when it was read; it is looked for again only in doubt."""
        if draft.number is not None:
            return draft.number
        if isinstance(draft, KeptCustomerDraft) and (draft.found is not None or not in_doubt):
            return draft.found
        found = await self.search.find(_sought(draft), in_doubt=in_doubt)
        return found.number if found else None

    async def create(self, draft: CustomerDraft, numbers: Numbers) -> Written:
        return await self._written(await self.client.create_customer(_new(draft)))

    async def update(
        self, draft: CustomerDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        """Raises Vanished when a kept customer is not there any more."""
        if draft.number is not None:
            return Written(number)  # a collective customer is the merchant's own
        if isinstance(draft, KeptCustomerDraft):
            return await self._keep(draft, number, before)
        payload = {name: value for name, value in _new(draft).items() if name != "Type"}
        return Written(number, await self.client.update_customer(number, payload))

    async def _keep(self, draft: KeptCustomerDraft, number: str, before: Mapping[str, Any]) -> Written:
        there = await self.client.customer(number)
        if there is None:
            raise Vanished
        changes = changes_to(there, draft, before)
        if not changes:
            return Written(number, there)
        try:
            return await self._written(await self.client.update_customer(number, changes))
        except NotFound as gone:
            raise Vanished from gone

    async def _written(self, customer: FortnoxCustomer) -> Written:
        """Our copy of the register knows at once, so that the next sale of this buyer finds it."""
        await self.search.ledger.customers.upsert_many(self.search.connection, [to_register(customer)])
        return Written(customer.number, customer)

    async def cancel(self, number: str) -> None:
        raise NotImplementedError("neither a sale nor an account removes a customer")

    async def compare(self, draft: CustomerDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: CustomerDraft, number: str) -> None:
        """A customer has no final state."""


def _sought(draft: CustomerDraft) -> Sought:
    return Sought(
        reference=draft.ref,
        party=draft.party,
        name=draft.name,
        email=draft.email,
        organisation_number=draft.organisation_number,
        vat_number=draft.vat_number,
    )


def _new(draft: CustomerDraft) -> dict[str, Any]:
    return {
        **card_payload(draft),
        "Type": TYPES[draft.party],
        "EmailInvoice": draft.email,
        "Currency": draft.currency or None,
        "VATType": draft.vat_type,
        "TermsOfPayment": draft.terms_of_payment,
        "PriceList": getattr(draft, "price_list", None),
        "ShowPriceVATIncluded": draft.party == "private",
    }
