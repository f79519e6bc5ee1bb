"""Asynchronous calls: accepted now, worked by a consumer that may be asleep, asked about by their uuid."""

from __future__ import annotations

import hashlib
import inspect
import random
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from services.sandbox.magento.refusals import BrokenPage, Refused
from services.sandbox.magento.routing import Answer, MagentoRequest, Route
from services.sandbox.magento.wire import to_json

Json = dict[str, Any]

TIMESTAMP = "%Y-%m-%d %H:%M:%S"
SERVICES = {
    "/V1/products": (
        "magento.catalog.api.productrepositoryinterface.save",
        r"Magento\Catalog\Model\ProductRepository\Interceptor::save",
    ),
    "/V1/inventory/source-items": (
        "magento.inventoryapi.api.sourceitemssaveinterface.execute",
        r"Magento\Inventory\Model\SourceItem\Command\SourceItemsSave\Interceptor::execute",
    ),
}
"""Route -> (topic without verb, the method that the success message names). Recorded; the rest is derived."""
WITHOUT_RESULT = "/V1/inventory/source-items"


class OperationStatus(IntEnum):
    COMPLETE = 1
    RETRIABLY_FAILED = 2
    FAILED = 3
    OPEN = 4
    REJECTED = 5


@dataclass
class Operation:
    """One body of a bulk, and the call that it stands for."""

    number: int
    route: Route
    request: MagentoRequest
    sent: Json
    status: OperationStatus = OperationStatus.OPEN
    message: str | None = None
    error_code: int | None = None
    result: str | None = None

    def show(self) -> Json:
        return {
            "id": self.number,
            "status": int(self.status),
            "result_message": self.message,
            "error_code": self.error_code,
        }


@dataclass
class BulkOfOperations:
    bulk_uuid: str
    topic: str
    accepted_at: datetime
    store_id: int
    operations: list[Operation] = field(default_factory=list)

    @property
    def started(self) -> str:
        return self.accepted_at.strftime(TIMESTAMP)

    def show(self, *, detailed: bool = False) -> Json:
        """`/status` and `/detailed-status`."""
        return {
            "operations_list": [
                self.show_detailed(one) if detailed else one.show() for one in self.operations
            ],
            "user_type": 1,
            "bulk_id": self.bulk_uuid,
            "description": f"Topic {self.topic}",
            "start_time": self.started,
            "user_id": 1,
            "operation_count": len(self.operations),
        }

    def show_detailed(self, operation: Operation) -> Json:
        """What was sent is forgotten once it is done, and kept after a failure."""
        done = operation.status is OperationStatus.COMPLETE
        return {
            "id": operation.number,
            "bulk_uuid": self.bulk_uuid,
            "topic_name": self.topic,
            "serialized_data": None if done else self._serialized(operation),
            "result_serialized_data": operation.result,
            **{name: value for name, value in operation.show().items() if name != "id"},
        }

    def show_searched(self, operation: Operation) -> Json:
        """In `GET /V1/bulk`."""
        return {"extension_attributes": {"start_time": self.started}, **self.show_detailed(operation)}

    def _serialized(self, operation: Operation) -> str:
        inner = to_json(operation.sent).decode().replace("\\/", "/")
        whole = {
            "entity_id": None,
            "entity_link": "",
            "meta_information": inner,
            "store_id": str(self.store_id),
        }
        return to_json(whole).decode()


