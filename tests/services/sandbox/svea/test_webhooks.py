from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from services.sandbox.clock import SandboxClock
from services.sandbox.svea.events import EVENT_NAMES
from services.sandbox.svea.outbox import DeliveryMode, ReleaseOrder
from services.sandbox.svea.signing import webhook_signature
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.subscriptions import Subscription
from tests.services.sandbox.svea.support import MERCHANT, SECRET, Receiver, SveaClient, a_cart
from tests.support.clock import Clock


def sell(svea: SandboxSvea, how_many: int = 1) -> list[int]:
    sold = [svea.create_checkout(MERCHANT, f"9{number:08}", a_cart()) for number in range(how_many)]
    for checkout_id in sold:
        svea.finalize(checkout_id)
    return sold


def told(receiver: Receiver) -> list[int]:
    return [event["CheckoutOrderId"] for event in receiver.events]


async def test_a_webhook_is_compact_json_signed_with_the_merchants_secret(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver, clock: Clock
) -> None:
    (checkout_id,) = sell(svea)
    await svea.settle()

    path, headers, body = receiver.requests[0]
    assert path == "/webhooks"
    assert headers["x-timestamp"] == str(int(clock().timestamp()))
    assert headers["x-signature-512"] == webhook_signature(
        secret=SECRET, timestamp=headers["x-timestamp"], body=body
    )
    assert body.startswith(
        b'{"EventName":"CheckoutOrder.Created","CheckoutOrderId":%d,"IsPending":false,' % checkout_id
    )


