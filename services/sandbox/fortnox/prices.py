"""Prices per price list and article; a row without a price takes it from here."""

from collections.abc import Mapping
from decimal import Decimal

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.amounts import ZERO, plain
from services.sandbox.fortnox.collection import API_URL, Answer, Ask, Collection, no_such_method
from services.sandbox.fortnox.company import Company
from services.sandbox.fortnox.listing import Listing, paged
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.register_fields import PRICE
from services.sandbox.fortnox.wire import Fields

LISTING = Listing(lastmodified=True)


def price_for(company: Company, document: Fields, article: str) -> Decimal:
    """The base price in the document's price list, 0 when there is none."""
    for quantity in ("0", "1"):
        price = company.prices.get(_key(document["PriceList"], article, quantity))
        if price is not None:
            return Decimal(price["Price"])
    return ZERO


def first_price(company: Company, article: str) -> None:
    """What a new article costs where Fortnox gives it a price at once."""
    Prices(company).create({"PriceList": "A", "ArticleNumber": article, "Price": ZERO}, {})


def _key(price_list: str, article: str, quantity: str) -> str:
    return f"{price_list}\n{article}\n{quantity}"


class Prices(Collection):
    """`/3/prices`: the key is price list, article and quantity."""

    path, single, plural, scope = "prices", "Price", "Prices", "price"

    def answer(self, ask: Ask) -> Answer:
        match (ask.method, *ask.segments):
            case ("GET", "sublist", price_list, *article) if len(article) <= 1:
                if not article and not self.company.switches.whole_price_lists:
                    raise no_such_method()
                found = [
                    price
                    for price in self.company.prices.values()
                    if price["PriceList"] == price_list
                    and price["ArticleNumber"] in (article or [price["ArticleNumber"]])
                ]
                records, meta = paged([_list_item(price) for price in found], ask.query)
                return Answer({"MetaInformation": meta, self.plural: records})
            case (("GET" | "PUT" | "DELETE"), price_list, article, *quantity) if len(quantity) <= 1:
                return self._one(ask, price_list, article, *quantity)
        return super().answer(ask)

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        records, meta = LISTING.page(self.company.prices, query)
        return [_list_item(record) for record in records], meta

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = PRICE.read(sent, creating=True, rules=self.rules)
        for name in ("PriceList", "ArticleNumber"):
            if not values.get(name):
                raise Refusal(2001392, f"Fältet {name} måste anges.")
        quantity = plain(values.get("FromQuantity", ZERO)) or "0"
        if quantity in ("0", "1"):
            quantity = str(self.company.switches.base_price_from)
        key = _key(values["PriceList"], values["ArticleNumber"], quantity)
        if self.company.switches.refuse_second_price and key in self.company.prices:
            raise Refusal(refusals.DUPLICATE_NUMBER, "Priset finns redan.")
        return self._write(values["PriceList"], values["ArticleNumber"], quantity, values)

    def _one(self, ask: Ask, price_list: str, article: str, quantity: str = "0") -> Answer:
        key = _key(price_list, article, quantity)
        if key not in self.company.prices:
            raise not_found(2000430, "priset")
        if ask.method == "PUT":
            sent = PRICE.read(self.unwrapped(ask.body), creating=False, rules=self.rules)
            self._write(price_list, article, quantity, sent)
        if ask.method == "DELETE":
            if len(ask.segments) < 3:
                raise no_such_method()
            del self.company.prices[key]
            return Answer(None, 204)
        return Answer({self.single: self.company.prices[key]})

    def _write(self, price_list: str, article: str, quantity: str, values: Fields) -> Fields:
        if price_list not in self.company.price_lists:
            raise not_found(2000431, "prislistan")
        if article not in self.company.articles:
            raise Refusal(2001302, f"Artikeln {article} kunde inte hittas.")
        key = _key(price_list, article, quantity)
        record = self.company.prices.get(key) or PRICE.fresh()
        record |= values | {
            "PriceList": price_list,
            "ArticleNumber": article,
            "FromQuantity": Decimal(quantity),
        }
        record |= {
            "@url": f"{API_URL}/prices/{price_list}/{article}/{quantity}",
            "Date": self.company.today().isoformat(),
        }
        if price_list == "A" and quantity in ("0", "1"):
            self.company.articles[article]["SalesPrice"] = record["Price"]
        return self.company.store(self.company.prices, key, record)


def _list_item(record: Fields) -> Fields:
    return {name: record[name] for name in ("@url", "ArticleNumber", "FromQuantity", "Price", "PriceList")}
