"""The recorded exchanges of a real test company, asked again: same status, fields and kinds of values."""

import copy
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from services.sandbox.fortnox.chart import Account
from services.sandbox.fortnox.company import Company, SandboxFortnox
from tests.services.sandbox.fortnox.api import CLIENT_ID, TENANT, Api
from tests.support.clock import Clock
from tests.support.paths import SHARED_MATERIAL

RECORDED = SHARED_MATERIAL / "recorded" / "fortnox"
NOT_BUILT = (
    "projects__",
    "authentication__valid",
    "authentication__invalid",
)  # projects are no resource of ours; tokens have their own tests
ADDED_SINCE = {"VATCode", "CommodityCode"}  # on rows since 2024, on articles since 2024

needs_recordings = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the recorded answers are not beside the project"
)


def exchanges() -> list[Any]:
    """One parameter per recorded exchange of a resource that the stand-in has."""
    files = sorted(RECORDED.glob("*.json")) if RECORDED.is_dir() else []
    return [
        pytest.param(exchange, id=file.stem)
        for file in files
        if not file.name.startswith(NOT_BUILT)
        for exchange in json.loads(file.read_text(), parse_float=Decimal)
    ]


def kind(value: object) -> str:
    if value is None or isinstance(value, bool):
        return str(type(value).__name__)
    return "number" if isinstance(value, int | Decimal) else type(value).__name__


def walk(name: str, value: object) -> Iterator[tuple[str, str, object]]:
    """Every field as `Invoice.InvoiceRows.VAT`, whatever the position in a list."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield (name, key, item)
            yield from walk(f"{name}.{key}", item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(name, item)


@pytest.fixture(scope="session")
def recorded_kinds() -> dict[tuple[str, str], set[str]]:
    """The kinds of value that were seen for each field in any recording."""
    kinds: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for parameter in exchanges():
        for path, field, value in walk("", parameter.values[0]["response"]["body"]):
            kinds[path, field].add(kind(value))
    return kinds


FURNISHED: list[Company] = []


@pytest.fixture
async def lived_in(api: Api, fortnox: SandboxFortnox, company: Company, clock: Clock) -> Api:
    """A company with the records that the recordings ask for: furnished once, copied for each question."""
    clock.set(datetime(2023, 1, 30, 10, 0, tzinfo=UTC))
    tokens = fortnox.oauth.client_credentials(CLIENT_ID, TENANT, company.scopes)
    api.headers["Authorization"] = f"Bearer {tokens['access_token']}"
    if not FURNISHED:
        await _furnish(api, company)
        FURNISHED.append(company)
    fortnox.companies[TENANT] = copy.deepcopy(FURNISHED[0])
    fortnox.companies[TENANT].clock = clock
    return api


async def _furnish(api: Api, company: Company) -> None:
    company.open_years([2023, 2024])
    company.accounts[1250] = Account(1250, "Datorer")
    await _customers(api)
    await _articles(api)
    await _registers(api)
    for _ in range(34):
        await api.invoice(CustomerNumber="1", Comments="A comment to be reset", VATIncluded=False)
    for number in ("32", "33"):
        await api.ok("PUT", f"/3/invoices/{number}/bookkeep")
    for _ in range(6):
        await api.order(CustomerNumber="2", VATIncluded=False)
    for number in ("3", "4"):
        await api.ok("PUT", f"/3/orders/{number}", {"Order": {"DeliveryDate": "2023-01-27"}})
        await api.ok("PUT", f"/3/orders/{number}/cancel")
    await api.ok(
        "PUT",
        "/3/orders/1",
        {"Order": {"OurReference": "Belladonna Took", "YourReference": "Bodo Proudfoot"}},
    )
    names = {"OurReference": "Radagast the Brown", "YourReference": "Gandalf the Grey"}
    await api.ok("PUT", "/3/invoices/2", {"Invoice": names})


async def _customers(api: Api) -> None:
    for number in range(1, 10):
        address = {"City": "New York", "ZipCode": "10001"} if number < 3 else {}
        await api.customer(Name=f"Test customer {number}", **address)
    await api.ok("PUT", "/3/customers/9", {"Customer": {"SalesAccount": "3001"}})


async def _articles(api: Api) -> None:
    for number in ("1", "101", "102", "103"):
        await api.article(number, Description="Hammer", EAN="5901234123457", VAT=0)


async def _registers(api: Api) -> None:
    for code in ("19DAYS", "21DAYS"):
        await api.ok(
            "POST", "/3/termsofpayments", {"TermsOfPayment": {"Code": code, "Description": "Testing"}}
        )
    await api.ok("POST", "/3/units", {"Unit": {"Code": "blarg7", "Description": "Updated description"}})


async def ask_again(api: Api, exchange: Any) -> Any:
    request = exchange["request"]
    url = urlsplit(request["uri"])
    if request["method"] != "POST" and "/units/blarg9" in url.path:
        await api.ok("POST", "/3/units", {"Unit": {"Code": "blarg9", "Description": "A value"}})
    body = json.loads(json.dumps(request["body"], default=str)) or fallback_body(exchange)
    return await api.call(request["method"], url.path, body, **dict(parse_qsl(url.query)))


def fallback_body(exchange: Any) -> Any:
    """A few recordings lost their request; a plain row asks for the same shape."""
    if exchange["request"]["method"] != "POST":
        return None
    row = {
        "ArticleNumber": "101",
        "DeliveredQuantity": "1.12",
        "Description": "Test",
        "VAT": 0,
        "AccountNumber": 3001,
    }
    return {"Invoice": {"CustomerNumber": "1", "InvoiceRows": [row]}}


@needs_recordings
@pytest.mark.parametrize("exchange", exchanges())
async def test_the_same_question_gets_an_answer_of_the_same_shape(
    lived_in: Api, exchange: Any, recorded_kinds: dict[tuple[str, str], set[str]]
) -> None:
    expected = exchange["response"]
    if expected["status"] == 401:
        lived_in.headers["Authorization"] = "Bearer expired"
    answer = await ask_again(lived_in, exchange)

    ours = json.loads(answer.text, parse_float=Decimal)
    assert answer.status_code == expected["status"], answer.text
    assert answer.headers["Content-Type"].startswith(expected["headers"]["Content-Type"].partition(";")[0])
    assert answer.headers.get("Location") == expected["headers"].get("Location")
    assert_same_fields(expected["body"], ours)
    if expected["status"] < 400:
        assert_known_kinds(ours, recorded_kinds)
    else:
        assert error_code(ours) == error_code(expected["body"])


def assert_same_fields(recorded: object, ours: object) -> None:
    theirs = {(path, field) for path, field, _ in walk("", recorded)}
    mine = {(path, field) for path, field, _ in walk("", ours)}
    assert theirs - mine == set()
    assert {field for _, field in mine - theirs} <= ADDED_SINCE


def assert_known_kinds(ours: object, recorded_kinds: dict[tuple[str, str], set[str]]) -> None:
    strange = {
        f"{path}.{field}": (kind(value), sorted(recorded_kinds[path, field]))
        for path, field, value in walk("", ours)
        if field not in ADDED_SINCE and kind(value) not in recorded_kinds[path, field]
    }
    assert strange == {}


def error_code(body: Any) -> object:
    information = body.get("ErrorInformation", {})
    return information.get("Code", information.get("code"))


@needs_recordings
def test_enough_exchanges_are_asked_again() -> None:
    assert len(exchanges()) >= 60
    assert Path(RECORDED).is_dir()
