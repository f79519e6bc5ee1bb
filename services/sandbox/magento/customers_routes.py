"""`/V1/customers` and `/V1/customerGroups`."""

from __future__ import annotations

import asyncio
from typing import Any

from services.sandbox.magento import customers_rules as rules
from services.sandbox.magento.catalogue_routes import no_such
from services.sandbox.magento.customers import VALUES, Address, Customer, Group
from services.sandbox.magento.customers_show import show_address, show_customer, show_group
from services.sandbox.magento.inputs import ANYTHING, BOOLEAN, INT, STRING, Many, Takes, struct
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.routing import ANONYMOUS, Answer, MagentoRequest, Route
from services.sandbox.magento.search import apply

READ, MANAGE, GROUP = "Magento_Customer::customer", "Magento_Customer::manage", "Magento_Customer::group"

_ATTRIBUTES = Many(struct(attribute_code=STRING, value=ANYTHING))
_ADDRESS = struct(
    id=INT,
    customer_id=INT,
    region=struct(region_code=STRING, region=STRING, region_id=INT, extension_attributes=ANYTHING),
    region_id=INT,
    country_id=STRING,
    street=Many(STRING),
    company=STRING,
    telephone=STRING,
    fax=STRING,
    postcode=STRING,
    city=STRING,
    firstname=STRING,
    lastname=STRING,
    middlename=STRING,
    prefix=STRING,
    suffix=STRING,
    vat_id=STRING,
    default_shipping=BOOLEAN,
    default_billing=BOOLEAN,
    extension_attributes=ANYTHING,
    custom_attributes=_ATTRIBUTES,
)
_CUSTOMER = struct(
    id=INT,
    group_id=INT,
    default_billing=STRING,
    default_shipping=STRING,
    confirmation=STRING,
    created_at=STRING,
    updated_at=STRING,
    created_in=STRING,
    dob=STRING,
    email=STRING,
    firstname=STRING,
    lastname=STRING,
    middlename=STRING,
    prefix=STRING,
    suffix=STRING,
    gender=INT,
    store_id=INT,
    taxvat=STRING,
    website_id=INT,
    addresses=Many(_ADDRESS),
    disable_auto_group_change=INT,
    extension_attributes=struct(is_subscribed=BOOLEAN, assistance_allowed=INT),
    custom_attributes=_ATTRIBUTES,
)
_GROUP = struct(id=INT, code=STRING, tax_class_id=INT, tax_class_name=STRING, extension_attributes=ANYTHING)
CUSTOMER = Takes({"customer": _CUSTOMER, "password": STRING, "passwordHash": STRING}, ("customer",))
GROUP_BODY = Takes({"group": _GROUP}, ("group",))

COLUMNS = {"entity_id", "created_at", "updated_at", "default_billing", "default_shipping", *VALUES}
BILLING = ("postcode", "city", "telephone", "region", "country_id", "company", "vat_id", "street")
COLUMNS |= {f"billing_{name}" for name in BILLING}


# ---- customers ---------------------------------------------------------------------------------------------


def _get(request: MagentoRequest) -> Answer:
    return _shown(request, _known(request))


def _search(request: MagentoRequest) -> Answer:
    shop = request.shop
    found = apply(
        request.criteria(),
        [{"customer": customer} for customer in shop.customers.by_id.values()],
        columns=COLUMNS | shop.customers.attributes,
        unknown=_unknown_attribute,
        value=lambda row, name: row["customer"].column(name),
    )
    found["items"] = [show_customer(row["customer"], shop.pages) for row in found["items"]]
    return Answer(found)


async def _create(request: MagentoRequest) -> Answer:
    """Slow enough that two for one address can meet: then one wins, and the others are told of a 500."""
    customers, pages = request.shop.customers, request.shop.pages
    sent = dict(request.body["customer"])
    store_id = sent.setdefault("store_id", pages.scope(request.store_code) or 1)
    sent.setdefault("website_id", pages.view(store_id).website_id)
    rules.must_be_complete(sent)
    rules.must_be_free(customers, sent)
    rules.must_have_addresses(sent)
    key = (sent["website_id"], sent["email"].lower())
    customers.being_created.add(key)
    try:
        await asyncio.sleep(customers.create_seconds)
        return _shown(request, customers.create(sent))
    finally:
        customers.being_created.discard(key)


