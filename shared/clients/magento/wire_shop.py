"""What Magento says about the shop itself, and about work that it does later."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from shared.clients.fields import Fields
from shared.clients.magento.read_sales import NOTHING


@dataclass(frozen=True)
class Website:
    """0 is the admin."""

    website_id: int
    code: str
    name: str


@dataclass(frozen=True)
class StoreView:
    store_id: int
    code: str
    name: str
    website_id: int
    is_active: bool


@dataclass(frozen=True)
class StoreConfig:
    """``time_zone`` is the shop's; what it prints is UTC all the same."""

    store_id: int
    code: str
    website_id: int
    locale: str
    base_currency: str
    display_currency: str
    time_zone: str
    base_url: str


@dataclass(frozen=True)
class ShopCurrencies:
    """``rates`` are from the base currency; one that is allowed but has no rate is not among them."""

    base: str
    allowed: tuple[str, ...]
    rates: Mapping[str, Decimal]


@dataclass(frozen=True)
class StockSource:
    code: str
    name: str
    is_enabled: bool


class OperationState(IntEnum):
    """Of one operation of a bulk. OPEN for minutes means that the shop runs no consumer."""

    DONE = 1
    FAILED_FOR_NOW = 2
    FAILED = 3
    OPEN = 4
    REJECTED = 5


@dataclass(frozen=True)
class Operation:
    """``position`` is its index in the list that was sent."""

    position: int
    state: OperationState
    message: str


@dataclass(frozen=True)
class SveaOfOrder:
    """Known to our own module only; the fee is in the grand total of the order and in no row."""

    svea_order_id: int | None
    invoice_fee: Decimal


def to_website(website: Fields) -> Website:
    return Website(
        website_id=website.needed_integer("id"), code=website.text("code"), name=website.text("name")
    )


def to_store_view(view: Fields) -> StoreView:
    return StoreView(
        store_id=view.needed_integer("id"),
        code=view.text("code"),
        name=view.text("name"),
        website_id=view.integer("website_id") or 0,
        is_active=view.flag("is_active"),
    )


def to_store_config(config: Fields) -> StoreConfig:
    return StoreConfig(
        store_id=config.needed_integer("id"),
        code=config.text("code"),
        website_id=config.integer("website_id") or 0,
        locale=config.text("locale"),
        base_currency=config.text("base_currency_code").upper(),
        display_currency=config.text("default_display_currency_code").upper(),
        time_zone=config.text("timezone"),
        base_url=config.text("secure_base_url", "base_url"),
    )


def to_currencies(found: Fields) -> ShopCurrencies:
    """A rate of 0 is what Magento prints for none."""
    rates = {rate.text("currency_to").upper(): rate.amount("rate") for rate in found.each("exchange_rates")}
    return ShopCurrencies(
        base=found.needed_text("base_currency_code").upper(),
        allowed=found.texts("available_currency_codes"),
        rates={currency: rate for currency, rate in rates.items() if rate > 0},
    )


def to_source(source: Fields) -> StockSource:
    return StockSource(
        code=source.needed_text("source_code"), name=source.text("name"), is_enabled=source.flag("enabled")
    )


def to_operations(status: Fields) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            position=found.needed_integer("id"),
            state=OperationState(found.needed_integer("status")),
            message=found.text("result_message"),
        )
        for found in status.each("operations_list")
    )


def to_svea_of_order(found: Fields | None) -> SveaOfOrder:
    found = found or NOTHING
    return SveaOfOrder(
        svea_order_id=found.integer("svea_order_id") or None, invoice_fee=found.amount("invoice_fee")
    )
