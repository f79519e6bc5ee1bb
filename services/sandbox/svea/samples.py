"""The sample merchants, orders and reports: composed, and served byte for byte until an order is changed.

An order's state is named like its file, `order-9300101-3-delivered`. Where only the end of an order was
composed, `order-9300301-reopened` is the same order before anything happened to it (made here, not a sample).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.sandbox.svea.from_wire import from_checkout, reopened, with_admin_state
from services.sandbox.svea.orders import Order, total
from services.sandbox.svea.refusals import unknown
from services.sandbox.svea.stand_in import EXPIRES_AFTER, SandboxSvea

DATA = Path(__file__).parent.parent / "data" / "svea"

INVOICE_FEES = {"SE": 2900}
"""Minor units: what the samples' SE invoice orders carry."""

_ORDER_NAME = re.compile(r"order-(\d+)(?:-(\w[\w-]*))?")
_REPORT_NAME = re.compile(r"report-([A-Z]{2})-(\d{4}-\d{2}-\d{2})")


def load_samples(svea: SandboxSvea, stage: str | Iterable[str] = "last") -> None:
    """The five merchants and their reports, and the orders: `none`, `first` or `last` state of each,
    or the states that are named."""
    load_merchants(svea)
    load_reports(svea)
    for name in states(stage) if isinstance(stage, str) else stage:
        install(svea, name)


def load_merchants(svea: SandboxSvea) -> None:
    for market in _read(DATA / "merchants.json")["merchants"]:
        svea.add_merchant(
            market["checkoutMerchantId"],
            market["secret"],
            market["countryCode"],
            market["currency"],
            market["locale"],
            invoice_fee=INVOICE_FEES.get(market["market"]),
        )


def merchant_id_of(market: str) -> str:
    for known in _read(DATA / "merchants.json")["merchants"]:
        if known["market"] == market:
            return str(known["checkoutMerchantId"])
    raise KeyError(market)


def load_reports(svea: SandboxSvea) -> None:
    for path in sorted((DATA / "reports").glob("report-*.json")):
        name = _REPORT_NAME.match(path.stem)
        assert name is not None, path
        key = (merchant_id_of(name[1]), date.fromisoformat(name[2]))
        svea.reports[key] = path.read_bytes()


def states(stage: str) -> list[str]:
    """State names of a stage; a state's own name is a stage too. The sessions are always as they ended."""
    if stage == "none":
        return []
    if stage not in ("first", "last"):
        return [stage]
    at = 0 if stage == "first" else -1
    sessions = [names[-1] for names in _by_order("checkout").values()]
    return sessions + [names[at] for names in _by_order("payment-admin").values()]


def install(svea: SandboxSvea, name: str) -> int:
    """Put one order into one state; the id of the order."""
    match = _ORDER_NAME.fullmatch(name)
    if match is None:
        raise unknown("Sample", name)
    if match[2] == "reopened":
        return _install_reopened(svea, int(match[1]))
    for folder in ("checkout", "payment-admin"):
        path = DATA / folder / f"{name}.json"
        if path.is_file():
            return _install_file(svea, path)
    raise unknown("Sample", name)


def _install_file(svea: SandboxSvea, path: Path) -> int:
    exact, source = path.read_bytes(), _read(path)
    if path.parent.name == "checkout":
        order = from_checkout(source, svea.merchant(_owner(svea, source["CountryCode"])), now=svea.clock())
        svea.verbatim[("checkout", order.checkout_id)] = exact
        svea.verbatim.pop(("admin", order.checkout_id), None)
        if order.is_final:
            order.rows = order.numbered(order.cart)
            order.order_amount = total(order.rows)
        svea.orders[order.checkout_id] = order
        return order.checkout_id
    known = svea.orders.get(source["Id"])
    order = known if known is not None and known.is_final else _session_of(svea, source)
    with_admin_state(order, source, svea.numbers)
    svea.orders[order.checkout_id] = order
    svea.verbatim[("admin", order.checkout_id)] = exact
    return order.checkout_id


def _install_reopened(svea: SandboxSvea, number: int) -> int:
    svea.orders.pop(number, None)
    order_id = install(svea, _by_order("payment-admin")[number][-1])
    order = svea.order(order_id)
    reopened(order, expires=order.created + EXPIRES_AFTER.get(order.family, timedelta(days=7)))
    svea.verbatim.pop(("admin", order_id), None)
    return order_id


def _session_of(svea: SandboxSvea, source: dict[str, Any]) -> Order:
    """The session of an order whose state is asked for first: its sample, or made from the admin answer."""
    names = _by_order("checkout").get(source["Id"])
    if names:
        _install_file(svea, DATA / "checkout" / f"{names[-1]}.json")
        return svea.order(source["Id"])
    return _session_from_admin(svea, source)


def _session_from_admin(svea: SandboxSvea, source: dict[str, Any]) -> Order:
    merchant = svea.merchant(_owner(svea, source["ShippingAddress"]["CountryCode"]))
    checkout = {
        "OrderId": source["Id"],
        "ClientOrderNumber": source["MerchantOrderId"],
        "Currency": source["Currency"],
        "CountryCode": merchant.country,
        "Locale": merchant.locale,
        "Cart": {"Items": source["OrderRows"]},
        "Customer": {"Id": None, "NationalId": source["NationalId"], "IsCompany": source["IsCompany"]},
        "PaymentType": source["PaymentType"].upper(),
        "MerchantSettings": {},
        "MerchantData": None,
        "Status": "Final",
        "SveaWillBuyOrder": source["SveaWillBuy"],
    }
    same = ("EmailAddress", "PhoneNumber", "CustomerReference", "ShippingAddress", "BillingAddress")
    return from_checkout(checkout | {name: source[name] for name in same}, merchant, now=svea.clock())


def _owner(svea: SandboxSvea, country: str) -> str:
    return next(one.merchant_id for one in svea.merchants.values() if one.country == country)


def _by_order(folder: str) -> dict[int, list[str]]:
    """Order number -> its state names in the order in which they happen."""
    found: dict[int, list[str]] = {}
    for path in sorted((DATA / folder).glob("order-*.json")):
        match = _ORDER_NAME.fullmatch(path.stem)
        assert match is not None, path
        found.setdefault(int(match[1]), []).append(path.stem)
    return found


def _read(path: Path) -> Any:
    return json.loads(path.read_bytes(), parse_float=Decimal)
