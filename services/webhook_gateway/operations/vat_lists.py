"""The OSS list and the VAT tie-out, put together from the ledger alone."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from decimal import Decimal

from services.webhook_gateway.operations import oss as show_oss
from services.webhook_gateway.operations import show
from services.webhook_gateway.operations.oss import OssAccount, OssAnswer
from services.webhook_gateway.operations.vat_difference import difference, seen_at
from shared.domain.oss import OssSums
from shared.domain.payments import BOOK_CURRENCY
from shared.domain.quarters import Quarter
from shared.domain.vat_books import VatAccounts, VatSeen
from shared.domain.vat_documents import VatDocument
from shared.domain.vat_return import Both, VatSums, VatTieOut
from shared.ledger.ledger import Ledger
from shared.settings.connections import ConnectionDeclaration

Given = Mapping[tuple[Quarter, str], Decimal]


async def tied_out(ledger: Ledger, settings: ConnectionDeclaration, first: date, last: date) -> VatTieOut:
    seen = await ledger.vat_seen.between(settings.name, first, last)
    sums = VatSums(first, last, tuple(seen))
    async for document in _documents(ledger, settings, seen, first, last):
        sums.add(document)
    async for settlement in ledger.vat_documents.settlements(settings.name, first, last):
        sums.add(settlement)
    return sums.done()


async def oss(ledger: Ledger, settings: ConnectionDeclaration, quarter: Quarter, given: Given) -> OssAnswer:
    """``given``: rates for this answer only."""
    seen = await ledger.vat_seen.between(settings.name, quarter.first, quarter.last)
    sums = OssSums(quarter, lambda day: settings.registered.number_on("oss", day))
    books = VatSums(quarter.first, quarter.last, tuple(seen))
    async for document in _documents(ledger, settings, seen, quarter.first, quarter.last):
        sums.add(document)
        books.add(document)
    async for settlement in ledger.vat_documents.settlements(settings.name, quarter.first, quarter.last):
        books.add(settlement)
    kept = await ledger.ecb_rates.of(settings.name, sums.quarters)
    rates = {**{key: rate for key, (_, rate) in kept.items()}, **given}
    days = {key: (kept[key][0] if key in kept and key not in given else None, rates[key]) for key in rates}
    made, tied = sums.done(rates), books.done()
    on_accounts = {line.account: line.amount for line in tied.accounts}
    accounts = [
        _account(account, on_accounts.get(account), ours, bool(seen))
        for account, ours in made.by_account.items()
    ]
    differing = [difference(one) for one in tied.differences if one.account in made.by_account]
    return show_oss.answer(
        settings.name, made, days, accounts, differing, [seen_at(one) for one in tied.seen]
    )


def _account(account: int, both: Both | None, ours: Decimal, is_seen: bool) -> OssAccount:
    """``both`` has everything of ours on the account, also what is not OSS."""
    theirs = both.fortnox if both is not None and is_seen and account else None
    return OssAccount(
        account=account or None,
        ours=show.money(ours, BOOK_CURRENCY),
        fortnox=None if theirs is None else show.money(theirs, BOOK_CURRENCY),
        difference=None if theirs is None else show.money(theirs - ours, BOOK_CURRENCY),
    )


def _documents(
    ledger: Ledger, settings: ConnectionDeclaration, seen: list[VatSeen], first: date, last: date
) -> AsyncIterator[VatDocument]:
    accounts = VatAccounts.of(settings.vat_accounts, seen)
    return ledger.vat_documents.between(settings, first, last, accounts)
