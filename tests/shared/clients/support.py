"""Valid by default: a declaration, a world of clients, and documents to send."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import httpx
from redis.asyncio import Redis

from services.sandbox.faults import Action, ActiveRule, FaultRule, System
from services.sandbox.sandbox import Sandbox
from shared.clients import json_numbers
from shared.clients.factory import fortnox_client, fortnox_tokens, svea_client
from shared.clients.fortnox.auth import FortnoxTokens
from shared.clients.fortnox.client import FortnoxClient
from shared.clients.http import CallRecord
from shared.clients.svea.client import SveaClient
from shared.ledger.ledger import Ledger
from shared.settings.connections import ConnectionDeclaration
from shared.settings.service import ServiceSettings
from tests.support.clock import Clock

TENANT = 1234567
SERVICE = ServiceSettings()


def a_declaration(**fortnox: Any) -> ConnectionDeclaration:
    return ConnectionDeclaration.model_validate(
        {
            "name": "acme",
            "fortnox": {
                "api_url": "http://sandbox/fortnox",
                "oauth_url": "http://sandbox/fortnox/oauth-v1",
                "client_id": "an-app",
                "client_secret": "app-secret",
                "tenant_id": TENANT,
                "redirect_uri": "https://sluss.test/connect/fortnox/callback",
            }
            | fortnox,
            "markets": [
                {
                    "name": "se",
                    "country": "SE",
                    "currency": "SEK",
                    "svea": {
                        "checkout_url": "http://sandbox/svea/checkout",
                        "admin_url": "http://sandbox/svea/admin/",
                        "merchant_id": "700001",
                        "secret": "svea-secret",
                        "callback_token": "a-long-random-token",
                    },
                }
            ],
        }
    )


@dataclass
class World:
    sandbox: Sandbox
    transport: httpx.ASGITransport
    ledger: Ledger
    clock: Clock
    records: list[CallRecord]
    _opened: list[Callable[[], Any]] = field(default_factory=list)

    def fortnox(self, redis: Redis | None = None, **fortnox: Any) -> FortnoxClient:
        client = fortnox_client(
            a_declaration(**fortnox),
            SERVICE,
            redis,
            self.ledger.credentials,
            self.records.append,
            transport=self.transport,
            clock=self.clock,
        )
        self._opened.append(client.close)
        return client

    def tokens(self, *, of: Ledger | None = None, **fortnox: Any) -> FortnoxTokens:
        tokens = fortnox_tokens(
            a_declaration(**fortnox),
            SERVICE,
            (of or self.ledger).credentials,
            self.records.append,
            self.transport,
            clock=self.clock,
        )
        self._opened.append(tokens.close)
        return tokens

    def svea(self) -> SveaClient:
        client = svea_client(
            a_declaration().markets[0],
            SERVICE,
            None,
            self.records.append,
            transport=self.transport,
            clock=self.clock,
        )
        self._opened.append(client.close)
        return client

    def fault(
        self, action: Action, *, system: System = System.FORTNOX, path: str = "", times: int | None = 1
    ) -> ActiveRule:
        return self.sandbox.faults.add(FaultRule(system, action, path=path, times=times))

    async def close(self) -> None:
        for close in self._opened:
            await close()


def a_row(**changed: Any) -> dict[str, Any]:
    return {
        "Description": "Mugg",
        "AccountNumber": 3001,
        "DeliveredQuantity": Decimal(2),
        "OrderedQuantity": Decimal(2),
        "Price": Decimal("249.00"),
        "VAT": Decimal(25),
        "Discount": Decimal(0),
    } | changed


def an_order(customer: str, *rows: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "CustomerNumber": customer,
        "OrderDate": date(2026, 5, 4),
        "Currency": "SEK",
        "VATIncluded": True,
        "Freight": Decimal(0),
        "AdministrationFee": Decimal(0),
        "ExternalInvoiceReference1": "svea-9300101",
        "YourOrderNumber": "100000101",
        "OrderRows": list(rows or (a_row(),)),
    } | changed


def an_invoice(customer: str, *rows: dict[str, Any], **changed: Any) -> dict[str, Any]:
    order = an_order(customer, *rows, **changed)
    found = [{k: v for k, v in row.items() if k != "OrderedQuantity"} for row in order.pop("OrderRows")]
    return order | {"InvoiceDate": order.pop("OrderDate"), "InvoiceRows": found}


def recorded(shared_material: Path, name: str) -> list[dict[str, Any]]:
    """The exchanges of one recording; numbers exact."""
    text = (shared_material / "recorded" / "fortnox" / f"{name}.json").read_bytes()
    return cast(list[dict[str, Any]], json_numbers.loads(text))


def sample(shared_material: Path, *parts: str) -> Any:
    return json_numbers.loads(shared_material.joinpath("apis", *parts).read_bytes())


def openapi(shared_material: Path) -> dict[str, Any]:
    text = (shared_material / "apis" / "fortnox-openapi.json").read_text()
    return cast(dict[str, Any], json.loads(text))
