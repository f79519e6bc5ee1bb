"""Columns of the sales tables, by which REST lets one filter and sort. Any other column is a 500."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORDER_COLUMNS = _words(
    """
    adjustment_negative adjustment_positive applied_rule_ids base_adjustment_negative
    base_adjustment_positive base_currency_code base_discount_amount base_discount_canceled
    base_discount_invoiced base_discount_refunded base_discount_tax_compensation_amount
    base_discount_tax_compensation_invoiced base_discount_tax_compensation_refunded base_grand_total
    base_shipping_amount base_shipping_canceled base_shipping_discount_amount
    base_shipping_discount_tax_compensation_amnt base_shipping_incl_tax base_shipping_invoiced
    base_shipping_refunded base_shipping_tax_amount base_shipping_tax_refunded base_subtotal
    base_subtotal_canceled base_subtotal_incl_tax base_subtotal_invoiced base_subtotal_refunded
    base_tax_amount base_tax_canceled base_tax_invoiced base_tax_refunded base_to_global_rate
    base_to_order_rate base_total_canceled base_total_due base_total_invoiced base_total_invoiced_cost
    base_total_offline_refunded base_total_online_refunded base_total_paid base_total_refunded
    billing_address_id can_ship_partially can_ship_partially_item coupon_code coupon_rule_name
    created_at customer_dob customer_email customer_firstname customer_gender customer_group_id
    customer_id customer_is_guest customer_lastname customer_middlename customer_note
    customer_note_notify customer_prefix customer_suffix customer_taxvat discount_amount
    discount_canceled discount_description discount_invoiced discount_refunded
    discount_tax_compensation_amount discount_tax_compensation_invoiced
    discount_tax_compensation_refunded edit_increment email_sent entity_id ext_customer_id ext_order_id
    forced_shipment_with_invoice gift_message_id global_currency_code grand_total hold_before_state
    hold_before_status increment_id is_virtual order_currency_code original_increment_id
    payment_auth_expiration paypal_ipn_customer_notified protect_code quote_address_id quote_id
    relation_child_id relation_child_real_id relation_parent_id relation_parent_real_id remote_ip
    send_email shipping_address_id shipping_amount shipping_canceled shipping_description
    shipping_discount_amount shipping_discount_tax_compensation_amount shipping_incl_tax
    shipping_invoiced shipping_method shipping_refunded shipping_tax_amount shipping_tax_refunded state
    status store_currency_code store_id store_name store_to_base_rate store_to_order_rate subtotal
    subtotal_canceled subtotal_incl_tax subtotal_invoiced subtotal_refunded tax_amount tax_canceled
    tax_invoiced tax_refunded total_canceled total_due total_invoiced total_item_count
    total_offline_refunded total_online_refunded total_paid total_qty_ordered total_refunded updated_at
    weight x_forwarded_for
    """
)
SVEA_COLUMNS = _words("svea_order_id svea_invoice_fee")
"""There once Svea's module is installed; never shown."""
ITEM_COLUMNS = _words(
    """
    amount_refunded applied_rule_ids base_amount_refunded base_cost base_discount_amount
    base_discount_invoiced base_discount_refunded base_discount_tax_compensation_amount
    base_discount_tax_compensation_invoiced base_discount_tax_compensation_refunded base_original_price
    base_price base_price_incl_tax base_row_invoiced base_row_total base_row_total_incl_tax
    base_tax_amount base_tax_invoiced base_tax_refunded base_weee_tax_applied_amount
    base_weee_tax_applied_row_amnt created_at discount_amount discount_invoiced discount_percent
    discount_refunded discount_tax_compensation_amount discount_tax_compensation_invoiced
    discount_tax_compensation_refunded free_shipping is_qty_decimal is_virtual item_id name no_discount
    order_id original_price parent_item_id price price_incl_tax product_id product_type qty_canceled
    qty_invoiced qty_ordered qty_refunded qty_shipped quote_item_id row_invoiced row_total
    row_total_incl_tax row_weight sku store_id tax_amount tax_invoiced tax_percent tax_refunded
    updated_at weee_tax_applied weee_tax_applied_amount weee_tax_applied_row_amount weight
    """
)
INVOICE_COLUMNS = _words(
    """
    base_currency_code base_discount_amount base_discount_tax_compensation_amount base_grand_total
    base_shipping_amount base_shipping_discount_tax_compensation_amnt base_shipping_incl_tax
    base_shipping_tax_amount base_subtotal base_subtotal_incl_tax base_tax_amount base_to_global_rate
    base_to_order_rate base_total_refunded billing_address_id can_void_flag created_at discount_amount
    discount_description discount_tax_compensation_amount email_sent entity_id global_currency_code
    grand_total increment_id is_used_for_refund order_currency_code order_id send_email
    shipping_address_id shipping_amount shipping_discount_tax_compensation_amount shipping_incl_tax
    shipping_tax_amount state store_currency_code store_id store_to_base_rate store_to_order_rate
    subtotal subtotal_incl_tax tax_amount total_qty transaction_id updated_at
    """
)
MEMO_COLUMNS = _words(
    """
    adjustment adjustment_negative adjustment_positive base_adjustment base_adjustment_negative
    base_adjustment_positive base_currency_code base_discount_amount
    base_discount_tax_compensation_amount base_grand_total base_shipping_amount
    base_shipping_discount_tax_compensation_amnt base_shipping_incl_tax base_shipping_tax_amount
    base_subtotal base_subtotal_incl_tax base_tax_amount base_to_global_rate base_to_order_rate
    billing_address_id created_at creditmemo_status discount_amount discount_description
    discount_tax_compensation_amount email_sent entity_id global_currency_code grand_total increment_id
    invoice_id order_currency_code order_id send_email shipping_address_id shipping_amount
    shipping_discount_tax_compensation_amount shipping_incl_tax shipping_tax_amount state
    store_currency_code store_id store_to_base_rate store_to_order_rate subtotal subtotal_incl_tax
    tax_amount transaction_id updated_at
    """
)
SHIPMENT_COLUMNS = _words(
    """
    billing_address_id created_at customer_id email_sent entity_id increment_id order_id send_email
    shipment_status shipping_address_id store_id total_qty total_weight updated_at
    """
)
