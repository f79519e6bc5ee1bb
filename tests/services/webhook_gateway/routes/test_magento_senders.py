"""Every other way a shop may tell us: Adobe's two, Mage-OS', and a token for those that cannot sign."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from services.webhook_gateway.magento_adobe_keys import MOST_WANTED_PER_HOUR
from services.webhook_gateway.magento_senders import ENTITY_BYTES
from shared.domain.adobe_keys import KEY_KIND
from tests.services.webhook_gateway.shop_support import (
    CLIENT,
    FIRST,
    KEY_PATH,
    OTHER_PATH,
    SECOND,
    SHOP,
    TOKEN,
    a_message,
    a_shop,
    adobe_signed,
    an_adobe_event,
    async_signed,
    commerce_signed,
    has_adobe_keys,
    module_signed,
    rsa_signature,
    sample,
)
from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of

ORDER = json.dumps(
    {"eventName": "observer.sales_order_save_after", "data": {"order": {"entity_id": "7"}}}
).encode()
HINT = json.dumps(sample("mageplaza-order")["body"]).encode()
LOGIN = {"username": "hook", "password": "secret"}


async def subjects_of(gateway: Gateway) -> list[tuple[str, str, int]]:
    return sorted((one.kind, one.key, one.wanted) for one in (await gateway.ledger.subjects.page()).items)


# ── Adobe Commerce ────────────────────────────────────────────────────────────────────────────────


async def test_commerce_is_told_that_the_customer_may_go_on(gateway: Gateway) -> None:
    await gateway.knows(a_shop())

    answer = await gateway.receives(ORDER, path=SHOP, headers=commerce_signed(ORDER))

    assert (answer.status_code, answer.json()) == (200, [{"op": "success"}])
    assert await subjects_of(gateway) == [("sale", "M7", 1)]
    (event,) = await gateway.events()
    assert (event.source, event.attributes["sender"]) == ("magento", "commerce")


async def test_commerce_is_told_the_same_when_its_event_names_nobody(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    body = json.dumps(sample("adobe-commerce-webhook-order-save-before")["body"]).encode()

    answer = await gateway.receives(body, path=SHOP, headers=commerce_signed(body))

    assert (answer.status_code, answer.json()) == (200, [{"op": "success"}])
    (event,) = await gateway.events()
    assert (event.outcome, event.attributes["flaw"]) == ("stored", "no_entity_id")


async def test_two_saves_of_an_order_are_two_reasons_to_look_since_the_fields_may_be_the_same(
    gateway: Gateway,
) -> None:
    await gateway.knows(a_shop())
    await gateway.receives(ORDER, path=SHOP, headers=commerce_signed(ORDER))
    gateway.clock.advance(timedelta(milliseconds=300))

    await gateway.receives(ORDER, path=SHOP, headers=commerce_signed(ORDER))

    assert await subjects_of(gateway) == [("sale", "M7", 2)]


async def test_any_of_commerces_keys_is_good_and_no_other(gateway: Gateway) -> None:
    await gateway.knows(a_shop())

    statuses = [
        (await gateway.receives(ORDER, path=SHOP, headers=commerce_signed(ORDER, key))).status_code
        for key in ("commerce", "commerce, new", "a stranger")
    ]
    over_the_body = await gateway.receives(
        ORDER, path=SHOP, headers={"x-adobe-commerce-webhook-signature": rsa_signature(ORDER, "commerce")}
    )

    assert statuses == [200, 200, 401]
    assert problem_of(over_the_body) == (401, "bad_signature")


@pytest.mark.parametrize(
    "headers",
    [
        commerce_signed(ORDER),
        async_signed(ORDER),
        {"x-adobe-digital-signature-1": "AAAA"},
        module_signed(ORDER, at=1777878000),
    ],
    ids=["commerce", "async", "adobe", "module"],
)
async def test_an_unknown_connection_answers_each_sender_like_one_that_does_not_take_it(
    small_gateway: Gateway, headers: dict[str, str]
) -> None:
    declared = a_declaration()
    declared["magento"]["webhook_secrets"] = []
    await small_gateway.knows(declared)

    answers = [
        await small_gateway.receives(ORDER, path=path, headers=headers)
        for path in (SHOP, "/webhooks/magento/nobody")
    ]

    assert problem_of(answers[0]) == (401, "bad_signature")
    assert answers[0].content == answers[1].content
    assert answers[0].headers.items() == answers[1].headers.items()
    assert await small_gateway.events() == []


# ── Adobe I/O Events ──────────────────────────────────────────────────────────────────────────────


def an_event(**told: Any) -> bytes:
    return json.dumps(an_adobe_event(**told)).encode()


async def test_an_io_event_is_stored_once_however_often_it_is_delivered(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    await has_adobe_keys(gateway)
    body = an_event()

    answers = [
        await gateway.receives(body, path=SHOP, headers=adobe_signed(body) | {"x-adobe-retry-count": str(n)})
        for n in range(2)
    ]

    assert [answer.json() for answer in answers] == [
        {"accepted": True, "duplicate": False},
        {"accepted": True, "duplicate": True},
    ]
    assert await subjects_of(gateway) == [("sale", "M1001", 1)]


async def test_a_batch_is_an_event_each_and_only_the_new_ones_count(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    await has_adobe_keys(gateway)
    first = an_event(id="1", data={"value": {"entity_id": "1"}})
    await gateway.receives(first, path=SHOP, headers=adobe_signed(first))
    batch = json.dumps(
        [an_adobe_event(id=str(n), data={"value": {"entity_id": str(n)}}) for n in range(1, 21)]
    ).encode()

    answer = await gateway.receives(batch, path=SHOP, headers=adobe_signed(batch))
    again = await gateway.receives(batch, path=SHOP, headers=adobe_signed(batch))

    assert [answer.json()["duplicate"], again.json()["duplicate"]] == [False, True]
    assert len(await gateway.events()) == 20
    assert {wanted for *_, wanted in await subjects_of(gateway)} == {1}


async def test_a_key_that_is_not_known_is_asked_of_a_worker_and_adobe_to_come_back(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    body = an_event()

    refused = [await gateway.receives(body, path=SHOP, headers=adobe_signed(body)) for _ in range(3)]

    assert [problem_of(answer) for answer in refused] == [(503, "unavailable")] * 3
    assert refused[0].headers["retry-after"] == "5"
    assert await subjects_of(gateway) == [(KEY_KIND, KEY_PATH, 1), (KEY_KIND, OTHER_PATH, 1)]
    assert len(await gateway.rung()) == 2

    await has_adobe_keys(gateway)
    taken = await gateway.receives(body, path=SHOP, headers=adobe_signed(body))
    assert taken.json() == {"accepted": True, "duplicate": False}


async def test_one_known_key_suffices_and_a_forgery_with_both_known_is_refused(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    body = an_event()
    await has_adobe_keys(gateway, first="adobe")

    taken = await gateway.receives(body, path=SHOP, headers=adobe_signed(body))
    await has_adobe_keys(gateway)
    forged = await gateway.receives(body, path=SHOP, headers=adobe_signed(body, "a stranger", "a stranger"))
    another = await gateway.receives(an_event(id="2"), path=SHOP, headers=adobe_signed(body))

    assert taken.status_code == 200
    assert [problem_of(forged), problem_of(another)] == [(401, "bad_signature")] * 2
    assert len(await gateway.events()) == 1


async def test_keys_rotate_without_an_event_being_lost(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    await has_adobe_keys(gateway, first="adobe, older")
    body = an_event()

    rotated = await gateway.receives(body, path=SHOP, headers=adobe_signed(body))
    await has_adobe_keys(gateway)
    again = await gateway.receives(body, path=SHOP, headers=adobe_signed(body))

    assert (problem_of(rotated), again.status_code) == ((503, "unavailable"), 200)


async def test_a_key_is_used_for_a_day_and_asked_for_anew_before_that(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    await has_adobe_keys(gateway)
    wanted = []

    for number, hours in enumerate((12, 1, 10, 1)):
        gateway.clock.advance(timedelta(hours=hours))
        gateway.app.state.house.adobe_keys.forget()
        body = an_event(id=str(number))
        answer = await gateway.receives(body, path=SHOP, headers=adobe_signed(body))
        asked = [one for one in await subjects_of(gateway) if one[0] == KEY_KIND]
        wanted.append((answer.status_code, len(asked)))

    assert wanted == [(200, 0), (200, 2), (200, 2), (503, 2)]


async def test_strangers_cannot_make_us_ask_adobe_without_end(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    body = an_event()

    for number in range(MOST_WANTED_PER_HOUR + 10):
        headers = {
            "x-adobe-digital-signature-1": "AAAA",
            "x-adobe-public-key1-path": f"/prod/keys/pub-key-{number:08x}.pem",
        }
        assert (await gateway.receives(body, path=SHOP, headers=headers)).status_code == 503
    assert len(await gateway.events()) == MOST_WANTED_PER_HOUR

    await gateway.receives(body, path=f"{SHOP}/{TOKEN}", headers=adobe_signed(body))
    assert len(await gateway.events()) == MOST_WANTED_PER_HOUR + 2


async def test_no_key_is_fetched_for_a_shop_that_takes_no_events(gateway: Gateway) -> None:
    await gateway.knows(a_shop(adobe_client_ids=[]))
    body = an_event()

    answers = [
        await gateway.receives(body, path=path, headers=adobe_signed(body))
        for path in (SHOP, "/webhooks/magento/nobody")
    ]
    await has_adobe_keys(gateway)
    known = [
        await gateway.receives(body, path=path, headers=adobe_signed(body))
        for path in (SHOP, "/webhooks/magento/nobody")
    ]

    assert [problem_of(answer) for answer in answers] == [(503, "unavailable")] * 2
    assert [problem_of(answer) for answer in known] == [(401, "bad_signature")] * 2
    assert await gateway.events() == []


async def test_a_signed_event_for_another_client_is_not_ours(gateway: Gateway) -> None:
    await gateway.knows(a_shop(adobe_client_ids=["another"]))
    await has_adobe_keys(gateway)
    body = an_event()

    assert problem_of(await gateway.receives(body, path=SHOP, headers=adobe_signed(body))) == (
        401,
        "bad_signature",
    )
    assert await gateway.events() == []


@pytest.mark.parametrize("path", [SHOP, "/webhooks/magento/nobody", f"{SHOP}/{TOKEN}"])
async def test_adobes_challenge_is_answered_for_whoever_asks(small_gateway: Gateway, path: str) -> None:
    asked = sample("adobe-io-challenge")

    answer = await small_gateway.http.get(path, params=asked["request"]["query"])

    assert answer.status_code == asked["response"]["http_status"]
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == asked["response"]["body"]


@pytest.mark.parametrize("query", [{}, {"challenge": ""}, {"challenge": "x" * 513}])
async def test_without_a_challenge_there_is_nothing_to_say(
    small_gateway: Gateway, query: dict[str, str]
) -> None:
    assert problem_of(await small_gateway.http.get(SHOP, params=query)) == (400, "no_challenge")


async def test_an_address_to_validate_is_opened_by_a_worker_if_the_token_was_right(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    body = b'{"validationUrl":"https://csm.adobe.io/validate?id=1"}'

    taken = await gateway.receives(body, path=f"{SHOP}/{TOKEN}")
    unsigned = await gateway.receives(body, path=SHOP)

    assert (taken.status_code, problem_of(unsigned)) == (200, (401, "bad_signature"))
    assert await subjects_of(gateway) == [("adobe_validation", "https://csm.adobe.io/validate?id=1", 1)]


# ── Mage-OS async events ──────────────────────────────────────────────────────────────────────────


async def test_mage_os_has_an_address_per_event(gateway: Gateway) -> None:
    told = sample("mageos-async-events-order-created")
    declared = a_declaration()
    declared["magento"]["webhook_secrets"] = ["older", told["secret"]]
    await gateway.knows(declared)
    body = told["raw_body"].encode()

    taken = await gateway.receives(body, path=f"{SHOP}?event=sales.order.created", headers=told["headers"])
    again = await gateway.receives(body, path=f"{SHOP}?event=sales.order.created", headers=told["headers"])
    unnamed = await gateway.receives(body, path=SHOP, headers=told["headers"])
    changed = await gateway.receives(
        body + b" ", path=f"{SHOP}?event=sales.order.created", headers=told["headers"]
    )

    assert [taken.json()["duplicate"], again.json()["duplicate"]] == [False, True]
    assert problem_of(unnamed) == (400, "no_event_name")
    assert problem_of(changed) == (401, "bad_signature")
    assert await subjects_of(gateway) == [("sale", "M1001", 1)]


async def test_what_mage_os_says_again_a_minute_later_is_looked_at_again(gateway: Gateway) -> None:
    await gateway.knows()
    body = b'{"data":{"entity_id":7}}'
    for _ in range(2):
        await gateway.receives(body, path=f"{SHOP}?event=sales.order.updated", headers=async_signed(body))
        gateway.clock.advance(timedelta(minutes=1))

    assert await subjects_of(gateway) == [("sale", "M7", 2)]


async def test_any_secret_is_good_for_mage_os(gateway: Gateway) -> None:
    await gateway.knows()
    statuses = []
    for secret in (FIRST, SECOND, "a-stranger"):
        body = json.dumps({"data": {"entity_id": 7}, "for": secret}).encode()
        headers = async_signed(body, secret)
        answer = await gateway.receives(body, path=f"{SHOP}?event=sales.order.paid", headers=headers)
        statuses.append(answer.status_code)

    assert statuses == [200, 200, 401]


async def test_a_whole_order_may_be_larger_than_a_callback(small_gateway: Gateway) -> None:
    await small_gateway.knows()
    path, padding = f"{SHOP}?event=sales.order.created", small_gateway.service.max_body_bytes

    answers = []
    for size in (padding, ENTITY_BYTES):
        body = json.dumps({"data": {"entity_id": 7, "items": "x" * size}}).encode()
        answers.append(
            (await small_gateway.receives(body, path=path, headers=async_signed(body))).status_code
        )

    assert answers == [200, 413]


# ── a token, and perhaps a login ──────────────────────────────────────────────────────────────────


async def test_a_module_that_cannot_sign_shows_a_token(gateway: Gateway) -> None:
    await gateway.knows(a_shop(tokens=["an-older-token-of-the-shop-that-is-long-enough", TOKEN]))

    for token in (TOKEN, "an-older-token-of-the-shop-that-is-long-enough"):
        answer = await gateway.receives(HINT, path=f"{SHOP}/{token}")
        gateway.clock.advance(timedelta(seconds=1))
        assert answer.json() == {"accepted": True, "duplicate": False}
    assert await subjects_of(gateway) == [("sale", "M1001", 2)]


async def test_a_wrong_token_and_an_unknown_connection_answer_the_same_bytes(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    await gateway.knows(a_declaration("no-tokens"))

    answers = [
        await gateway.receives(HINT, path=f"/webhooks/magento/{path}")
        for path in (f"acme/{TOKEN}x", f"nobody/{TOKEN}", f"no-tokens/{TOKEN}", "acme/%ff")
    ]

    assert problem_of(answers[0]) == (404, "not_found")
    assert {(one.status_code, one.content, tuple(one.headers.items())) for one in answers} == {
        (404, answers[0].content, tuple(answers[0].headers.items()))
    }
    assert await gateway.events() == []


async def test_a_login_is_asked_for_where_there_is_one(gateway: Gateway) -> None:
    await gateway.knows(a_shop(basic=LOGIN))
    path = f"{SHOP}/{TOKEN}"

    refused = await gateway.receives(HINT, path=path)
    wrong = await gateway.receives(HINT, path=path, headers={"Authorization": "Basic aG9vazpvdGhlcg=="})
    taken = await gateway.receives(HINT, path=path, headers=sample("mageplaza-order")["headers"])

    assert [problem_of(answer) for answer in (refused, wrong)] == [(401, "bad_signature")] * 2
    assert refused.headers["www-authenticate"] == 'Basic realm="sluss"'
    assert taken.status_code == 200
    assert base64.b64decode("aG9vazpzZWNyZXQ=") == b"hook:secret"


async def test_the_secret_address_verifies_what_is_signed(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    body = a_message()

    good = await gateway.receives(body, path=f"{SHOP}/{TOKEN}", headers=module_signed(body, at=gateway.now))
    bad = await gateway.receives(
        body, path=f"{SHOP}/{TOKEN}", headers=module_signed(body, at=gateway.now, secret="a-stranger")
    )

    assert (good.status_code, problem_of(bad)) == (200, (401, "bad_signature"))


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "malformed_json"), (b"[]", "not_an_object"), (b'{"type":"order"}', "no_entity_id")],
)
async def test_a_template_that_says_nothing_is_refused(
    small_gateway: Gateway, body: bytes, code: str
) -> None:
    await small_gateway.knows(a_shop())

    assert problem_of(await small_gateway.receives(body, path=f"{SHOP}/{TOKEN}")) == (400, code)


async def test_unsigned_messages_of_an_unknown_kind_are_stored(gateway: Gateway) -> None:
    await gateway.knows(a_shop())

    answer = await gateway.receives(b'{"type":"abandoned_cart","entity_id":"4"}', path=f"{SHOP}/{TOKEN}")

    assert answer.status_code == 200
    assert [(event.name, event.outcome) for event in await gateway.events()] == [("abandoned_cart", "stored")]


async def test_all_senders_at_once_are_one_sale(gateway: Gateway) -> None:
    await gateway.knows(a_shop())
    await has_adobe_keys(gateway)
    module, commerce = (
        a_message(),
        json.dumps(
            {"eventName": "observer.sales_order_save_after", "data": {"order": {"entity_id": "1001"}}}
        ).encode(),
    )
    adobe, mage_os = an_event(), b'{"data":{"entity_id":1001}}'

    answers = await asyncio.gather(
        gateway.receives(module, path=SHOP, headers=module_signed(module, at=gateway.now)),
        gateway.receives(commerce, path=SHOP, headers=commerce_signed(commerce)),
        gateway.receives(adobe, path=SHOP, headers=adobe_signed(adobe)),
        gateway.receives(mage_os, path=f"{SHOP}?event=sales.order.created", headers=async_signed(mage_os)),
        gateway.receives(HINT, path=f"{SHOP}/{TOKEN}"),
    )

    assert [answer.status_code for answer in answers] == [200] * 5
    assert await subjects_of(gateway) == [("sale", "M1001", 5)]
    assert CLIENT in adobe.decode()
