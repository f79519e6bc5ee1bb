"""The bodies of the product routes, field by field as the server's own schema has them."""

from __future__ import annotations

from services.sandbox.magento.inputs import ANYTHING, BOOLEAN, FLOAT, INT, STRING, Many, Takes, struct

ATTRIBUTE = struct(attribute_code=STRING, value=ANYTHING)

STOCK_ITEM = struct(
    item_id=INT,
    product_id=INT,
    stock_id=INT,
    qty=FLOAT,
    is_in_stock=BOOLEAN,
    is_qty_decimal=BOOLEAN,
    show_default_notification_message=BOOLEAN,
    use_config_min_qty=BOOLEAN,
    min_qty=FLOAT,
    use_config_min_sale_qty=INT,
    min_sale_qty=FLOAT,
    use_config_max_sale_qty=BOOLEAN,
    max_sale_qty=FLOAT,
    use_config_backorders=BOOLEAN,
    backorders=INT,
    use_config_notify_stock_qty=BOOLEAN,
    notify_stock_qty=FLOAT,
    use_config_qty_increments=BOOLEAN,
    qty_increments=FLOAT,
    use_config_enable_qty_inc=BOOLEAN,
    enable_qty_increments=BOOLEAN,
    use_config_manage_stock=BOOLEAN,
    manage_stock=BOOLEAN,
    low_stock_date=STRING,
    is_decimal_divided=BOOLEAN,
    stock_status_changed_auto=INT,
)

_BUNDLE_LINK = struct(
    id=STRING,
    sku=STRING,
    option_id=INT,
    qty=FLOAT,
    position=INT,
    is_default=BOOLEAN,
    price=FLOAT,
    price_type=INT,
    can_change_quantity=INT,
)
_BUNDLE_OPTION = struct(
    option_id=INT,
    title=STRING,
    required=BOOLEAN,
    type=STRING,
    position=INT,
    sku=STRING,
    product_links=Many(_BUNDLE_LINK),
)
_CONFIGURABLE_OPTION = struct(
    id=INT,
    attribute_id=STRING,
    label=STRING,
    position=INT,
    is_use_default=BOOLEAN,
    values=Many(struct(value_index=INT)),
    product_id=INT,
)
_DOWNLOAD = struct(
    id=INT,
    title=STRING,
    sort_order=INT,
    is_shareable=INT,
    price=FLOAT,
    number_of_downloads=INT,
    link_type=STRING,
    link_file=STRING,
    link_url=STRING,
    sample_type=STRING,
    sample_file=STRING,
    sample_url=STRING,
)
_SAMPLE = struct(
    id=INT, title=STRING, sort_order=INT, sample_type=STRING, sample_file=STRING, sample_url=STRING
)
_TIER = struct(
    customer_group_id=INT,
    qty=FLOAT,
    value=FLOAT,
    extension_attributes=struct(percentage_value=FLOAT, website_id=INT),
)
_LINK = struct(
    sku=STRING,
    link_type=STRING,
    linked_product_sku=STRING,
    linked_product_type=STRING,
    position=INT,
    extension_attributes=struct(qty=FLOAT),
)

_EXTENSION = struct(
    website_ids=Many(INT),
    category_links=Many(struct(position=INT, category_id=STRING, extension_attributes=struct())),
    stock_item=STOCK_ITEM,
    downloadable_product_links=Many(_DOWNLOAD),
    downloadable_product_samples=Many(_SAMPLE),
    bundle_product_options=Many(_BUNDLE_OPTION),
    configurable_product_options=Many(_CONFIGURABLE_OPTION),
    configurable_product_links=Many(INT),
)

PRODUCT = struct(
    id=INT,
    sku=STRING,
    name=STRING,
    attribute_set_id=INT,
    price=FLOAT,
    status=INT,
    visibility=INT,
    type_id=STRING,
    created_at=STRING,
    updated_at=STRING,
    weight=FLOAT,
    extension_attributes=_EXTENSION,
    product_links=Many(_LINK),
    options=ANYTHING,
    media_gallery_entries=ANYTHING,
    tier_prices=Many(_TIER),
    custom_attributes=Many(ATTRIBUTE),
)
SAVED_PRODUCT = Takes({"product": PRODUCT, "saveOptions": BOOLEAN}, ("product",))

SKUS = Takes({"skus": Many(STRING)}, ("skus",))
_PRICE = struct(price=FLOAT, store_id=INT, sku=STRING)
_COST = struct(cost=FLOAT, store_id=INT, sku=STRING)
_SPECIAL = struct(price=FLOAT, store_id=INT, sku=STRING, price_from=STRING, price_to=STRING)
_TIER_PRICE = struct(
    price=FLOAT, price_type=STRING, website_id=INT, sku=STRING, customer_group=STRING, quantity=FLOAT
)
BASE_PRICES = Takes({"prices": Many(_PRICE)}, ("prices",))
COSTS = Takes({"prices": Many(_COST)}, ("prices",))
SPECIAL_PRICES = Takes({"prices": Many(_SPECIAL)}, ("prices",))
TIER_PRICES = Takes({"prices": Many(_TIER_PRICE)}, ("prices",))
