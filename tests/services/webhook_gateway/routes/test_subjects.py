"""Subjects over the API: found by any number, shown whole, tried again, left alone, previewed."""

import asyncio
import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest

from services.sync_worker.registry import FLOWS
from services.webhook_gateway.operations.answers import Kind
from shared.ledger.records import IncomingEvent, Problem, Subject
from tests.services.webhook_gateway.support import Gateway, a_notice, problem_of

PROBLEM = Problem(
    "missing_mapping", "no account for oss DE 19", "Add the line.", {"rate": "19"}, trace="Traceback ..."
)


async def a_sale(gateway: Gateway, key: str = "9300101", connection: str = "acme") -> Subject:
    gateway.clock.advance(timedelta(seconds=1))
    event = IncomingEvent(
        connection, "svea", "CheckoutOrder.Created", key, "sale", key, market="se", body=b"{}"
    )
    await gateway.ledger.inbox.accept([event])
    found = await gateway.ledger.subjects.find(connection, "sale", key)
    assert found is not None
    return found


async def a_booked_sale(gateway: Gateway, **ending: Any) -> Subject:
    """One that a worker has run: with a final invoice, and an exchange."""
    sale = await a_sale(gateway)
    ledger = gateway.ledger
    lease = await ledger.subjects.lease(sale.id, "a worker", lease_for=timedelta(seconds=10))
    assert lease is not None
    intent = await ledger.links.intend(
        lease,
        system="fortnox",
        kind="invoice",
        reference="svea:9300101:d7200501",
        draft={},
        content_hash="x",
        total=Decimal(1250),
        currency="SEK",
        dated=date(2026, 5, 4),
    )
    link = await ledger.links.created(lease, intent.link, "4711", notes=["dated the first open day"])
    await ledger.links.final(lease, link)
    await ledger.audit.exchange(
        connection="acme",
        subject_id=sale.id,
        link_id=link.id,
        system="fortnox",
        method="POST",
        url_path="/3/invoices",
        request="{}",
        status=201,
        answer="{}",
        vendor_request_id="uid-1",
        duration_ms=180,
        outcome="ok",
    )
    state: dict[str, Any] = {
        "state": "done",
        "settled": True,
        "summary": {"documents": ["invoice 4711"], "plan": {"drafts": []}},
    }
    return await ledger.subjects.finish(lease, **(state | ending))


async def test_a_subject_is_shown_whole(gateway: Gateway) -> None:
    sale = await a_booked_sale(gateway)

    shown = (await gateway.call("GET", f"/subjects/{sale.id}")).json()

    assert (shown["state"], shown["kind"], shown["key"], shown["connection"]) == (
        "done",
        "sale",
        "9300101",
        "acme",
    )
    assert shown["plan"] == {"drafts": []}
    assert shown["summary"] == {"documents": ["invoice 4711"]}
    assert [(event["source"], event["body"], event["outcome"]) for event in shown["events"]] == [
        ("svea", "{}", "done")
    ]
    (document,) = shown["documents"]
    assert (document["number"], document["state"], document["notes"]) == (
        "4711",
        "final",
        ["dated the first open day"],
    )
    assert document["total"] == {"amount": "1250.00", "currency": "SEK"}
    assert document["dated"] == "2026-05-04"
    (exchange,) = shown["exchanges"]
    assert (exchange["method"], exchange["path"], exchange["status"]) == ("POST", "/3/invoices", 201)
    assert (shown["problem"], shown["next_try_at"]) == (None, None)


async def test_a_problem_comes_with_its_cure_and_page_and_without_the_trace(gateway: Gateway) -> None:
    sale = await a_booked_sale(gateway, state="needs_attention", problem=PROBLEM)

    answer = await gateway.call("GET", f"/subjects/{sale.id}")

    assert answer.json()["problem"] == {
        "code": "missing_mapping",
        "message": "no account for oss DE 19",
        "cure": "Add the line.",
        "facts": {"rate": "19"},
        "docs": "docs/problems/missing_mapping.md",
    }
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("number", ["9300101", "4711", "svea:9300101:d7200501", "93001"])
async def test_any_number_finds_its_subject(gateway: Gateway, number: str) -> None:
    sale = await a_booked_sale(gateway)
    await a_sale(gateway, "8000000")

    found = (await gateway.call("GET", "/subjects", q=number)).json()["items"]

    assert [one["id"] for one in found] == [sale.id]


