"""A world whose merchant has a Magento shop with customers."""

from itertools import count
from typing import Any

from services.sandbox.magento.shop import Shop
from services.sync_worker.preview import preview
from shared.ledger.records import IncomingEvent, Subject
from tests.support.world import CONNECTION, World

TOLD = count()
KEYS = {
    "consumer_key": "c" * 32,
    "consumer_secret": "s" * 32,
    "access_token": "t" * 32,
    "access_token_secret": "u" * 32,
}
HOME = {
    "firstname": "Tilda",
    "lastname": "Testsson",
    "street": ["Provgatan 1"],
    "city": "Stockholm",
    "postcode": "111 22",
    "country_id": "SE",
    "telephone": "+46700000101",
}
OFFICE = {
    "firstname": "Nils",
    "lastname": "Ek",
    "company": "Exempelbolaget AB",
    "street": ["Fakturavägen 1", "Box 44"],
    "city": "Stockholm",
    "postcode": "111 22",
    "country_id": "SE",
    "telephone": "08-100 00",
    "vat_id": "SE559000000001",
}


async def a_shop(world: World, **customers: Any) -> Shop:
    """The merchant gets a shop; ``customers`` are settings of that section."""
    shop = world.sandbox.magento.add_shop(**KEYS)
    await declare_shop(world, **customers)
    return shop


async def declare_shop(world: World, **customers: Any) -> None:
    """Sales do not wait for their orders in the shop: it has none."""
    magento = {"base_url": "http://sandbox/magento", "order_wait": 0, **KEYS}
    await world.declare(magento=magento, customers=customers)


def a_person(shop: Shop, email: str = "tilda@example.com", **more: Any) -> int:
    address = HOME | more.pop("address", {})
    return shop.customers.add(email, "Tilda", "Testsson", addresses=[address], **more)


def a_company(shop: Shop, email: str = "inkop@example.com", **more: Any) -> int:
    address = OFFICE | more.pop("address", {})
    return shop.customers.add(email, "Nils", "Ek", addresses=[address], **more)


def replaced(shop: Shop, customer_id: int, **changed: Any) -> list[dict[str, Any]]:
    """The list of addresses with the first one changed, as a save wants it: whole."""
    first, *others = shop.customers.by_id[customer_id].addresses
    listed = [{"id": one.address_id, **one.values} for one in (first, *others)]
    listed[0] |= {"default_billing": True, **changed}
    return listed


async def hears_of(world: World, *customer_ids: int, name: str = "customer.updated") -> None:
    """The shop's notice, as the gateway stores it; and everything that is due is run."""
    await tell(world, *customer_ids, name=name)
    await world.works()


async def tell(world: World, *customer_ids: int, name: str = "customer.updated") -> None:
    events = [
        IncomingEvent(
            connection=CONNECTION,
            source="magento",
            name=name,
            dedupe_key=f"{name}|{one}|{next(TOLD)}",
            subject_kind="customer",
            subject_key=str(one),
            lane="settle",
        )
        for one in customer_ids
    ]
    await world.ledger.inbox.accept(events)


async def customer(world: World, customer_id: int) -> Subject:
    found = await world.ledger.subjects.find(CONNECTION, "customer", str(customer_id))
    assert found is not None
    return found


async def previewed(world: World, customer_id: int) -> dict[str, Any]:
    return await preview(world.shop, await customer(world, customer_id))


def cards(world: World) -> list[dict[str, Any]]:
    """Fortnox' customers, oldest first."""
    return [dict(one) for one in world.company.customers.values()]


def shown(card: dict[str, Any], *names: str) -> list[Any]:
    return [card[name] for name in names]


def people_change(world: World, number: str, **fields: Any) -> None:
    """The merchant changes a customer in Fortnox by hand."""
    world.company.customers[number].update(fields)
    world.company.store(world.company.customers, number, world.company.customers[number])


def customer_writes(world: World) -> list[tuple[str, dict[str, Any]]]:
    """Method and what was sent, of every write to Fortnox' customers."""
    return [
        (call.method, call.body["Customer"])
        for call in world.company.writes()
        if call.path.startswith("/3/customers") and isinstance(call.body, dict)
    ]
