"""What a product's plan is made from: the product, the articles we know of it, and the settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.catalogue import Product
from shared.settings.connections import ConnectionDeclaration


@dataclass(frozen=True)
class KnownArticle:
    """An article that we have made, adopted or begun: our link, without the database."""

    ref: str
    number: str | None
    state: str
    draft: Mapping[str, Any]

    @property
    def product(self) -> int | None:
        """The product it was made of; None when a sale made it."""
        found = self.draft.get("product")
        return None if found is None else int(found)

    @property
    def exists(self) -> bool:
        return self.number is not None


@dataclass(frozen=True)
class ObservedProduct:
    """``product`` is None when the shop has deleted it. ``article`` has the product's number; ``others``
    were made of it under other SKUs. ``claimed_by`` is another product that the number belongs to."""

    id: int
    product: Product | None
    settings: ConnectionDeclaration
    article: KnownArticle | None = None
    others: tuple[KnownArticle, ...] = ()
    claimed_by: int | None = None