def _put(request: MagentoRequest) -> Answer:
    """Group, VAT number and addresses that are not sent stay; name, e-mail and website must be sent."""
    customer, sent = _known(request), dict(request.body["customer"])
    rules.must_be_complete(sent)
    rules.must_be_free(request.shop.customers, sent, customer)
    rules.must_have_addresses(sent, customer)
    request.shop.customers.save(customer, sent)
    return _shown(request, customer)


def _delete(request: MagentoRequest) -> Answer:
    request.shop.customers.delete(_known(request).customer_id)
    return Answer(True)


def _address(request: MagentoRequest) -> Answer:
    number = request.number("addressId")
    for customer in request.shop.customers.by_id.values():
        if address := customer.address(number):
            return Answer(show_address(address, customer))
    raise no_such("addressId", number)


def _billing(request: MagentoRequest) -> Answer:
    customer = _known(request)
    return _shown_address(customer.address(customer.default_billing), customer)


def _shipping(request: MagentoRequest) -> Answer:
    customer = _known(request)
    return _shown_address(customer.address(customer.default_shipping), customer)


def _shown_address(address: Address | None, customer: Customer) -> Answer:
    return Answer(None if address is None else show_address(address, customer))


def _shown(request: MagentoRequest, customer: Customer) -> Answer:
    return Answer(show_customer(customer, request.shop.pages))


def _known(request: MagentoRequest) -> Customer:
    number = request.number("customerId")
    if number not in request.shop.customers.by_id:
        raise no_such("customerId", number)
    return request.shop.customers.by_id[number]


def _unknown_attribute(name: str) -> Refused:
    return Refused('The "%1" attribute name is invalid. Reset the name and try again.', [name])


# ---- groups ------------------------------------------------------------------------------------------------


def _group(request: MagentoRequest) -> Answer:
    return Answer(_shown_group(request, _known_group(request)))


def _groups(request: MagentoRequest) -> Answer:
    rows = [_shown_group(request, group) for group in request.shop.groups.by_id.values()]
    return Answer(apply(request.criteria(), rows, value=_group_column))


def _default_group(request: MagentoRequest) -> Answer:
    return Answer(_shown_group(request, request.shop.groups.by_id[1]))


def _add_group(request: MagentoRequest) -> Answer:
    sent, groups = request.body["group"], request.shop.groups
    if groups.by_code(sent["code"]) is not None:
        raise Refused("Customer Group already exists.")
    added = groups.by_id[groups.add(sent["code"], tax_class_id=sent.get("tax_class_id", 3))]
    return Answer(_shown_group(request, added))


def _put_group(request: MagentoRequest) -> Answer:
    group, sent = _known_group(request), request.body["group"]
    group.code = sent.get("code", group.code)
    group.tax_class_id = sent.get("tax_class_id", group.tax_class_id)
    return Answer(_shown_group(request, group))


def _shown_group(request: MagentoRequest, group: Group) -> dict[str, Any]:
    return show_group(group, request.shop.catalogue.taxes)


def _group_column(row: Any, name: str) -> Any:
    return row.get({"customer_group_id": "id", "customer_group_code": "code"}.get(name, name))


def _known_group(request: MagentoRequest) -> Group:
    number = request.number("id")
    if number not in request.shop.groups.by_id:
        raise no_such("id", number)
    return request.shop.groups.by_id[number]


ROUTES = (
    Route("GET", "/V1/customers/search", READ, _search),
    Route("POST", "/V1/customers", ANONYMOUS, _create, CUSTOMER),
    Route("GET", "/V1/customers/{customerId}", READ, _get),
    Route("PUT", "/V1/customers/{customerId}", MANAGE, _put, CUSTOMER),
    Route("DELETE", "/V1/customers/{customerId}", "Magento_Customer::delete", _delete),
    Route("GET", "/V1/customers/{customerId}/billingAddress", READ, _billing),
    Route("GET", "/V1/customers/{customerId}/shippingAddress", READ, _shipping),
    Route("GET", "/V1/customers/addresses/{addressId}", READ, _address),
    Route("GET", "/V1/customerGroups/search", GROUP, _groups),
    Route("GET", "/V1/customerGroups/default", GROUP, _default_group),
    Route("GET", "/V1/customerGroups/{id}", GROUP, _group),
    Route("POST", "/V1/customerGroups", GROUP, _add_group, GROUP_BODY),
    Route("PUT", "/V1/customerGroups/{id}", GROUP, _put_group, GROUP_BODY),
)
