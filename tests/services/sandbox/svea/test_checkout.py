from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.sandbox.svea.orders import BillingShape
from services.sandbox.svea.refusals import ErrorShape
from services.sandbox.svea.stand_in import SandboxSvea
from tests.services.sandbox.svea.support import MERCHANT, SveaClient, a_cart


def a_session(**changes: Any) -> dict[str, Any]:
    settings = {
        name: f"https://shop.example.com/{name}"
        for name in ("TermsUri", "CheckoutUri", "ConfirmationUri", "PushUri")
    }
    item = {"ArticleNumber": "A", "Name": "Mugg", "Quantity": 200, "UnitPrice": 24900, "VatPercent": 2500}
    return {
        "ClientOrderNumber": "100000910",
        "Currency": "SEK",
        "CountryCode": "SE",
        "Locale": "sv-SE",
        "MerchantSettings": settings,
        "MerchantData": "quote 1",
        "Cart": {"Items": [item]},
        **changes,
    }


async def test_the_same_client_order_number_is_the_same_order(client: SveaClient) -> None:
    first = await client.checkout("POST", "/api/orders", a_session())
    second = await client.checkout("POST", "/api/orders", a_session(MerchantData="other"))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["Status"] == "Created"
    assert first.json()["MerchantData"] == "quote 1"


async def test_requests_may_be_in_camel_case(client: SveaClient) -> None:
    camel = {name[0].lower() + name[1:]: value for name, value in a_session().items()}
    item = {"articleNumber": "A", "name": "Mugg", "quantity": 200, "unitPrice": 24900, "vatPercent": 2500}
    camel["cart"] = {"items": [item]}

    answer = await client.checkout("POST", "/api/orders", camel)

    assert answer.status_code == 201
    assert answer.json()["Cart"]["Items"][0]["UnitPrice"] == 24900


async def test_a_session_changes_until_the_buyer_confirms(svea: SandboxSvea, client: SveaClient) -> None:
    order_id = (await client.checkout("POST", "/api/orders", a_session())).json()["OrderId"]
    item = {"Name": "Fat", "Quantity": 100, "UnitPrice": 5000, "VatPercent": 2500}

    changed = await client.checkout("PUT", f"/api/orders/{order_id}", {"Cart": {"Items": [item]}})
    svea.outbox.max_attempts = 1
    svea.finalize(order_id)
    refused = await client.checkout("PUT", f"/api/orders/{order_id}", {"Cart": {"Items": [item]}})

    assert [row["Name"] for row in changed.json()["Cart"]["Items"]] == ["Fat"]
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"ClientOrderNumber": "x" * 33},
        {"ClientOrderNumber": None},
        {"Currency": "NOK"},
        {"CountryCode": "NO"},
        {"MerchantSettings": {}},
        {"Cart": {"Items": []}},
        {"MerchantData": "x" * 6001},
    ],
)
async def test_a_session_outside_sveas_limits_is_refused(
    svea: SandboxSvea, client: SveaClient, changes: dict[str, Any]
) -> None:
    answer = await client.checkout("POST", "/api/orders", a_session(**changes))

    assert answer.status_code == 400
    assert svea.orders == {}


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (
            ErrorShape.DETAILED,
            {
                "Code": 404,
                "Message": "Not found",
                "Errors": [{"Code": 40400, "Field": "OrderId", "ErrorMessage": "OrderId 1 does not exist"}],
            },
        ),
        (ErrorShape.RESULT_CODE, {"resultCode": 40400, "errorMessage": "OrderId 1 does not exist"}),
        (ErrorShape.HEADER, None),
    ],
)
async def test_refusals_come_in_three_shapes(
    svea: SandboxSvea, client: SveaClient, shape: ErrorShape, expected: dict[str, Any] | None
) -> None:
    svea.merchant(MERCHANT).error_shape = shape

    answer = await client.checkout("GET", "/api/orders/1")

    assert answer.status_code == 404
    if expected is None:
        assert answer.content == b""
        assert answer.headers["ErrorMessage"] == "OrderId 1 does not exist"
    else:
        assert answer.json() == expected


async def test_answers_may_begin_with_a_byte_order_mark(svea: SandboxSvea, client: SveaClient) -> None:
    svea.merchant(MERCHANT).sends_byte_order_mark = True
    checkout_id = svea.create_checkout(MERCHANT, "1", a_cart())

    answer = await client.checkout("GET", f"/api/orders/{checkout_id}")

    assert answer.content.startswith(b"\xef\xbb\xbf{")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [(BillingShape.FULL, "Gatan 1"), (BillingShape.BLANK, ""), (BillingShape.NULL, None)],
)
async def test_the_billing_address_may_be_empty(
    svea: SandboxSvea, client: SveaClient, shape: BillingShape, expected: str | None
) -> None:
    checkout_id = svea.create_checkout(
        MERCHANT, "1", a_cart(), shipping={"StreetAddress": "Gatan 1"}, billing_shape=shape
    )
    svea.finalize(checkout_id)

    for path in (f"/svea/checkout/api/orders/{checkout_id}", f"/svea/admin/api/v1/orders/{checkout_id}"):
        order = (await client.call("GET", path)).json()
        assert order["ShippingAddress"]["StreetAddress"] == "Gatan 1"
        assert (order["BillingAddress"] or {}).get("StreetAddress") == expected


async def test_calls_are_remembered_per_merchant(svea: SandboxSvea, client: SveaClient) -> None:
    await client.admin("GET", "/api/v2/reports?date=2026-05-04")
    await client.checkout("POST", "/api/orders", a_session())
    await client.http.get("/svea/admin/api/v1/orders/1")

    assert [(call.api, call.method, call.path, call.query, call.status) for call in svea.calls] == [
        ("admin", "GET", "/api/v2/reports", "date=2026-05-04", 200),
        ("checkout", "POST", "/api/orders", "", 201),
        ("admin", "GET", "/api/v1/orders/1", "", 401),
    ]
    assert len(svea.calls_of(MERCHANT)) == 2


async def test_a_day_without_a_payout_is_an_empty_report(client: SveaClient) -> None:
    answer = await client.admin("GET", "/api/v2/reports?date=2026-05-04&includeWithholding=true")
    wrong = await client.admin("GET", "/api/v2/reports?date=4/5")

    assert answer.json() == {"totalNrOfRows": 0, "clientReports": []}
    assert wrong.status_code == 400


async def test_a_body_that_is_not_an_object_is_refused(svea: SandboxSvea, client: SveaClient) -> None:
    answer: httpx.Response = await client.checkout("POST", "/api/orders", ["not", "an", "object"])

    assert answer.status_code == 400
    assert svea.orders == {}
