"""What is booked where: accounts by treatment and rate, and which articles are not goods."""

import re
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from shared.domain.vat.treatment import Treatment
from shared.settings.section import Account, Number, Section, is_stored

COUNTRY = re.compile(r"^[A-Z]{2}$")


class SalesLine(Section):
    treatment: Treatment = Field(description="VAT treatment that this line is for.")
    country: str | None = Field(None, description="Destination country; needed for `oss` and `voec`.")
    rate: Number = Field(description="VAT rate in percent.")
    goods: Account = Field(description="Sales account of goods and discounts.")
    services: Account | None = Field(
        None,
        description="Sales account of services, as virtual products are; for `eu_business` and `export` they "
        "need one of their own, for others it is that of goods.",
    )
    freight: Account | None = Field(None, description="Sales account of freight.")
    fee: Account | None = Field(None, description="Sales account of invoice and handling fees.")
    vat_code: str | None = Field(None, description="Fortnox VAT code; needed where codes share a rate.")
    vat_account: Account | None = Field(
        None,
        description="VAT account of the code, for previews; else read from Fortnox' predefined accounts.",
    )

    @field_validator("country")
    @classmethod
    def _code(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Greece is EL in VAT numbers and GR everywhere else."""
        if value is None:
            return None
        code = value.strip().upper()
        if not COUNTRY.match(code) and not is_stored(info):
            raise ValueError(f"{value} is no country code; two letters, such as DE")
        return "GR" if code == "EL" else code

    @field_validator("rate")
    @classmethod
    def _percent(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        """At most four decimals: a rate of a thousand digits is no rate, however small."""
        fits = value.is_finite() and 0 <= value < 100 and value == round(value, 4)
        if not fits and not is_stored(info):
            raise ValueError(f"{value} is no rate in percent")
        return value

    @model_validator(mode="after")
    def _country_where_needed(self) -> Self:
        if self.treatment in ("oss", "voec") and self.country is None:
            raise ValueError(f"country is needed for {self.treatment}")
        return self


def _line(treatment: Treatment, rate: str, goods: int, **more: Any) -> SalesLine:
    return SalesLine(treatment=treatment, rate=Decimal(rate), goods=goods, **more)


DEFAULT_SALES = (
    _line("domestic", "25", 3001, freight=3520, fee=3540, vat_code="MP1"),
    _line("domestic", "12", 3002, freight=3523, vat_code="MP2"),
    _line("domestic", "6", 3003, freight=3524, vat_code="MP3"),
    _line("domestic", "0", 3004),
    _line("eu_consumer", "25", 3106, freight=3106, fee=3106, vat_code="MP1"),
    _line("eu_consumer", "12", 3106, freight=3106, vat_code="MP2"),
    _line("eu_consumer", "6", 3106, freight=3106, vat_code="MP3"),
    _line("eu_business", "0", 3108, services=3308, freight=3521),
    _line("export", "0", 3105, services=3305, freight=3522),
)


class PayoutAccounts(Section):
    fee: dict[str, Account] = Field(
        default_factory=lambda: {
            "Card": 6040,
            "DirectBank": 6040,
            "Swish": 6040,
            "Invoice": 6064,
            "PaymentPlan": 6064,
            "AccountCredit": 6064,
        },
        description="Fee account by Svea payment type.",
    )
    fee_vat: Account = Field(2641, description="Input VAT on Svea's Swedish fees.")
    foreign_fee_vat: Literal["cost"] | Account = Field(
        "cost", description="What foreign VAT on fees becomes."
    )
    deposit: Account = Field(1689, description="Deposits held by Svea.")
    kickback: Account = Field(3990, description="Kickback from Svea.")
    unmatched: Account = Field(2999, description="Rows that have no document yet.")
    advance: Account = Field(2420, description="Payouts before the invoice date.")
    recourse: Account = Field(1510, description="Claims that Svea returns.")
    rounding: Account = Field(3740, description="Öre differences.")
    rounding_limit: Number = Field(Decimal("0.99"), description="Largest difference booked as rounding.")


class VoucherSeries(Section):
    payout: str = Field("S", description="Manual voucher series of the payout vouchers.")


class Liabilities(Section):
    gift_card: Account = Field(2421, description="Gift cards sold and used.")
    store_credit: Account = Field(2429, description="Store credit and reward points used.")


class SpecialArticles(Section):
    freight: tuple[str, ...] = Field(
        ("shipping_fee", "shipping", "freight", "frakt"),
        description="Article numbers that are freight; `*` matches.",
    )
    invoice_fee: tuple[str, ...] = Field(
        ("6eaceaec-fffc-41ad-8095-c21de609bcfd", "invoicefee", "invoice_fee"),
        description="Article numbers that are the invoice fee.",
    )
    discount: tuple[str, ...] = Field(("discount*",), description="Article numbers that are discounts.")
    gift_card_used: tuple[str, ...] = Field(
        ("gift-card-discount", "giftcard*", "gift-card*"),
        description="Negative rows that are gift cards used.",
    )
    store_credit_used: tuple[str, ...] = Field(
        ("reward-points", "store-credit*", "customer-balance*"),
        description="Negative rows that are store credit used.",
    )
    gift_card_sold: tuple[str, ...] = Field(
        (), description="Article numbers of gift cards that the shop sells."
    )
    services: tuple[str, ...] = Field(
        (), description="Article numbers of services, where no shop says which products are virtual."
    )
    rounding: tuple[str, ...] = Field(("rounding*", "oresavrundning*"), description="Rows that are rounding.")
