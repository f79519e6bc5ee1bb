"""Stock, with and without the warehouse module (Lager)."""

from collections import defaultdict
from decimal import Decimal

from services.sandbox.fortnox.amounts import ZERO
from services.sandbox.fortnox.collection import Answer, Ask, no_such_method
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields


def hold_back(company: Company, document: Fields, rows: list[Fields]) -> None:
    """With Lager nothing is delivered before the state is `delivery`, or out of an empty stock."""
    if not company.switches.warehouse:
        return
    waiting = document.get("DeliveryState", "delivery") != "delivery"
    for row in rows:
        article = company.articles.get(row["ArticleNumber"])
        if article is None or not article["StockGoods"] or Decimal(row["DeliveredQuantity"]) < 0:
            continue
        empty = article["QuantityInStock"] <= ZERO and not company.switches.negative_stock
        if waiting or empty:
            row["DeliveredQuantity"] = "0"


def make_ready(company: Company, document: Fields, rows: list[Fields]) -> None:
    """Warehouse-ready: the goods leave the stock; nothing can be changed afterwards."""
    if document.get("DeliveryState", "delivery") != "delivery":
        raise Refusal(2003124, "Endast levererade dokument kan lagerklarmarkeras.")
    if company.switches.warehouse and not document["WarehouseReady"]:
        move(company, rows)
    document["WarehouseReady"] = True


def move(company: Company, rows: list[Fields]) -> None:
    """Take delivered goods out of the stock; a credit brings them back."""
    for row in rows:
        article = company.articles.get(row["ArticleNumber"])
        if article is not None and article["StockGoods"]:
            article["QuantityInStock"] -= Decimal(row["DeliveredQuantity"])
            if company.switches.stock_touches_article:
                company.store(company.articles, row["ArticleNumber"], article)


def reservations(company: Company) -> dict[str, Decimal]:
    """What open orders hold, by article."""
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in company.orders.values():
        if not order["Cancelled"] and order["InvoiceReference"] == "0":
            for row in order["OrderRows"]:
                held[row["ArticleNumber"]] += Decimal(row["OrderedQuantity"])
    return held


def answer(company: Company, ask: Ask) -> Answer:
    """`/api/warehouse/...`: whether the module is active, and the stock."""
    if (ask.method, *ask.segments) == ("GET", "tenants-v4"):
        return Answer({"activated": company.switches.warehouse, "tenantId": company.tenant_id})
    if (ask.method, *ask.segments) == ("GET", "status-v1", "stockbalance"):
        held = reservations(company)
        numbers = [number for number in ask.query.get("itemIds", "").split(",") if number]
        return Answer([_balance(company, number, held.get(number, ZERO)) for number in numbers])
    raise no_such_method()


def _balance(company: Company, number: str, held: Decimal) -> Fields:
    article = company.articles.get(number)
    stock = article["QuantityInStock"] if article else ZERO
    return {"itemId": number, "stockPointCode": "MAIN", "availableStock": stock - held, "inStock": stock}
