"""`/V1/bulk`: what became of asynchronous calls."""

from __future__ import annotations

from services.sandbox.magento.bulk import BulkOfOperations
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.routing import Answer, MagentoRequest, Route
from services.sandbox.magento.search import apply

BULKS = "Magento_Logging::system_magento_logging_bulk_operations"


async def _status(request: MagentoRequest) -> Answer:
    return Answer((await _known(request)).show())


async def _detailed(request: MagentoRequest) -> Answer:
    return Answer((await _known(request)).show(detailed=True))


async def _count(request: MagentoRequest) -> Answer:
    status = request.number("status")
    return Answer(sum(one.status == status for one in (await _known(request)).operations))


async def _search(request: MagentoRequest) -> Answer:
    await request.shop.bulk.catch_up()
    rows = [bulk.show_searched(one) for bulk in request.shop.bulk.bulks.values() for one in bulk.operations]
    return Answer(apply(request.criteria(), rows))


async def _known(request: MagentoRequest) -> BulkOfOperations:
    await request.shop.bulk.catch_up()
    number = request.values["bulkUuid"]
    bulk = request.shop.bulk.bulks.get(number)
    if bulk is None:
        raise Refused("Bulk uuid %bulkUuid not exist", {"bulkUuid": number}, status=404)
    return bulk


ROUTES = (
    Route("GET", "/V1/bulk", BULKS, _search),
    Route("GET", "/V1/bulk/{bulkUuid}/status", BULKS, _status),
    Route("GET", "/V1/bulk/{bulkUuid}/detailed-status", BULKS, _detailed),
    Route("GET", "/V1/bulk/{bulkUuid}/operation-status/{status}", BULKS, _count),
)
