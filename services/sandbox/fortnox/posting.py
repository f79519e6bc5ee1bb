"""Documents into vouchers: which account, how much, in SEK.

VAT goes to the account of the row's VAT code, else of the rate's first code, never by the sales account.
"""

from collections import defaultdict
from decimal import Decimal

from services.sandbox.fortnox.amounts import ZERO, ore
from services.sandbox.fortnox.arithmetic import footer_amounts, footer_rate, row_amounts
from services.sandbox.fortnox.books import Voucher, VoucherRow, signed_row
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.fields import iso_date
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.wire import Fields

Postings = dict[int, Decimal]


def in_sek(company: Company, amount: Decimal, document: Fields) -> Decimal:
    """An amount of the document's currency in SEK at the document's rate, to the öre."""
    unit = Decimal(document["CurrencyUnit"]) if company.switches.rate_is_per_unit else Decimal(1)
    return ore(amount * document["CurrencyRate"] / unit)


def invoice_postings(company: Company, invoice: Fields) -> Postings:
    """SEK by account, debit positive, the customer's claim included. Sums to zero."""
    own = _in_own_currency(company, invoice)
    postings = {account: in_sek(company, amount, invoice) for account, amount in own.items() if amount}
    rest = sum(postings.values(), ZERO)
    if rest:
        round_off = company.predefined_accounts["ROUNDOFF"]
        postings[round_off] = postings.get(round_off, ZERO) - rest
    return {account: amount for account, amount in postings.items() if amount}


def book_invoice(company: Company, invoice: Fields) -> Voucher:
    """Post the whole invoice on its date."""
    text = f"{invoice['CustomerName']}, {invoice['DocumentNumber']}"
    rows = tuple(
        signed_row(account, amount) for account, amount in invoice_postings(company, invoice).items()
    )
    return book(
        company,
        "INVOICE",
        invoice["InvoiceDate"],
        f"Kundfaktura {text}"[:200],
        rows,
        str(invoice["DocumentNumber"]),
    )


def book(
    company: Company, kind: str, day: str, text: str, rows: tuple[VoucherRow, ...], number: str
) -> Voucher:
    """A voucher of one of the ledgers, in the series that is set for it."""
    for row in rows:
        company.must_have_account(row.account, missing=2000423)
    date = iso_date(day, "TransactionDate")
    year, series = company.year_of(date), company.predefined_voucher_series[kind]
    voucher = Voucher(
        series=series,
        number=company.books.next_number(series, year.id),
        year=year.id,
        date=date,
        description=text,
        rows=rows,
        created=company.clock(),
        reference_type=kind,
        reference_number=number,
    )
    return company.book(voucher)


def _in_own_currency(company: Company, invoice: Fields) -> Postings:
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    accounts = company.predefined_accounts
    sums[accounts["CUSTCLAIM"]] += invoice["TotalToPay"]
    sums[accounts["ROUNDOFF"]] -= invoice["RoundOff"]
    for row in invoice["InvoiceRows"]:
        amounts = row_amounts(row, included=invoice["VATIncluded"])
        if amounts.net:
            sums[row["AccountNumber"]] -= amounts.net
        _add_vat(company, sums, amounts.vat, row["VAT"], row["VATCode"])
    rate = footer_rate(invoice["InvoiceRows"])
    for name, amounts in footer_amounts(invoice, invoice["InvoiceRows"]).items():
        sums[accounts["FREIGHT" if name == "Freight" else "ADMFEE"]] -= amounts.net
        _add_vat(company, sums, amounts.vat, rate, None)
    return dict(sums)


def _add_vat(
    company: Company, sums: defaultdict[int, Decimal], vat: Decimal, rate: Decimal, code: str | None
) -> None:
    if vat:
        account = vat_account(company, rate, code)
        sums[account] -= vat


def vat_account(company: Company, rate: Decimal, code: str | None) -> int:
    """The liability account of the VAT code, or of the first code that has the rate."""
    if not code or not company.switches.vat_code_on_row:
        code = next(each.code for each in company.vat_codes if each.rate == rate)
    account = company.predefined_accounts.get(f"OUTVAT_{code}") or company.vat_code(code).account
    if account is None:
        raise Refusal(2000423, f"Momskoden {code} har inget konto.")
    return account


def cash_rows(company: Company, invoice: Fields, settled: Decimal) -> list[VoucherRow]:
    """Cash method: income and VAT come with the payment, in its share; the öre go to the largest."""
    postings = invoice_postings(company, invoice)
    claim = postings.pop(company.predefined_accounts["CUSTCLAIM"], ZERO)
    if not claim:
        return []
    shares = {account: ore(amount * settled / claim) for account, amount in postings.items()}
    largest = max(shares, key=lambda account: abs(shares[account]))
    shares[largest] -= settled + sum(shares.values(), ZERO)
    return [signed_row(account, amount) for account, amount in shares.items() if amount]
