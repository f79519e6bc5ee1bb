"""How a shop's products become articles and prices in Fortnox."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from shared.domain.catalogue import PARTS, Part
from shared.settings.section import Account, Number, Section

PriceListCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9ÅÄÖ_-]{1,20}$")]
UnitCode = Annotated[str, StringConstraints(min_length=1, max_length=20)]


class ArticleLine(Section):
    """The first line whose class and category fit decides; what it leaves out comes from the rate."""

    tax_class: int | None = Field(None, description="Id of Magento's product tax class; any when left out.")
    category: int | None = Field(
        None, description="Id of a category that the product is in or below; any when left out."
    )
    rate: Number | None = Field(None, description="VAT rate in percent; else that of the tax class.")
    account: Account | None = Field(None, description="Sales account of domestic sales.")
    eu_account: Account | None = Field(None, description="Sales account of sales to companies in the EU.")
    eu_vat_account: Account | None = Field(
        None, description="Sales account of sales with VAT to consumers in the EU."
    )
    export_account: Account | None = Field(None, description="Sales account of exports.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.tax_class is None and self.category is None:
            raise ValueError("tax_class or category is needed; use default_rate for everything else")
        return self


class PriceLine(Section):
    price_list: PriceListCode = Field(description="Code of a price list that exists in Fortnox.")
    currency: str = Field("SEK", description="Currency of the list; the website's has to be the same.")
    website: str | None = Field(
        None, description="Code of the Magento website whose prices it gets; else the default prices."
    )
    includes_vat: bool = Field(False, description="Whether the list's prices include VAT.")
    tiers: bool = Field(False, description="Whether prices from a quantity on are written, too.")
    customer_group: int | None = Field(
        None, description="Id of the Magento customer group whose prices it gets, besides everybody's."
    )

    @model_validator(mode="after")
    def _group_means_tiers(self) -> Self:
        if self.customer_group is not None and not self.tiers:
            raise ValueError("customer_group needs tiers: true, since Magento keeps group prices as tiers")
        return self


class ProductSettings(Section):
    ean_attribute: str | None = Field(
        "ean", description="Code of the Magento attribute that holds the EAN; null: none is written."
    )
    unit_attribute: str | None = Field(None, description="Code of the Magento attribute that holds the unit.")
    unit: UnitCode = Field("st", description="Unit of products that have none.")
    article_lines: tuple[ArticleLine, ...] = Field(
        (), description="Tax class and category to VAT rate and accounts; the first line that fits counts."
    )
    default_rate: Number | None = Field(
        None, description="VAT rate where neither a line nor the shop's tax rules say one; null: ask."
    )
    keep: tuple[Part, ...] = Field(
        PARTS, description="What follows the shop; the rest is written once, and then the merchant's."
    )
    categories: tuple[int, ...] = Field(
        (), description="Only products in or below these categories; empty: all."
    )
    without_categories: tuple[int, ...] = Field((), description="No products in or below these categories.")
    websites: tuple[str, ...] = Field((), description="Only products of these websites; empty: all.")
    fixed_bundles: bool = Field(True, description="Whether a bundle with a price of its own is an article.")
    disabled: Literal["skip", "inactive"] = Field(
        "skip", description="What a disabled product without an article becomes."
    )
    deleted: Literal["inactive", "keep"] = Field(
        "inactive", description="What becomes of the article of a product that the shop has deleted."
    )
    stock_goods: bool = Field(
        False, description="Whether Fortnox counts the stock of new articles; services never."
    )
    price_owner: Literal["magento", "fortnox"] = Field(
        "magento", description="Who decides what products cost; the other one is told."
    )
    prices: tuple[PriceLine, ...] = Field(
        (), description="Which of the shop's prices and which price list are the same."
    )
    shop_prices_include_vat: bool = Field(
        True, description="Whether the shop's catalogue prices are entered with VAT."
    )

    @property
    def prices_to_fortnox(self) -> tuple[PriceLine, ...]:
        """The lines of a shop that owns its prices."""
        return self.prices if self.price_owner == "magento" else ()

    @property
    def prices_to_shop(self) -> tuple[PriceLine, ...]:
        """The lines where Fortnox owns them."""
        return self.prices if self.price_owner == "fortnox" else ()

    @model_validator(mode="after")
    def _one_line_per_target(self) -> Self:
        """Several websites may have the prices of one list, and never one website those of several."""
        lists = [line.price_list for line in self.prices_to_fortnox]
        if len(lists) != len(set(lists)):
            raise ValueError("prices: two lines are for the same price list")
        places = [(line.website, line.customer_group) for line in self.prices_to_shop]
        if len(places) != len(set(places)):
            raise ValueError("prices: two lines are for the same website and customer group")
        return self
