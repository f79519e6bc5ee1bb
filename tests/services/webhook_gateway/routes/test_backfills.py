"""Backfills: what was asked for is a run, what can go on is in the inbox, and a preview wants nothing."""

from typing import Any

import pytest

from shared.ledger.records import IncomingEvent
from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of

BACKFILL = "/connections/acme/backfill"


async def test_each_id_is_answered_with_what_is_known_of_it_now(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.receives()  # 9300101 is known and due

    answer = await gateway.call(
        "POST", BACKFILL, {"checkout_ids": [9300101, "9300102", 9300102, 0, "abc", None, True, 1.5]}
    )

    assert answer.status_code == 202
    assert [(item["key"], item["state"]) for item in answer.json()["items"]] == [
        ("9300101", "known"),
        ("9300102", "new"),
        ("0", "invalid"),
        ("abc", "invalid"),
        ("#6", "invalid"),
        ("true", "invalid"),
        ("#8", "invalid"),
    ]
    assert answer.json()["items"][0]["text"] == "Known already: due. It is looked at again."


async def test_what_can_go_on_is_in_the_inbox_on_the_bulk_lane_and_rung(gateway: Gateway) -> None:
    await gateway.knows()

    run_id = (await gateway.call("POST", BACKFILL, {"checkout_ids": [9300101, 9300102, -1]})).json()["run_id"]

    events = await gateway.events()
    assert {(one.source, one.name, one.dedupe_key, one.market) for one in events} == {
        ("backfill", "backfill", f"{run_id}:9300101", "se"),
        ("backfill", "backfill", f"{run_id}:9300102", "se"),
    }
    subjects = [await gateway.ledger.subjects.find("acme", "sale", key) for key in ("9300101", "9300102")]
    assert [(one.state, one.lane) for one in subjects if one] == [("due", "bulk"), ("due", "bulk")]
    assert await gateway.rung("bulk") == sorted(f"{one.id}:1:0" for one in subjects if one)
    for one in subjects:
        assert one is not None
        assert [item.run_id for item in await gateway.ledger.runs.open_items(one.id)] == [run_id]


async def test_a_run_tells_how_far_it_has_come_page_by_page(gateway: Gateway) -> None:
    await gateway.knows()
    ids = list(range(1, 6))
    run_id = (await gateway.call("POST", BACKFILL, {"checkout_ids": [*ids, "bad"]})).json()["run_id"]
    await gateway.ledger.runs.item_done(run_id, "1", "done", "order 17", {"order": "17"})

    first = (await gateway.call("GET", f"/runs/{run_id}", limit=4)).json()
    second = (await gateway.call("GET", f"/runs/{run_id}", limit=4, cursor=first["next_cursor"])).json()

    assert (first["kind"], first["total"], first["open"]) == ("backfill", 6, 4)
    assert first["counts"] == {"done": 1, "new": 4, "invalid": 1}
    assert [item["key"] for item in first["items"] + second["items"]] == ["1", "2", "3", "4", "5", "bad"]
    assert (first["items"][0]["text"], first["items"][0]["facts"]) == ("order 17", {"order": "17"})
    assert second["next_cursor"] is None
    assert first["finished_at"] is None


async def test_a_run_of_which_nothing_can_go_on_is_over(gateway: Gateway) -> None:
    await gateway.knows()

    run_id = (await gateway.call("POST", BACKFILL, {"checkout_ids": ["bad"]})).json()["run_id"]

    run = (await gateway.call("GET", f"/runs/{run_id}")).json()
    assert (run["open"], run["finished_at"]) == (0, "2026-05-04T07:00:00Z")
    assert await gateway.events() == []


@pytest.mark.parametrize(("has_shop", "state"), [(False, "unknown"), (True, "new")])
async def test_an_order_number_is_looked_up_among_the_names_of_sales(
    gateway: Gateway, has_shop: bool, state: str
) -> None:
    """One that nobody told us of is for the shop to know, if there is one."""
    await gateway.knows(a_declaration() if has_shop else a_declaration() | {"magento": None})
    await gateway.receives()
    sale = await gateway.ledger.subjects.find("acme", "sale", "9300101")
    assert sale is not None
    await gateway.ledger.aliases.add("acme", "order_number", "100000101", sale.id)

    answer = await gateway.call("POST", BACKFILL, {"order_numbers": ["100000101", 100000102]})

    items = answer.json()["items"]
    assert [(item["key"], item["state"]) for item in items] == [("100000101", "known"), ("100000102", state)]
    assert items[0]["subject_id"] == sale.id
    assert (items[1]["subject_id"] is not None) is has_shop
    again = await gateway.ledger.subjects.get(sale.id)
    assert again is not None
    assert again.wanted == 2


async def test_a_preview_stores_a_run_and_no_event(gateway: Gateway) -> None:
    await gateway.knows()

    answer = await gateway.call("POST", BACKFILL, {"checkout_ids": [9300101], "preview": True})

    run_id = answer.json()["run_id"]
    assert (answer.status_code, answer.json()["preview"]) == (202, True)
    assert await gateway.events() == []
    assert await gateway.ledger.subjects.find("acme", "sale", "9300101") is None
    assert await gateway.rung("bulk") == []
    assert await gateway.rung() == [f"run:{run_id}:0"]
    assert (await gateway.call("GET", f"/runs/{run_id}")).json()["kind"] == "preview"


@pytest.mark.parametrize(("preview", "kind"), [(False, "backfill_dates"), (True, "preview")])
async def test_dates_are_left_to_the_worker(gateway: Gateway, preview: bool, kind: str) -> None:
    await gateway.knows()

    answer = await gateway.call(
        "POST", BACKFILL, {"from": "2026-05-01", "to": "2026-05-03", "preview": preview}
    )

    run = (await gateway.call("GET", f"/runs/{answer.json()['run_id']}")).json()
    assert (run["kind"], run["total"], run["finished_at"]) == (kind, 0, None)
    assert run["request"] == {"from": "2026-05-01", "to": "2026-05-03", "preview": preview}
    assert await gateway.rung() == [f"run:{run['id']}:0"]


async def test_five_thousand_ids_are_taken_and_one_more_is_not(gateway: Gateway) -> None:
    await gateway.knows()

    taken = await gateway.call("POST", BACKFILL, {"checkout_ids": list(range(1, 5001))})
    refused = await gateway.call("POST", BACKFILL, {"checkout_ids": list(range(1, 5002))})

    assert (taken.status_code, len(taken.json()["items"])) == (202, 5000)
    assert problem_of(refused) == (422, "invalid")
    assert [flaw["path"] for flaw in refused.json()["errors"]] == ["checkout_ids"]
    assert len(await gateway.rung("bulk")) == 5000


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"checkout_ids": []},
        {"checkout_ids": [1], "order_numbers": ["1"]},
        {"checkout_ids": [1], "from": "2026-05-01", "to": "2026-05-02"},
        {"from": "2026-05-01"},
        {"from": "2026-05-02", "to": "2026-05-01"},
        {"from": "soon", "to": "later"},
        {"checkout_ids": [1], "unknown": True},
        {"checkout_ids": "1"},
    ],
)
async def test_it_is_said_in_exactly_one_way(small_gateway: Gateway, body: dict[str, Any]) -> None:
    await small_gateway.knows()

    assert problem_of(await small_gateway.call("POST", BACKFILL, body)) == (422, "invalid")
    assert await small_gateway.events() == []


