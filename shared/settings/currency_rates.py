"""How Fortnox' currency rates become those of the shop."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from shared.settings.section import Number, Section

CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class CurrencyRateSettings(Section):
    rate: Literal["sell", "buy"] = Field("sell", description="Which of Fortnox' two rates the shop gets.")
    currencies: tuple[CurrencyCode, ...] = Field(
        (), description="Only rates to these currencies; empty: all that the store views allow."
    )
    max_jump: Number = Field(
        10,
        validate_default=True,
        gt=0,
        description="How many percent a rate may move before a person is asked.",
    )
    confirmed: dict[CurrencyCode, Number] = Field(
        default_factory=dict,
        description="SEK for one unit, by currency: rates that a person has looked at after a jump.",
    )
