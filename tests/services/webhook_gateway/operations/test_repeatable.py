"""`Idempotency-Key`: sent again, a write answers what it answered and does nothing."""

import asyncio
from datetime import timedelta

import pytest

from tests.services.webhook_gateway.support import Gateway, problem_of

BACKFILL = "/connections/acme/backfill"


async def test_a_write_sent_again_answers_the_same_and_does_nothing(gateway: Gateway) -> None:
    await gateway.knows()
    headers = {"Idempotency-Key": "a-key"}

    first = await gateway.call("POST", BACKFILL, {"checkout_ids": [9300101]}, headers=headers)
    again = await gateway.call("POST", BACKFILL, {"checkout_ids": [9300101]}, headers=headers)

    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["content-type"] == first.headers["content-type"]
    assert len(await gateway.events()) == 1


async def test_without_the_key_it_is_done_again(gateway: Gateway) -> None:
    await gateway.knows()

    runs = [
        (await gateway.call("POST", BACKFILL, {"checkout_ids": [9300101]})).json()["run_id"] for _ in range(2)
    ]

    assert runs[0] != runs[1]
    assert len(await gateway.events()) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (BACKFILL, {"checkout_ids": [2]}),
        ("/subjects/retry", {"state": "waiting"}),
        (f"{BACKFILL}?x=1", {"checkout_ids": [1]}),
    ],
)
async def test_the_same_key_for_another_request_is_a_conflict(
    gateway: Gateway, path: str, body: object
) -> None:
    await gateway.knows()
    headers = {"Idempotency-Key": "a-key"}
    await gateway.call("POST", BACKFILL, {"checkout_ids": [1]}, headers=headers)

    answer = await gateway.call("POST", path, body, headers=headers)

    assert problem_of(answer) == (409, "idempotency_conflict")
    assert len(await gateway.events()) == 1


async def test_the_same_key_of_somebody_else_is_another_key(gateway: Gateway) -> None:
    await gateway.knows()
    headers = {"Idempotency-Key": "a-key"}

    for scopes in (("operate",), ("operate", "read")):
        answer = await gateway.call("POST", BACKFILL, {"checkout_ids": [1]}, headers=headers, scopes=scopes)
        assert answer.status_code == 202

    assert len(await gateway.events()) == 2


async def test_eight_copies_at_once_do_it_once(gateway: Gateway) -> None:
    await gateway.knows()
    body, headers = {"checkout_ids": [9300101]}, {"Idempotency-Key": "a-key"}
    await gateway.call("GET", "/events")

    answers = await asyncio.gather(*(gateway.call("POST", BACKFILL, body, headers=headers) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len(await gateway.events()) == 1


async def test_while_another_process_runs_it_a_copy_is_asked_to_come_back(gateway: Gateway) -> None:
    await gateway.knows()
    key_id, plain = await gateway.ledger.api_keys.create("a test", ("operate",))
    headers = {"Idempotency-Key": "a-key", "authorization": f"Bearer {plain}"}
    await gateway.ledger.credentials.lock(key_id, "reply:a-key", "another process", timedelta(minutes=1))

    refused = await gateway.http.post(f"/api/v1{BACKFILL}", json={"checkout_ids": [1]}, headers=headers)
    gateway.clock.advance(timedelta(minutes=2))  # it died
    taken = await gateway.http.post(f"/api/v1{BACKFILL}", json={"checkout_ids": [1]}, headers=headers)

    assert problem_of(refused) == (409, "still_running")
    assert taken.status_code == 202


async def test_a_refusal_is_not_kept(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": "a-key"}
    refused = await gateway.call("POST", BACKFILL, {"checkout_ids": [1]}, headers=headers)
    await gateway.knows()

    answer = await gateway.call("POST", BACKFILL, {"checkout_ids": [1]}, headers=headers)

    assert problem_of(refused) == (404, "not_found")
    assert answer.status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "with\ttab", "\xe5"])
async def test_an_unusable_key_is_refused(small_gateway: Gateway, key: str) -> None:
    await small_gateway.knows()

    answer = await small_gateway.call(
        "POST", BACKFILL, {"checkout_ids": [1]}, headers={"Idempotency-Key": key}
    )

    assert problem_of(answer) == (400, "bad_idempotency_key")
    assert await small_gateway.events() == []


async def test_a_key_without_the_right_is_refused_before_anything_is_remembered(
    small_gateway: Gateway,
) -> None:
    await small_gateway.knows()
    headers = {"Idempotency-Key": "a-key"}

    answer = await small_gateway.call(
        "POST", BACKFILL, {"checkout_ids": [1]}, headers=headers, scopes=("read",)
    )

    assert problem_of(answer) == (403, "forbidden")
