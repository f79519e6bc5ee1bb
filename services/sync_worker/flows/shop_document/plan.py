"""An invoice or credit invoice in Fortnox -> what the shop's order shows of it.

Starts   a sale whose invoice was just booked, Fortnox' event stream, or the sweep `shop_documents`.
Makes    the order's invoice in Magento unless it has it, without capture; a comment with number, dates, OCR
         and amount; one more when it is paid; an offline credit memo for a credit invoice of a person.
Adds up  a credit memo is of the credit invoice's amount, and is read back.
Repeats  safe: everything has a mark in the shop, and what has been told is not told again.
"""

from services.sync_worker.flows.shop_document.observed import ObservedCredit, ObservedInvoice, Unconcerned
from services.sync_worker.flows.shop_document.plan_invoice import invoice_plan
from services.sync_worker.flows.shop_document.plan_memo import memo_plan
from shared.domain.documents import Plan
from shared.domain.outcomes import Skipped


def plan(seen: ObservedInvoice | ObservedCredit | Unconcerned) -> Plan | Skipped:
    if isinstance(seen, Unconcerned):
        return Skipped(seen.reason)
    if isinstance(seen, ObservedCredit):
        return memo_plan(seen)
    return invoice_plan(seen)
