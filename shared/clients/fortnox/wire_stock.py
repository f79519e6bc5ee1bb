"""Fortnox' articles as far as stock is concerned, and what the warehouse module says lies where."""

from dataclasses import dataclass
from decimal import Decimal

from shared.clients.fields import Fields


@dataclass(frozen=True)
class ArticleStock:
    """Quantities are of all stock points together. Lists do not say whether an article is ``counted`` (is
    stock goods) or ``active``: None there."""

    number: str
    in_webshop: bool
    in_stock: Decimal
    reserved: Decimal
    disposable: Decimal
    counted: bool | None = None
    active: bool | None = None

    @property
    def surely_counted(self) -> bool:
        """An article that is not stock goods has no quantities at all."""
        return self.counted is True or bool(self.in_stock or self.reserved or self.disposable)


@dataclass(frozen=True)
class ArticleStockPage:
    articles: tuple[ArticleStock, ...]
    is_last: bool


@dataclass(frozen=True)
class StockBalance:
    """Of one article in one stock point; ``stock_point`` is empty where the company has none."""

    article: str
    stock_point: str
    in_stock: Decimal
    disposable: Decimal


def to_article_stock(article: Fields) -> ArticleStock:
    in_stock, reserved = article.amount("QuantityInStock"), article.amount("ReservedQuantity")
    disposable = article.number("DisposableQuantity")
    return ArticleStock(
        number=article.needed_text("ArticleNumber"),
        in_webshop=article.flag("WebshopArticle"),
        in_stock=in_stock,
        reserved=reserved,
        disposable=in_stock - reserved if disposable is None else disposable,
        counted=article.optional_flag("StockGoods"),
        active=article.optional_flag("Active"),
    )


def to_stock_balance(balance: Fields) -> StockBalance:
    return StockBalance(
        article=balance.needed_text("itemId"),
        stock_point=balance.text("stockPointCode"),
        in_stock=balance.amount("inStock"),
        disposable=balance.amount("availableStock"),
    )