async def test_lists_are_filtered_and_paged_without_gaps_or_repeats(gateway: Gateway) -> None:
    keys = [str(number) for number in range(1, 8)]
    for key in keys:
        await a_sale(gateway, key)
    await a_sale(gateway, "1", connection="other")
    seen: list[str] = []
    cursor = None

    while True:
        params: dict[str, Any] = {"connection": "acme", "kind": "sale", "state": "due", "limit": 3}
        page = (
            await gateway.call("GET", "/subjects", **params, **({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [one["key"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == keys[::-1]
    assert (await gateway.call("GET", "/subjects", state="done")).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 501}, {"state": "odd"}, {"kind": "odd"}, {"cursor": "odd"}]
)
async def test_a_bad_question_is_refused(gateway: Gateway, params: dict[str, Any]) -> None:
    assert problem_of(await gateway.call("GET", "/subjects", **params)) == (422, "invalid")


async def test_a_retry_makes_it_due_and_rings(gateway: Gateway) -> None:
    sale = await a_booked_sale(gateway, state="needs_attention", problem=PROBLEM)

    answer = await gateway.call("POST", f"/subjects/{sale.id}/retry")

    assert answer.json() == {"retried": 1}
    again = await gateway.ledger.subjects.get(sale.id)
    assert again is not None
    assert (again.state, again.wanted) == ("due", 2)
    (rung,) = await gateway.rung()
    assert rung.startswith(f"{sale.id}:2:")


async def test_many_are_retried_by_filter_or_by_id(gateway: Gateway) -> None:
    sales = [await a_sale(gateway, key) for key in ("1", "2", "3")]
    await a_sale(gateway, "4", connection="other")

    by_filter = await gateway.call("POST", "/subjects/retry", {"connection": "acme", "state": "due"})
    by_id = await gateway.call("POST", "/subjects/retry", {"ids": [sales[0].id, sales[0].id, "unknown"]})

    assert (by_filter.json(), by_id.json()) == ({"retried": 3}, {"retried": 1})
    assert len(await gateway.rung()) == 4


@pytest.mark.parametrize(
    "body", [{}, {"ids": ["x"], "state": "due"}, {"state": "odd"}, {"everything": True}, None]
)
async def test_nobody_retries_everything_by_mistake(small_gateway: Gateway, body: Any) -> None:
    sale = await a_sale(small_gateway)

    answer = await small_gateway.call("POST", "/subjects/retry", body)

    assert problem_of(answer) == (422, "invalid")
    same = await small_gateway.ledger.subjects.get(sale.id)
    assert same is not None
    assert same.wanted == 1


async def test_an_ignored_subject_keeps_its_reason_until_something_new_happens(gateway: Gateway) -> None:
    await gateway.knows()
    sale = await a_sale(gateway)

    ignored = await gateway.call("POST", f"/subjects/{sale.id}/ignore", {"reason": "  booked by hand "})
    assert (ignored.json()["state"], ignored.json()["reason"]) == ("skipped", "booked by hand")

    await gateway.receives(a_notice(CheckoutOrderId=9300101))
    again = await gateway.call("GET", f"/subjects/{sale.id}")
    assert again.json()["state"] == "due"


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 501}, {"reason": "a\0"}]
)
async def test_ignoring_needs_a_reason(small_gateway: Gateway, body: Any) -> None:
    sale = await a_sale(small_gateway)

    assert problem_of(await small_gateway.call("POST", f"/subjects/{sale.id}/ignore", body)) == (
        422,
        "invalid",
    )


async def test_a_preview_waits_for_the_worker_and_shows_what_it_found(gateway: Gateway) -> None:
    sale = await a_sale(gateway)
    result = {"outcome": "would_book", "drafts": [], "postings": [{"account": 1581, "debit": "1250.00"}]}

    async def a_worker() -> None:
        while not (waiting := await gateway.ledger.runs.open_items(sale.id)):
            await asyncio.sleep(0.02)
        await gateway.ledger.runs.item_done(
            waiting[0].run_id, "9300101", "would_book", "order 1250.00 SEK", {"result": json.dumps(result)}
        )

    answer, _ = await asyncio.gather(gateway.call("POST", f"/subjects/{sale.id}/preview"), a_worker())

    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["finished"], shown["state"], shown["text"]) == (True, "would_book", "order 1250.00 SEK")
    assert shown["result"] == result
    assert await gateway.rung() == [f"run:{shown['run_id']}:0"]


async def test_a_preview_that_takes_longer_can_be_asked_for_later(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.webhook_gateway.routes.subjects.PREVIEW_SECONDS", 0.2)
    sale = await a_sale(gateway)

    answer = await gateway.call("POST", f"/subjects/{sale.id}/preview")

    assert (answer.status_code, answer.json()["finished"], answer.json()["result"]) == (202, False, None)
    run = (await gateway.call("GET", f"/runs/{answer.json()['run_id']}")).json()
    assert (run["kind"], run["open"], run["finished_at"]) == ("preview", 1, None)


async def test_a_preview_wants_nothing_of_the_subject(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.webhook_gateway.routes.subjects.PREVIEW_SECONDS", 0.1)
    sale = await a_booked_sale(gateway)

    await gateway.call("POST", f"/subjects/{sale.id}/preview")

    assert await gateway.ledger.subjects.get(sale.id) == sale


def test_the_subjects_of_every_flow_can_be_asked_for() -> None:
    assert set(get_args(Kind)) == FLOWS.keys()
