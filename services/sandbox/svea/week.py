"""A business week of one merchant: sales, a partial delivery, two partial refunds, and a payout each evening.

Monday to Friday it sells; the Monday after only settles Friday. On Wednesday the big card sale comes back,
so Thursday's card payout is negative and Friday's pays the debt off. The same week every time: whoever plays
it knows its sums. `a_payout` makes one payout of any size instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.sandbox.svea.orders import Address, Order, Row
from services.sandbox.svea.refusals import invalid
from services.sandbox.svea.settlement_rows import Json
from services.sandbox.svea.show_admin import SWEDEN
from services.sandbox.svea.stand_in import SandboxSvea

SELLING_DAYS = 5
_TENT = Row("SKU-TENT-2P", "Vandringstält 2 personer", 249900)
_MUG = Row("SKU-MUG", "Mugg", 24900)
_FOOD = Row("SKU-FOOD", "Frystorkad middag", 8900, vat_percent=1200)
_BOOK = Row("SKU-BOOK", "Vandringsguide", 21200, vat_percent=600)
_FREIGHT = Row("shipping_fee", "Frakt", 4900, row_type="ShippingFee")
_VOUCHER = Row("discount25", "Rabatt", -5000)

_INVOICE, _PLAN, _CARD, _SWISH = "INVOICE", "PAYMENTPLAN", "SVEACARDPAY_PF", "SWISH_PF"


def _of(row: Row, pieces: int) -> Row:
    return Row(row.article_number, row.name, row.unit_price, 100 * pieces, row.vat_percent)


_SALES: dict[str, tuple[int, str, str, tuple[Row, ...]]] = {
    "mixed": (0, _INVOICE, "Testsson, Tilda", (_of(_MUG, 2), _of(_FOOD, 3), _BOOK, _FREIGHT)),
    "in parts": (0, _INVOICE, "Fjällgren, Frida", (_of(_MUG, 4), _of(_BOOK, 2), _FREIGHT)),
    "tent": (0, _CARD, "Kortberg, Karl", (_TENT, _FREIGHT)),
    "swish": (0, _SWISH, "Swishare, Sara", (_FOOD, _BOOK)),
    "plan": (1, _PLAN, "Lånström, Lars", (_of(_TENT, 2), _VOUCHER)),
    "card with food": (1, _CARD, "Kortberg, Klara", (_of(_FOOD, 6), _MUG, _FREIGHT)),
    "mug": (2, _CARD, "Muggesson, Maja", (_MUG,)),
    "books": (2, _INVOICE, "Läsare, Lisa", (_of(_BOOK, 3), _FREIGHT)),
    "tents": (3, _CARD, "Tältare, Tor", (_of(_TENT, 2), _of(_FOOD, 2))),
    "swish again": (3, _SWISH, "Swishare, Sven", (_of(_MUG, 2), _VOUCHER)),
    "last": (4, _INVOICE, "Sistén, Siv", (_TENT, _BOOK, _of(_FOOD, 5), _FREIGHT)),
    "last card": (4, _CARD, "Kortberg, Kim", (_of(_BOOK, 2),)),
}
"""Name to day, payment type, buyer and rows."""


@dataclass(frozen=True)
class Evening:
    """What a day has left: its sales and changed orders by name, and the report of the payout."""

    day: date
    checkout_ids: dict[str, int]
    report: Json


def a_week(svea: SandboxSvea, merchant_id: str | int, monday: date) -> Iterator[Evening]:
    """Six evenings; the clock stands at 22:00 of each when it is given."""
    for number in range(SELLING_DAYS + 1):
        yield play_day(svea, merchant_id, monday, number)


def play_day(svea: SandboxSvea, merchant_id: str | int, monday: date, number: int) -> Evening:
    """One day of the week, 0 to 5, in order. Moves the sandbox's clock."""
    if monday.weekday() or not 0 <= number <= SELLING_DAYS:
        raise invalid("number", f"{monday} plus {number} is no day of a business week", 30140)
    day = monday + timedelta(days=number if number < SELLING_DAYS else 7)
    week = _Week(svea, str(merchant_id), monday)
    _at(svea, day, 10)
    for name, (on, *_) in _SALES.items():
        if on == number:
            week.sell(name)
    _at(svea, day, 14)
    week.afternoon(number)
    _at(svea, day, 22)
    report = svea.settle_day(merchant_id, day)
    return Evening(day, week.touched, report)


