"""Each call against the Svea stand-in, and what a fault becomes."""

import pytest

from services.sandbox.faults import Drop, Status, System, When
from services.sandbox.sandbox import Sandbox
from services.sandbox.svea.orders import Row
from services.sandbox.svea.refusals import ErrorShape
from shared.clients.http import Answer, CallRecord
from shared.clients.svea.client import SveaClient
from shared.clients.svea.errors import error_for, what_svea_says
from shared.domain.errors import (
    ConnectionRevoked,
    ForeignOrder,
    InDoubt,
    RefusedBySvea,
    Unavailable,
    UnknownCheckout,
    UnreadableAnswer,
)
from tests.shared.clients.support import World

EVENTS = ("CheckoutOrder.Created", "CheckoutOrder.Delivered")
URL = "https://sluss.test/webhooks/svea/acme/se/token"


@pytest.fixture
def svea(world: World) -> SveaClient:
    return world.svea()


def a_sale(sandbox: Sandbox) -> int:
    number = sandbox.svea.create_checkout("700001", "100000101", [Row("SKU-MUG", "Mugg", 24900, 200, 2500)])
    sandbox.svea.finalize(number)
    return number


async def test_a_sale_is_read_from_both_apis(svea: SveaClient, sandbox: Sandbox) -> None:
    number = a_sale(sandbox)

    checkout, order = await svea.checkout_order(number), await svea.order(str(number))

    assert (checkout.id, checkout.client_order_number, checkout.status) == (str(number), "100000101", "Final")
    assert (order.id, order.merchant_order_id, order.status) == (str(number), "100000101", "Open")
    assert (order.amount, [row.quantity for row in order.rows]) == (49800, [200])


async def test_deliveries_and_credits_are_seen(svea: SveaClient, sandbox: Sandbox) -> None:
    number = a_sale(sandbox)
    delivery = sandbox.svea.deliver(number)
    sandbox.svea.credit_rows(number, delivery)

    (found,) = (await svea.order(number)).deliveries

    assert (found.id, found.amount, found.credited_amount) == (delivery, 49800, 49800)
    assert sum(credit.amount for credit in found.credits) == -49800


async def test_a_byte_order_mark_is_read_over(svea: SveaClient, sandbox: Sandbox) -> None:
    sandbox.svea.merchant("700001").sends_byte_order_mark = True

    assert (await svea.order(a_sale(sandbox))).amount == 49800


async def test_an_unknown_order_a_foreign_one_and_nonsense_are_told_apart(
    svea: SveaClient, sandbox: Sandbox
) -> None:
    sandbox.svea.add_merchant("700002", "other-secret", "NO", "NOK", "nn-NO")
    foreign = sandbox.svea.create_checkout("700002", "200000101", [Row("A", "A", 100, 100, 2500)])
    sandbox.svea.finalize(foreign)

    with pytest.raises(UnknownCheckout):
        await svea.order(1)
    with pytest.raises(ForeignOrder):
        await svea.order(foreign)
    with pytest.raises(UnknownCheckout, match=r"\.\./reports"):
        await svea.order("../reports")


async def test_a_wrong_secret_is_a_revoked_connection(svea: SveaClient, sandbox: Sandbox) -> None:
    number = a_sale(sandbox)
    sandbox.svea.merchant("700001").secret = "rotated"

    with pytest.raises(ConnectionRevoked):
        await svea.order(number)


async def test_a_read_is_repeated_and_signed_anew(
    svea: SveaClient, world: World, sandbox: Sandbox, records: list[CallRecord]
) -> None:
    number = a_sale(sandbox)
    world.fault(Drop(When.BEFORE), system=System.SVEA_ADMIN)
    world.fault(Status(503), system=System.SVEA_ADMIN)

    assert (await svea.order(number)).amount == 49800
    assert [record.status for record in records] == [None, 503, 200]


async def test_svea_that_stays_away_is_unavailable(svea: SveaClient, world: World, sandbox: Sandbox) -> None:
    world.fault(Status(500), system=System.SVEA_ADMIN, times=None)

    with pytest.raises(Unavailable):
        await svea.order(a_sale(sandbox))


async def test_html_instead_of_an_order_is_unreadable(
    svea: SveaClient, world: World, sandbox: Sandbox
) -> None:
    world.fault(Status(200, b"<html>"), system=System.SVEA_ADMIN)

    with pytest.raises(UnreadableAnswer):
        await svea.order(a_sale(sandbox))


# ── subscriptions ─────────────────────────────────────────────────────────────────────────────────


async def test_a_subscription_is_made_once_verified_and_brought_up_to_date(
    svea: SveaClient, sandbox: Sandbox, records: list[CallRecord]
) -> None:
    first = await svea.ensure_subscription(URL, EVENTS[:1])
    await sandbox.svea.settle()  # the Ping was answered
    again = await svea.ensure_subscription(URL, EVENTS)
    written = len([record for record in records if record.method != "GET"])
    await svea.ensure_subscription(URL, EVENTS)

    (kept,) = await svea.subscriptions()
    assert kept.id == first.id == again.id
    assert (kept.url, set(kept.events), kept.verified) == (URL, set(EVENTS), True)
    assert (first.verified, again.verified) == (False, True)
    assert len([record for record in records if record.method != "GET"]) == written


async def test_a_subscription_is_removed(svea: SveaClient) -> None:
    subscription = await svea.ensure_subscription(URL, EVENTS)

    await svea.remove_subscription(subscription.id)

    assert await svea.subscriptions() == ()


async def test_a_lost_answer_to_adding_a_subscription_is_in_doubt_and_asking_again_makes_no_second(
    svea: SveaClient, world: World
) -> None:
    rule = world.fault(Drop(When.AFTER), system=System.SVEA_ADMIN, path="subscriptions$")

    with pytest.raises(InDoubt):
        await svea.add_subscription(URL, EVENTS)
    await svea.ensure_subscription(URL, EVENTS)

    assert rule.hits == 1
    assert len(await svea.subscriptions()) == 1


# ── error bodies ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shape", list(ErrorShape))
async def test_every_shape_of_error_is_read(svea: SveaClient, sandbox: Sandbox, shape: ErrorShape) -> None:
    sandbox.svea.merchant("700001").error_shape = shape

    with pytest.raises(UnknownCheckout) as failure:
        await svea.order(1)
    assert failure.value.facts == {"endpoint": "GET /api/v1/orders/1", "http_status": "404"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Answer(400, {}, b'{"Code":1,"Message":"No","Errors":[{"Field":"A","ErrorMessage":"bad"}]}'),
            "No; A: bad",
        ),
        (Answer(400, {}, b'{"resultCode":7,"errorMessage":"Nope"}'), "Nope"),
        (Answer(400, {"errormessage": "In the header"}, b""), "In the header"),
        (Answer(400, {}, b"<html>"), ""),
        (Answer(400, {}, b'{"Errors":["text", null]}'), ""),
        (Answer(400, {}, b'{"Errors":7}'), ""),
    ],
)
def test_what_svea_says_is_found_and_never_fails(answer: Answer, words: str) -> None:
    assert what_svea_says(answer) == words
    assert type(error_for(answer, endpoint="x", write=False)) is RefusedBySvea


def test_a_missing_subscription_is_not_a_missing_order() -> None:
    failure = error_for(Answer(404, {}, b""), endpoint="x", write=False, about_an_order=False)

    assert type(failure) is RefusedBySvea
