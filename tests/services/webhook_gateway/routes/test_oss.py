"""The OSS list over the API: rates as they come, what is missing, the table, and who may."""

import csv
from typing import Any

from tests.services.webhook_gateway.support import Gateway, problem_of
from tests.services.webhook_gateway.vat_support import fortnox_said, has_a_quarter, has_booked
from tests.shared.domain.test_ecb_rates import HISTORY
from tests.support.vat_documents import a_row

OSS, RATES = "/connections/acme/oss", "/connections/acme/oss/rates"
CSV = {"content-type": "text/csv"}
Q1 = {"day": "2026-03-31", "rates": {"SEK": "11.0000"}}


async def test_a_quarter_of_documents_in_euro_needs_no_rates_and_names_its_corrections(
    gateway: Gateway,
) -> None:
    await gateway.knows()
    await has_a_quarter(gateway)

    said = (await gateway.call("GET", OSS, quarter="2026Q2")).json()

    (line,) = said["lines"]
    assert {name: line[name] for name in ("country", "rate", "rate_type", "supply", "documents")} == {
        "country": "DE",
        "rate": "19",
        "rate_type": "standard",
        "supply": "goods",
        "documents": 1,
    }
    assert (line["base"], line["vat"]["amount"]) == ({"amount": "100.00", "currency": "EUR"}, "19.00")
    assert (line["base_sek"]["amount"], line["vat_sek"]["amount"]) == ("1120.00", "212.80")
    (correction,) = said["corrections"]
    assert (correction["period"], correction["vat"]["amount"], correction["vat_sek"]["amount"]) == (
        "2026Q1",
        "-1.90",
        "-20.90",
    )
    assert [one["vat"]["amount"] for one in said["totals"]] == ["17.10"]
    assert (said["missing_rates"], said["seen"]) == ([], [])
    assert [(one["account"], one["ours"]["amount"], one["fortnox"]) for one in said["accounts"]] == [
        (None, "191.90", None)
    ]


async def test_the_accounts_are_tied_out_once_fortnox_was_asked(gateway: Gateway) -> None:
    await gateway.knows()
    await has_a_quarter(gateway)
    await fortnox_said(gateway, _2671="191.90", _3161="1010.00")

    said = (await gateway.call("GET", OSS, quarter="2026Q2")).json()

    assert [
        (one["account"], one["fortnox"]["amount"], one["difference"]["amount"]) for one in said["accounts"]
    ] == [(2671, "191.90", "0.00")]
    assert (said["differences"], len(said["seen"])) == ([], 1)


async def test_rates_are_supplied_as_json_or_as_the_ecbs_file_and_are_kept(gateway: Gateway) -> None:
    await gateway.knows()

    by_hand = await gateway.call("PUT", RATES, body=Q1, scopes=("operate",), quarter="2026Q1")
    by_file = await gateway.call(
        "PUT", RATES, content=HISTORY.encode(), headers=CSV, scopes=("operate",), quarter="2026Q2"
    )
    again = (await gateway.call("GET", RATES, quarter="2026Q2")).json()

    assert by_hand.json()["rates"] == [
        {"period": "2026Q1", "currency": "SEK", "day": "2026-03-31", "rate": "11.0000"}
    ]
    assert again == by_file.json()
    assert {one["currency"]: one["rate"] for one in again["rates"]} == {
        "DKK": "7.4604",
        "SEK": "11.1480",
        "USD": "1.1720",
    }


async def test_a_rate_given_with_the_question_is_for_that_answer_only(gateway: Gateway) -> None:
    await gateway.knows()
    await has_booked(gateway, "9300105", a_row("1190.00", currency="SEK"))

    once = (await gateway.call("GET", OSS, quarter="2026Q2", rate="SEK:11.148")).json()
    after = (await gateway.call("GET", OSS, quarter="2026Q2")).json()

    assert once["lines"][0]["vat"] == {"amount": "17.04", "currency": "EUR"}
    assert once["rates"] == [{"period": "2026Q2", "currency": "SEK", "day": None, "rate": "11.148"}]
    assert (after["lines"][0]["vat"], after["lines"][0]["vat_sek"]["amount"]) == (None, "190.00")
    assert after["missing_rates"] == [{"period": "2026Q2", "currency": "SEK"}]


async def test_the_list_is_a_table_too(gateway: Gateway) -> None:
    await gateway.knows()
    await has_a_quarter(gateway)

    answer = await gateway.call("GET", OSS, quarter="2026Q2", format="csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = [(row["part"], row["period"], row["vat_eur"]) for row in csv.DictReader(answer.text.splitlines())]
    assert rows == [
        ("supply", "2026Q2", "19.00"),
        ("correction", "2026Q1", "-1.90"),
        ("total", "", "17.10"),
        ("account", "", ""),
    ]


async def test_what_cannot_be_taken_is_refused_with_its_place(gateway: Gateway) -> None:
    await gateway.knows()

    async def put(**how: Any) -> tuple[int, str]:
        return problem_of(await gateway.call("PUT", RATES, scopes=("operate",), quarter="2026Q2", **how))

    line = await gateway.call(
        "PUT", RATES, scopes=("operate",), quarter="2026Q2", content=b"Date,SEK\n2026-06-30,x\n", headers=CSV
    )
    assert [one["path"] for one in line.json()["errors"]] == ["body.line 2"]
    assert await put(body=Q1) == (422, "invalid")
    assert await put(body={"day": "2026-06-30", "rates": {"SEK": "0"}}) == (422, "invalid")
    assert await put(body={"day": "2026-06-30", "rates": {"kr": "11"}}) == (422, "invalid")
    assert await put(body={"day": "2026-06-30", "rates": {"SEK": "NaN"}}) == (422, "invalid")
    assert await put(body=[]) == (422, "invalid")
    assert await put(content=b"\xff\xfe", headers=CSV) == (422, "invalid")
    assert await put(content=b"x" * 5_000_001, headers=CSV) == (413, "body_too_large")
    for quarter in ("2026", "2026Q5", "0000Q1"):
        assert problem_of(await gateway.call("GET", OSS, quarter=quarter)) == (422, "invalid")
    assert problem_of(await gateway.call("GET", OSS, quarter="2026Q2", rate="SEK:0")) == (422, "invalid")
    assert problem_of(await gateway.call("GET", OSS, quarter="2026Q2", rate="SEK")) == (422, "invalid")
    assert problem_of(await gateway.call("GET", "/connections/no/oss", quarter="2026Q2")) == (
        404,
        "not_found",
    )
    assert problem_of(await gateway.call("PUT", RATES, body=Q1, scopes=("read",), quarter="2026Q1")) == (
        403,
        "forbidden",
    )