async def test_a_merchant_may_send_unsigned(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    svea.merchant(MERCHANT).signs_webhooks = False

    sell(svea)
    await svea.settle()

    assert not {"x-signature-512", "x-timestamp"} & set(receiver.requests[0][1])


async def test_a_refused_webhook_is_retried_until_it_is_taken(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    receiver.answers = [500, 404, 302]

    sell(svea)
    await svea.settle()

    assert [attempt.status for attempt in svea.outbox.attempts] == [500, 404, 302, 200]
    assert len({body for _, _, body in receiver.requests}) == 1
    assert svea.outbox.given_up == []


async def test_after_the_last_attempt_a_webhook_is_given_up(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    svea.outbox.max_attempts = 3
    receiver.answers = [500] * 9

    sell(svea)
    await svea.settle()

    assert len(receiver.requests) == 3
    assert [message.name for message in svea.outbox.given_up] == ["CheckoutOrder.Created"]


@pytest.mark.parametrize("resigns", [True, False])
async def test_a_retry_is_signed_anew_or_not_by_switch(
    svea: SandboxSvea,
    subscription: Subscription,
    receiver: Receiver,
    clock: Clock,
    resigns: bool,
) -> None:
    svea.merchant(MERCHANT).resigns_retries = resigns
    receiver.answers = [500]
    original = svea.outbox.signing_time
    times = iter([original(), original(), *[original() + timedelta(minutes=10)] * 5])
    svea.outbox.signing_time = lambda: next(times)

    sell(svea)
    await svea.settle()

    stamps = [headers["x-timestamp"] for _, headers, _ in receiver.requests]
    assert (stamps[0] != stamps[1]) is resigns


async def test_copies_arrive_with_the_same_body(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    svea.delivery_mode = DeliveryMode(copies=3)

    sell(svea)
    await svea.settle()

    assert len(receiver.requests) == 3
    assert len({body for _, _, body in receiver.requests}) == 1


async def test_events_arrive_in_order_unless_shuffled(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    in_order = sell(svea, 8)
    await svea.settle()
    assert told(receiver) == in_order

    receiver.requests.clear()
    svea.delivery_mode = DeliveryMode(hold=True)
    for checkout_id in in_order:
        svea.deliver(checkout_id)
    await svea.settle()
    assert receiver.requests == []

    assert svea.release_webhooks(ReleaseOrder.SHUFFLED) == 8
    await svea.settle()
    assert told(receiver) != in_order
    assert sorted(told(receiver)) == in_order


async def test_held_events_can_come_backwards(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    svea.delivery_mode = DeliveryMode(hold=True, copies=2)
    (checkout_id,) = sell(svea)
    svea.deliver(checkout_id)

    svea.release_webhooks(ReleaseOrder.REVERSED)
    await svea.settle()

    assert receiver.names == ["CheckoutOrder.Delivered"] * 2 + ["CheckoutOrder.Created"] * 2


async def test_lost_events_never_leave(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    svea.delivery_mode = DeliveryMode(lose=2)

    sold = sell(svea, 3)
    await svea.settle()

    assert told(receiver) == sold[2:]
    assert len(svea.outbox.lost) == 2


async def test_past_events_can_be_sent_again_with_the_same_bytes(
    svea: SandboxSvea, subscription: Subscription, receiver: Receiver
) -> None:
    first, second = sell(svea, 2)
    await svea.settle()

    assert svea.resend_webhooks(last=2, copies=2) == 4
    await svea.settle()

    assert told(receiver) == [first, second, first, first, second, second]
    assert len({body for _, _, body in receiver.requests}) == 2


def test_events_without_a_running_loop_wait_for_settle(clock: Clock) -> None:
    receiver = Receiver()
    svea = SandboxSvea(SandboxClock(clock), webhook_transport=receiver.transport())
    svea.add_merchant(MERCHANT, SECRET, "SE", "SEK", "sv-SE")
    added = svea.subscriptions.add("s", merchant_id=MERCHANT, url="http://r/hook", events=EVENT_NAMES)
    added.verified = True
    (checkout_id,) = sell(svea)

    asyncio.run(svea.settle())

    assert told(receiver) == [checkout_id]


async def test_a_subscription_is_told_nothing_until_its_ping_was_answered(
    svea: SandboxSvea, client: SveaClient, receiver: Receiver
) -> None:
    wanted = {"CallbackUri": "http://receiver/hook", "Events": ["CheckoutOrder.Created"]}
    root = "/api/v2/callbacks/subscriptions"

    added = await client.admin("POST", root, wanted)
    own = f"{root}/{added.json()['SubscriptionId']}"
    sell(svea)
    await svea.settle()
    before = list(receiver.requests)
    verify = await client.admin("POST", own + "/verify")
    await svea.settle()
    (checkout_id,) = sell(svea)
    await svea.settle()

    assert (added.status_code, verify.status_code, before) == (201, 204, [])
    assert receiver.names == ["Ping", "CheckoutOrder.Created"]
    assert told_last(receiver) == checkout_id
    assert (await client.admin("GET", own)).json()["Verified"] is True


def told_last(receiver: Receiver) -> int:
    return int(receiver.events[-1]["CheckoutOrderId"])


async def test_a_ping_that_is_refused_does_not_verify(
    svea: SandboxSvea, client: SveaClient, receiver: Receiver
) -> None:
    receiver.answers = [401] * 9
    added = await client.admin(
        "POST",
        "/api/v2/callbacks/subscriptions",
        {"CallbackUri": "http://receiver/hook", "Events": ["CheckoutOrder.Created"]},
    )
    own = f"/api/v2/callbacks/subscriptions/{added.json()['SubscriptionId']}"

    await client.admin("POST", own + "/verify")
    await svea.settle()

    assert (await client.admin("GET", own)).json()["Verified"] is False


async def test_a_new_url_must_be_verified_again_and_new_events_need_not(
    client: SveaClient, subscription: Subscription
) -> None:
    own = f"/api/v2/callbacks/subscriptions/{subscription.subscription_id}"
    events = ["CheckoutOrder.Delivered"]

    await client.admin("PUT", own, {"CallbackUri": subscription.url, "Events": events})
    same_url = (await client.admin("GET", "/api/v2/callbacks/subscriptions/")).json()["Subscriptions"][0]
    await client.admin("PUT", own, {"CallbackUri": "http://receiver/other", "Events": events})
    other_url = (await client.admin("GET", own)).json()

    assert (same_url["Events"], same_url["Verified"]) == (events, True)
    assert (other_url["CallbackUri"], other_url["Verified"]) == ("http://receiver/other", False)


async def test_a_removed_subscription_is_told_nothing(
    svea: SandboxSvea, client: SveaClient, subscription: Subscription, receiver: Receiver
) -> None:
    own = f"/api/v2/callbacks/subscriptions/{subscription.subscription_id}"

    removed = await client.admin("DELETE", own)
    sell(svea)
    await svea.settle()

    assert removed.status_code == 204
    assert (await client.admin("GET", own)).status_code == 404
    assert receiver.requests == []


async def test_only_the_own_merchants_subscriptions_hear_of_an_order_and_can_be_touched(
    svea: SandboxSvea, client: SveaClient, receiver: Receiver
) -> None:
    theirs = svea.subscriptions.add("t", merchant_id="700002", url="http://r/theirs", events=EVENT_NAMES)
    theirs.verified = True

    sell(svea)
    await svea.settle()
    answer = await client.admin("DELETE", "/api/v2/callbacks/subscriptions/t")

    assert receiver.requests == []
    assert answer.status_code == 404
    assert svea.subscriptions.of("700002") == [theirs]


@pytest.mark.parametrize(
    "wanted",
    [
        {"CallbackUri": "ftp://receiver/hook", "Events": ["CheckoutOrder.Created"]},
        {"CallbackUri": "https://receiver/hook", "Events": ["CheckoutOrder.Paid"]},
        {"CallbackUri": "https://receiver/hook", "Events": []},
        {"CallbackUri": "https://receiver/hook"},
    ],
)
async def test_a_senseless_subscription_is_refused(
    svea: SandboxSvea, client: SveaClient, wanted: dict[str, object]
) -> None:
    answer = await client.admin("POST", "/api/v2/callbacks/subscriptions", wanted)

    assert answer.status_code == 400
    assert svea.subscriptions.of(MERCHANT) == []


async def test_https_can_be_required(svea: SandboxSvea, client: SveaClient) -> None:
    svea.subscriptions.requires_https = True

    answer = await client.admin(
        "POST",
        "/api/v2/callbacks/subscriptions",
        {"CallbackUri": "http://receiver/hook", "Events": ["CheckoutOrder.Created"]},
    )

    assert answer.status_code == 400


async def test_nothing_is_pushed_to_the_example_hosts_of_the_samples(
    svea: SandboxSvea, receiver: Receiver
) -> None:
    checkout_id = svea.create_checkout(MERCHANT, "100000904", a_cart(), push_uri="https://shop.example.com/p")

    svea.finalize(checkout_id)
    await svea.settle()

    assert svea.outbox.posted == []
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("answers", "attempts"), [([200], 1), ([404, 500, 200], 3), ([400], 1), ([302], 1), ([401], 1)]
)
async def test_a_push_is_retried_on_404_and_5xx_only(
    svea: SandboxSvea, receiver: Receiver, answers: list[int], attempts: int
) -> None:
    receiver.answers = answers
    checkout_id = svea.create_checkout(
        MERCHANT, "100000903", a_cart(), push_uri="http://shop/push/sid/{checkout.order.uri}/hash/ab"
    )

    svea.finalize(checkout_id)
    await svea.settle()

    assert [path for path, _, _ in receiver.requests] == [f"/push/sid/{checkout_id}/hash/ab"] * attempts
    assert receiver.requests[0][2] == b'{"type":"Finalized"}'
