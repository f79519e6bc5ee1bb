"""A customer as the shop and Fortnox both know it: what stands on the card, and the names it has for us."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal, get_args

from shared.domain.documents import CustomerDraft, Draft
from shared.domain.parties import Address, PartyKind, digits, folded

Part = Literal["email", "phone", "billing", "delivery", "vat_number"]
Value = str | Address | None
PARTS: tuple[Part, ...] = get_args(Part)
NOWHERE = Address(name="")
CUSTOMER_NAME = "customer_name"  # the kind of name under which a subject is known by a customer's reference

SWEDISH_VAT_NUMBER = re.compile(r"^SE(\d{10})\d{2}$")
WITH_CENTURY = re.compile(r"^(?:16|18|19|20)(\d{10})$")


@dataclass(frozen=True)
class Card:
    """What both systems say of a customer; texts as Fortnox can hold them, so that the two compare.

    ``delivery`` is None when it is the billing address, whose own name is empty: it is ``name``.
    ``contact`` is the person at a company.
    """

    party: PartyKind
    name: str
    email: str = ""
    phone: str = ""
    organisation_number: str = ""
    vat_number: str = ""
    billing: Address = NOWHERE
    delivery: Address | None = None
    delivery_phone: str = ""
    contact: str = ""

    def part(self, part: Part) -> Value:
        value: Value = getattr(self, part)
        return value

    def with_parts(self, values: Mapping[Part, Value]) -> "Card":
        changed: dict[str, Any] = {str(part): value for part, value in values.items()}
        return replace(self, **changed)

    @property
    def destination(self) -> Address:
        return self.delivery or self.billing

    @property
    def references(self) -> tuple[str, ...]:
        """Our references for this customer, the surest first."""
        return references_of(
            self.party,
            name=self.name,
            email=self.email,
            organisation_number=self.organisation_number,
            vat_number=self.vat_number,
            postal_code=self.billing.postal_code,
        )


@dataclass(frozen=True)
class KeptCustomerDraft(CustomerDraft):
    """A customer in Fortnox that is kept as an account in the shop says.

    ``keeper`` is our name of that account: no sale changes the card while the account does.
    ``found`` is the number of a customer that people had made and that we take over.
    """

    keeper: str = ""
    contact: str = ""
    delivery_phone: str = ""
    price_list: str | None = None
    found: str | None = None

    @property
    def keeps(self) -> bool:
        return True

    def material(self) -> Mapping[str, Any]:
        plain = dict(super().material())
        plain.pop("found")
        return plain


@dataclass(frozen=True)
class ShopCustomerDraft(Draft):
    """The account in the shop that a customer is; ``writes`` names what the shop is to take from ``card``.

    ``parent`` is the reference of the customer in Fortnox. ``seen`` is a fingerprint of the account and
    of our settings. ``telling`` counts the times the shop was told, so that it can be told the same again.
    """

    kind: ClassVar[str] = "shop_customer"
    system: ClassVar[str] = "magento"

    number: str
    parent: str
    card: Card
    writes: tuple[Part, ...] = ()
    seen: str = ""
    telling: int = 0
    cancelled: bool = False

    @property
    def keeps(self) -> bool:
        return True


def shop_reference(customer_id: int | str) -> str:
    """How we name an account in the shop: ``SHOP-501``."""
    return f"SHOP-{customer_id}"


def known_as(reference: str, account: str) -> str:
    """The name under which an account is known by a reference that others may have had before it."""
    return f"{reference}|{account}"


def references_of(
    party: PartyKind,
    *,
    name: str,
    email: str = "",
    organisation_number: str = "",
    vat_number: str = "",
    postal_code: str = "",
) -> tuple[str, ...]:
    """Our references for this customer, the surest first: that is the one a new customer gets.

    A company goes by its organisation number, which a Swedish VAT number holds too; whoever has none by
    e-mail, one per type; without an e-mail by name and post code.
    """
    who = folded(email) or f"{folded(name)}|{folded(postal_code)}"
    by_person = f"CUST-{party[0].upper()}-{hashlib.sha256(who.encode()).hexdigest()[:24]}"
    number = bare_organisation_number(organisation_number) or organisation_number_in(vat_number)
    if party == "company" and number:
        return f"CUST-C{number}", by_person
    return (by_person,)


def bare_organisation_number(number: str) -> str:
    """``556036-0793``, ``16556036-0793`` and ``SE556036079301`` are one company: 5560360793."""
    inside = organisation_number_in(number)
    if inside:
        return inside
    with_century = WITH_CENTURY.match(digits(number))
    return with_century[1] if with_century else digits(number)


def organisation_number_in(vat_number: str) -> str:
    """The organisation number that a Swedish VAT number holds, else an empty text."""
    found = SWEDISH_VAT_NUMBER.match(bare_vat_number(vat_number))
    return found[1] if found else ""


def bare_vat_number(number: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", number.upper())


def kept_beside(draft: Draft, before: Mapping[str, Any]) -> Draft:
    """What becomes of a draft for a document that says ``before`` now.

    A sale leaves the card of a customer that an account keeps as it is, but for the VAT type of what was
    sold: that one only the sale knows.
    """
    if (
        not isinstance(draft, CustomerDraft)
        or isinstance(draft, KeptCustomerDraft)
        or not before.get("keeper")
    ):
        return draft
    kept = kept_from(before)
    if not draft.revise or draft.vat_type == kept.vat_type:
        return kept
    return replace(kept, vat_type=draft.vat_type, vat_number=kept.vat_number or draft.vat_number)


def kept_from(plain: Mapping[str, Any]) -> KeptCustomerDraft:
    """A draft that we stored."""
    return KeptCustomerDraft(**_fields_from(KeptCustomerDraft, plain))


def card_from(plain: Mapping[str, Any]) -> Card:
    """A card that we stored."""
    return Card(**_fields_from(Card, plain))


def _fields_from(made: type[Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name: plain[field.name] for field in fields(made) if field.name in plain}
    delivery = plain.get("delivery")
    return known | {
        "billing": Address(**plain["billing"]),
        "delivery": Address(**delivery) if delivery else None,
    }
