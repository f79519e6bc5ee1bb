"""What a customer's plan is made from: the account, what is known of it, and Fortnox' card."""

from dataclasses import dataclass

from shared.domain.customers import Card, card_from, shop_reference
from shared.ledger.records import Link
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class Account:
    """An account in the shop, as a card. ``group`` and ``group_id`` name its customer group."""

    id: int
    card: Card
    group_id: str = ""
    group: str = ""
    updated_at: str = ""
    customer_number: str = ""  # what an attribute of the shop says about its number in Fortnox


@dataclass(frozen=True)
class ObservedCustomer:
    """``account`` is None when the shop has it no more.

    ``own`` links the account, ``customer`` the Fortnox customer that ``reference`` names. ``found`` is a
    customer that people had made, by number. ``fortnox`` is the card there now, if that was looked at.
    ``keeper`` is another account that keeps this customer.
    """

    customer_id: int
    settings: ConnectionDeclaration
    account: Account | None = None
    own: Link | None = None
    reference: str = ""
    customer: Link | None = None
    found: str | None = None
    fortnox: Card | None = None
    keeper: str = ""

    @property
    def name(self) -> str:
        return shop_reference(self.customer_id)

    @property
    def is_in_fortnox(self) -> bool:
        return self.found is not None or (self.customer is not None and self.customer.number is not None)

    @property
    def agreed(self) -> Card | None:
        """What both sides said when we last brought them together."""
        own = self.own
        return card_from(own.draft["card"]) if own is not None and own.number is not None else None
