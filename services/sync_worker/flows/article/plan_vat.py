"""A product's VAT rate and sales accounts: the merchant's line, the shop's tax rules, or a question."""

from decimal import Decimal

from shared.domain.catalogue import Accounts, MissingTaxClass, Product
from shared.domain.errors import MissingMapping
from shared.settings.connections import ConnectionDeclaration
from shared.settings.products import ArticleLine

NO_TAX_CLASS = 0
ZERO = Decimal(0)


def rate_of(product: Product, settings: ConnectionDeclaration) -> Decimal:
    """In percent. Raises MissingTaxClass when nothing says it, or the shop's rules say several."""
    line = _line(product, settings)
    if line is not None and line.rate is not None:
        return line.rate
    if product.tax_class == NO_TAX_CLASS:
        return ZERO
    found = sorted(set(product.rates))
    if len(found) == 1:
        return found[0]
    if settings.products.default_rate is not None:
        return settings.products.default_rate
    wanted = f"{{tax_class: {product.tax_class}, rate: ...}}"
    said = " and ".join(f"{rate:f} %" for rate in found) or "no rate"
    raise MissingTaxClass(
        f"the shop's tax rules give tax class {product.tax_class} {said} in {settings.company_country}; "
        f"add to products.article_lines: {wanted}",
        facts={"tax_class": str(product.tax_class), "rates": said, "line": wanted},
    )


def accounts_of(product: Product, rate: Decimal, settings: ConnectionDeclaration) -> Accounts:
    """The line's, else those of `sales` for this rate. Raises MissingMapping without a domestic one."""
    line = _line(product, settings) or ArticleLine(tax_class=NO_TAX_CLASS)
    sales = line.account or _sales_account("domestic", rate, settings)
    if sales is None:
        wanted = f"{{treatment: domestic, rate: {rate:f}, goods: ...}}"
        raise MissingMapping(
            f"no goods account for domestic {rate:f} %; add to sales: {wanted}",
            facts={"treatment": "domestic", "rate": f"{rate:f}", "line": wanted},
        )
    return Accounts(
        sales=sales,
        eu=line.eu_account or _sales_account("eu_business", ZERO, settings),
        eu_vat=line.eu_vat_account or _sales_account("eu_consumer", rate, settings),
        export=line.export_account or _sales_account("export", ZERO, settings),
    )


def _line(product: Product, settings: ConnectionDeclaration) -> ArticleLine | None:
    for line in settings.products.article_lines:
        class_fits = line.tax_class is None or line.tax_class == product.tax_class
        if class_fits and (line.category is None or line.category in product.categories):
            return line
    return None


def _sales_account(treatment: str, rate: Decimal, settings: ConnectionDeclaration) -> int | None:
    line = settings.sales_line(treatment, settings.company_country, rate)
    return line.goods if line else None
