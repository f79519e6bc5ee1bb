"""REST routes of invoices, shipments and credit memos: made from an order, read, searched, commented."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from services.sandbox.magento.amounts import ZERO
from services.sandbox.magento.documents import Document, Remark
from services.sandbox.magento.inputs import (
    ANYTHING,
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    Many,
    Shape,
    Takes,
    struct,
)
from services.sandbox.magento.order import Fields
from services.sandbox.magento.refunding import Arguments
from services.sandbox.magento.refusals import Refused
from services.sandbox.magento.routing import Answer, Handler, MagentoRequest, Route
from services.sandbox.magento.sales import Sales
from services.sandbox.magento.sales_columns import INVOICE_COLUMNS, MEMO_COLUMNS, SHIPMENT_COLUMNS
from services.sandbox.magento.search import apply
from services.sandbox.magento.shipping import DEFAULT_SOURCE

INVOICES, MEMOS = "Magento_Sales::sales_invoice", "Magento_Sales::sales_creditmemo"
SHIPMENTS = "Magento_Sales::shipment"

Documents = Callable[[Sales], dict[int, Document]]

ITEM = struct(order_item_id=INT, qty=FLOAT, extension_attributes=ANYTHING)
REMARK = struct(comment=STRING, is_visible_on_front=INT, extension_attributes=ANYTHING)
CREATION: dict[str, Shape] = {
    "items": Many(ITEM),
    "notify": BOOLEAN,
    "appendComment": BOOLEAN,
    "comment": REMARK,
}
TRACK = struct(track_number=STRING, title=STRING, carrier_code=STRING, extension_attributes=ANYTHING)
SHIP_ARGUMENTS = struct(extension_attributes=struct(source_code=STRING))
REFUND_ARGUMENTS = struct(
    shipping_amount=FLOAT,
    adjustment_positive=FLOAT,
    adjustment_negative=FLOAT,
    extension_attributes=struct(return_to_stock_items=Many(INT)),
)
INVOICE = Takes(CREATION | {"capture": BOOLEAN, "arguments": ANYTHING})
SHIP = Takes(CREATION | {"tracks": Many(TRACK), "packages": ANYTHING, "arguments": SHIP_ARGUMENTS})
REFUND = Takes(CREATION | {"isOnline": BOOLEAN, "arguments": REFUND_ARGUMENTS})


def _quantities(request: MagentoRequest) -> dict[int, Decimal]:
    sent = request.body.get("items") or []
    return {int(one.get("order_item_id") or 0): Decimal(one.get("qty") or 0) for one in sent}


def _remark(request: MagentoRequest) -> Remark:
    sent = request.body.get("comment") or {}
    return Remark(
        text=sent.get("comment") or "",
        append=bool(request.body.get("appendComment")),
        notify=bool(request.body.get("notify")),
        on_front=sent.get("is_visible_on_front") or 0,
    )


def _invoice(request: MagentoRequest) -> Answer:
    """Ids come as text here."""
    made = request.shop.sales.invoice(request.number("id"), _quantities(request), _remark(request))
    return Answer(str(made.entity_id))


def _ship(request: MagentoRequest) -> Answer:
    arguments = request.body.get("arguments") or {}
    source = (arguments.get("extension_attributes") or {}).get("source_code") or DEFAULT_SOURCE
    made = request.shop.sales.ship(
        request.number("id"),
        _quantities(request),
        source=source,
        tracks=request.body.get("tracks"),
        remark=_remark(request),
    )
    return Answer(str(made.entity_id))


def _arguments(request: MagentoRequest) -> Arguments:
    sent = request.body.get("arguments")
    if sent is None:
        return Arguments()
    return Arguments(
        shipping=sent.get("shipping_amount"),
        positive=sent.get("adjustment_positive") or ZERO,
        negative=sent.get("adjustment_negative") or ZERO,
        given=True,
    )


def _returned(request: MagentoRequest) -> list[int]:
    extension = (request.body.get("arguments") or {}).get("extension_attributes") or {}
    return list(extension.get("return_to_stock_items") or [])


def _refund(request: MagentoRequest) -> Answer:
    made = request.shop.sales.refund(
        request.number("id"),
        _quantities(request),
        _arguments(request),
        remark=_remark(request),
        return_to_stock=_returned(request),
    )
    return Answer(str(made.entity_id))


def _refund_invoice(request: MagentoRequest) -> Answer:
    made = request.shop.sales.refund_invoice(
        request.number("id"),
        _quantities(request),
        _arguments(request),
        online=bool(request.body.get("isOnline")),
        remark=_remark(request),
        return_to_stock=_returned(request),
    )
    return Answer(str(made.entity_id))


def _refund_memo(request: MagentoRequest) -> Answer:
    """The endpoint that answers 200 and stores an empty memo (magento-measured 1.3)."""
    sent = request.body["creditmemo"]
    return Answer(request.shop.sales.empty_memo(int(sent["order_id"])).show())


def _capture(_: MagentoRequest) -> Answer:
    """Invoices made by REST are paid already, so there is never anything left to capture."""
    raise Refused("The capture action is not available.")


def _getting(documents: Documents) -> Handler:
    def get(request: MagentoRequest) -> Answer:
        sales = request.shop.sales
        return Answer(sales.document(documents(sales), request.number("id")).show())

    return get


def _listing(documents: Documents, columns: frozenset[str]) -> Handler:
    def find(request: MagentoRequest) -> Answer:
        rows = [one.show() for one in documents(request.shop.sales).values()]
        return Answer(apply(request.criteria(), rows, columns=columns))

    return find


def _comments(documents: Documents) -> Handler:
    def comments(request: MagentoRequest) -> Answer:
        sales = request.shop.sales
        document = sales.document(documents(sales), request.number("id"))
        parent = {"field": "parent_id", "value": str(document.entity_id), "condition_type": "eq"}
        criteria = {"filter_groups": [{"filters": [parent]}]}
        count = len(document.comments)
        return Answer({"items": document.comments, "search_criteria": criteria, "total_count": count})

    return comments


def _commenting(documents: Documents) -> Handler:
    def comment(request: MagentoRequest) -> Answer:
        sent: Fields = request.body["entity"]
        remark = Remark(sent.get("comment") or "", True, bool(sent.get("is_customer_notified")))
        sales = request.shop.sales
        parent = request.values.get("id", sent.get("parent_id") or 0)
        return Answer(sales.comment_on(documents(sales), int(parent), remark))

    return comment


def _invoices(sales: Sales) -> dict[int, Document]:
    return sales.invoices


def _memos(sales: Sales) -> dict[int, Document]:
    return sales.memos


def _shipments(sales: Sales) -> dict[int, Document]:
    return sales.shipments


COMMENT = Takes(
    {
        "entity": struct(
            comment=STRING,
            created_at=STRING,
            entity_id=INT,
            is_customer_notified=INT,
            is_visible_on_front=INT,
            parent_id=INT,
        )
    },
    ("entity",),
)
MEMO = Takes({"creditmemo": ANYTHING, "offlineRequested": BOOLEAN}, ("creditmemo",))
ROUTES = (
    Route("POST", "/V1/order/{id}/invoice", "Magento_Sales::invoice", _invoice, INVOICE),
    Route("POST", "/V1/order/{id}/ship", "Magento_Sales::ship", _ship, SHIP),
    Route("POST", "/V1/order/{id}/refund", "Magento_Sales::creditmemo", _refund, REFUND),
    Route("POST", "/V1/invoice/{id}/refund", "Magento_Sales::creditmemo", _refund_invoice, REFUND),
    Route("GET", "/V1/invoices", INVOICES, _listing(_invoices, INVOICE_COLUMNS)),
    Route("GET", "/V1/invoices/{id}", INVOICES, _getting(_invoices)),
    Route("GET", "/V1/invoices/{id}/comments", INVOICES, _comments(_invoices)),
    Route("POST", "/V1/invoices/comments", INVOICES, _commenting(_invoices), COMMENT),
    Route("POST", "/V1/invoices/{id}/capture", INVOICES, _capture),
    Route("GET", "/V1/creditmemos", MEMOS, _listing(_memos, MEMO_COLUMNS)),
    Route("GET", "/V1/creditmemo/{id}", MEMOS, _getting(_memos)),
    Route("GET", "/V1/creditmemo/{id}/comments", MEMOS, _comments(_memos)),
    Route("POST", "/V1/creditmemo/{id}/comments", MEMOS, _commenting(_memos), COMMENT),
    Route("POST", "/V1/creditmemo/refund", MEMOS, _refund_memo, MEMO),
    Route("GET", "/V1/shipments", SHIPMENTS, _listing(_shipments, SHIPMENT_COLUMNS)),
    Route("GET", "/V1/shipment/{id}", SHIPMENTS, _getting(_shipments)),
    Route("GET", "/V1/shipment/{id}/comments", SHIPMENTS, _comments(_shipments)),
    Route("POST", "/V1/shipment/{id}/comments", SHIPMENTS, _commenting(_shipments), COMMENT),
)
