"""What a draft does to the books: the preview of a voucher, by the rules that Fortnox follows.

Fortnox posts a row's net to the row's account and its VAT to the account of the row's VAT code
(else of the rate's code), each row rounded to öre, in SEK at the document's rate.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.domain.documents import CreditDraft, Draft, InvoiceDraft, SalesDocument
from shared.domain.items import Row
from shared.domain.money import to_cents
from shared.domain.payments import PaymentDraft
from shared.domain.vouchers import VoucherDraft

BOOK_CURRENCY = "SEK"
ROUNDING_ACCOUNT = 3740


@dataclass(frozen=True)
class Posting:
    """One voucher line in SEK; exactly one of debit and credit is not zero."""

    on: date
    document: str
    account: int
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True)
class Chart:
    """Where Fortnox posts what the rows do not name."""

    receivable: int
    vat_account: Callable[[str | None, Decimal], int]
    exchange_gain: int = 3960
    exchange_loss: int = 7960


def has_postings(draft: Draft) -> bool:
    return isinstance(draft, InvoiceDraft | CreditDraft | PaymentDraft | VoucherDraft)


def postings_of(draft: Draft, chart: Chart) -> list[Posting]:
    """The voucher lines of a draft, by account; orders, customers and articles have none."""
    if isinstance(draft, VoucherDraft):
        return [Posting(draft.dated, draft.ref, row.account, row.debit, row.credit) for row in draft.rows]
    if isinstance(draft, PaymentDraft):
        return _payment_postings(draft, chart)
    if not isinstance(draft, InvoiceDraft | CreditDraft):
        return []
    amounts: dict[int, Decimal] = {}
    _add(amounts, chart.receivable, _in_sek(draft, draft.total.amount))
    for account, amount in _row_amounts(draft.rows, chart):
        _add(amounts, account, -_in_sek(draft, amount))
    _add(amounts, ROUNDING_ACCOUNT, -sum(amounts.values(), Decimal(0)))
    return [_posting(draft, account, amount) for account, amount in amounts.items() if amount]


def _payment_postings(draft: PaymentDraft, chart: Chart) -> list[Posting]:
    """What the rates of the claim and of the payment make different is a gain or a loss of exchange."""
    amounts = {draft.account: draft.amount_sek}
    for one in draft.write_offs:
        _add(amounts, one.account, one.amount)
    _add(amounts, chart.receivable, -draft.claim_sek)
    difference = -sum(amounts.values(), Decimal(0))
    _add(amounts, chart.exchange_gain if difference < 0 else chart.exchange_loss, difference)
    return [_posting(draft, account, amount) for account, amount in amounts.items() if amount]


def _row_amounts(rows: Iterable[Row], chart: Chart) -> list[tuple[int, Decimal]]:
    by_account: dict[int, Decimal] = {}
    for row in rows:
        _add(by_account, row.account, row.net.amount)
        if row.vat:
            _add(by_account, chart.vat_account(row.vat_code, row.rate), row.vat.amount)
    return list(by_account.items())


def _in_sek(draft: SalesDocument, amount: Decimal) -> Decimal:
    if draft.currency == BOOK_CURRENCY:
        return amount
    if draft.rate is None:
        raise ValueError(f"{draft.ref} is in {draft.currency} and has no rate")
    return to_cents(amount * draft.rate)


def _add(amounts: dict[int, Decimal], account: int, amount: Decimal) -> None:
    amounts[account] = amounts.get(account, Decimal(0)) + amount


def _posting(draft: InvoiceDraft | CreditDraft | PaymentDraft, account: int, amount: Decimal) -> Posting:
    zero = Decimal("0.00")
    debit, credit = (amount, zero) if amount > 0 else (zero, -amount)
    return Posting(on=draft.dated, document=draft.ref, account=account, debit=debit, credit=credit)
