"""What a shop sends when something changed, in the words of each module that can send it (magento.md 10).

Our shop module   signed notice with ids only; retried until it is accepted
async             Mage-OS async events: the REST entity, HMAC over the body; lost when nobody answers at all
adobe_events      Adobe I/O Events: CloudEvents, two RSA signatures over the body
adobe_webhook     Adobe Commerce webhooks: RSA over the base64 of the body; sent once
token             modules that cannot sign: a small template, perhaps with Basic; sent once
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from services.sandbox.magento.adobe_keys import AdobeKeys
from services.sandbox.magento.wire import to_json

Json = dict[str, Any]


class Sender(StrEnum):
    MODULE = "module"
    ASYNC = "async"
    ADOBE_EVENTS = "adobe_events"
    ADOBE_WEBHOOK = "adobe_webhook"
    TOKEN = "token"


ASYNC_NAMES = {
    "order.placed": "sales.order.created",
    "order.updated": "sales.order.updated",
    "order.status_changed": "sales.order.updated",
    "invoice.created": "sales.invoice.created",
    "shipment.created": "sales.shipment.created",
    "creditmemo.created": "sales.creditmemo.created",
    "customer.created": "customer.created",
    "customer.updated": "customer.updated",
    "product.created": "catalog.product.created",
    "product.updated": "catalog.product.updated",
}
ADOBE_NAMES = {
    "order": "observer.sales_order_save_commit_after",
    "invoice": "observer.sales_order_invoice_save_after",
    "shipment": "observer.sales_order_shipment_save_after",
    "creditmemo": "observer.sales_order_creditmemo_save_after",
    "customer": "observer.customer_save_commit_after",
    "product": "observer.catalog_product_save_commit_after",
}
ADOBE_PROVIDER = "com.adobe.commerce."


@dataclass(frozen=True)
class Subscription:
    """`secret`: HMAC secret, verification token, Adobe client id or `user:password`, as the sender needs."""

    url: str
    secret: str = ""
    sender: Sender = Sender.MODULE
    events: frozenset[str] = frozenset()
    """Empty: all."""

    def wants(self, event: str) -> bool:
        if self.sender is Sender.ASYNC and event not in ASYNC_NAMES:
            return False
        return not self.events or event in self.events


@dataclass(frozen=True)
class Change:
    """`entity`: ids, numbers and state; `whole`: the same as REST shows it."""

    event: str
    entity: Json
    store: Json
    base_url: str
    occurred_at: datetime
    whole: Callable[[], Json]


@dataclass(frozen=True)
class Notice:
    """A change on its way to one subscriber."""

    subscription: Subscription
    change: Change
    number: str
    keys: AdobeKeys
    accepted: Callable[[], None] | None = None
    _body: list[bytes] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.change.event

    @property
    def url(self) -> str:
        """Async events name no event: they have one address each."""
        url = self.subscription.url
        if self.subscription.sender is not Sender.ASYNC:
            return url
        name = ASYNC_NAMES[self.change.event]
        return url.replace("{event}", name) if "{event}" in url else f"{url}?event={name}"

    def request(self, *, number: int, at: datetime, first_at: datetime) -> tuple[bytes, dict[str, str]]:
        headers, body = _WRITERS[self.subscription.sender](self, number, at)
        return body, {"Content-Type": "application/json"} | headers

    def is_retried(self, status: int | None) -> bool:
        match self.subscription.sender:
            case Sender.MODULE:
                return True
            case Sender.ASYNC:
                return status is not None
            case Sender.ADOBE_EVENTS:
                return status is None or status == 429 or (status >= 500 and status != 505)
            case _:
                return False

    def once(self, write: Callable[[], bytes]) -> bytes:
        """Senders that keep their body send the same bytes again."""
        if not self._body:
            self._body.append(write())
        return self._body[0]


def _module(notice: Notice, attempt: int, at: datetime) -> tuple[dict[str, str], bytes]:
    """The attempt is counted in the body, so every one is signed anew."""
    change = notice.change
    told = {
        "id": notice.number,
        "type": change.event,
        "occurred_at": change.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "attempt": attempt,
        "store": change.store,
        "base_url": change.base_url,
        "entity": change.entity,
    }
    body = json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()
    timestamp = str(int(at.timestamp()))
    return {
        "X-Sluss-Event": change.event,
        "X-Sluss-Id": notice.number,
        "X-Sluss-Timestamp": timestamp,
        "X-Sluss-Signature": f"v1={module_signature(notice.subscription.secret, timestamp, body)}",
    }, body


def module_signature(secret: str, timestamp: str, body: bytes) -> str:
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _async_event(notice: Notice, _: int, __: datetime) -> tuple[dict[str, str], bytes]:
    body = notice.once(lambda: to_json({"data": notice.change.whole()}))
    mac = hmac.new(notice.subscription.secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Magento-Signature": mac}, body


def _adobe_event(notice: Notice, _: int, __: datetime) -> tuple[dict[str, str], bytes]:
    body = notice.once(lambda: _cloud_event(notice))
    first, second = notice.keys.event_keys
    return {
        "x-adobe-digital-signature-1": first.signature(body),
        "x-adobe-digital-signature-2": second.signature(body),
        "x-adobe-public-key1-path": first.path,
        "x-adobe-public-key2-path": second.path,
    }, body


def _cloud_event(notice: Notice) -> bytes:
    """Values come from the database layer: numbers are text."""
    change, client = notice.change, notice.subscription.secret
    number = str(uuid.uuid5(uuid.NAMESPACE_OID, notice.number))
    entity = {name: value for name, value in change.entity.items() if name not in ("type", "id")}
    value = {"entity_id": change.entity["id"]} | entity | {"store_id": change.store["id"]}
    kept = ("storeId", "websiteId")
    metadata = dict(zip(kept, (str(change.store["id"]), str(change.store["website_id"])), strict=True))
    told = {
        "specversion": "1.0",
        "id": number,
        "source": "urn:uuid:00000000-0000-4000-8000-00000000cafe",
        "type": ADOBE_PROVIDER + ADOBE_NAMES[change.entity["type"]],
        "datacontenttype": "application/json",
        "time": change.occurred_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "eventid": number,
        "event_id": number,
        "recipient_client_id": client,
        "recipientclientid": client,
        "data": {
            "key": number,
            "value": {name: str(one) for name, one in value.items()},
            "source": "shop.test",
            "_metadata": {"commerceEdition": "Adobe Commerce", "commerceVersion": "2.4.7"} | metadata,
        },
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _adobe_webhook(notice: Notice, _: int, __: datetime) -> tuple[dict[str, str], bytes]:
    kind = notice.change.entity["type"]
    fields = {"entity_id": notice.change.entity["id"]} | notice.change.entity
    told = {"eventName": ADOBE_NAMES[kind], "data": {kind: {k: v for k, v in fields.items() if k != "type"}}}
    body = notice.once(lambda: json.dumps(told, separators=(",", ":")).encode())
    signed = notice.keys.webhook_key.signature(base64.b64encode(body))
    return {"x-adobe-commerce-webhook-signature": signed}, body


def _token(notice: Notice, _: int, __: datetime) -> tuple[dict[str, str], bytes]:
    """The template our documents hand out; every value is text, as Liquid writes it."""
    entity = notice.change.entity
    told = {"type": entity["type"], "entity_id": str(entity["id"])} | {
        name: str(value) for name, value in entity.items() if name not in ("type", "id")
    }
    headers = {}
    if notice.subscription.secret:
        login = base64.b64encode(notice.subscription.secret.encode()).decode()
        headers["Authorization"] = f"Basic {login}"
    return headers, json.dumps(told, separators=(",", ":")).encode()


Writer = Callable[[Notice, int, datetime], tuple[dict[str, str], bytes]]
_WRITERS: dict[Sender, Writer] = {
    Sender.MODULE: _module,
    Sender.ASYNC: _async_event,
    Sender.ADOBE_EVENTS: _adobe_event,
    Sender.ADOBE_WEBHOOK: _adobe_webhook,
    Sender.TOKEN: _token,
}