class Bulk:
    """The queue of one shop, and its consumer.

    With `consumer_runs` off, operations stay open for ever, as without cron. Otherwise they are worked once
    they are `consumer_seconds` old (measured: 3 to 5 s): when somebody asks, or at once when it is 0.
    """

    def __init__(self, clock: Callable[[], datetime], *, chance: random.Random | None = None) -> None:
        self._clock = clock
        self._chance = chance or random.Random()
        self.bulks: dict[str, BulkOfOperations] = {}
        self.consumer_runs = True
        self.consumer_seconds = 0.0

    def take(self, route: Route, requests: list[MagentoRequest], sent: list[Json], store_id: int) -> Json:
        """Queue the calls; the body of the 202."""
        bulk = BulkOfOperations(
            bulk_uuid=str(uuid.UUID(int=self._chance.getrandbits(128), version=4)),
            topic=_topic(route),
            accepted_at=self._clock(),
            store_id=store_id,
        )
        bulk.operations = [
            Operation(number, route, request, one)
            for number, (request, one) in enumerate(zip(requests, sent, strict=True))
        ]
        self.bulks[bulk.bulk_uuid] = bulk
        items = [
            {
                "id": one.number,
                "data_hash": hashlib.sha256(to_json(one.sent)).hexdigest(),
                "status": "accepted",
            }
            for one in bulk.operations
        ]
        return {"bulk_uuid": bulk.bulk_uuid, "request_items": items, "errors": False}

    async def catch_up(self) -> None:
        """What the consumer has had time for."""
        if self.consumer_runs:
            due = self._clock() - timedelta(seconds=self.consumer_seconds)
            await self.work(accepted_until=due)

    async def work(self, *, at_most: int | None = None, accepted_until: datetime | None = None) -> int:
        """Work open operations, oldest first, whether the consumer runs or not. How many it did."""
        opened = [
            operation
            for bulk in self.bulks.values()
            for operation in bulk.operations
            if operation.status is OperationStatus.OPEN
            and (accepted_until is None or bulk.accepted_at <= accepted_until)
        ]
        for operation in opened[:at_most]:
            await _work(operation)
        return len(opened[:at_most])


async def accept(route: Route, request: MagentoRequest) -> Answer:
    """202, or 400 for the whole when one body cannot be read."""
    bodies = _bodies(request)
    requests = [_call(route, request, body) for body in bodies]
    shop = request.shop
    answer = shop.bulk.take(route, requests, bodies, shop.pages.scope(request.store_code))
    await shop.bulk.catch_up()
    return Answer(answer, 202)


def _bodies(request: MagentoRequest) -> list[Any]:
    """An object where a list belongs is read as the list of its values, as PHP does."""
    if request.mode == "async":
        return [request.raw or {}]
    raw = request.raw
    return list(raw.values()) if isinstance(raw, Mapping) else list(raw or ())


def _call(route: Route, request: MagentoRequest, body: Any) -> MagentoRequest:
    """The call that one body stands for; values of the path come with it in a bulk."""
    sent = body if isinstance(body, Mapping) else {}
    names = [one.strip("{}") for one in route.segments if one.startswith("{")]
    values = (
        dict(request.values) if request.mode == "async" else {name: str(sent.get(name, "")) for name in names}
    )
    return replace(request, values=values, body=route.takes.read(sent), raw=body)


async def _work(operation: Operation) -> None:
    try:
        found = operation.route.handler(operation.request)
        answer = await found if inspect.isawaitable(found) else found
    except (Refused, BrokenPage) as refused:
        operation.status, operation.error_code = OperationStatus.FAILED, 0
        operation.message = _filled_in(refused) if isinstance(refused, Refused) else str(refused)
        return
    operation.status = OperationStatus.COMPLETE
    operation.message = f"Service execution success {_service(operation.route)[1]}"
    if operation.route.pattern != WITHOUT_RESULT:
        operation.result = to_json(answer.body).decode()


def _filled_in(refused: Refused) -> str:
    """The text with its placeholders filled in."""
    parameters = refused.parameters or []
    named = (
        parameters.items()
        if isinstance(parameters, Mapping)
        else ((str(n), one) for n, one in enumerate(parameters, 1))
    )
    text = refused.message
    for name, value in named:
        text = text.replace(f"%{name}", str(value))
    return text


def _topic(route: Route) -> str:
    return f"async.{_service(route)[0]}.{route.method.lower()}"


def _service(route: Route) -> tuple[str, str]:
    """By what is literal in the route's pattern."""
    literal = "/".join(one for one in route.pattern.split("/") if not one.startswith("{"))
    name = literal.removeprefix("/V1/").replace("/", ".").replace("-", "")
    return SERVICES.get(literal, (f"magento.{name}", name))
