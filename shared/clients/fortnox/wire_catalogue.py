"""Fortnox' units, price lists and prices as we read them."""

from dataclasses import dataclass
from decimal import Decimal

from shared.clients.fields import Fields


@dataclass(frozen=True)
class Unit:
    code: str
    description: str


@dataclass(frozen=True)
class PriceList:
    code: str
    description: str
    preselected: bool


@dataclass(frozen=True)
class Price:
    """``from_quantity`` is 0 or 1 for the base price; whichever was sent, this is what Fortnox keeps."""

    price_list: str
    article_number: str
    from_quantity: Decimal
    price: Decimal


def to_unit(unit: Fields) -> Unit:
    return Unit(code=unit.needed_text("Code"), description=unit.text("Description"))


def to_price_list(price_list: Fields) -> PriceList:
    return PriceList(
        code=price_list.needed_text("Code"),
        description=price_list.text("Description"),
        preselected=price_list.flag("PreSelected"),
    )


def to_price(price: Fields) -> Price:
    return Price(
        price_list=price.needed_text("PriceList"),
        article_number=price.needed_text("ArticleNumber"),
        from_quantity=price.amount("FromQuantity"),
        price=price.amount("Price"),
    )
