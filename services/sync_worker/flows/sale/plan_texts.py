"""What an invoice without VAT has to say about why there is none."""

from collections.abc import Iterable

from services.sync_worker.flows.sale.observed import ObservedSale
from services.sync_worker.flows.sale.plan_rows import vat_number_of
from shared.domain.items import Row


def invoice_text(seen: ObservedSale, rows: Iterable[Row]) -> str:
    """One line for each reason; empty when VAT was charged. The law wants the buyer's VAT number, too."""
    texts = seen.settings.invoice_texts
    treated = [row.treated for row in rows if row.treated is not None]
    reasons = {(one.treatment, one.supply) for one in treated}
    number = vat_number_of(seen).text
    lines = [
        texts.eu_goods if ("eu_business", "goods") in reasons else "",
        texts.eu_services if ("eu_business", "services") in reasons else "",
        texts.export if any(treatment == "export" for treatment, _ in reasons) else "",
    ]
    return "\n".join(line.replace("{vat_number}", number) for line in lines if line)
