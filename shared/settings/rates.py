"""Which rate an invoice in a foreign currency is booked at."""

from typing import Annotated, Literal

from pydantic import Field

from shared.settings.section import Number, Section


class RateSettings(Section):
    source: Literal["fortnox", "fixed", "shop"] = Field(
        "fortnox",
        description="Where the rate of a document is from; what that source does not tell is Fortnox'.",
    )
    fixed: dict[str, Annotated[Number, Field(gt=0)]] = Field(
        default_factory=dict, description="SEK per unit, by currency, for `fixed`."
    )
    max_difference: Number = Field(
        10,
        validate_default=True,
        gt=0,
        description="How many percent the shop's rate may differ from Fortnox' before a person is asked.",
    )
