"""What VIES says of the buyer's VAT number, where a sale without VAT depends on it."""

from collections.abc import Sequence
from datetime import timedelta

from services.sync_worker.context import FlowContext
from services.sync_worker.flows.sale.observed import Booked
from services.sync_worker.flows.sale.plan_rows import is_sale, number_of_buyer
from shared.domain.errors import NotYet
from shared.domain.sale import Sale
from shared.domain.vat.territories import territory_of
from shared.domain.vat_numbers import Registered, VatNumber

LOOK_AGAIN = timedelta(minutes=10)


async def vies_of(sale: Sale, ctx: FlowContext, booked: Sequence[Booked]) -> Registered | None:
    """None where it is not asked, or does not answer.

    Raises NotYet while it does not answer and the merchant requires it to.
    """
    number = number_of_buyer(sale.buyer, ctx.settings)
    asked = ctx.settings.vat_numbers.vies
    if asked == "off" or ctx.vat_register is None or not _depends_on(number, sale, ctx, booked):
        return None
    said = await ctx.vat_register.look_up(number)
    if said is None and asked == "require":
        raise NotYet(
            f"VIES has not said yet whether {number.text} is valid, and no VAT was charged",
            retry_after=LOOK_AGAIN,
        )
    return said


def _depends_on(number: VatNumber, sale: Sale, ctx: FlowContext, booked: Sequence[Booked]) -> bool:
    """No VAT within the EU to another country, on something that is not booked yet."""
    place = territory_of(sale.buyer.destination)
    if not number.text or number.fault or not place.inside or place.country == ctx.settings.company_country:
        return False
    final = {one.ref for one in booked if one.kind == "invoice" and one.state == "final"}
    open_deliveries = [one for one in sale.deliveries if sale.reference.delivery(one.id) not in final]
    rows = [row for one in open_deliveries for row in one.rows] + list(sale.remaining)
    return any(row.rate == 0 and is_sale(row) for row in rows)