class _Week:
    """Its orders have numbers made from the week, so that a day finds those of the days before."""

    def __init__(self, svea: SandboxSvea, merchant_id: str, monday: date) -> None:
        self._svea, self._merchant_id, self._monday = svea, merchant_id, monday
        self.touched: dict[str, int] = {}

    def sell(self, name: str) -> None:
        """Delivered at once, except what is delivered in parts; instant methods deliver themselves."""
        _, payment_type, buyer, rows = _SALES[name]
        checkout_id = a_sale(
            self._svea, self._merchant_id, self._number(name), rows, payment_type=payment_type, buyer=buyer
        )
        order = self._svea.order(checkout_id)
        if name == "in parts":
            self._svea.deliver(checkout_id, {order.rows[0].row_id: 200, order.rows[2].row_id: None})
        elif not order.deliveries:
            self._svea.deliver(checkout_id)
        self.touched[name] = checkout_id

    def afternoon(self, number: int) -> None:
        if number == 1:
            mixed = self._order("mixed")  # one mug of two comes back
            self._svea.credit_rows(
                mixed.checkout_id, mixed.deliveries[0].number, {mixed.deliveries[0].rows[0].row_id: 100}
            )
        elif number == 2:
            self._svea.deliver(self._order("in parts").checkout_id)
            self._credit_amount("card with food", 8900)
            self._credit_amount("tent", self._order("tent").deliveries[0].amount)

    def _credit_amount(self, name: str, amount: int) -> None:
        order = self._order(name)
        self._svea.credit_amount(order.checkout_id, order.deliveries[0].number, amount)

    def _order(self, name: str) -> Order:
        number = self._number(name)
        for order in self._svea.orders.values():
            if order.merchant_id == self._merchant_id and order.client_order_number == number:
                self.touched[name] = order.checkout_id
                return order
        raise invalid("number", f"The week of {self._monday} has not sold {name} yet", 30141)

    def _number(self, name: str) -> str:
        return f"{self._monday:%y%m%d}{1 + list(_SALES).index(name):03d}"


def a_payout(svea: SandboxSvea, merchant_id: str | int, day: date, *, rows: int) -> Json:
    """Card sales, so many, delivered such that they are all paid out on this day; the report.

    Moves the clock to the day. Fast when nobody subscribes to the merchant's webhooks.
    """
    sold = day - timedelta(days=1)
    while svea.book(merchant_id).terms.paid_on(sold) > day:
        sold -= timedelta(days=1)
    _at(svea, sold, 12)
    for number in range(1, rows + 1):
        goods = (_of(_MUG, 1 + number % 3), _FOOD) if number % 2 else (_of(_BOOK, 1 + number % 4),)
        checkout_id = a_sale(svea, merchant_id, f"{day:%y%m%d}{number:06d}", goods, payment_type=_CARD)
        svea.deliver(checkout_id)
    _at(svea, day, 22)
    return svea.settle_day(merchant_id, day)


def a_sale(
    svea: SandboxSvea,
    merchant_id: str | int,
    number: str,
    rows: tuple[Row, ...],
    *,
    payment_type: str,
    buyer: str = "Kortberg, Karin",
) -> int:
    """Confirmed by the buyer, not delivered unless its method delivers itself. The checkout id."""
    merchant = svea.merchant(merchant_id)
    last, first = buyer.split(", ")
    address = Address(
        full_name=buyer,
        first_name=first,
        last_name=last,
        street="Storgatan 1",
        postal_code="11122",
        city="Stockholm",
        country=merchant.country,
    )
    checkout_id = svea.create_checkout(
        merchant_id, number, rows, payment_type=payment_type, shipping=address, billing=address
    )
    svea.finalize(checkout_id)
    return checkout_id


def _at(svea: SandboxSvea, day: date, hour: int) -> None:
    svea.clock.set(datetime.combine(day, time(hour), SWEDEN))
