"""Who decides what stands on a card, part by part: ownership first, then who changed it, then the winner."""

from dataclasses import replace

from shared.domain.customers import PARTS, Card, Part, Value
from shared.domain.parties import Address, folded
from shared.settings.customers import CustomerSettings


def merged(
    shop: Card, fortnox: Card | None, agreed: Card | None, settings: CustomerSettings
) -> tuple[Card, tuple[Part, ...]]:
    """The card that both sides should show, and which parts of it the shop does not show yet.

    Everything that is not a part, such as the name, is the shop's. What is empty on one side is taken from
    the other, and is never a reason to empty it.
    """
    if fortnox is None:
        return shop, ()
    decided = {part: _decided(part, shop, fortnox, agreed, settings) for part in PARTS}
    card = shop.with_parts({part: _named(part, value, shop) for part, value in decided.items()})
    behind = [part for part in settings.goes_back if not same(decided[part], shop.part(part))]
    return card, tuple(part for part in PARTS if part in behind)


def same(left: Value, right: Value) -> bool:
    """Equal as people read it; whom an address names does not count."""
    return _plain(left) == _plain(right)


def _decided(part: Part, shop: Card, fortnox: Card, agreed: Card | None, settings: CustomerSettings) -> Value:
    ours, theirs = shop.part(part), fortnox.part(part)
    if part in settings.owned_by_fortnox:
        return theirs if _says_something(part, theirs, fortnox) else ours
    if part in settings.both_ways:
        return _newer(part, shop, fortnox, agreed, settings)
    return ours


def _newer(part: Part, shop: Card, fortnox: Card, agreed: Card | None, settings: CustomerSettings) -> Value:
    ours, theirs = shop.part(part), fortnox.part(part)
    if not _says_something(part, theirs, fortnox) or not _says_something(part, ours, shop):
        return ours if _says_something(part, ours, shop) else theirs
    before = None if agreed is None else agreed.part(part)
    if agreed is not None and same(theirs, before):
        return ours
    if agreed is not None and same(ours, before):
        return theirs
    return theirs if settings.winner == "fortnox" else ours


def _says_something(part: Part, value: Value, card: Card) -> bool:
    """No delivery address means that it is the billing address, which says something."""
    if part == "delivery" and value is None:
        return _says_something("billing", card.billing, card)
    if isinstance(value, Address):
        return bool(value.street and value.city)
    return bool(value)


def _named(part: Part, value: Value, shop: Card) -> Value:
    """A delivery address without a name is the shop's, or goes to the customer itself."""
    if part != "delivery" or not isinstance(value, Address) or value.name:
        return value
    return replace(value, name=shop.delivery.name if shop.delivery else shop.name)


def _plain(value: Value) -> tuple[str, ...] | str:
    if value is None:
        return ""
    if isinstance(value, str):
        return folded(value)
    parts = (value.street, value.street2, value.postal_code.replace(" ", ""), value.city, value.country)
    return tuple(folded(part) for part in parts)
