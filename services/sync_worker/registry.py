"""Subject kind -> flow: the product's table of contents."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.article.plan import plan as plan_article
from services.sync_worker.flows.article.read import read as read_article
from services.sync_worker.flows.currency_rate.plan import plan as plan_currency_rates
from services.sync_worker.flows.currency_rate.read import read as read_currency_rates
from services.sync_worker.flows.customer.plan import plan as plan_customer
from services.sync_worker.flows.customer.read import read as read_customer
from services.sync_worker.flows.payout.plan import plan as plan_payout
from services.sync_worker.flows.payout.read import note as note_payout
from services.sync_worker.flows.payout.read import read as read_payout
from services.sync_worker.flows.price.plan import plan as plan_prices
from services.sync_worker.flows.price.read import read as read_prices
from services.sync_worker.flows.sale.plan import plan as plan_sale
from services.sync_worker.flows.sale.read import read as read_sale
from services.sync_worker.flows.shop_document.plan import plan as plan_shop_document
from services.sync_worker.flows.shop_document.read import read as read_shop_document
from services.sync_worker.flows.stock.plan import plan as plan_stock
from services.sync_worker.flows.stock.read import read as read_stock
from shared.domain.documents import Plan
from shared.domain.outcomes import Moved, Skipped
from shared.ledger.records import Subject


@dataclass(frozen=True)
class Flow:
    """``read`` looks and writes nothing; ``plan`` is pure: same input, same plan."""

    read: Callable[[Subject, FlowContext], Awaitable[Any]]
    plan: Callable[[Any], Plan | Skipped | Moved]
    note: Callable[[Subject, Any, FlowContext], Awaitable[None]] | None = None  # once all is booked


FLOWS: dict[str, Flow] = {
    "sale": Flow(read=read_sale, plan=plan_sale),
    "payout": Flow(read=read_payout, plan=plan_payout, note=note_payout),
    "customer": Flow(read=read_customer, plan=plan_customer),
    "article": Flow(read=read_article, plan=plan_article),
    "price": Flow(read=read_prices, plan=plan_prices),
    "currency_rate": Flow(read=read_currency_rates, plan=plan_currency_rates),
    "shop_document": Flow(read=read_shop_document, plan=plan_shop_document),
    "stock": Flow(read=read_stock, plan=plan_stock),
}
