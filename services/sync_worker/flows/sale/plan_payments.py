"""A sale that is paid at once -> a payment of each invoice, and of each credit invoice."""

from collections.abc import Iterable

from services.sync_worker.flows.sale.observed import ObservedSale
from shared.domain.documents import CreditDraft, InvoiceDraft
from shared.domain.payments import PaymentDraft


def payment_drafts(seen: ObservedSale, documents: Iterable[InvoiceDraft | CreditDraft]) -> list[PaymentDraft]:
    """One per document, on its own day; none for a sale whose money comes in payouts, or later."""
    paid = seen.sale.paid
    if paid is None:
        return []
    return [
        PaymentDraft(
            ref=f"{document.ref}-P",
            document_kind="credit_invoice" if isinstance(document, CreditDraft) else "invoice",
            document=document.ref,
            dated=document.dated,
            amount=document.total,
            account=paid.account,
            mode_of_payment=paid.mode_of_payment,
            rate=document.rate,
            claim_rate=document.rate,
        )
        for document in documents
        if document.total
    ]