async def test_an_unknown_connection_has_no_backfill(gateway: Gateway) -> None:
    assert problem_of(await gateway.call("POST", BACKFILL, {"checkout_ids": [1]})) == (404, "not_found")


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "\u0663"])
async def test_a_cursor_of_another_list_is_refused(gateway: Gateway, cursor: str) -> None:
    await gateway.knows()
    run_id = (await gateway.call("POST", BACKFILL, {"checkout_ids": [1]})).json()["run_id"]

    assert problem_of(await gateway.call("GET", f"/runs/{run_id}", cursor=cursor)) == (422, "invalid")


async def test_events_are_listed_newest_first_by_connection_source_and_time(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.receives()
    await gateway.call("POST", BACKFILL, {"checkout_ids": [1]})
    await gateway.ledger.inbox.accept([IncomingEvent("other", "svea", "Ping", "p", None, None)])

    everything = (await gateway.call("GET", "/events", since="2026-05-04T07:00:00", limit=2)).json()
    rest = (await gateway.call("GET", "/events", limit=2, cursor=everything["next_cursor"])).json()
    sveas = (await gateway.call("GET", "/events", connection="acme", source="svea")).json()["items"]
    later = (await gateway.call("GET", "/events", since="2026-05-04T09:00:01+02:00")).json()["items"]

    assert [one["source"] for one in everything["items"] + rest["items"]] == ["svea", "backfill", "svea"]
    assert [(one["connection"], one["name"], one["outcome"]) for one in sveas] == [
        ("acme", "CheckoutOrder.Delivered", "due")
    ]
    assert later == []
    assert "body" not in sveas[0]


@pytest.mark.parametrize(
    "params", [{"since": "yesterday"}, {"since": "0001-01-01T00:00:00+14:00"}, {"cursor": "x y"}]
)
async def test_a_bad_question_about_events_is_refused(gateway: Gateway, params: dict[str, Any]) -> None:
    assert problem_of(await gateway.call("GET", "/events", **params)) == (422, "invalid")
