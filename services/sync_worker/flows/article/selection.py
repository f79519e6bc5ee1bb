"""Which products become articles at all."""

from shared.domain.catalogue import Product
from shared.settings.products import ProductSettings

NO_ARTICLE = {
    "parent": "what it holds are articles themselves",
    "dynamic_bundle": "a bundle whose price is that of its parts is sold as its parts",
    "other": "products of this type are not articles",
}


def why_not(product: Product, settings: ProductSettings) -> str | None:
    """Why a product has no article; None when it has one."""
    if product.kind in NO_ARTICLE:
        return NO_ARTICLE[product.kind]
    if product.kind == "fixed_bundle" and not settings.fixed_bundles:
        return "bundles are not articles here"
    if settings.websites and not product.websites & set(settings.websites):
        return "it is in none of the websites that are kept in step"
    if settings.categories and not product.categories & set(settings.categories):
        return "it is in none of the categories that are kept in step"
    if product.categories & set(settings.without_categories):
        return "it is in a category that is left out"
    return None
