"""Svea's callbacks from the outside: what is answered, what is stored, who is rung."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from services.local.postgres_server import PostgresServer
from services.local.redis_server import RedisServer
from shared.ledger.ledger import Ledger
from shared.queue import Queue
from shared.settings.connections import ConnectionDeclaration
from shared.settings.service import ServiceSettings
from tests.services.webhook_gateway.conftest import KEYS, Opened
from tests.services.webhook_gateway.support import (
    CALLBACK,
    SECRET,
    TOKEN,
    Gateway,
    a_declaration,
    a_notice,
    problem_of,
    signed,
)
from tests.support.clock import Clock
from tests.support.paths import REPOSITORY

VECTORS = json.loads((REPOSITORY / "tests/data/svea/webhook-signatures.json").read_text())["vectors"]
SAMPLES = REPOSITORY / "services/sandbox/data/svea"


async def test_a_callback_is_stored_rung_and_acknowledged(gateway: Gateway) -> None:
    await gateway.knows()
    body = a_notice()

    answer = await gateway.receives(body, headers=signed(body, at=gateway.now))

    assert (answer.status_code, answer.json()) == (200, {"accepted": True, "duplicate": False})
    (event,) = await gateway.events()
    assert (event.connection, event.source, event.name, event.market) == (
        "acme",
        "svea",
        "CheckoutOrder.Delivered",
        "se",
    )
    assert (event.body, event.attributes["delivery_id"], event.attributes["signed"]) == (
        body,
        "7200501",
        "true",
    )
    sale = await gateway.ledger.subjects.find("acme", "sale", "9300101")
    assert sale is not None
    assert (sale.state, sale.wanted, sale.done, sale.market, sale.lane) == ("due", 1, 0, "se", "sale")
    assert await gateway.rung() == [f"{sale.id}:1:0"]


async def test_the_same_callback_twice_is_one_event_and_two_acknowledgements(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.receives()

    again = await gateway.receives()

    assert (again.status_code, again.json()) == (200, {"accepted": True, "duplicate": True})
    assert len(await gateway.events()) == 1
    assert len(await gateway.rung()) == 1


async def test_a_hundred_copies_at_once_are_one_event(gateway: Gateway) -> None:
    await gateway.knows()

    answers = await asyncio.gather(*(gateway.receives() for _ in range(100)))

    assert [answer.status_code for answer in answers] == [200] * 100
    assert sorted(answer.json()["duplicate"] for answer in answers) == [False] + [True] * 99
    assert len(await gateway.events()) == 1


async def test_every_signed_sample_is_taken(
    sqlite_url: str, clock: Clock, service: ServiceSettings, opened: Opened
) -> None:
    ledger = await Ledger.open(sqlite_url, keys=KEYS, clock=clock, migrate=True)
    async with opened(ledger, service) as gateway:
        for vector in VECTORS:
            await gateway.knows(a_declaration(secret=vector["secret"], require_signature=True))
            body = (SAMPLES / vector["file"]).read_bytes()
            clock.set(datetime.fromtimestamp(int(vector["headers"]["X-Timestamp"]), UTC))

            answer = await gateway.receives(body, headers=vector["headers"])

            assert (answer.status_code, answer.json()["duplicate"]) == (200, False), vector["file"]
        assert len((await ledger.inbox.page(limit=100)).items) == 29
    await ledger.close()


async def test_any_current_or_previous_secret_is_good_and_no_other(gateway: Gateway) -> None:
    await gateway.knows(a_declaration(secret="the-new-one", previous_secrets=[SECRET, "an-older-one"]))
    answers = {}

    for secret in ("the-new-one", SECRET, "an-older-one", "a-foreign-one"):
        body = a_notice(CorrelationId=secret)
        answer = await gateway.receives(body, headers=signed(body, at=gateway.now, secret=secret))
        answers[secret] = answer.status_code

    assert answers == {"the-new-one": 200, SECRET: 200, "an-older-one": 200, "a-foreign-one": 401}


@pytest.mark.parametrize(("late_by", "status"), [(300, 200), (301, 401), (-300, 200), (-301, 401)])
async def test_a_signature_is_good_for_five_minutes_either_way(
    small_gateway: Gateway, late_by: int, status: int
) -> None:
    await small_gateway.knows()
    body = a_notice()
    headers = signed(body, at=small_gateway.now)
    small_gateway.clock.advance(timedelta(seconds=late_by))

    answer = await small_gateway.receives(body, headers=headers)

    assert answer.status_code == status
    assert len(await small_gateway.events()) == (1 if status == 200 else 0)


async def test_an_unsigned_callback_is_taken_unless_the_market_requires_a_signature(gateway: Gateway) -> None:
    await gateway.knows()
    assert (await gateway.receives()).status_code == 200

    await gateway.knows(a_declaration(require_signature=True))
    refused = await gateway.receives(a_notice(DeliveryId=2))

    assert problem_of(refused) == (401, "bad_signature")
    assert len(await gateway.events()) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Signature-512": "garbage"},
        {"X-Timestamp": "1777878000"},
        {"X-Signature-512": "", "X-Timestamp": ""},
        {"X-Signature-512": "A" * 88, "X-Timestamp": "soon"},
        {"X-Signature-512": "A" * 60_000, "X-Timestamp": "1777878000"},
    ],
)
async def test_malformed_signature_headers_are_refused_and_nothing_is_stored(
    small_gateway: Gateway, headers: dict[str, str]
) -> None:
    await small_gateway.knows()

    assert problem_of(await small_gateway.receives(headers=headers)) == (401, "bad_signature")
    assert await small_gateway.events() == []


async def test_which_rule_failed_is_counted_and_not_told(small_gateway: Gateway) -> None:
    await small_gateway.knows()
    labels = {"source": "svea", "rule": "signature_mismatch"}
    before = REGISTRY.get_sample_value("sluss_intake_rejected_total", labels) or 0.0

    refused = await small_gateway.receives(headers=signed(b"another body", at=small_gateway.now))

    assert REGISTRY.get_sample_value("sluss_intake_rejected_total", labels) == before + 1
    assert "mismatch" not in refused.text


async def test_a_bad_token_an_unknown_market_and_an_unknown_connection_answer_the_same_bytes(
    gateway: Gateway,
) -> None:
    await gateway.knows()

    answers = [
        await gateway.receives(path=path)
        for path in (
            f"{CALLBACK}x",
            f"/webhooks/svea/acme/no/{TOKEN}",
            f"/webhooks/svea/nobody/se/{TOKEN}",
            f"/webhooks/svea/%C3%A5/%00/{TOKEN[:-1]}%ff",
            f"{CALLBACK}x/push/9300101",
            f"/webhooks/svea/nobody/se/{TOKEN}/push/no-number",
        )
    ]

    assert problem_of(answers[0]) == (404, "not_found")
    assert {
        (answer.status_code, answer.content, tuple(answer.headers.items())) for answer in answers[:3]
    } == {(404, answers[0].content, tuple(answers[0].headers.items()))}
    assert {answer.content for answer in answers[4:]} == {answers[0].content}
    assert await gateway.events() == []


async def test_callbacks_come_only_from_the_ranges_that_are_given(gateway: Gateway) -> None:
    await gateway.knows(a_declaration(source_ranges=["193.13.207.0/24"]))
    assert problem_of(await gateway.receives()) == (403, "forbidden_source")
    assert await gateway.events() == []

    await gateway.knows(a_declaration(source_ranges=["193.13.207.0/24", "203.0.113.0/24"]))

    assert (await gateway.receives()).status_code == 200


async def test_a_wrong_token_is_told_nothing_about_ranges(gateway: Gateway) -> None:
    await gateway.knows(a_declaration(source_ranges=["193.13.207.0/24"]))

    assert problem_of(await gateway.receives(path=f"{CALLBACK}x")) == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"\xff\xfe", "malformed_json"),
        (b"[]", "not_an_object"),
        (a_notice(CheckoutOrderId=None), "no_checkout_order_id"),
        (a_notice(CheckoutOrderId=-4), "no_checkout_order_id"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused_for_good(
    small_gateway: Gateway, body: bytes, code: str
) -> None:
    await small_gateway.knows()

    assert problem_of(await small_gateway.receives(body)) == (400, code)
    assert await small_gateway.events() == []


@pytest.mark.parametrize("name", ["Ping", "StandaloneOrder.Closed", "Tomorrow.Invented"])
async def test_what_concerns_no_order_is_stored_and_rings_nobody(gateway: Gateway, name: str) -> None:
    await gateway.knows()

    answer = await gateway.receives(json.dumps({"EventName": name}).encode())

    assert answer.json() == {"accepted": True, "duplicate": False}
    (event,) = await gateway.events()
    assert (event.name, event.subject_id, event.outcome) == (name, None, "stored")
    assert await gateway.rung() == []


async def test_text_that_postgresql_cannot_hold_does_not_fail_a_callback(gateway: Gateway) -> None:
    await gateway.knows()

    answer = await gateway.receives(
        b'{"EventName":"X\\u0000\\ud800","CloseReason":"\\u0000","TimestampUtc":"\\u0000"}'
    )

    assert answer.status_code == 200
    assert [event.name for event in await gateway.events()] == ["X"]


async def test_a_push_points_at_the_order_in_its_address(gateway: Gateway) -> None:
    await gateway.knows()

    for body in (b"", b'{"type":"Finalized"}', b"not json at all"):
        answer = await gateway.receives(body, path=f"{CALLBACK}/push/9300101")
        assert answer.json() == {"accepted": True, "duplicate": False}
    repeated = await gateway.receives(b"", path=f"{CALLBACK}/push/9300101")

    assert repeated.json() == {"accepted": True, "duplicate": True}
    events = await gateway.events()
    assert [event.source for event in events] == ["svea_push"] * 3
    assert len({event.subject_id for event in events}) == 1
    sale = await gateway.ledger.subjects.find("acme", "sale", "9300101")
    assert sale is not None
    assert sale.wanted == 3


async def test_a_push_for_what_is_no_order_id_is_refused_for_good(gateway: Gateway) -> None:
    await gateway.knows()

    answer = await gateway.receives(path=f"{CALLBACK}/push/%7Bcheckout.order.id%7D")

    assert problem_of(answer) == (400, "no_checkout_order_id")
    assert await gateway.events() == []


async def test_a_push_is_signed_like_the_rest(gateway: Gateway) -> None:
    await gateway.knows(a_declaration(require_signature=True))
    body = b'{"type":"Finalized"}'

    unsigned = await gateway.receives(body, path=f"{CALLBACK}/push/9300101")
    good = await gateway.receives(body, path=f"{CALLBACK}/push/9300101", headers=signed(body, at=gateway.now))

    assert problem_of(unsigned) == (401, "bad_signature")
    assert good.status_code == 200


async def test_a_body_over_the_limit_is_refused_before_it_is_all_read(gateway: Gateway) -> None:
    await gateway.knows()
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 64 * 1024

    answer = await gateway.http.post(CALLBACK, content=_at_most(endless(), 100))

    assert problem_of(answer) == (413, "body_too_large")
    assert await gateway.events() == []


async def _at_most(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    for _ in range(most):
        yield await anext(chunks)


async def test_a_body_of_exactly_the_limit_is_taken_and_an_announced_larger_one_is_not(
    gateway: Gateway,
) -> None:
    await gateway.knows()
    limit = gateway.service.max_body_bytes
    filler = limit - len(a_notice(Filler=""))

    assert (await gateway.receives(a_notice(Filler="x" * filler))).status_code == 200
    assert problem_of(await gateway.receives(a_notice(Filler="x" * (filler + 1)))) == (413, "body_too_large")


async def test_a_changed_declaration_is_noticed_within_two_seconds(gateway: Gateway) -> None:
    await gateway.knows()
    assert (await gateway.receives()).status_code == 200

    await gateway.ledger.connections.put(
        ConnectionDeclaration.model_validate(a_declaration(callback_token="another-token"))
    )

    async with asyncio.timeout(2):
        while (await gateway.receives()).status_code != 404:
            await asyncio.sleep(0.05)
    assert (await gateway.receives(path="/webhooks/svea/acme/se/another-token")).status_code == 200


async def test_a_deactivated_connection_still_loses_nothing(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.ledger.connections.set_active("acme", False)

    assert (await gateway.receives()).status_code == 200
    assert len(await gateway.events()) == 1


# ── when something is down ────────────────────────────────────────────────────────────────────────


async def test_with_redis_killed_callbacks_are_stored_and_acknowledged_quickly(
    ledger: Ledger, opened: Opened, own_redis_server: RedisServer
) -> None:
    service = ServiceSettings(redis_url=own_redis_server.url)
    queue = await Queue.connect(service, patient=False)
    async with opened(ledger, service, queue) as gateway:
        await gateway.knows()
        own_redis_server.kill()
        loop = asyncio.get_running_loop()
        started = loop.time()

        answers = [await gateway.receives(a_notice(DeliveryId=number)) for number in range(1, 21)]

        assert [answer.status_code for answer in answers] == [200] * 20
        assert len(await gateway.events()) == 20
        assert loop.time() - started < 5


async def test_started_without_redis_it_rings_once_redis_is_there(
    ledger: Ledger, opened: Opened, own_redis_server: RedisServer
) -> None:
    service = ServiceSettings(redis_url=own_redis_server.url)
    own_redis_server.kill()
    async with opened(ledger, service, None) as gateway:
        await gateway.knows()
        assert (await gateway.receives(a_notice(DeliveryId=1))).status_code == 200
        own_redis_server.start()
        gateway.app.state.house.doorbell.try_again_now()

        await gateway.receives(a_notice(DeliveryId=2))

        assert len(await gateway.rung()) == 1


async def test_with_the_database_killed_svea_is_asked_to_come_back_and_is_served_when_it_is_there_again(
    own_postgres_server: PostgresServer, clock: Clock, service: ServiceSettings, opened: Opened
) -> None:
    url = own_postgres_server.create_database("sluss")
    ledger = await Ledger.open(url, keys=KEYS, clock=clock, migrate=True)
    async with opened(ledger, service) as gateway:
        await gateway.knows()
        await gateway.receives(a_notice(DeliveryId=1))  # now the keys are known

        own_postgres_server.kill()
        refused = [await gateway.receives(path=path) for path in (CALLBACK, f"{CALLBACK}/push/9300101")]
        ready = await gateway.http.get("/health/ready")
        asked = await gateway.http.get("/api/v1/events", headers={"authorization": "Bearer some-key"})
        own_postgres_server.start()
        taken = await gateway.receives(a_notice(DeliveryId=2))

        assert [problem_of(answer) for answer in refused] == [(503, "unavailable")] * 2
        assert [answer.headers["retry-after"] for answer in refused] == ["5", "5"]
        assert problem_of(asked) == (503, "unavailable")
        assert (ready.status_code, ready.json()["ledger"]) == (503, "unreachable")
        assert taken.json() == {"accepted": True, "duplicate": False}
        assert len(await gateway.events()) == 2
    await ledger.close()


async def test_without_keys_to_verify_with_nothing_is_acknowledged(
    sqlite_url: str, clock: Clock, service: ServiceSettings, opened: Opened
) -> None:
    ledger = await Ledger.open(sqlite_url, keys=KEYS, clock=clock, migrate=True)
    async with opened(ledger, service) as gateway:
        await gateway.knows()
        await ledger.close()

        assert problem_of(await gateway.receives()) == (503, "unavailable")
        assert problem_of(await gateway.receives(path=f"{CALLBACK}x")) == (503, "unavailable")


# ── whatever is sent ──────────────────────────────────────────────────────────────────────────────

HEADER_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=100
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=200)
    | st.dictionaries(st.text(max_size=5), st.text(max_size=5)).map(lambda it: json.dumps(it).encode()),
    signatures=st.lists(HEADER_TEXT, max_size=2),
    timestamps=st.lists(HEADER_TEXT | st.integers().map(str), max_size=2),
    path=st.sampled_from(["", "/push/9300101", "/push/x", "/push/0", "/push/" + "9" * 50]),
)
async def test_no_headers_and_no_body_ever_make_an_error(
    small_gateway: Gateway, body: bytes, signatures: list[str], timestamps: list[str], path: str
) -> None:
    await small_gateway.knows()
    headers = [(b"x-signature-512", text.encode("latin-1")) for text in signatures]
    headers += [(b"x-timestamp", text.encode("latin-1")) for text in timestamps]

    answer = await small_gateway.http.post(CALLBACK + path, content=body, headers=headers)

    assert answer.status_code in {200, 400, 401}
    if answer.status_code != 200:
        problem_of(answer)


async def test_other_methods_are_refused_as_a_problem(small_gateway: Gateway) -> None:
    answer: httpx.Response = await small_gateway.http.get(CALLBACK)

    assert problem_of(answer) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"
