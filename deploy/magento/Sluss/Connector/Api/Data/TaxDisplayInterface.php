<?php

declare(strict_types=1);

namespace Sluss\Connector\Api\Data;

/**
 * Settings that decide what amounts in REST mean. Display: 1 without VAT, 2 with VAT, 3 both.
 *
 * @api
 */
interface TaxDisplayInterface
{
    /**
     * How orders show prices: tax/sales_display/price
     *
     * @return int
     */
    public function getPriceDisplay();

    /**
     * How orders show freight, and whether refunded freight is given with VAT: tax/sales_display/shipping
     *
     * @return int
     */
    public function getShippingDisplay();

    /**
     * Whether products are priced with VAT: tax/calculation/price_includes_tax
     *
     * @return bool
     */
    public function getPricesIncludeTax();

    /**
     * Whether freight is priced with VAT: tax/calculation/shipping_includes_tax
     *
     * @return bool
     */
    public function getShippingIncludesTax();

    /**
     * Whether discounts are given on prices with VAT: tax/calculation/discount_tax
     *
     * @return bool
     */
    public function getDiscountsIncludeTax();

    /**
     * UNIT_BASE_CALCULATION, ROW_BASE_CALCULATION or TOTAL_BASE_CALCULATION: tax/calculation/algorithm
     *
     * @return string
     */
    public function getAlgorithm();

    /**
     * Whether buyers abroad pay the same price with VAT: tax/calculation/cross_border_trade_enabled
     *
     * @return bool
     */
    public function getCrossBorderTrade();
}
