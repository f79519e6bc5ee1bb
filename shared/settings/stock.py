"""How Fortnox' stock becomes the shop's."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.settings.section import Number, Section, Text

DEFAULT_SOURCE = "default"
NotNegative = Annotated[Number, Field(ge=0)]


class StockSource(Section):
    source: Text = Field(description="Code of the source in Magento.")
    stock_points: tuple[Text, ...] = Field(
        (), description="Codes of Fortnox' stock points that lie there; empty: all that no line names."
    )


class StockSettings(Section):
    articles: Literal["webshop", "all"] = Field(
        "webshop", description="Articles that are marked for the web shop in Fortnox, or all of them."
    )
    sources: tuple[StockSource, ...] = Field(
        (StockSource(source=DEFAULT_SOURCE),),
        description="Which stock points lie in which source; the first line gets what no line names.",
        min_length=1,
    )
    open_orders: Literal["added_back", "left"] = Field(
        "added_back",
        description="Whether what both sides hold for an order is counted once, or left as Fortnox says.",
    )
    negative: Literal["zero", "as_is"] = Field(
        "zero", description="What the shop gets when there is less than nothing."
    )
    backorders: Literal["none", "all", "as_in_shop"] = Field(
        "none",
        description="Whether products without stock are sold: none, all, or those the shop has in stock.",
    )
    keep_back: NotNegative = Field(
        Decimal(0), description="So many pieces of each article are not shown to the shop."
    )
    low_stock: NotNegative = Field(
        Decimal(0), description="With fewer pieces than that for sale, the shop is told that there are none."
    )
    whole_pieces: bool = Field(False, description="Whether fractions of a piece are cut off.")
    sweep: Literal["auto", "all", "changed"] = Field(
        "auto",
        description="What the job `stock` compares: all articles, those changed, or all up to 50,000.",
    )
    rows_per_call: int = Field(
        100, ge=1, le=1000, description="Quantities that the shop is told with one call."
    )

    @model_validator(mode="after")
    def _each_place_once(self) -> Self:
        sources = [line.source for line in self.sources]
        if len(sources) != len(set(sources)):
            raise ValueError("sources: two lines are for the same source")
        points = [point.casefold() for line in self.sources for point in line.stock_points]
        if len(points) != len(set(points)):
            raise ValueError("sources: a stock point is in two lines")
        if len(self.sources) > 1 and sum(1 for line in self.sources if not line.stock_points) > 1:
            raise ValueError("sources: only one line may do without stock_points")
        return self

    @property
    def has_stock_points(self) -> bool:
        return any(line.stock_points for line in self.sources)

    def source_of(self, stock_point: str) -> str | None:
        """Where the stock point lies in the shop; None for one that is not sold from."""
        for line in self.sources:
            if stock_point.casefold() in {point.casefold() for point in line.stock_points}:
                return line.source
        return next((line.source for line in self.sources if not line.stock_points), None)
