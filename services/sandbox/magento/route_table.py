"""Every route of the stand-in."""

from __future__ import annotations

from services.sandbox.magento.refusals import cannot_be_processed
from services.sandbox.magento.routing import Answer, MagentoRequest, Route, RouteTable


def _accept(_: Route, __: MagentoRequest) -> Answer:
    raise cannot_be_processed()


TABLE = RouteTable(routes=(), accept=_accept)
