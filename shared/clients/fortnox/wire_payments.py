"""Invoice payments and modes of payment, as Fortnox shows them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.clients.fields import Fields

ONE = Decimal(1)


@dataclass(frozen=True)
class FortnoxWriteOff:
    """In SEK; positive lowers the claim."""

    amount: Decimal
    account: int | None
    text: str


@dataclass(frozen=True)
class FortnoxPayment:
    """``amount`` in SEK, ``amount_currency`` in the invoice's currency, ``rate`` in SEK for ``unit`` of it.

    Lists show no write-offs.
    """

    number: str
    invoice_number: str
    paid_on: date | None
    amount: Decimal
    amount_currency: Decimal | None
    account: int | None
    mode_of_payment: str
    booked: bool
    currency: str
    rate: Decimal
    unit: Decimal
    has_write_offs: bool
    write_offs: tuple[FortnoxWriteOff, ...]
    voucher_series: str
    voucher_number: int | None
    voucher_year: int | None


@dataclass(frozen=True)
class ModeOfPayment:
    code: str
    description: str
    account: int | None


def to_payment(payment: Fields) -> FortnoxPayment:
    write_offs = tuple(_write_off(one) for one in payment.each("WriteOffs"))
    return FortnoxPayment(
        number=payment.needed_text("Number"),
        invoice_number=payment.needed_text("InvoiceNumber"),
        paid_on=payment.day("PaymentDate"),
        amount=payment.amount("Amount"),
        amount_currency=payment.number("AmountCurrency"),
        account=payment.integer("ModeOfPaymentAccount"),
        mode_of_payment=payment.text("ModeOfPayment"),
        booked=payment.flag("Booked"),
        currency=payment.text("Currency"),
        rate=payment.number("CurrencyRate") or ONE,
        unit=payment.number("CurrencyUnit") or ONE,
        has_write_offs=bool(write_offs) or payment.flag("WriteOffExist"),
        write_offs=write_offs,
        voucher_series=payment.text("VoucherSeries"),
        voucher_number=payment.integer("VoucherNumber"),
        voucher_year=payment.integer("VoucherYear"),
    )


def _write_off(one: Fields) -> FortnoxWriteOff:
    return FortnoxWriteOff(
        amount=one.amount("Amount"),
        account=one.integer("AccountNumber"),
        text=one.text("TransactionInformation"),
    )


def to_mode_of_payment(mode: Fields) -> ModeOfPayment:
    return ModeOfPayment(
        code=mode.needed_text("Code"),
        description=mode.text("Description"),
        account=mode.integer("AccountNumber"),
    )
