"""Talking to the stand-in as a program would, and bodies that are valid by default."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

TENANT = 1234567
CLIENT_ID = "sluss-test"
CLIENT_SECRET = "a-secret"
REDIRECT_URI = "https://sluss.test/connect/fortnox/callback"
JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class Api:
    """One authorised caller. Numbers come back as Decimal."""

    def __init__(self, http: httpx.AsyncClient, access_token: str) -> None:
        self.http = http
        self.headers = {**JSON, "Authorization": f"Bearer {access_token}"}

    async def call(self, method: str, path: str, body: object = None, **query: str) -> httpx.Response:
        content = json.dumps(body) if body is not None else None
        return await self.http.request(
            method, path, content=content, params=query or None, headers=self.headers
        )

    async def ok(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """The object inside the wrapper of an answer that must be 2xx."""
        response = await self.call(method, path, body, **query)
        assert response.is_success, response.text
        parsed = json.loads(response.text, parse_float=Decimal) if response.content else {}
        return next(iter(parsed.values())) if len(parsed) == 1 else parsed

    async def refused(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, int]:
        """Status and code of an answer that must be a refusal in the recorded casing."""
        response = await self.call(method, path, body, **query)
        assert not response.is_success, response.text
        information = response.json()["ErrorInformation"]
        capital = response.status_code == 404
        assert set(information) == ({"Error", "Message", "Code"} if capital else {"error", "message", "code"})
        return response.status_code, information["Code" if capital else "code"]

    async def customer(self, **fields: object) -> str:
        return str(
            (await self.ok("POST", "/3/customers", {"Customer": {"Name": "Anna Ek", **fields}}))[
                "CustomerNumber"
            ]
        )

    async def article(self, number: str, **fields: object) -> None:
        article = {"ArticleNumber": number, "Description": "Mugg", "VAT": 25, **fields}
        await self.ok("POST", "/3/articles", {"Article": article})

    async def order(self, *rows: Mapping[str, object], **fields: object) -> Any:
        body = {"VATIncluded": True, "Freight": 0, "AdministrationFee": 0, **fields, "OrderRows": list(rows)}
        body.setdefault("CustomerNumber", await self.customer())
        return await self.ok("POST", "/3/orders", {"Order": body})

    async def invoice(self, *rows: Mapping[str, object], **fields: object) -> Any:
        return await self.ok("POST", "/3/invoices", await self.invoice_body(*rows, **fields))

    async def invoice_body(self, *rows: Mapping[str, object], **fields: object) -> Any:
        body = {
            "VATIncluded": True,
            "Freight": 0,
            "AdministrationFee": 0,
            **fields,
            "InvoiceRows": list(rows),
        }
        if "CustomerNumber" not in body:
            body["CustomerNumber"] = await self.customer()
        return {"Invoice": body}

    async def booked_invoice(self, *rows: Mapping[str, object], **fields: object) -> Any:
        invoice = await self.invoice(*rows, **fields)
        return await self.ok("PUT", f"/3/invoices/{invoice['DocumentNumber']}/bookkeep")

    async def booked_payment(self, invoice: str, amount: object, **fields: object) -> Any:
        body = {"InvoiceNumber": int(invoice), "Amount": amount, "ModeOfPayment": "SVEASE", **fields}
        payment = await self.ok("POST", "/3/invoicepayments", {"InvoicePayment": body})
        return await self.ok("PUT", f"/3/invoicepayments/{payment['Number']}/bookkeep")


def a_row(**fields: object) -> dict[str, object]:
    """Two mugs at 249.00 with 25 % in the price."""
    row = {"Description": "Mugg", "DeliveredQuantity": "2", "Price": 249, "Discount": 0, "VAT": 25}
    return {**row, "AccountNumber": 3001, **fields}


def freight(**fields: object) -> dict[str, object]:
    """Freight of 49.00 as a row."""
    row = {"Description": "Frakt", "DeliveredQuantity": "1", "Price": 49, "Discount": 0, "VAT": 25}
    return {**row, "AccountNumber": 3520, **fields}


def an_order_row(**fields: object) -> dict[str, object]:
    return {"OrderedQuantity": "2", **a_row(**fields)}


def money(**amounts: str) -> dict[int, Decimal]:
    """`money(a1510="547.00")` -> `{1510: Decimal("547.00")}`."""
    return {int(name[1:]): Decimal(amount) for name, amount in amounts.items()}
