"""What people change in Fortnox is looked at within seconds; what we change there ourselves is not."""

from datetime import timedelta

from services.sandbox.faults import FaultRule, Status, System
from services.sandbox.fortnox.collection import Ask
from services.sandbox.fortnox.invoices import Invoices
from tests.journeys.test_payouts import CLEARING, evening, payout_of, reports, sold
from tests.support.listening import PATIENT, Ears, ears
from tests.support.payout_reports import a_row_of, fee
from tests.support.world import TENANT, World, a_declaration, a_row, freight, kronor

MUG = (a_row("Mugg", "249.00", pieces=2), freight("49.00"))
BOOKED = kronor(_1510="547.00", _3001="-398.40", _3520="-39.20", _2611="-109.40")
NO_BOOKKEEPING = FaultRule(System.FORTNOX, Status(503), "PUT", "/bookkeep$")


def press(world: World, number: str, action: str) -> None:
    """An accountant presses a button in Fortnox, on an invoice."""
    Invoices(world.company).answer(Ask("PUT", (number, action), {}, None))


async def listening(ears_: Ears) -> None:
    ears_.pace = PATIENT
    ears_.start()
    await ears_.listen(TENANT)


async def unbooked(world: World, *numbers: str) -> list[int]:
    """Sales whose invoices are made and not booked: Fortnox has just gone down."""
    sales = [world.buys(*MUG, number=number) for number in numbers or ("100000101",)]
    await world.works()
    for sale in sales:
        world.sandbox.svea.deliver(sale)
    world.sandbox.faults.add(NO_BOOKKEEPING)
    await world.works()
    assert {(await world.sale(sale)).state for sale in sales} == {"waiting"}
    world.sandbox.faults.clear()
    return sales


async def test_a_whole_sale_of_ours_is_heard_as_nothing_but_echoes(world: World) -> None:
    async with ears(world) as ears_:
        await listening(ears_)

        sale = world.buys(*MUG, payment_type="INVOICE")
        await world.works()
        delivery = world.sandbox.svea.deliver(sale)
        await world.works()
        world.sandbox.svea.credit_rows(sale, delivery, {1: 100})
        await world.works()
        calls = world.calls()
        await ears_.heard(0)
        await world.works()

        told = [one.type for one in ears_.stream.changes.by_topic["invoices"]]
        assert told.count("invoice-created") == 2
        assert told.count("invoice-bookkeep") == 2
        assert told.count("invoice-updated") >= 1
        assert len(ears_.stream.changes.by_topic["vouchers"]) == 2
        assert world.calls() == calls


async def test_an_invoice_that_an_accountant_books_by_hand_ends_the_wait_of_its_sale(world: World) -> None:
    async with ears(world) as ears_:
        await listening(ears_)
        (sale,) = await unbooked(world)

        press(world, "1", "bookkeep")
        await ears_.heard(1, name="invoice-bookkeep")
        calls, writes = len(world.calls()), world.writes()
        await world.works()

        assert (await world.sale(sale)).state == "done"
        assert world.books() == BOOKED
        assert world.writes() == writes
        assert len(world.calls()) - calls == 4  # three facts about the company, and the invoice


async def test_an_unbooked_invoice_that_an_accountant_cancels_is_told_to_a_person(world: World) -> None:
    async with ears(world) as ears_:
        await listening(ears_)
        (sale,) = await unbooked(world)

        press(world, "1", "cancel")
        (event,) = await ears_.heard(1, name="invoice-cancelled")
        await world.works()

        stopped = await world.sale(sale)
        assert event.subject_id == stopped.id
        assert stopped.problem is not None
        assert (stopped.state, stopped.problem.code) == ("needs_attention", "invoice_cancelled")
        assert stopped.problem.facts == {"invoice": "1"}
        assert (len(world.company.invoices), world.books()) == (1, {})


async def test_a_change_by_hand_after_ours_is_told_from_an_echo_by_its_time(world: World) -> None:
    async with ears(world) as ears_:
        await listening(ears_)
        await unbooked(world)
        await ears_.heard(0)
        world.later(timedelta(minutes=1))

        change = {"Invoice": {"YourReference": "Anna"}}
        Invoices(world.company).answer(Ask("PUT", ("1",), {}, change))

        await ears_.heard(1, name="invoice-updated")


async def test_what_was_missed_while_the_connection_was_cut_is_sent_again_each_once(world: World) -> None:
    async with ears(world) as ears_:
        await listening(ears_)
        sales = await unbooked(world, "100000101", "100000102", "100000103")
        press(world, "1", "cancel")
        await ears_.heard(1)

        before = ears_.stream.connects
        ears_.stream.change(refuse_status=503, refuse_times=-1, offset_is_sent_again=True)
        ears_.stream.cut()
        press(world, "2", "cancel")
        press(world, "3", "cancel")
        ears_.stream.change(refuse_status=0)
        await ears_.rejoined(before)

        heard = await ears_.heard(3, name="invoice-cancelled")
        await world.works()
        assert {(await world.sale(sale)).state for sale in sales} == {"needs_attention"}
        assert {event.subject_id for event in heard} == {(await world.sale(sale)).id for sale in sales}


async def test_a_voucher_of_ours_that_somebody_touches_points_at_its_payout(world: World) -> None:
    first, *others = a_declaration()["markets"]
    await world.declare(markets=[first | {"accounts": CLEARING, "mode_of_payment": "SVEASE"}, *others])
    world.on("2026-05-05")
    sale = sold(world, "547.00")
    await world.works()
    world.on("2026-05-08")
    reports(world, "2026-05-08", a_row_of(sale, "547.00", fee("Credit", "8.21")))
    async with ears(world) as ears_:
        await listening(ears_)
        await evening(world)
        (made,) = [one for one in ears_.stream.changes.by_topic["vouchers"] if one.more["series"] == "S"]
        await ears_.heard(0)  # the payments and the voucher are our own

        changes = ears_.stream.changes
        changes.note("vouchers", "voucher-updated", TENANT, made.entity, world.clock(), **made.more)
        (event,) = await ears_.heard(1)
        writes = world.accepted_writes()
        await world.works()

        assert event.subject_id == (await payout_of(world, "2026-05-08")).id
        assert world.accepted_writes() == writes
