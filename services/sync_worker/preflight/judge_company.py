"""The Fortnox company against the declaration: what it is, its years, currencies, ways to pay. Pure."""

from collections.abc import Iterator

from services.sync_worker.preflight.seen import Seen
from shared.domain.findings import Finding
from shared.domain.postings import BOOK_CURRENCY
from shared.settings.connections import ConnectionDeclaration, Market

CASH = "CASH"
FOR_FILES = ("archive", "connectfile", "inbox")  # a payout's voucher is booked without its report, too


def judge_rights(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    for scope, words in seen.fortnox.lacking.items():
        message = f"Fortnox does not let us at {scope}: {words}"
        facts, blocking = {"scope": scope}, scope not in FOR_FILES
        yield Finding("missing_rights", "fortnox", scope, message, blocking=blocking, facts=facts)
    for asked, words in seen.fortnox.refused.items():
        yield Finding("refused_by_fortnox", "fortnox", asked, words, blocking=False)


def judge_company(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    company = seen.fortnox.company
    if company is None:
        return
    declared, found = settings.fortnox.tenant_id, company.database_number
    if None not in (declared, found) and declared != found:
        message = f"the consent is that of company {found} ({company.name}), declared is {declared}"
        facts = {"declared": str(declared), "found": str(found)}
        yield Finding("wrong_company", "declaration", "tenant_id", message, facts=facts)
    if company.country_code and company.country_code.upper() != settings.company_country.upper():
        message = (
            f"the company is in {company.country_code}, declared as domestic is {settings.company_country}"
        )
        facts = {"declared": settings.company_country, "found": company.country_code}
        yield Finding("wrong_company", "declaration", "company_country", message, facts=facts)


def judge_years(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    for one in seen.fortnox.years or ():
        facts = {"day": one.day.isoformat()}
        if one.year is None:
            message = f"no financial year covers {one.day}"
            yield Finding("missing_financial_year", "fortnox", one.day.isoformat(), message, facts=facts)
        elif one.year.accounting_method.upper() == CASH:
            about = f"{one.year.from_date} to {one.year.to_date}"
            message = (
                f"the year {about} is kept by the cash method: invoices reach the ledger when they are paid"
            )
            yield Finding("cash_method", "fortnox", about, message, facts=facts)


def judge_lock(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """Days are never moved by themselves: a person unlocks, or begins later."""
    locked = seen.fortnox.locked
    begins = settings.active_from or seen.today
    if locked is None or locked.until is None or locked.until < begins:
        return
    message = f"Fortnox is locked to and including {locked.until}, and we book from {begins}"
    facts = {"locked_until": locked.until.isoformat(), "books_from": begins.isoformat()}
    yield Finding("period_locked", "fortnox", "lock", message, facts=facts)


def judge_currencies(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    if seen.fortnox.currencies is None:
        return
    wanted = sorted({market.currency for market in settings.markets} - {BOOK_CURRENCY})
    for code in wanted:
        known = seen.fortnox.currencies.get(code)
        fixed = settings.rates.fixed.get(code) if settings.rates.source == "fixed" else None
        facts = {"currency": code}
        if known is None:
            if fixed is not None:
                facts |= {"fix": "currency", "rate": f"{fixed:f}"}
            message = f"Fortnox has no currency {code}, which a market sells in"
            yield Finding("missing_currency", "fortnox", code, message, facts=facts)
        elif fixed is None and not known.sell_rate:
            message = f"Fortnox has no rate for {code}, which a market sells in"
            yield Finding("missing_currency", "fortnox", code, message, facts=facts)
    for code in sorted(_shown_in_shop(seen) - set(wanted) - seen.fortnox.currencies.keys() - {BOOK_CURRENCY}):
        message = f"Fortnox has no currency {code}, which a store view of the shop sells in"
        yield Finding("missing_currency", "fortnox", code, message, False, facts={"currency": code})


def _shown_in_shop(seen: Seen) -> set[str]:
    """Orders that are paid outside Svea are in the currency of their store view."""
    stores = seen.shop.stores if seen.shop is not None else ()
    return {store.display_currency for store in stores if store.display_currency}


def judge_modes(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """A payment names its mode and its account; a mode that points elsewhere would book it there."""
    if seen.fortnox.modes is None:
        return
    if settings.sync.payouts:
        for market in settings.markets:
            account = market.accounts.clearing
            yield from _mode(seen, market.mode_of_payment, account, market)
    for line in settings.magento.payment_methods if settings.magento is not None else ():
        if line.books == "paid" and line.account is not None:
            yield from _mode(seen, line.mode_of_payment, line.account, None)


def _mode(seen: Seen, code: str | None, account: int, market: Market | None) -> Iterator[Finding]:
    modes = seen.fortnox.modes or {}
    if code is None:
        return  # the payment names its account itself
    known = modes.get(code)
    facts = {"mode": code, "account": str(account)}
    if known is None:
        if market is not None:
            facts |= {"fix": "mode_of_payment", "market": market.name}
        message = f"Fortnox has no mode of payment {code}, which should point at account {account}"
        yield Finding("missing_mode_of_payment", "fortnox", code, message, facts=facts)
    elif known.account != account:
        message = f"mode of payment {code} points at account {known.account}, and not at {account}"
        facts["found"] = str(known.account)
        yield Finding("missing_mode_of_payment", "fortnox", code, message, facts=facts)


def judge_series(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    code = settings.voucher_series.payout
    if not (settings.sync.payouts and settings.markets):
        return
    for one in seen.fortnox.years or ():
        if one.year is None or one.series is None:
            continue
        known = one.series.get(code)
        about = f"{code} in {one.day.year}"
        facts = {"series": code, "day": one.day.isoformat()}
        if known is None:
            facts |= {"fix": "voucher_series", "year": str(one.year.id)}
            message = f"the financial year of {one.day} has no voucher series {code}"
            yield Finding("missing_voucher_series", "fortnox", about, message, facts=facts)
        elif not known.manual:
            message = f"voucher series {code} is not a manual one, so that nobody but Fortnox may write to it"
            yield Finding("missing_voucher_series", "fortnox", about, message, facts=facts)


def judge_price_lists(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    if seen.fortnox.price_lists is None:
        return
    known = {one.code.upper() for one in seen.fortnox.price_lists}
    for line in settings.products.prices:
        if line.price_list.upper() not in known:
            message = f"Fortnox has no price list {line.price_list}"
            facts = {"price_list": line.price_list}
            yield Finding("missing_price_list", "fortnox", line.price_list, message, False, facts=facts)


def judge_rounding(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    for one in seen.fortnox.rounding or ():
        message = f"Fortnox rounded invoice {one.invoice} to whole kronor, by {one.round_off}"
        facts = {"invoice": one.invoice, "round_off": f"{one.round_off:f}"}
        yield Finding("rounding_on", "fortnox", "rounding", message, False, facts=facts)


def judge_warehouse(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    if seen.fortnox.warehouse:
        message = (
            "the module Lager is active: it delivers 0 of what is not in stock, and waits for the warehouse"
        )
        yield Finding("warehouse_on", "fortnox", "warehouse", message)


def judge_stopped(seen: Seen, settings: ConnectionDeclaration) -> Iterator[Finding]:
    """What no setting shows before a document is refused for it."""
    for code in sorted({one.code for one in seen.stopped}):
        sales = [one for one in seen.stopped if one.code == code]
        message = f"{len(sales)} sale(s) stopped by {code}, the newest {sales[0].key}: {sales[0].message}"
        facts = {"problem": code, "sales": ", ".join(one.key for one in sales[:20])}
        yield Finding("sales_stopped", "fortnox", code, message, False, facts=facts)
