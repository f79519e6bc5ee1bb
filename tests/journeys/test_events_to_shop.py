"""From a person's hand in Fortnox to the shop, by Fortnox' own event, and what comes back of it."""

from datetime import timedelta
from decimal import Decimal

from services.sandbox.fortnox.articles import Articles
from tests.journeys.test_shop_credit_notes import credits, given_back
from tests.support.listening import PATIENT, Ears, ears
from tests.support.shop_documents import comments, delivered_at_svea, pays
from tests.support.shop_products import fill, sweeps
from tests.support.shop_stock import lies, sells, set_stock, shelf, stock_writes
from tests.support.world import TENANT, World


async def listening(ears_: Ears) -> None:
    ears_.pace = PATIENT
    ears_.start()
    await ears_.listen(TENANT)


async def heard_again(ears_: Ears, rows: int) -> None:
    """What our own work set off is heard, looked at, and changes nothing: not there, not here."""
    world = ears_.world
    shop_writes, writes, books = len(world.magento.writes()), world.accepted_writes(), world.books()
    await ears_.heard(rows)
    await world.works()
    await ears_.heard(rows)
    assert len(world.magento.writes()) == shop_writes
    assert world.accepted_writes() == writes
    assert world.books() == books


async def test_a_sale_of_the_shop_is_heard_from_fortnox_as_nothing_but_echoes(shop_world: World) -> None:
    async with ears(shop_world) as ears_:
        await listening(ears_)

        await delivered_at_svea(shop_world)

        told = {topic: len(found) for topic, found in ears_.stream.changes.by_topic.items()}
        assert told["invoices"] >= 2
        await heard_again(ears_, 0)


async def test_a_stock_count_by_hand_is_in_the_shop_at_once(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    await set_stock(world)
    lies(world, "A", 5)
    sells(world, "A", 3)
    await world.works()  # the shop has told of its product
    world.later(timedelta(minutes=1))
    async with ears(world) as ears_:
        await listening(ears_)

        Articles(world.company).update("A", {"QuantityInStock": Decimal(9)}, {})
        (event,) = await ears_.heard(1)
        calls = len(world.calls())
        await world.works()

        assert event.name == "article-updated"
        assert shelf(world, "A") == 9
        assert len(stock_writes(world)) == 1
        assert [call for call in world.calls()[calls:] if "articles" in call] == ["GET /3/articles/A"]
        await heard_again(ears_, 1)


async def test_who_counts_in_the_same_second_as_we_write_is_heard_beside_our_echo(shop_world: World) -> None:
    world = shop_world
    world.on("2026-05-04")
    await set_stock(world)
    lies(world, "A", 5)
    async with ears(world) as ears_:
        await listening(ears_)
        sells(world, "A", 3)
        await world.works()
        ours = [call for call in world.accepted_writes() if call == "PUT /3/articles/A"]
        await ears_.heard(0)

        Articles(world.company).update("A", {"QuantityInStock": Decimal(9)}, {})
        await ears_.heard(1)
        await world.works()

        assert len(ours) == 1
        assert shelf(world, "A") == 9


async def test_a_credit_that_an_accountant_makes_is_a_memo_at_once_and_no_echo_books_it_again(
    shop_world: World,
) -> None:
    world = shop_world
    checkout, order, _ = await delivered_at_svea(world)
    world.on("2026-05-08")
    async with ears(world) as ears_:
        await listening(ears_)

        credit = await credits(world, world.invoices[0]["DocumentNumber"])
        found = await ears_.heard(3)
        await world.works()

        heard = [(one.name, one.attributes["number"]) for one in found]
        assert sorted(heard) == [
            ("invoice-bookkeep", credit),
            ("invoice-created", credit),
            ("invoice-updated", "1"),
        ]
        assert given_back(world) == [547]
        assert world.books() == {}
        assert len(world.invoices) == 2
        await heard_again(ears_, 3)
        assert (await world.sale(checkout)).state == "done"
        assert world.magento.sales.order(order).fields["total_refunded"] == 547


async def test_a_payment_that_an_accountant_enters_is_told_to_the_customer_at_once(
    shop_world: World,
) -> None:
    world = shop_world
    _, order, _ = await delivered_at_svea(world)
    world.on("2026-05-12")
    async with ears(world) as ears_:
        await listening(ears_)

        await pays(world, "1", "547.00")
        (event,) = await ears_.heard(1)
        await world.works()

        assert event.name == "invoicepayment-bookkeep"
        assert comments(world, order)[1:] == ["Faktura 1 är betald 2026-05-12. [F1-P]"]
        await heard_again(ears_, 1)


async def test_a_first_load_of_the_catalogue_is_heard_as_nothing_but_echoes(shop_world: World) -> None:
    world = shop_world
    fill(world.magento, 40)
    async with ears(world) as ears_:
        await listening(ears_)

        assert (await sweeps(world)).state == "done"

        assert len(ears_.stream.changes.by_topic["articles"]) == 40
        await heard_again(ears_, 0)
