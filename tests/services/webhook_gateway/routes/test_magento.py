"""The shop module's webhooks from the outside: what is answered, what is stored, who is rung."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.local.redis_server import RedisServer
from services.webhook_gateway.verification.rules import NOBODYS_TOKEN
from shared.ledger.ledger import Ledger
from shared.queue import Queue
from shared.settings.service import ServiceSettings
from tests.services.webhook_gateway.conftest import KEYS, Opened
from tests.services.webhook_gateway.shop_support import (
    FIRST,
    SAMPLES,
    SECOND,
    SHOP,
    TOKEN,
    a_message,
    a_shop,
    module_signed,
)
from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of
from tests.support.clock import Clock

VECTORS = json.loads((SAMPLES / "vectors.json").read_text())
MODULE_SAMPLES = sorted(SAMPLES.glob("own-module-*.json"))


async def test_a_message_is_stored_rung_and_acknowledged(gateway: Gateway) -> None:
    await gateway.knows()
    body = a_message()

    answer = await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))

    assert (answer.status_code, answer.json()) == (200, {"accepted": True, "duplicate": False})
    (event,) = await gateway.events()
    assert (event.connection, event.source, event.name, event.market, event.body) == (
        "acme",
        "magento",
        "order.placed",
        None,
        body,
    )
    assert event.attributes == {
        "event": "order.placed",
        "sender": "module",
        "entity": "order",
        "entity_id": "1001",
        "increment_id": "000001001",
    }
    assert event.occurred_at == datetime(2026, 5, 4, 6, 59, 57, tzinfo=UTC)
    sale = await gateway.ledger.subjects.find("acme", "sale", "M1001")
    assert sale is not None
    assert (sale.state, sale.wanted, sale.lane) == ("due", 1, "sale")
    assert await gateway.rung() == [f"{sale.id}:1:0"]


@pytest.mark.parametrize("file", MODULE_SAMPLES, ids=lambda file: file.stem)
async def test_every_sample_is_taken_and_points_at_its_subject(small_gateway: Gateway, file: Any) -> None:
    told = json.loads(file.read_text())
    declared = a_declaration()
    declared["magento"]["webhook_secrets"] = [told["secret"]]
    await small_gateway.knows(declared)
    small_gateway.clock.set(datetime.fromtimestamp(int(told["headers"]["X-Sluss-Timestamp"]), UTC))

    answer = await small_gateway.receives(told["raw_body"].encode(), path=SHOP, headers=told["headers"])

    assert answer.json() == {"accepted": True, "duplicate": False}
    subjects = (await small_gateway.ledger.subjects.page()).items
    assert [(one.kind, one.key, one.lane) for one in subjects] == [
        {
            "own-module-creditmemo-created": ("sale", "M1007", "sale"),
            "own-module-customer-updated": ("customer", "502", "settle"),
            "own-module-invoice-created": ("sale", "M1002", "sale"),
            "own-module-order-placed": ("sale", "M1001", "sale"),
            "own-module-order-status-changed": ("sale", "M1016", "sale"),
            "own-module-product-updated": ("article", "11", "bulk"),
        }[file.stem]
    ]


async def test_order_memo_invoice_and_shipment_are_one_sale(gateway: Gateway) -> None:
    await gateway.knows()

    entities: list[dict[str, Any]] = [
        {"type": "order", "id": "1001"},
        {"type": "invoice", "id": 7, "order_id": 1001},
        {"type": "shipment", "id": 8, "order_id": "1001"},
        {"type": "creditmemo", "id": 9, "order_id": 1001},
    ]
    for entity in entities:
        body = a_message(f"{entity['type']}.created", f"id-{entity['id']}", **entity)
        await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))

    sale = await gateway.ledger.subjects.find("acme", "sale", "M1001")
    assert sale is not None
    assert sale.wanted == 4
    assert len((await gateway.ledger.subjects.page()).items) == 1


async def test_a_message_that_is_sent_again_is_one_event_although_it_is_signed_anew(gateway: Gateway) -> None:
    await gateway.knows()
    body = a_message()
    await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))
    gateway.clock.advance(timedelta(minutes=10))
    retried = json.dumps(json.loads(body) | {"attempt": 2}).encode()

    again = await gateway.receives(retried, path=SHOP, headers=module_signed(retried, at=gateway.now))

    assert (again.status_code, again.json()) == (200, {"accepted": True, "duplicate": True})
    assert len(await gateway.events()) == 1
    assert len(await gateway.rung()) == 1


async def test_a_hundred_copies_at_once_are_one_event(gateway: Gateway) -> None:
    await gateway.knows()
    body = a_message()
    headers = module_signed(body, at=gateway.now)

    answers = await asyncio.gather(*(gateway.receives(body, path=SHOP, headers=headers) for _ in range(100)))

    assert sorted(answer.json()["duplicate"] for answer in answers) == [False] + [True] * 99
    assert len(await gateway.events()) == 1


async def test_any_of_the_secrets_is_good_and_no_other(gateway: Gateway) -> None:
    await gateway.knows()
    answers = {}

    for secret in (FIRST, SECOND, "a-foreign-one", ""):
        body = a_message(id_=f"signed-with-{secret}")
        headers = module_signed(body, at=gateway.now, secret=secret)
        answers[secret] = (await gateway.receives(body, path=SHOP, headers=headers)).status_code

    assert answers == {FIRST: 200, SECOND: 200, "a-foreign-one": 401, "": 401}
    assert len(await gateway.events()) == 2


@pytest.mark.parametrize("secrets", [[], [""]])
async def test_without_a_secret_nobody_can_sign(small_gateway: Gateway, secrets: list[str]) -> None:
    declared = a_declaration()
    declared["magento"]["webhook_secrets"] = secrets
    await small_gateway.knows(declared)
    body = a_message()

    for secret in ("", NOBODYS_TOKEN):
        headers = module_signed(body, at=small_gateway.now, secret=secret)
        refused = await small_gateway.receives(body, path=SHOP, headers=headers)
        assert problem_of(refused) == (401, "bad_signature")


@pytest.mark.parametrize(("late_by", "status"), [(300, 200), (301, 401), (-300, 200), (-301, 401)])
async def test_a_signature_is_good_for_five_minutes_either_way(
    small_gateway: Gateway, late_by: int, status: int
) -> None:
    await small_gateway.knows()
    body = a_message()
    headers = module_signed(body, at=small_gateway.now)
    small_gateway.clock.advance(timedelta(seconds=late_by))

    answer = await small_gateway.receives(body, path=SHOP, headers=headers)

    assert answer.status_code == status
    assert len(await small_gateway.events()) == (1 if status == 200 else 0)


async def test_the_window_is_a_setting(small_gateway: Gateway) -> None:
    await small_gateway.knows(a_shop(signature_tolerance=30))
    body = a_message()
    headers = module_signed(body, at=small_gateway.now - 31)

    refused = await small_gateway.receives(body, path=SHOP, headers=headers)

    assert problem_of(refused) == (401, "bad_signature")


async def test_what_is_signed_decides_and_not_the_headers_that_repeat_it(gateway: Gateway) -> None:
    await gateway.knows()
    body = a_message()
    headers = module_signed(body, at=gateway.now)
    await gateway.receives(body, path=SHOP, headers=headers)

    forged = headers | {"X-Sluss-Id": "another", "X-Sluss-Event": "product.updated"}
    again = await gateway.receives(body, path=SHOP, headers=forged)

    assert again.json() == {"accepted": True, "duplicate": True}


async def test_a_bad_signature_and_an_unknown_connection_answer_the_same_bytes(gateway: Gateway) -> None:
    await gateway.knows()
    without_shop = a_declaration("books-only")
    del without_shop["magento"]
    await gateway.knows(without_shop)
    body = a_message()
    headers = module_signed(body, at=gateway.now, secret="a-foreign-one")

    answers = [
        await gateway.receives(body, path=path, headers=headers)
        for path in (
            SHOP,
            "/webhooks/magento/nobody",
            "/webhooks/magento/books-only",
            "/webhooks/magento/%C3%A5",
        )
    ]

    assert problem_of(answers[0]) == (401, "bad_signature")
    assert {(one.status_code, one.content, tuple(one.headers.items())) for one in answers} == {
        (401, answers[0].content, tuple(answers[0].headers.items()))
    }
    assert await gateway.events() == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Sluss-Signature": "garbage"},
        {"X-Sluss-Timestamp": "1777878000"},
        {"X-Sluss-Signature": "", "X-Sluss-Timestamp": ""},
        {"X-Sluss-Signature": "v1=" + "A" * 64, "X-Sluss-Timestamp": "1777878000"},
        {"X-Sluss-Signature": "v2=" + "a" * 64, "X-Sluss-Timestamp": "1777878000"},
        {"X-Sluss-Signature": "v1=" + "a" * 64, "X-Sluss-Timestamp": "soon"},
        {"Authorization": "Bearer x"},
    ],
)
async def test_malformed_or_missing_signatures_are_refused_before_the_body_is_read(
    small_gateway: Gateway, headers: dict[str, str]
) -> None:
    await small_gateway.knows()

    for body in (a_message(), b"not json"):
        answer = await small_gateway.receives(body, path=SHOP, headers=headers)
        assert problem_of(answer) == (401, "bad_signature")
    assert await small_gateway.events() == []


async def test_which_rule_failed_is_counted_and_not_told(small_gateway: Gateway) -> None:
    await small_gateway.knows()
    labels = {"source": "magento_module", "rule": "signature_mismatch"}
    before = REGISTRY.get_sample_value("sluss_intake_rejected_total", labels) or 0.0

    refused = await small_gateway.receives(
        a_message(), path=SHOP, headers=module_signed(b"another body", at=small_gateway.now)
    )

    assert REGISTRY.get_sample_value("sluss_intake_rejected_total", labels) == before + 1
    assert "mismatch" not in refused.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"[]", "not_an_object"),
        (a_message(id=None), "no_entity_id"),
        (a_message(id=-4), "no_entity_id"),
        (a_message(type="invoice", order_id="soon"), "no_entity_id"),
        (a_message("creditmemo.created", type="creditmemo"), "no_entity_id"),
        (b'{"id":"1","type":"order.placed"}', "no_entity_id"),
    ],
)
async def test_a_signed_body_that_cannot_be_read_is_refused_for_good(
    small_gateway: Gateway, body: bytes, code: str
) -> None:
    await small_gateway.knows()

    answer = await small_gateway.receives(body, path=SHOP, headers=module_signed(body, at=small_gateway.now))

    assert problem_of(answer) == (400, code)
    assert await small_gateway.events() == []


@pytest.mark.parametrize(
    "told",
    [
        {"id": "1", "type": "test"},
        {"id": "1", "type": "stock.updated", "entity": {"type": "stock", "id": 11}},
        {"id": "1", "type": "tomorrow.invented", "entity": {"type": "gift_registry", "id": 3}},
        {},
    ],
)
async def test_what_concerns_no_subject_is_stored_and_rings_nobody(
    gateway: Gateway, told: dict[str, Any]
) -> None:
    await gateway.knows()
    body = json.dumps(told).encode()

    answer = await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))

    assert answer.json() == {"accepted": True, "duplicate": False}
    (event,) = await gateway.events()
    assert (event.subject_id, event.outcome) == (None, "stored")
    assert await gateway.rung() == []


async def test_a_body_over_the_limit_is_refused(small_gateway: Gateway) -> None:
    await small_gateway.knows()
    body = a_message(filler="x" * small_gateway.service.max_body_bytes)

    answer = await small_gateway.receives(body, path=SHOP, headers=module_signed(body, at=small_gateway.now))

    assert problem_of(answer) == (413, "body_too_large")


async def test_a_deactivated_connection_still_loses_nothing(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.ledger.connections.set_active("acme", False)
    body = a_message()

    answer = await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))

    assert answer.status_code == 200


async def test_a_changed_secret_is_noticed_within_two_seconds(gateway: Gateway) -> None:
    await gateway.knows()
    declared = a_declaration()
    declared["magento"]["webhook_secrets"] = ["a-new-secret"]
    body = a_message()
    await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))

    await gateway.knows(declared)

    answer = await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))
    assert answer.status_code == 401


async def test_with_redis_killed_messages_are_stored_and_acknowledged(
    ledger: Ledger, opened: Opened, own_redis_server: RedisServer
) -> None:
    service = ServiceSettings(redis_url=own_redis_server.url)
    queue = await Queue.connect(service, patient=False)
    async with opened(ledger, service, queue) as gateway:
        await gateway.knows()
        own_redis_server.kill()
        body = a_message()

        answer = await gateway.receives(body, path=SHOP, headers=module_signed(body, at=gateway.now))

        assert answer.json() == {"accepted": True, "duplicate": False}


async def test_without_the_ledger_nothing_is_acknowledged(
    sqlite_url: str, clock: Clock, service: ServiceSettings, opened: Opened
) -> None:
    ledger = await Ledger.open(sqlite_url, keys=KEYS, clock=clock, migrate=True)
    async with opened(ledger, service) as gateway:
        await gateway.knows(a_shop())
        await ledger.close()
        body = a_message()

        answers = [
            await gateway.receives(body, path=path, headers=module_signed(body, at=gateway.now))
            for path in (SHOP, f"{SHOP}/{TOKEN}", "/webhooks/magento/nobody")
        ]

    assert [problem_of(answer) for answer in answers] == [(503, "unavailable")] * 3
    assert [answer.headers["retry-after"] for answer in answers] == ["5"] * 3
