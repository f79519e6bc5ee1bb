"""Whether it adds up: Svea's and the shop's money against Fortnox' documents, these against their vouchers.

Every function answers with the differences in words; none means that it adds up to the öre.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.local.demo.books import ORE, ZERO, Document, by_account
from services.local.demo.expected import ExpectedSale
from services.local.demo.operations import SaleState
from shared.domain.references import SaleReference

RECEIVABLE = 1510
NOTHING_YET = SaleState("", "unknown to Sluss", "")


def against_svea(order: Mapping[str, Any] | None, documents: Iterable[Document]) -> Iterator[str]:
    """Delivered and credited at Svea (`order` as Payment Admin shows it) against what was booked."""
    booked = {found.reference: found for found in documents if found.kind != "order"}
    deliveries = order["Deliveries"] if order else []
    sale = SaleReference.of_checkout(order["Id"] if order else 0)
    for slot, delivery in enumerate(deliveries, 1):
        root = sale.delivery(delivery["Id"])
        invoice = booked.pop(root, None) or booked.pop(sale.order(slot), None)
        yield from _differs(
            f"delivery {delivery['Id']}", delivery["DeliveryAmount"], invoice.total if invoice else None
        )
        credits = [booked.pop(ref) for ref in list(booked) if ref.startswith(f"{root}-C")]
        given_back = -sum((credit.total for credit in credits), ZERO)
        yield from _differs(f"credits of delivery {delivery['Id']}", delivery["CreditedAmount"], given_back)
    yield from (
        f"{found.kind} {found.number} ({ref}) has no delivery at Svea" for ref, found in booked.items()
    )
    if order is None or order["SystemStatus"] == "Closed":
        open_orders = [found for found in documents if found.kind == "order" and found.state == "open"]
        yield from (f"order {found.number} is open, at Svea it is closed" for found in open_orders)


def against_shop(order: Mapping[str, Any] | None, documents: Iterable[Document]) -> Iterator[str]:
    """Invoiced and refunded in the shop (`order` as its REST shows it) against what was booked."""
    booked: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for document in documents:
        booked[document.kind] += document.total
    for what, field, found in (
        ("invoiced", "total_invoiced", booked["invoice"]),
        ("refunded", "total_refunded", -booked["credit invoice"]),
    ):
        in_shop = Decimal((order or {}).get(field) or 0)
        if in_shop != found:
            yield f"{what}: {in_shop} in the shop, {found} in Fortnox"


def vouchers(documents: Iterable[Document], vat_accounts: Mapping[str, int]) -> Iterator[str]:
    """Each document is booked, balances, claims its total, and has its VAT on its VAT codes' accounts."""
    for document in documents:
        if document.kind == "order":
            continue
        named = f"{document.kind} {document.number}"
        if not document.voucher:
            yield f"{named} has no voucher"
            continue
        if off := sum(document.posted.values(), ZERO):
            yield f"{named}: voucher {document.voucher} is off balance by {off}"
        yield from _compared(named, {RECEIVABLE: _sek(document.total, document)}, document.posted)
        yield from _compared(named, _vat(document, vat_accounts), document.posted)


def against_expected(
    expected: ExpectedSale, state: SaleState | None, documents: Iterable[Document]
) -> Iterator[str]:
    """What a sample sale must have become."""
    found_state = (state or NOTHING_YET).state
    if found_state != expected.state:
        yield f"is {found_state} ({(state or NOTHING_YET).why}), expected {expected.state}"
    found = Counter((one.kind, f"{one.total:.2f}", one.state) for one in documents)
    wanted = Counter(expected.documents)
    yield from (f"missing: {_told(one)}" for one in (wanted - found).elements())
    yield from (f"not expected: {_told(one)}" for one in (found - wanted).elements())
    sums = by_account(documents)
    accounts = sorted({*sums, *expected.by_account})
    yield from _compared("the books", {a: expected.by_account.get(a, ZERO) for a in accounts}, sums)


def _vat(document: Document, vat_accounts: Mapping[str, int]) -> dict[int, Decimal]:
    """SEK by VAT account, from the rows as they are on the document."""
    own: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for account in vat_accounts.values():
        own[account] += ZERO
    for line in document.lines:
        if line.rate:
            own[vat_accounts[line.vat_code]] -= line.total - _ore(line.total * 100 / (100 + line.rate))
    return {account: _sek(amount, document) for account, amount in own.items()}


def _compared(what: str, wanted: Mapping[int, Decimal], found: Mapping[int, Decimal]) -> Iterator[str]:
    for account, amount in wanted.items():
        if (there := found.get(account, ZERO)) != amount:
            yield f"{what}: {there} SEK on account {account}, expected {amount}"


def _differs(what: str, minor: int, found: Decimal | None) -> Iterator[str]:
    at_svea = Decimal(minor) / 100
    if found is None:
        yield f"{what}: {at_svea} at Svea, no invoice"
    elif found != at_svea:
        yield f"{what}: {at_svea} at Svea, {found} in Fortnox"


def _sek(amount: Decimal, document: Document) -> Decimal:
    return _ore(amount * document.rate)


def _ore(amount: Decimal) -> Decimal:
    return amount.quantize(ORE, ROUND_HALF_UP)


def _told(document: tuple[str, str, str]) -> str:
    kind, total, state = document
    return f"{kind} of {total}, {state}"
