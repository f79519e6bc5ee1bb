"""Which writer brings about which kind of draft in Fortnox."""

from collections.abc import Callable
from datetime import datetime

from services.sync_worker.booking import Writer
from services.sync_worker.customer_search import CustomerSearch
from services.sync_worker.writers.fortnox_articles import ArticleWriter
from services.sync_worker.writers.fortnox_credits import CreditWriter
from services.sync_worker.writers.fortnox_customers import CustomerWriter
from services.sync_worker.writers.fortnox_files import AttachmentWriter
from services.sync_worker.writers.fortnox_invoices import InvoiceWriter
from services.sync_worker.writers.fortnox_orders import OrderWriter
from services.sync_worker.writers.fortnox_payments import PaymentWriter
from services.sync_worker.writers.fortnox_prices import PricesWriter, UnitWriter
from services.sync_worker.writers.fortnox_vouchers import VoucherWriter
from shared.clients.fortnox.client import FortnoxClient
from shared.ledger.ledger import Ledger
from shared.settings.connections import ConnectionDeclaration


def fortnox_writers(
    client: FortnoxClient, ledger: Ledger, settings: ConnectionDeclaration, clock: Callable[[], datetime]
) -> dict[str, Writer]:
    """One set per run: writers remember what they saw during it."""
    return {
        "customer": CustomerWriter(client, CustomerSearch(client, ledger, settings.name, clock)),
        "article": ArticleWriter(client),
        "unit": UnitWriter(client),
        "prices": PricesWriter(client),
        "order": OrderWriter(client),
        "invoice": InvoiceWriter(client),
        "credit_invoice": CreditWriter(client),
        "payment": PaymentWriter(client, ledger, settings.name),
        "voucher": VoucherWriter(client),
        "attachment": AttachmentWriter(client),
    }
