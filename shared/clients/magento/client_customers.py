"""Customers and their groups, call by call."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from typing import Any

from shared.clients.fields import Fields
from shared.clients.magento.calls import Calls
from shared.clients.magento.errors import NotFound
from shared.clients.magento.search import Filter, changed, is_
from shared.clients.magento.wire_customers import (
    Customer,
    CustomerGroup,
    to_customer,
    to_customer_group,
)

NEEDED_TO_SAVE = ("id", "email", "firstname", "lastname", "website_id")


class CustomerCalls(Calls):
    async def customer(self, customer_id: int) -> Customer | None:
        try:
            return to_customer(await self._get(f"/customers/{customer_id:d}", of="customer"))
        except NotFound:
            return None

    async def customers_with_email(
        self, email: str, *, website_id: int | None = None
    ) -> tuple[Customer, ...]:
        """At most one in each website."""
        groups = [is_("email", email)]
        if website_id is not None:
            groups.append(is_("website_id", website_id))
        walk = self._walk("/customers/search", to_customer, groups, shown_as="id")
        return tuple([found async for found in walk if found.email.casefold() == email.casefold()])

    def customers(
        self,
        *filters: Filter,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
    ) -> AsyncIterator[Customer]:
        """Those saved in a window, by ascending id; a changed address alone does not count as saved."""
        groups = (*((one,) for one in filters), *changed(since, until))
        return self._walk("/customers/search", to_customer, groups, shown_as="id", after=after)

    async def customer_groups(self) -> tuple[CustomerGroup, ...]:
        return await self._all("/customerGroups/search", to_customer_group)

    async def create_customer(self, customer: Mapping[str, Any]) -> Customer:
        """Not safe to repeat; Magento sends the new customer a mail.

        ``customer`` has Magento's names: email, firstname, lastname, website_id, and what else is known.
        Of two that create the same one at once, one is refused, or ends in doubt (500).
        """
        return await self._made("/customers", {"customer": dict(customer)}, to_customer)

    async def update_customer(
        self, customer_id: int, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    ) -> Customer | None:
        """Read, change, write. None when the customer is gone; nothing is written for an empty change.

        ``change`` gets the customer as Magento shows it and gives the members to write. Members that it
        leaves out stay as they are. Lists replace: ``addresses`` is the whole list or is left out.
        """
        path = f"/customers/{customer_id:d}"
        try:
            found = await self._json("GET", path)
        except NotFound:
            return None
        wanted = change(found)
        if not wanted:
            return to_customer(Fields(found, of="customer"))
        whole = {name: found[name] for name in NEEDED_TO_SAVE if name in found} | dict(wanted)
        answer = await self._json("PUT", path, payload={"customer": whole}, idempotent=True)
        return to_customer(Fields(answer, of="customer"))
