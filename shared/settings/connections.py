"""The declaration of one connection: a Fortnox company, its markets and what is booked where.

The same document is spoken by the declarative file, the operations API and ``sluss connection
apply``. Unknown keys and wrong types are refused with the path of each. Defaults are documented in
docs/settings.md, and every field here carries the sentence that stands there.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationInfo, field_validator, model_validator

from shared.domain.references import InvoiceReference
from shared.domain.vat.registrations import Registrations
from shared.settings.currency_rates import CurrencyRateSettings
from shared.settings.customers import CustomerSettings
from shared.settings.magento import MagentoSettings
from shared.settings.mapping import (
    DEFAULT_SALES,
    Liabilities,
    PayoutAccounts,
    SalesLine,
    SpecialArticles,
    VoucherSeries,
)
from shared.settings.mapping_rules import contradictions
from shared.settings.products import ProductSettings
from shared.settings.rates import RateSettings
from shared.settings.registrations import RegistrationLine, VatNumberSettings, registrations_of
from shared.settings.section import Account, Secret, Section, Text, is_stored
from shared.settings.stock import StockSettings
from shared.settings.texts import InvoiceTexts

CONNECTION_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,62}$")


class FortnoxSettings(Section):
    api_url: str = Field("https://api.fortnox.se", description="Base of the Fortnox API, without `/3`.")
    oauth_url: str = Field(
        "https://apps.fortnox.se/oauth-v1", description="Base of Fortnox' OAuth endpoints."
    )
    websocket_url: str = Field(
        "wss://ws.fortnox.se/topics-v1",
        description="Address of Fortnox' event stream; empty: changes are found by the sweeps alone.",
    )
    client_id: Text = Field(description="Client id of the integration in Fortnox' developer portal.")
    client_secret: Secret = Field(description="Client secret of the integration.")
    grant: Literal["client_credentials", "authorization_code"] = Field(
        "client_credentials",
        description="How access tokens are got: by tenant id, or by a consent that rotates.",
    )
    tenant_id: int | None = Field(
        None, description="Fortnox' database number; needed for `client_credentials`."
    )
    redirect_uri: str | None = Field(None, description="Where Fortnox sends the browser after consent.")
    scopes: tuple[str, ...] = Field(
        (
            "archive",
            "article",
            "bookkeeping",
            "companyinformation",
            "connectfile",
            "currency",
            "customer",
            "inbox",
            "invoice",
            "order",
            "payment",
            "price",
            "settings",
        ),
        description="Scopes asked for at consent.",
    )
    in_doubt_wait: timedelta = Field(
        timedelta(seconds=20),
        description="How long after an unanswered write Fortnox may still be working on it; then we look.",
    )

    @model_validator(mode="after")
    def _tenant_for_client_credentials(self) -> Self:
        if self.grant == "client_credentials" and self.tenant_id is None:
            raise ValueError("tenant_id is needed when grant is client_credentials")
        return self


class SveaKeySet(Section):
    checkout_url: str = Field("https://checkoutapi.svea.com", description="Base of Svea's Checkout API.")
    admin_url: str = Field(
        "https://paymentadminapi.svea.com", description="Base of Svea's Payment Admin API."
    )
    merchant_id: Text = Field(description="Checkout merchant id of this market.")
    secret: Secret = Field(description="Checkout secret of this market; also signs the callbacks.")
    previous_secrets: tuple[Secret, ...] = Field(
        (), description="Secrets still accepted on callbacks while a rotation is going on."
    )
    callback_token: Secret = Field(description="The long random last part of the callback address.")
    require_signature: bool = Field(False, description="Refuse callbacks without `X-Signature-512`.")
    signature_tolerance: timedelta = Field(
        timedelta(seconds=300), description="How far `X-Timestamp` may be from our clock."
    )
    source_ranges: tuple[str, ...] = Field(
        (), description="If given, callbacks are taken from these networks (CIDR) only."
    )

    @field_validator("source_ranges")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from ipaddress import ip_network

        for network in value:
            ip_network(network)
        return value


class MarketAccounts(Section):
    clearing: Account = Field(1580, description="Account for what Svea owes the merchant in this market.")
    bank: Account = Field(1930, description="Bank account that Svea pays to.")
    in_transit: Account | None = Field(
        None, description="Account used instead of the bank until the money is there."
    )


class Market(Section):
    name: str = Field(description="Short name, part of the callback address.")
    country: str = Field(description="Country of the key set, ISO 3166-1 alpha-2.")
    currency: str = Field(description="Currency of the key set, ISO 4217.")
    svea: SveaKeySet = Field(description="The Svea key set of this market.")
    accounts: MarketAccounts = Field(default_factory=MarketAccounts, description="Accounts of this market.")
    mode_of_payment: str | None = Field(
        None, description="Fortnox mode of payment that points at the clearing account."
    )
    paid_elsewhere: dict[str, Account] = Field(
        default_factory=dict,
        description="Account by Checkout payment type, for money that never passes Svea: an own acquirer's.",
    )

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not CONNECTION_NAME.match(value):
            raise ValueError("lower-case letters, digits, - and _ only")
        return value

    @field_validator("country", "currency")
    @classmethod
    def _upper(cls, value: str) -> str:
        return value.upper()


class Sync(Section):
    orders: bool = Field(True, description="Book orders.")
    invoices: bool = Field(True, description="Book invoices at delivery.")
    refunds: bool = Field(True, description="Book credit invoices.")
    payouts: bool = Field(True, description="Book Svea's payouts.")
    customers: bool = Field(True, description="Keep customers in step.")
    products: bool = Field(True, description="Keep articles in step.")
    stock: bool = Field(True, description="Send stock to the shop.")
    shop_invoices: bool = Field(True, description="Tell the shop of invoices.")
    credit_notes: bool = Field(True, description="Tell the shop of credit invoices.")
    currency_rates: bool = Field(False, description="Send currency rates to the shop.")


class ConnectionDeclaration(Section):
    name: str = Field(description="Short name of the connection, part of every address.")
    active_from: date | None = Field(None, description="Nothing before this date is booked.")
    time_zone: str = Field("Europe/Stockholm", description="Time zone of the connection's timetable.")
    company_country: str = Field("SE", description="Country that is domestic.")
    fortnox: FortnoxSettings = Field(description="The Fortnox company.")
    magento: MagentoSettings | None = Field(None, description="The Magento shop, if there is one.")
    markets: tuple[Market, ...] = Field((), description="One line per Svea key set.")
    sync: Sync = Field(default_factory=Sync, description="What is kept in step.")
    order_number_field: str = Field(
        "YourOrderNumber", description="Fortnox field that holds the shop's order number."
    )
    order_number_pattern: str | None = Field(
        None, description="Regular expression that finds the order number in that field."
    )
    invoice_reference: InvoiceReference = Field(
        "auto",
        description="An invoice's own reference, its order's, or its own only where it is patched anyway.",
    )
    sales: tuple[SalesLine, ...] = Field(
        (), description="Treatment, country and rate to account and VAT code; added to the defaults."
    )
    registrations: tuple[RegistrationLine, ...] = Field(
        (), description="OSS and VOEC registrations with their days; without any, a line of `sales` is one."
    )
    vat_numbers: VatNumberSettings = Field(
        default_factory=VatNumberSettings, description="How VAT numbers of buyers are checked."
    )
    articles: Literal["create", "text_rows"] = Field(
        "create", description="Whether unknown articles are created in Fortnox, or sold as text rows."
    )
    special_articles: SpecialArticles = Field(
        default_factory=SpecialArticles, description="Which article numbers are not goods."
    )
    book_zero_orders: bool = Field(False, description="Book orders whose total is zero.")
    rounding_account: Account = Field(3740, description="Account of rounding rows.")
    receivable_account: Account = Field(1510, description="Customer ledger, for previews; Fortnox decides.")
    customers: CustomerSettings = Field(
        default_factory=CustomerSettings, description="How buyers become customers."
    )
    products: ProductSettings = Field(
        default_factory=ProductSettings, description="How the shop's products become articles."
    )
    currency_rates: CurrencyRateSettings = Field(
        default_factory=CurrencyRateSettings, description="How Fortnox' rates become the shop's."
    )
    stock: StockSettings = Field(
        default_factory=StockSettings, description="How Fortnox' stock becomes the shop's."
    )
    rates: RateSettings = Field(default_factory=RateSettings, description="Currency rates on documents.")
    invoice_texts: InvoiceTexts = Field(
        default_factory=InvoiceTexts, description="What invoices without VAT say about why there is none."
    )
    payout_accounts: PayoutAccounts = Field(
        default_factory=PayoutAccounts, description="Accounts of payout rows."
    )
    voucher_series: VoucherSeries = Field(
        default_factory=VoucherSeries, description="Voucher series we write to."
    )
    liabilities: Liabilities = Field(
        default_factory=Liabilities, description="Accounts of gift cards and credit."
    )
    schedule: dict[str, str] = Field(
        default_factory=dict, description="Cron line per job, replacing the default."
    )

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not CONNECTION_NAME.match(value):
            raise ValueError("lower-case letters, digits, - and _ only, at most 63")
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as unknown:
            raise ValueError(f"unknown time zone {value}") from unknown
        return value

    @field_validator("schedule")
    @classmethod
    def _cron(cls, value: dict[str, str]) -> dict[str, str]:
        from datetime import datetime

        from cronsim import CronSim, CronSimError

        from shared.settings.timetable import JOBS

        for job, line in value.items():
            if job not in JOBS:
                raise ValueError(f"there is no job {job}; jobs: {', '.join(sorted(JOBS))}")
            try:
                CronSim(line, datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")))
            except CronSimError as problem:
                raise ValueError(f"{job}: {line!r} is not a cron line ({problem})") from problem
        return value

    @model_validator(mode="after")
    def _no_contradictions(self, info: ValidationInfo) -> Self:
        if is_stored(info):
            return self
        names = [market.name for market in self.markets]
        if len(names) != len(set(names)):
            raise ValueError("markets: two markets have the same name")
        for one in contradictions(self.sales, self.company_country):
            said = one.said(lambda place: f"sales.{place}")
            raise ValueError(f"sales.{one.line}.{one.column}: {said}")
        return self

    def market(self, name: str) -> Market | None:
        return next((market for market in self.markets if market.name == name), None)

    def sales_line(self, treatment: str, country: str | None, rate: Decimal) -> SalesLine | None:
        """The line for this treatment and rate: the country's own, else the general one, else a default."""
        for lines in (self.sales, DEFAULT_SALES):
            for wanted in (country, None):
                for line in lines:
                    if (line.treatment, line.country, line.rate) == (treatment, wanted, rate):
                        return line
        return None

    def declares(self, treatment: str, country: str, rate: Decimal) -> bool:
        """Whether the merchant has a line for that very country."""
        return any((one.treatment, one.country, one.rate) == (treatment, country, rate) for one in self.sales)

    @property
    def registered(self) -> Registrations:
        return registrations_of(self.registrations, self.sales)

    @property
    def vat_accounts(self) -> dict[str, int]:
        """VAT account by VAT code, as far as the mapping names them."""
        found = {line.vat_code: line.vat_account for line in self.sales}
        return {code: account for code, account in found.items() if code and account is not None}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
