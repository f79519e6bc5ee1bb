"""A customer: what its account in the shop says, who it is in Fortnox, and what is agreed between them."""

from services.sync_worker.context import FlowContext
from services.sync_worker.customer_search import CustomerSearch, Sought
from services.sync_worker.flows.customer.from_shop import to_account, to_card
from services.sync_worker.flows.customer.observed import Account, ObservedCustomer
from shared.clients.fortnox.wire import FortnoxCustomer
from shared.clients.magento.wire_customers import Customer
from shared.domain.customers import Card, shop_reference
from shared.ledger.records import Link, Subject


async def read(subject: Subject, ctx: FlowContext) -> ObservedCustomer:
    """Everything the plan needs; writes nothing. Raises Retryable when a system cannot be reached."""
    customer_id = int(subject.key)
    if ctx.magento is None or not ctx.settings.sync.customers:
        return ObservedCustomer(customer_id, ctx.settings)
    own = next((link for link in ctx.links if link.kind == "shop_customer"), None)
    told = await ctx.magento.customer(customer_id)
    if told is None:
        return ObservedCustomer(customer_id, ctx.settings, own=own)
    account = await to_account_here(told, ctx)
    reference = await _reference(account, own, ctx)
    customer = await ctx.ledger.links.get(ctx.settings.name, "fortnox", "customer", reference)
    keeper = await _other_keeper(customer, account, ctx)
    found = await _found(account, reference, customer, ctx) if not keeper else None
    return ObservedCustomer(
        customer_id=customer_id,
        settings=ctx.settings,
        account=account,
        own=own,
        reference=reference,
        customer=customer,
        found=found.number if found else None,
        fortnox=await _card(found, customer, ctx) if not keeper else None,
        keeper=keeper,
    )


async def to_account_here(told: Customer, ctx: FlowContext) -> Account:
    """The group's name is asked for only if the merchant has mapped a group."""
    settings = ctx.settings.customers
    group = ""
    if settings.groups and ctx.shop_facts is not None:
        group = await ctx.shop_facts.group_name(told.group_id)
    return to_account(told, settings, group=group, home=ctx.settings.company_country)


async def _reference(account: Account, own: Link | None, ctx: FlowContext) -> str:
    """What it was called first; a new one by what it says now, as a sale would call it."""
    if own is not None and own.parent is not None:
        return own.parent
    return await ctx.ledger.customers.reference_for(
        ctx.settings.name, account.card.references, instead=f"CUST-{shop_reference(account.id)}"
    )


async def _other_keeper(customer: Link | None, account: Account, ctx: FlowContext) -> str:
    """The other account that keeps this customer, as long as the shop has it."""
    keeper = str(customer.draft.get("keeper") or "") if customer is not None else ""
    if keeper in ("", shop_reference(account.id)):
        return ""
    other = await ctx.ledger.links.get(ctx.settings.name, "magento", "shop_customer", keeper)
    return "" if other is not None and other.state == "cancelled" else keeper


async def _found(
    account: Account, reference: str, customer: Link | None, ctx: FlowContext
) -> FortnoxCustomer | None:
    """Whom people had made, if nobody of ours has; the number that the shop itself knows comes first."""
    if customer is not None and customer.number is not None:
        return None
    search = CustomerSearch(ctx.fortnox, ctx.ledger, ctx.settings.name, ctx.clock)
    if account.customer_number:
        numbered = await search.by_number(account.customer_number, reference)
        if numbered is not None:
            return numbered
    card = account.card
    return await search.find(
        Sought(
            reference=reference,
            party=card.party,
            name=card.name,
            email=card.email,
            organisation_number=card.organisation_number,
            vat_number=card.vat_number,
        )
    )


async def _card(found: FortnoxCustomer | None, customer: Link | None, ctx: FlowContext) -> Card | None:
    """Fortnox' own card is read only where it has a say."""
    if not ctx.settings.customers.goes_back:
        return None
    if found is None and customer is not None and customer.number is not None:
        found = await ctx.fortnox.customer(customer.number)
    return None if found is None else to_card(found, home=ctx.settings.company_country)
