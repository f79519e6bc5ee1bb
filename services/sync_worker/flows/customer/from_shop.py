"""An account in the shop, or a customer in Fortnox -> a card. Pure.

Texts are brought into Fortnox' character set and lengths here, so that the two cards compare.
"""

from services.sync_worker.flows.customer.observed import Account
from shared.clients.fortnox.encode import clean_text, clean_zip
from shared.clients.fortnox.wire import FortnoxCustomer
from shared.clients.magento.wire_customers import Customer, CustomerAddress
from shared.domain.customers import Card, bare_organisation_number, organisation_number_in
from shared.domain.parties import Address, PartyKind
from shared.settings.customers import CustomerSettings

NAMELESS = "Kund"


def to_account(customer: Customer, settings: CustomerSettings, *, group: str, home: str) -> Account:
    """``group`` is the name of its customer group, if that was looked up."""
    return Account(
        id=customer.customer_id,
        card=_card(customer, settings, home=home),
        group_id=str(customer.group_id),
        group=group,
        updated_at=customer.updated_at.isoformat() if customer.updated_at else "",
        customer_number=_attribute(customer, settings.customer_number_attribute),
    )


def _card(customer: Customer, settings: CustomerSettings, *, home: str) -> Card:
    billing, shipping = customer.billing, customer.shipping
    organisation_number = _attribute(customer, settings.organisation_number_attribute)
    vat_number = "".join(((billing.vat_id if billing else "") or customer.taxvat).split()).upper()
    party = _party(billing, organisation_number or vat_number, settings)
    person = _joined(customer.first_name, customer.last_name)
    name = (billing.company if party == "company" and billing else "") or person
    bill_to = _address(billing or shipping, home=home, name="")
    ship_to = None if shipping is None else _address(shipping, home=home, name=_addressee(shipping, party))
    return Card(
        party=party,
        name=_clean(name) or NAMELESS,
        email=customer.email.strip(),
        phone=_clean(billing.phone if billing else shipping.phone if shipping else ""),
        organisation_number=_written(organisation_number, vat_number) if party == "company" else "",
        # What people without a company write there is often their personal number: not ours to pass on.
        vat_number=_clean(vat_number) if party == "company" else "",
        billing=bill_to,
        delivery=None if ship_to is None or _same_place(ship_to, bill_to) else ship_to,
        delivery_phone=_other_phone(billing, shipping),
        contact=_clean(person) if party == "company" and person != name else "",
    )


def _party(billing: CustomerAddress | None, number: str, settings: CustomerSettings) -> PartyKind:
    if settings.company == "number":
        return "company" if number else "private"
    return "company" if billing is not None and billing.company.strip() else "private"


def _written(organisation_number: str, vat_number: str) -> str:
    """As Swedish numbers are written; a foreign one as it was given."""
    bare = organisation_number_in(vat_number)
    if organisation_number:
        found = bare_organisation_number(organisation_number)
        bare = found if len(found) == 10 else ""
    return f"{bare[:6]}-{bare[6:]}" if bare else _clean(organisation_number)


def _addressee(address: CustomerAddress, party: PartyKind) -> str:
    person = _joined(address.first_name, address.last_name)
    return (address.company if party == "company" else person) or address.company or person


def _address(found: CustomerAddress | None, *, home: str, name: str) -> Address:
    if found is None:
        return Address(name=_clean(name), country="")
    street, *more = [line.strip() for line in found.street if line.strip()] or [""]
    return Address(
        name=_clean(name),
        street=_clean(street),
        street2=_clean(", ".join(more)),
        postal_code=clean_zip(found.postcode),
        city=_clean(found.city),
        country=found.country.upper() or home,
    )


def to_card(customer: FortnoxCustomer, *, home: str) -> Card:
    """What Fortnox' customer says. Fortnox leaves the country out where people have not chosen one."""
    billing = Address(
        name="",
        street=customer.address1,
        street2=customer.address2,
        postal_code=customer.zip_code,
        city=customer.city,
        country=customer.country_code or home,
    )
    delivery = Address(
        name=customer.delivery_name,
        street=customer.delivery_address1,
        street2=customer.delivery_address2,
        postal_code=customer.delivery_zip_code,
        city=customer.delivery_city,
        country=customer.delivery_country_code or home,
    )
    return Card(
        party="private" if customer.kind == "PRIVATE" else "company",
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        organisation_number=customer.organisation_number,
        vat_number=customer.vat_number,
        billing=billing,
        delivery=delivery if delivery.street and not _same_place(delivery, billing) else None,
        delivery_phone=customer.delivery_phone,
        contact=customer.your_reference,
    )


def _same_place(left: Address, right: Address) -> bool:
    """Whoever stands on it: goods that go to the buyer's own address have no address of their own."""
    return (left.street, left.street2, left.postal_code, left.city, left.country) == (
        right.street,
        right.street2,
        right.postal_code,
        right.city,
        right.country,
    )


def _other_phone(billing: CustomerAddress | None, shipping: CustomerAddress | None) -> str:
    if billing is None or shipping is None or shipping.phone == billing.phone:
        return ""
    return _clean(shipping.phone)


def _attribute(customer: Customer, code: str | None) -> str:
    return customer.attributes.get(code, "").strip() if code else ""


def _joined(*parts: str) -> str:
    return " ".join(part.strip() for part in parts if part.strip())


def _clean(text: str) -> str:
    return clean_text(text)
