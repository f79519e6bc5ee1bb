"""Accounts in the shop: they are made there only, and told what the merchant lets Fortnox decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.sync_worker.booking import Numbers, Vanished, Written
from shared.clients.magento.client_customers import CustomerCalls
from shared.domain.customers import Card, ShopCustomerDraft
from shared.domain.parties import Address

NO_REGION = {"region_code": None, "region": None, "region_id": 0}
Json = dict[str, Any]


@dataclass
class ShopCustomerWriter:
    client: CustomerCalls
    may_exist: bool = True
    revisable: bool = True
    kept_open: bool = False
    done_when_made: bool = True

    async def find(self, draft: ShopCustomerDraft, numbers: Numbers, *, in_doubt: bool = False) -> str | None:
        """The account was read a moment ago, or there would be no draft of it."""
        return draft.number

    async def create(self, draft: ShopCustomerDraft, numbers: Numbers) -> Written:
        raise NotImplementedError("accounts are made in the shop")

    async def update(
        self, draft: ShopCustomerDraft, number: str, numbers: Numbers, before: Mapping[str, Any]
    ) -> Written:
        """One read and one write, for what the shop does not show yet; else nothing.

        Raises Vanished when the shop has deleted the account meanwhile.
        """
        if not draft.writes:
            return Written(number)
        told = await self.client.update_customer(int(number), lambda found: changes_to(found, draft))
        if told is None:
            raise Vanished
        return Written(number, told)

    async def cancel(self, number: str) -> None:
        """The shop has deleted it; there is nothing to tell."""

    async def compare(self, draft: ShopCustomerDraft, written: Written, numbers: Numbers) -> Sequence[str]:
        return ()

    async def finalise(self, draft: ShopCustomerDraft, number: str) -> None:
        """An account has no final state."""


def changes_to(found: Mapping[str, Any], draft: ShopCustomerDraft) -> Json:
    """The members to write, with Magento's names: the list of addresses is the whole list or is left out."""
    card, parts = draft.card, draft.writes
    book = _AddressBook(found)
    changes: Json = {}
    if "email" in parts:
        changes["email"] = card.email
    if "vat_number" in parts:
        changes |= book.with_vat_number(card.vat_number)
    if "billing" in parts:
        book.bill_to(card)
    if "phone" in parts:
        book.reached_at(card.phone)
    if "delivery" in parts:
        book.deliver_to(card)
    return changes | ({"addresses": book.addresses} if book.changed else {})


class _AddressBook:
    """The addresses of an account as Magento shows them, changed in place."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._account = found
        self.addresses: list[Json] = [dict(one) for one in found.get("addresses") or ()]
        self.changed = False

    def bill_to(self, card: Card) -> None:
        billing = self._default("billing")
        if billing is None:
            billing = self._added(card, default_billing=True)
            if self._default("shipping") is None:
                billing["default_shipping"] = True
        self._place(billing, card.billing)

    def deliver_to(self, card: Card) -> None:
        """An address of its own, unless goods go where the bill goes."""
        billing, shipping = self._default("billing"), self._default("shipping")
        self.changed = True
        if card.delivery is None:
            if billing is not None and billing is not shipping:
                billing["default_shipping"] = True
                if shipping is not None:
                    shipping["default_shipping"] = False
            return
        if shipping is None or shipping is billing:
            if billing is not None:
                billing["default_shipping"] = False
            shipping = self._added(card, default_shipping=True)
        self._place(shipping, card.delivery)

    def reached_at(self, phone: str) -> None:
        billing = self._default("billing")
        if billing is not None:
            billing["telephone"] = phone
            self.changed = True

    def with_vat_number(self, vat_number: str) -> Json:
        """Where the shop keeps it: on the billing address if there is one there, and on the account."""
        billing = self._default("billing")
        if billing is not None and billing.get("vat_id"):
            billing["vat_id"] = vat_number
            self.changed = True
        return {"taxvat": vat_number}

    def _default(self, use: str) -> Json | None:
        named = str(self._account.get(f"default_{use}") or "")
        return next(
            (
                one
                for one in self.addresses
                if one.get(f"default_{use}", str(one.get("id")) == named and bool(named))
            ),
            None,
        )

    def _added(self, card: Card, **use: bool) -> Json:
        """Magento wants a name and a telephone number on every address."""
        like = self._default("billing") or {}
        added: Json = {
            "firstname": like.get("firstname") or self._account.get("firstname"),
            "lastname": like.get("lastname") or self._account.get("lastname"),
            "telephone": like.get("telephone") or card.phone,
            **({"company": card.name} if card.party == "company" else {}),
            **use,
        }
        self.addresses.append(added)
        return added

    def _place(self, address: Json, place: Address) -> None:
        """A region belongs to a country: it goes with the old one."""
        if address.get("country_id") != place.country:
            address |= {"region": NO_REGION, "region_id": 0}
        address |= {
            "street": [line for line in (place.street, place.street2) if line],
            "postcode": place.postal_code,
            "city": place.city,
            "country_id": place.country,
        }
        self.changed = True
