"""Payment Admin: orders, their rows, deliveries and credits, and the tasks that these start (svea.md 3)."""

from __future__ import annotations

from datetime import datetime

from services.sandbox.svea.edge import Answer, Call, Edge
from services.sandbox.svea.orders import Order
from services.sandbox.svea.read_rows import get, integer, integers, to_quantities, to_row, to_rows
from services.sandbox.svea.refusals import invalid, not_yours, unknown
from services.sandbox.svea.rules_credit import delivery_of
from services.sandbox.svea.show_admin import SWEDEN, admin_order
from services.sandbox.svea.stand_in import SandboxSvea
from services.sandbox.svea.tasks import Task

DISTRIBUTION_TYPES = (None, "Post", "Email", "EInvoiceB2B")


class OrdersApi:
    def __init__(self, svea: SandboxSvea, edge: Edge) -> None:
        self.svea = svea
        self.edge = edge

    async def read(self, call: Call) -> Answer:
        order = self._order(call)
        exact = self.svea.verbatim.get(("admin", order.checkout_id))
        return Answer(200, exact if exact is not None else admin_order(order))

    # --- deliveries --------------------------------------------------------------------------------------

    async def deliver(self, call: Call) -> Answer:
        order, wanted = self._order(call), call.json()
        if get(wanted, "InvoiceDistributionType") not in DISTRIBUTION_TYPES:
            raise invalid("InvoiceDistributionType", "Unknown InvoiceDistributionType", 30100)
        quantities = to_quantities(wanted, "RowDeliveryOptions")
        delivery_id = self.svea.deliver(order.checkout_id, quantities or None)
        if get(wanted, "CancelRemaining") and order.open_rows:
            self.svea.cancel(order.checkout_id)
        return self._delivered(call, order, delivery_id)

    async def deliver_lower_amount(self, call: Call) -> Answer:
        order = self._order(call)
        amount = integer(call.json(), "DeliveredAmount")
        delivery_id = self.svea.deliver_lower_amount(order.checkout_id, amount)
        return self._delivered(call, order, delivery_id)

    # --- cancellation and expiry -------------------------------------------------------------------------

    async def cancel(self, call: Call) -> Answer:
        """The whole order, or an amount (cumulative)."""
        order, wanted = self._order(call), call.json()
        if get(wanted, "IsCancelled") is True:
            self.svea.cancel(order.checkout_id)
        else:
            self.svea.cancel_amount(order.checkout_id, integer(wanted, "CancelledAmount"))
        return Answer(204)

    async def extend(self, call: Call) -> Answer:
        order = self._order(call)
        try:
            until = datetime.fromisoformat(call.request.path_params["until"])
        except ValueError as error:
            raise invalid("ExpirationDate", "Not a date", 30101) from error
        self.svea.extend(order.checkout_id, until.replace(tzinfo=until.tzinfo or SWEDEN))
        return Answer(204)

    # --- rows --------------------------------------------------------------------------------------------

    async def add_row(self, call: Call) -> Answer:
        order = self._order(call)
        row_id = self.svea.add_rows(order.checkout_id, [to_row(call.json())])[0]
        return self._queued(call, self._order_path(order), {"OrderRowId": row_id})

    async def add_rows(self, call: Call) -> Answer:
        order = self._order(call)
        rows = to_rows(get(call.json(), "OrderRows"), "OrderRows")
        row_ids = self.svea.add_rows(order.checkout_id, rows)
        return self._queued(call, self._order_path(order), {"OrderRowId": row_ids})

    async def change_row(self, call: Call) -> Answer:
        order, wanted, row_id = self._order(call), call.json(), call.number("row_id")
        if get(wanted, "IsCancelled") is True:
            self.svea.cancel_rows(order.checkout_id, [row_id])
        else:
            self.svea.update_rows(order.checkout_id, {row_id: wanted})
        return Answer(204)

    async def update_rows(self, call: Call) -> Answer:
        order = self._order(call)
        changes = {integer(row, "OrderRowId"): row for row in get(call.json(), "OrderRows") or []}
        if not changes:
            raise invalid("OrderRows", "OrderRows must be a list with at least one row", 30057)
        self.svea.update_rows(order.checkout_id, changes)
        return Answer(204)

    async def replace_rows(self, call: Call) -> Answer:
        order = self._order(call)
        self.svea.replace_rows(order.checkout_id, to_rows(get(call.json(), "OrderRows"), "OrderRows"))
        return Answer(204)

    async def cancel_rows(self, call: Call) -> Answer:
        order = self._order(call)
        row_ids = integers(call.json(), "OrderRowIds")
        if not row_ids:
            raise invalid("OrderRowIds", "OrderRowIds must name at least one row", 30058)
        self.svea.cancel_rows(order.checkout_id, row_ids)
        return Answer(204)

    # --- credits -----------------------------------------------------------------------------------------

    async def credit(self, call: Call) -> Answer:
        """Rows of the delivery, or rows that never were on it."""
        order, wanted, delivery_id = self._order(call), call.json(), call.number("delivery_id")
        one, several = get(wanted, "NewCreditOrderRow"), get(wanted, "NewCreditOrderRows")
        if one or several:
            credit_id = self.svea.credit_new_row(order.checkout_id, delivery_id, *(several or [one]))
        else:
            quantities = to_quantities(wanted, "RowCreditingOptions")
            if not quantities:
                raise invalid("OrderRowIds", "OrderRowIds must name at least one row", 30058)
            credit_id = self.svea.credit_rows(order.checkout_id, delivery_id, quantities)
        return self._credited(call, order, delivery_id=delivery_id, credit_id=credit_id)

    async def credit_with_fee(self, call: Call) -> Answer:
        order, wanted, delivery_id = self._order(call), call.json(), call.number("delivery_id")
        quantities = to_quantities(wanted, "RowCreditingOptions")
        fee = get(wanted, "Fee")
        if not quantities or not isinstance(fee, dict):
            raise invalid("Fee", "OrderRowIds and Fee are required", 30102)
        credit_id = self.svea.credit_rows_with_fee(order.checkout_id, delivery_id, quantities, fee)
        return self._credited(call, order, delivery_id=delivery_id, credit_id=credit_id)

    async def credit_amount(self, call: Call) -> Answer:
        order = self._order(call)
        cumulative = integer(call.json(), "CreditedAmount")
        self.svea.credit_amount(order.checkout_id, call.number("delivery_id"), cumulative)
        return Answer(204)

    async def read_credit(self, call: Call) -> Answer:
        """What a finished credit task redirects to: the id as text, where the webhook has a number."""
        delivery = delivery_of(self._order(call), call.number("delivery_id"))
        credit_id = call.number("credit_id")
        if all(credit.number != credit_id for credit in delivery.credits):
            raise unknown("CreditId", credit_id)
        return Answer(200, {"CreditId": str(credit_id)})

    # --- tasks -------------------------------------------------------------------------------------------

    async def poll_task(self, call: Call) -> Answer:
        task = self.svea.tasks.get(call.number("task_id"))
        if task is None:
            raise unknown("TaskId", call.number("task_id"))
        if task.merchant_id != call.merchant.merchant_id:
            raise not_yours(task.task_id)
        if not task.poll():
            return Answer(200, {"Id": task.task_id, "Status": "InProgress"})
        body = {"Id": task.task_id, "Status": "Completed"}
        return Answer(303, body, {"Location": call.url(task.result_path)})

    def _queued(self, call: Call, result_path: str, body: dict[str, object]) -> Answer:
        task = Task(
            self.svea.numbers.task(), call.merchant.merchant_id, result_path, call.merchant.task_polls
        )
        self.svea.tasks[task.task_id] = task
        return Answer(202, body, {"Location": call.url(f"/api/v1/queue/{task.task_id}")})

    def _delivered(self, call: Call, order: Order, delivery_id: int) -> Answer:
        return self._queued(call, self._order_path(order), {"DeliveryId": delivery_id})

    def _credited(self, call: Call, order: Order, *, delivery_id: int, credit_id: int) -> Answer:
        path = f"{self._order_path(order)}/deliveries/{delivery_id}/credits/{credit_id}"
        return self._queued(call, path, {"CreditId": str(credit_id)})

    def _order_path(self, order: Order) -> str:
        return f"/api/v1/orders/{order.checkout_id}"

    def _order(self, call: Call) -> Order:
        """The caller's own order, once it is final: a session is unknown here."""
        order = self.edge.own_order(call)
        return self.svea.admin_order(order.checkout_id)
