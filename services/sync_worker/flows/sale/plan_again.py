"""Documents that are booked are planned as they were booked: their rows and rate must not move."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.domain.items import Row
from shared.domain.money import Money


def rows_from(draft: Mapping[str, Any], currency: str) -> tuple[Row, ...]:
    """The rows of a draft that we stored."""
    return tuple(
        Row(
            text=plain["text"],
            quantity=Decimal(plain["quantity"]),
            price=Money(Decimal(plain["price"]["amount"]), currency),
            rate=Decimal(plain["rate"]),
            account=int(plain["account"]),
            kind=plain["kind"],
            vat_code=plain["vat_code"],
            article=plain["article"],
            unit=plain["unit"],
        )
        for plain in draft["rows"]
    )


def rate_from(draft: Mapping[str, Any]) -> Decimal | None:
    """SEK per unit as the draft had it; None in SEK."""
    return Decimal(draft["rate"]) if draft.get("rate") else None
