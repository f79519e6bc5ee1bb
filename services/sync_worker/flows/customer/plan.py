"""A shop's customer account -> its customer in Fortnox, and back what Fortnox may decide.

Starts   the shop's webhook, the sweeps over both systems, or a full load.
Keeps    name, contact, addresses, numbers, price list, terms and VAT type of one Fortnox customer; in the
         shop the parts that the merchant lets Fortnox change.
Meets    a sale of the same person in one reference, so whoever comes first makes the customer.
Repeats  safe: what both sides show already is not written; an echo of our own write plans nothing.
"""

import hashlib
import json
from typing import Literal

from services.sync_worker.flows.customer.merge import merged
from services.sync_worker.flows.customer.observed import Account, ObservedCustomer
from shared.domain.customers import (
    CUSTOMER_NAME,
    Card,
    KeptCustomerDraft,
    Part,
    ShopCustomerDraft,
    card_from,
    known_as,
)
from shared.domain.documents import Plan, to_plain
from shared.domain.outcomes import Advice, Skipped
from shared.domain.parties import VatType
from shared.domain.vat.territories import territory_of
from shared.settings.customers import CustomerGroup, CustomerSettings


def plan(seen: ObservedCustomer) -> Plan | Skipped:
    if not seen.settings.sync.customers:
        return Skipped("customers are switched off for this connection")
    if seen.settings.magento is None:
        return Skipped("the connection has no shop")
    account = seen.account
    if account is None:
        return _gone(seen)
    if seen.settings.customers.accounts == "buyers" and not seen.is_in_fortnox:
        return Skipped("the account has not bought anything, and only buyers become customers")
    if seen.keeper:
        return _shared(seen, account)
    card, writes = merged(account.card, seen.fortnox, seen.agreed, seen.settings.customers)
    customer = _customer(seen, account, card)
    shop = _shop_customer(seen, account, card, writes)
    return Plan(drafts=(customer, shop), names=_names(seen, account.card, card))


def fingerprint(account: Account, settings: CustomerSettings) -> str:
    """Changes when the account says something else, or when we would make something else of it."""
    told = {
        "card": to_plain(account.card),
        "group": [account.group_id, account.group],
        "settings": settings.model_dump(mode="json"),
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _gone(seen: ObservedCustomer) -> Plan | Skipped:
    """The customer in Fortnox stays: its documents need it. Another account may keep it from now on."""
    if seen.own is None or seen.own.state == "cancelled":
        return Skipped(f"the shop has no customer {seen.customer_id}")
    card = card_from(seen.own.draft["card"])
    return Plan(
        drafts=(
            ShopCustomerDraft(
                ref=seen.name,
                number=str(seen.customer_id),
                parent=str(seen.own.draft["parent"]),
                card=card,
                cancelled=True,
            ),
        ),
        explanations=("the shop has deleted the account; the customer in Fortnox stays as it is",),
    )


def _shared(seen: ObservedCustomer, account: Account) -> Plan:
    """Several accounts of one company, or of one person on several websites: one of them keeps the card."""
    said = f"the customer in Fortnox is kept as the shop's customer {seen.keeper.removeprefix('SHOP-')} says"
    return Plan(
        drafts=(_shop_customer(seen, account, account.card, ()),),
        advice=(Advice("kept_by_another_account", said),),
        names=_names(seen, account.card),
    )


def _customer(seen: ObservedCustomer, account: Account, card: Card) -> KeptCustomerDraft:
    settings = seen.settings.customers
    line = settings.group(account.group, account.group_id)
    return KeptCustomerDraft(
        ref=seen.reference,
        party=card.party,
        name=card.name,
        email=card.email,
        phone=card.phone,
        organisation_number=card.organisation_number,
        billing=card.billing,
        delivery=card.delivery,
        delivery_phone=card.delivery_phone,
        currency="",
        vat_type=_vat_type(seen, card, line),
        vat_number=card.vat_number,
        contact=card.contact,
        keeper=seen.name,
        found=seen.found,
        terms_of_payment=_chosen(seen, line, "terms_of_payment"),
        price_list=_chosen(seen, line, "price_list"),
    )


def _chosen(
    seen: ObservedCustomer, line: CustomerGroup | None, name: Literal["terms_of_payment", "price_list"]
) -> str | None:
    """What the group says; else a customer that exists keeps what it has, and a new one gets the default."""
    by_group: str | None = getattr(line, name, None)
    if by_group is not None:
        return by_group
    for_new: str | None = getattr(seen.settings.customers, name)
    if seen.customer is not None and seen.customer.number is not None:
        before: str | None = seen.customer.draft.get(name)
        return before
    return None if seen.found else for_new


def _vat_type(seen: ObservedCustomer, card: Card, line: CustomerGroup | None) -> VatType:
    """The group's; else what the last sale said, as long as what decides it is the same; else by country."""
    if line is not None and line.vat_type is not None:
        return line.vat_type
    before, agreed = seen.customer, seen.agreed
    if before is not None and agreed is not None and _decides_vat(agreed) == _decides_vat(card):
        known: VatType = before.draft["vat_type"]
        return known
    return _vat_type_by_country(card, home=seen.settings.company_country)


def _decides_vat(card: Card) -> tuple[str, str, str]:
    return card.party, card.vat_number, card.destination.country


def _vat_type_by_country(card: Card, *, home: str) -> VatType:
    """Only of companies can it be told without a sale: what a person is charged depends on the goods."""
    place = territory_of(card.destination)
    if card.party == "private" or place.country == "" or (place.country == home and not place.part):
        return "SEVAT"
    if place.inside:
        return "EUREVERSEDVAT" if card.vat_number else "SEVAT"
    return "EXPORT"


def _shop_customer(
    seen: ObservedCustomer, account: Account, card: Card, writes: tuple[Part, ...]
) -> ShopCustomerDraft:
    told = int(seen.own.draft.get("telling") or 0) if seen.own is not None else 0
    return ShopCustomerDraft(
        ref=seen.name,
        number=str(seen.customer_id),
        parent=seen.reference,
        card=card,
        writes=writes,
        seen=fingerprint(account, seen.settings.customers),
        telling=told + 1 if writes else told,
    )


def _names(seen: ObservedCustomer, *cards: Card) -> tuple[tuple[str, str], ...]:
    """By these a sale finds the customer, also after the account has changed its e-mail address."""
    names = dict.fromkeys(reference for card in cards for reference in card.references)
    return tuple((CUSTOMER_NAME, known_as(name, seen.name)) for name in names)
