"""The stand-ins, seen from outside: Svea's stories are told here, and Fortnox' books are read."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from services.local.web import Web, as_json

EVENTS = tuple(
    f"CheckoutOrder.{name}"
    for name in (
        "Created",
        "Updated",
        "Delivered",
        "CreditSucceeded",
        "CreditFailed",
        "Closed",
        "PendingStatusReleased",
    )
)


@dataclass(frozen=True, slots=True)
class Step:
    """States of the order at Svea, and the webhook that tells of them; None: nobody is told."""

    install: tuple[str, ...]
    webhook: str | None


@dataclass(frozen=True, slots=True)
class Story:
    key: str
    title: str
    market: str
    checkout_id: int
    steps: tuple[Step, ...]


class StandIns:
    """Svea and Fortnox of the demo. `declared` is the connection as it is applied."""

    def __init__(self, url: str, declared: Mapping[str, Any]) -> None:
        self.web = Web(url)
        self.control = Web(f"{url}/_control")
        self._declared = declared
        self._tenant = int(declared["fortnox"]["tenant_id"])

    # ── Fortnox ───────────────────────────────────────────────────────────────────────────────────

    def open_company(self) -> None:
        """A Fortnox company with the accounts and VAT codes of the demo; once.

        It has no rate limit: nobody wants to watch a load wait. What the real one costs is reckoned.
        """
        companies = self.control.get("/fortnox/companies")["companies"]
        if any(company["tenant_id"] == self._tenant for company in companies):
            return
        integration = {name: self._declared["fortnox"][name] for name in ("client_id", "client_secret")}
        self.control.post("/fortnox/integrations", integration)
        company = {"tenant_id": self._tenant, "name": "Demobolaget AB", "rate_limit": False}
        self.control.post("/fortnox/companies", company)

    @property
    def books_url(self) -> str:
        return f"{self.control.base}/fortnox/companies/{self._tenant}"

    def documents(self) -> dict[str, list[dict[str, Any]]]:
        """Fortnox' own records: orders, invoices, customers, articles, ..."""
        found: dict[str, list[dict[str, Any]]] = self._company("documents")
        return found

    def vouchers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._company("vouchers")["vouchers"]
        return found

    def balances(self) -> dict[int, Decimal]:
        """SEK by account, debit positive."""
        books: dict[int, Decimal] = {}
        for voucher in self.vouchers():
            for row in voucher["rows"]:
                amount = Decimal(row["debit"]) - Decimal(row["credit"])
                books[int(row["account"])] = books.get(int(row["account"]), Decimal(0)) + amount
        return books

    def vat_accounts(self) -> dict[str, int]:
        """VAT code -> its liability account; codes without VAT are left out."""
        company = next(
            one
            for one in self.control.get("/fortnox/companies")["companies"]
            if one["tenant_id"] == self._tenant
        )
        return {code["code"]: code["account"] for code in company["vat_codes"] if code["account"]}

    def writes(self) -> int:
        """How many requests were meant to change something in Fortnox."""
        return sum(call["method"] != "GET" for call in self._company("calls")["calls"])

    def calls(self) -> int:
        """How many requests Fortnox has had."""
        return len(self._company("calls")["calls"])

    def _company(self, what: str) -> dict[str, Any]:
        found: dict[str, Any] = self.control.get(f"/fortnox/companies/{self._tenant}/{what}")
        return found

    # ── Svea ──────────────────────────────────────────────────────────────────────────────────────

    def stories(self) -> list[Story]:
        return [_to_story(found) for found in self.control.get("/svea/stories")]

    def play(self, story: Story, number: int) -> None:
        """Svea's order changes, and Svea tells of it, signed; returns when that was answered."""
        self.control.post(f"/svea/stories/{story.key}/{number}")
        self.settle()

    def install(self, state: str) -> None:
        self.control.post("/svea/samples", {"stage": [state]})

    def tell(self, market: str, notice: Mapping[str, Any]) -> None:
        """A webhook in our own words, to the market's subscriptions."""
        self.send_again(self._key_set(market)["merchant_id"], as_json(notice).decode())
        self.settle()

    def send_again(self, merchant_id: Any, body: str) -> None:
        self.control.post("/svea/webhooks/exact", {"merchant_id": str(merchant_id), "body": body})

    def settle(self) -> None:
        """Wait until every webhook was answered, or given up."""
        self.control.post("/svea/settle")

    def webhooks(self) -> list[dict[str, Any]]:
        """Every attempt since the stand-ins were started."""
        found: list[dict[str, Any]] = self.control.get("/svea/webhooks")
        return found

    def told(self) -> list[tuple[str, str]]:
        """Merchant and body of each webhook that Svea has sent of an order."""
        return [(one["merchant_id"], one["body"]) for one in self.webhooks() if one["kind"] == "event"]

    def order(self, checkout_id: int) -> dict[str, Any] | None:
        """The order as Payment Admin shows it; None while it is not final."""
        found: dict[str, Any] | None = self.control.get(f"/svea/orders/{checkout_id}")["admin"]
        return found

    def checkouts(self, merchant_id: Any) -> list[int]:
        """Every order of that merchant."""
        orders = self.control.get("/svea/orders")
        return [one["checkout_id"] for one in orders if one["merchant_id"] == str(merchant_id)]

    def subscribe(self, gateway_url: str) -> None:
        """Ask Svea for webhooks, as every merchant does: subscribe, then let the address be verified."""
        for market in self._declared["markets"]:
            svea = market["svea"]
            url = f"{gateway_url}/webhooks/svea/{self._declared['name']}/{market['name']}"
            wanted = {"CallbackUri": f"{url}/{svea['callback_token']}", "Events": list(EVENTS)}
            self._replace_subscription(svea, wanted)
        self.settle()

    def _replace_subscription(self, svea: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
        path = "/svea/admin/api/v2/callbacks/subscriptions"
        for old in self._ask_svea(svea, "GET", path)["Subscriptions"]:
            self._ask_svea(svea, "DELETE", f"{path}/{old['SubscriptionId']}")
        made = self._ask_svea(svea, "POST", path, as_json(wanted))
        self._ask_svea(svea, "POST", f"{path}/{made['SubscriptionId']}/verify")

    def _ask_svea(self, svea: Mapping[str, Any], method: str, path: str, body: bytes = b"") -> Any:
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        digest = hashlib.sha512(body + f"{svea['secret']}{at}".encode()).hexdigest()
        token = base64.b64encode(f"{svea['merchant_id']}:{digest}".encode()).decode()
        return self.web.send(method, path, body, {"Authorization": f"Svea {token}", "Timestamp": at})

    def _key_set(self, market: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = next(
            one["svea"] for one in self._declared["markets"] if one["country"] == market
        )
        return found


def _to_story(found: Mapping[str, Any]) -> Story:
    steps = tuple(Step(tuple(step["install"]), step["webhook"]) for step in found["steps"])
    return Story(found["key"], found["title"], found["market"], found["checkout_id"], steps)
