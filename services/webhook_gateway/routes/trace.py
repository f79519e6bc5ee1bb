"""From a line on the bank account to the orders in it, and from an order back: one call each way."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.webhook_gateway import problems
from services.webhook_gateway.house import House, house_of
from services.webhook_gateway.operations import trace as show
from services.webhook_gateway.operations.access import Reader
from services.webhook_gateway.operations.trace import TraceAnswer, TracedPayout, TracedSale
from services.webhook_gateway.problems import Flaw
from services.webhook_gateway.routes.connections import must_be_known
from services.webhook_gateway.routes.payouts import earliest, shown
from shared.domain.money import to_cents
from shared.ledger.links import Outline
from shared.ledger.payout_lists import PayoutHead
from shared.ledger.payouts import PayoutRowRecord
from shared.ledger.records import Subject

router = APIRouter(tags=["payouts"])

PAYOUTS = 20
ROWS = 500


@router.get(
    "/connections/{connection}/trace",
    summary="From a bank line to its orders, or from an order to its bank lines",
    responses=problems.documented(401, 403, 404, 422, 503),
)
async def trace(
    request: Request,
    key: Reader,
    connection: str,
    amount: Annotated[
        Decimal | None,
        Query(max_digits=15, decimal_places=2, description="Of the line at the bank, with `date`."),
    ] = None,
    on: Annotated[
        date | None, Query(alias="date", description="Of the line: that day or the five before it.")
    ] = None,
    number: Annotated[
        str | None,
        Query(min_length=1, max_length=200, description="Of an order, an invoice or a checkout; exact."),
    ] = None,
) -> TraceAnswer:
    house = house_of(request)
    await must_be_known(house, connection)
    if number is not None and amount is None and on is None:
        return await _from_order(house, connection, number)
    if number is None and amount is not None and on is not None:
        return await _from_bank(house, connection, to_cents(amount), on)
    raise problems.invalid(
        [Flaw(path="number", code="one_way", detail="Give either number, or amount and date.")]
    )


async def _from_bank(house: House, connection: str, amount: Decimal, on: date) -> TraceAnswer:
    lists = house.ledger.payout_lists
    page = await lists.page(connection, first=earliest(None, on), last=on, paid=amount, limit=PAYOUTS)
    payouts = []
    for head in page.items:
        rows = await house.ledger.payouts.rows(head.subject_id, limit=ROWS + 1)
        payouts.append(await _traced(house, head, rows[:ROWS], more=len(rows) > ROWS))
    rows_of_all = [row for one in payouts for row in one.items]
    known = await house.ledger.subjects.find_many(
        connection, "sale", sorted({row.checkout_id for row in rows_of_all if row.checkout_id})
    )
    sales = {sale.id: sale for sale in known.values()}
    for sale_id in {row.sale_id for row in rows_of_all if not row.checkout_id and row.sale_id} - sales.keys():
        sales |= await _by_id(house, sale_id)
    return TraceAnswer(payouts=payouts, sales=await _sales(house, connection, sales))


async def _from_order(house: House, connection: str, number: str) -> TraceAnswer:
    named = await _named(house, connection, number)
    sales = await _sales(house, connection, named)
    lists = house.ledger.payout_lists
    by_payout: dict[str, set[str]] = {}
    for sale in sales:
        documents = await lists.documents_of_sale(connection, sale.id)
        for row in await lists.of_sale(connection, sale.key, documents):
            by_payout.setdefault(row.payout_id, set()).add(row.row_key)
    heads = [await lists.get(payout_id) for payout_id in by_payout]
    payouts = []
    for head in sorted((one for one in heads if one is not None), key=lambda one: one.dated, reverse=True):
        keys = sorted(by_payout[head.subject_id])
        found = [await house.ledger.payouts.row(head.subject_id, key) for key in keys]
        rows = sorted((row for row in found if row is not None), key=lambda row: row.position)
        payouts.append(await _traced(house, head, rows, more=False))
    return TraceAnswer(payouts=payouts, sales=sales)


async def _named(house: House, connection: str, number: str) -> dict[str, Subject]:
    """Sales with this checkout id, order number or invoice number, whichever it is."""
    ledger = house.ledger
    by_name = await ledger.aliases.resolve_many(connection, "order_number", [number])
    documents = await ledger.payout_lists.sale_documents(connection, [number])
    sale = await ledger.subjects.find(connection, "sale", number)
    found = {} if sale is None else {sale.id: sale}
    for sale_id in {*by_name.values(), *(one.sale_id for one in documents.values())} - found.keys():
        found |= await _by_id(house, sale_id)
    return found


async def _by_id(house: House, sale_id: str) -> dict[str, Subject]:
    sale = await house.ledger.subjects.get(sale_id)
    return {} if sale is None else {sale.id: sale}


async def _sales(house: House, connection: str, sales: Mapping[str, Subject]) -> list[TracedSale]:
    outlines = await house.ledger.links.outlines(connection, subjects=sales.keys())
    by_sale: dict[str, list[Outline]] = {}
    for one in outlines:
        by_sale.setdefault(one.subject_id, []).append(one)
    in_order = sorted(sales.values(), key=lambda sale: sale.key)
    return [show.sale(sale, by_sale.get(sale.id, [])) for sale in in_order]


async def _traced(
    house: House, head: PayoutHead, rows: Sequence[PayoutRowRecord], *, more: bool
) -> TracedPayout:
    counts = await house.ledger.payout_lists.counts([head.subject_id])
    made = await house.ledger.links.outlines(head.connection, subjects=[head.subject_id])
    items = await shown(house, head, rows, made)
    return show.payout(head, counts.get(head.subject_id, {}), made, items, more=more)
