"""Stock, with and without the warehouse module (Lager)."""

from collections import defaultdict
from decimal import Decimal

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.amounts import ZERO
from services.sandbox.fortnox.collection import Answer, Ask, no_such_method
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields

MAIN = "MAIN"


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
        if "OrderRows" in document:
            company.sent_orders.add(document["DocumentNumber"])
    document["WarehouseReady"] = True


def move(company: Company, rows: list[Fields]) -> None:
    """Take delivered goods out of the stock; a credit brings them back."""
    for row in rows:
        article = company.articles.get(row["ArticleNumber"])
        if article is not None and article["StockGoods"]:
            article["QuantityInStock"] -= Decimal(row["DeliveredQuantity"])
            if company.switches.warehouse:
                company.tell(
                    "warehouse-stockbalances", "warehouse-stockbalance-changed", row["ArticleNumber"]
                )
            if company.switches.stock_touches_article:
                company.store(company.articles, row["ArticleNumber"], article)


def reservations(company: Company) -> dict[str, Decimal]:
    """What open orders hold, by article."""
    held: defaultdict[str, Decimal] = defaultdict(Decimal)
    for order in company.orders.values():
        has_left = order["DocumentNumber"] in company.sent_orders
        if not order["Cancelled"] and order["InvoiceReference"] == "0" and not has_left:
            for row in order["OrderRows"]:
                held[row["ArticleNumber"]] += Decimal(row["OrderedQuantity"])
    return held


def answer(company: Company, ask: Ask) -> Answer:
    """`/api/warehouse/...`: whether the module is active, and the stock."""
    if (ask.method, *ask.segments) == ("GET", "tenants-v4"):
        return Answer({"activated": company.switches.warehouse, "tenantId": company.tenant_id})
    if (ask.method, *ask.segments) == ("GET", "status-v1", "stockbalance"):
        return _balances(company, ask)
    raise no_such_method()


def _balances(company: Company, ask: Ask) -> Answer:
    held = reservations(company)
    numbers = [number for number in ask.query.get("itemIds", "").split(",") if number]
    most = company.switches.most_balances
    if most and len(numbers) > most:
        raise Refusal(refusals.TOO_MANY_ITEMS, f"Högst {most} artiklar per fråga.")
    wanted = [code for code in ask.query.get("stockPointCodes", "").split(",") if code]
    rows = [row for number in numbers for row in _balance(company, number, held.get(number, ZERO))]
    return Answer([row for row in rows if not wanted or row["stockPointCode"] in wanted])


def _balance(company: Company, number: str, held: Decimal) -> list[Fields]:
    """A row for each stock point; orders reserve in the article's own, else in MAIN."""
    article = company.articles.get(number)
    stock = article["QuantityInStock"] if article else ZERO
    elsewhere = company.stock_points.get(number, {})
    lying = {MAIN: stock - sum(elsewhere.values(), ZERO), **elsewhere}
    reserved_in = (article or {}).get("DefaultStockPoint") or MAIN
    return [
        {
            "itemId": number,
            "stockPointCode": point,
            "availableStock": pieces - (held if point == reserved_in else ZERO),
            "inStock": pieces,
        }
        for point, pieces in lying.items()
    ]
