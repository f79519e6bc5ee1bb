"""The mapping over the API: as JSON and as a table, refused by line, and proposed."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from shared.domain.findings import Report
from shared.domain.vat.proposal import ChartAccount, propose
from shared.ledger.records import Problem
from tests.services.webhook_gateway.routes.test_subjects import a_booked_sale
from tests.services.webhook_gateway.support import Gateway, a_declaration, problem_of

MAPPING = "/connections/acme/mapping"
DE19 = {"treatment": "oss", "country": "DE", "rate": "19", "goods": 3161, "freight": 3161, "vat_code": "DE19"}
TABLE = (
    "treatment;country;rate;goods;freight;vat_code\r\n"
    "oss;DE;19;3161;3161;DE19\r\n"
    "oss;FI;25,5;3162;3162;FI255\r\n"
)
TREATMENTS = "'domestic', 'oss', 'eu_consumer', 'eu_business', 'export' or 'voec'"


async def put_table(
    gateway: Gateway, body: str | bytes, kind: str = "text/csv", **headers: str
) -> httpx.Response:
    """As it is, of that content type."""
    if ("admin",) not in gateway.keys:
        _, gateway.keys[("admin",)] = await gateway.ledger.api_keys.create("a bookkeeper", ("admin",))
    sent = {"authorization": f"Bearer {gateway.keys[('admin',)]}", "content-type": kind}
    return await gateway.http.put(f"/api/v1{MAPPING}", content=body, headers=sent | headers)


async def test_what_is_put_as_a_table_is_shown_in_both_forms(gateway: Gateway) -> None:
    await gateway.knows()

    put = await put_table(gateway, TABLE)
    shown = (await gateway.call("GET", MAPPING)).json()
    table = await gateway.call("GET", f"{MAPPING}?format=csv")

    assert put.status_code == 200, put.text
    assert put.json() == shown
    assert (shown["connection"], shown["version"]) == ("acme", 2)
    assert [(one["country"], one["rate"], one["goods"]) for one in shown["sales"]] == [
        ("DE", "19", 3161),
        ("FI", "25.5", 3162),
    ]
    assert ("domestic", "25", 3001) in [
        (one["treatment"], one["rate"], one["goods"]) for one in shown["defaults"]
    ]
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text.splitlines()[1:] == [
        "oss,DE,19,3161,,3161,,DE19,",
        "oss,FI,25.5,3162,,3162,,FI255,",
    ]
    again = await put_table(gateway, table.text)
    assert again.json()["sales"] == shown["sales"]


async def test_the_table_can_be_asked_for_by_accept_and_with_defaults(gateway: Gateway) -> None:
    await gateway.knows(a_declaration() | {"sales": [DE19]})

    table = await gateway.call("GET", f"{MAPPING}?defaults=true", headers={"accept": "text/csv"})

    lines = table.text.splitlines()
    assert len(lines) == 1 + 1 + 9
    assert lines[2] == "domestic,,25,3001,,3520,3540,MP1,"


async def test_json_replaces_lines_and_registrations_and_nothing_else(gateway: Gateway) -> None:
    await gateway.knows(a_declaration() | {"sales": [DE19], "registrations": [{"scheme": "voec"}]})

    put = await gateway.call("PUT", MAPPING, {"sales": []})
    changed = await gateway.call(
        "PUT", MAPPING, {"sales": [DE19], "registrations": [{"scheme": "oss", "begins": "2026-05-01"}]}
    )

    assert (put.json()["sales"], [one["scheme"] for one in put.json()["registrations"]]) == ([], ["voec"])
    assert [(one["scheme"], one["begins"]) for one in changed.json()["registrations"]] == [
        ("oss", "2026-05-01")
    ]
    stored = await gateway.ledger.connections.get("acme")
    assert stored is not None
    assert stored.declaration.fortnox.client_secret.get_secret_value() == "the-fortnox-client-secret"
    assert stored.declaration.active_from == date(2026, 5, 1)


async def test_a_table_that_is_wrong_is_refused_whole_with_every_line(gateway: Gateway) -> None:
    await gateway.knows()

    answer = await put_table(gateway, TABLE + "oss;DE;19;3165;;X\r\nreverse;DE;0;31;;\r\n")

    assert problem_of(answer) == (422, "invalid")
    assert [(one["path"], one["detail"]) for one in answer.json()["errors"]] == [
        ("line 4.rate", "line 4, rate: oss DE 19 % is in line 2 already"),
        (
            "line 5.treatment",
            f"line 5, treatment: Input should be {TREATMENTS}",
        ),
        ("line 5.goods", "line 5, goods: Input should be greater than or equal to 1000"),
    ]
    assert (await gateway.call("GET", MAPPING)).json()["version"] == 1


@pytest.mark.parametrize(
    ("sent", "paths"),
    [
        ({"sales": [DE19, DE19]}, ["sales.1.rate"]),
        ({"sales": [{**DE19, "vat_code": "MP1"}]}, ["sales.0.vat_code"]),
        ({"sales": [{**DE19, "goods": "many"}]}, ["sales.0.goods"]),
        ({"sales": [DE19], "colour": "blue"}, ["colour"]),
        ({}, ["sales"]),
        ([], [""]),
    ],
)
async def test_json_that_is_wrong_is_refused_with_paths(
    gateway: Gateway, sent: Any, paths: list[str]
) -> None:
    await gateway.knows()

    answer = await gateway.call("PUT", MAPPING, sent)

    assert problem_of(answer) == (422, "invalid")
    assert [one["path"] for one in answer.json()["errors"]] == paths


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b"[" * 100_000, b'"treatment'])
@pytest.mark.parametrize("kind", ["text/csv", "application/json", ""])
async def test_a_body_that_is_neither_is_refused(gateway: Gateway, body: bytes, kind: str) -> None:
    await gateway.knows()

    answer = await put_table(gateway, body, kind)

    assert problem_of(answer) == (422, "invalid")


async def test_too_much_is_not_read(gateway: Gateway) -> None:
    await gateway.knows()

    assert problem_of(await put_table(gateway, b"x" * 1_000_001)) == (413, "body_too_large")


async def test_an_old_spreadsheets_letters_are_taken(gateway: Gateway) -> None:
    await gateway.knows()

    text = "treatment;country;rate;goods;vat_code\r\noss;DE;19;3161;DÄ19\r\n"
    answer = await put_table(gateway, text.encode("cp1252"))

    assert answer.json()["sales"][0]["vat_code"] == "DÄ19"


async def test_the_same_write_sent_again_answers_the_same(gateway: Gateway) -> None:
    await gateway.knows()

    first = await put_table(gateway, TABLE, **{"Idempotency-Key": "one"})
    again = await put_table(gateway, TABLE, **{"Idempotency-Key": "one"})

    assert (first.status_code, again.json()) == (200, first.json())
    assert (await gateway.call("GET", MAPPING)).json()["version"] == 2


async def test_only_an_admin_may_change_it_and_nobody_that_of_a_stranger(gateway: Gateway) -> None:
    await gateway.knows()

    refused = await gateway.call("PUT", MAPPING, {"sales": []}, scopes=("read", "operate"))
    assert problem_of(refused) == (403, "forbidden")
    for method, path in (
        ("GET", "/connections/x/mapping"),
        ("PUT", "/connections/x/mapping"),
        ("GET", "/connections/x/mapping/proposal"),
    ):
        assert problem_of(await gateway.call(method, path, {"sales": []})) == (404, "not_found")


async def test_sales_that_stopped_are_tried_again_at_once(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.ledger.connections.set_active("acme", True)
    problem = Problem("missing_mapping", "no line", "Add the line.", {})
    stopped = await a_booked_sale(gateway, state="needs_attention", problem=problem)

    assert (await put_table(gateway, TABLE)).status_code == 200

    again = await gateway.ledger.subjects.get(stopped.id)
    assert again is not None
    assert again.state == "due"


# ── the proposal ──────────────────────────────────────────────────────────────────────────────────


async def test_before_a_check_there_is_no_proposal(gateway: Gateway) -> None:
    await gateway.knows()
    await gateway.ledger.preflights.store("acme", 1, Report(()))

    assert problem_of(await gateway.call("GET", f"{MAPPING}/proposal")) == (404, "not_found")


async def test_the_chart_is_compared_with_the_mapping_line_by_line(gateway: Gateway) -> None:
    de7 = {**DE19, "rate": "7", "goods": 3169, "vat_code": "DE7"}
    await gateway.knows(a_declaration() | {"sales": [DE19, de7]})
    chart = [
        ChartAccount(3161, "OSS Tyskland", "DE19"),
        ChartAccount(3164, "OSS Tyskland", "DE7"),
        ChartAccount(3162, "OSS Finland", "FI255"),
        ChartAccount(3163, "OSS Danmark", "DE25"),
    ]
    found = propose(chart, {"OUTVAT_FI255": 2672}, home="SE", day=date(2026, 5, 5))
    await gateway.ledger.preflights.store("acme", 1, Report((), proposal=found))

    told = (await gateway.call("GET", f"{MAPPING}/proposal")).json()
    table = await gateway.call("GET", f"{MAPPING}/proposal?format=csv")

    assert [(one["line"]["country"], one["line"]["rate"], one["state"]) for one in told["lines"]] == [
        ("DE", "7", "differs"),
        ("DE", "19", "same"),
        ("FI", "25.5", "new"),
    ]
    assert told["lines"][0]["differs_in"] == ["goods", "freight"]
    assert told["lines"][2]["csv"] == "oss,FI,25.5,3162,,3162,,FI255,2672"
    assert told["unclear"] == ["account 3163 (OSS Danmark): its code DE25 says DE, its name DK"]
    assert table.text.splitlines()[1:] == [
        "oss,DE,7,3164,,3164,,DE7,",
        "oss,FI,25.5,3162,,3162,,FI255,2672",
    ]
    merged = await put_table(gateway, table.text)
    assert {one["rate"]: one["goods"] for one in merged.json()["sales"]} == {"7": 3164, "25.5": 3162}


async def test_a_proposal_survives_the_ledger(gateway: Gateway) -> None:
    found = propose([ChartAccount(3162, "OSS Finland", "FI255")], {}, home="SE", day=date(2026, 5, 5))
    await gateway.ledger.preflights.store("acme", 1, Report((), proposal=found))

    kept = await gateway.ledger.preflights.last("acme")

    assert kept is not None
    assert kept.report.proposal == found
    assert found.lines[0].rate == Decimal("25.5")
    assert json.dumps(found.unclear) == "[]"
