"""Articles are found by the product they were made of, whatever their number, on both databases."""

from shared.ledger.ledger import Ledger
from shared.ledger.records import Lease
from tests.shared.ledger.builders import LEASE, a_lease, intends

CONNECTION = "acme"


async def an_article(ledger: Ledger, lease: Lease, number: str, product: int | None = None) -> str:
    draft = {"number": number} if product is None else {"number": number, "product": product, "sku": number}
    intent = await intends(ledger, lease, kind="article", reference=f"ART-{number}", draft=draft)
    return intent.link.id


async def test_articles_of_a_product_are_found_under_any_number(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    await an_article(ledger, lease, "A", 7)
    await an_article(ledger, lease, "B", 7)
    await an_article(ledger, lease, "C", 71)
    await an_article(ledger, lease, "SOLD")

    found = await ledger.catalogue.of_products(CONNECTION, [7, 8])

    assert [link.reference for link in found] == ["ART-A", "ART-B"]
    assert await ledger.catalogue.of_products(CONNECTION, []) == []
    assert await ledger.catalogue.of_products("somebody-else", [7]) == []


async def test_a_number_in_another_case_is_found(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    await an_article(ledger, lease, "abc", 1)
    await an_article(ledger, lease, "ABCD", 2)

    found = await ledger.catalogue.spelled_like(CONNECTION, ["ART-ABC"])

    assert [link.reference for link in found] == ["ART-abc"]


async def test_the_products_of_active_articles_are_told_in_their_order(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    for number, product, active in (("A", 70, True), ("B", 9, True), ("C", 8, False), ("D", None, True)):
        draft = {"number": number, "product": product, "active": active}
        await intends(ledger, lease, kind="article", reference=f"ART-{number}", draft=draft)
    await intends(ledger, lease, kind="order", reference="S1-O")

    assert list(await ledger.catalogue.active_products(CONNECTION)) == [9, 70]
    assert list(await ledger.catalogue.active_products("somebody-else")) == []


async def test_a_turn_of_a_register_reads_none_of_its_links(ledger: Ledger) -> None:
    lease = await a_lease(ledger)
    await an_article(ledger, lease, "A", 1)
    await ledger.subjects.release(lease)

    turn = await ledger.turns.begin(lease.subject.id, "w", lease_for=LEASE, linkless=("sale",))
    assert turn is not None
    assert turn.links == ()
    await ledger.subjects.release(turn.lease)
    turn = await ledger.turns.begin(lease.subject.id, "w", lease_for=LEASE)
    assert turn is not None
    assert [link.reference for link in turn.links] == ["ART-A"]
