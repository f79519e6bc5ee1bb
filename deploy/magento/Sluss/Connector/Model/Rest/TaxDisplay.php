<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Rest;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Store\Model\ScopeInterface;
use Magento\Store\Model\StoreManagerInterface;
use Sluss\Connector\Api\Data\TaxDisplayInterface as TaxDisplayData;
use Sluss\Connector\Api\TaxDisplayInterface;

class TaxDisplay implements TaxDisplayInterface, TaxDisplayData
{
    public function __construct(
        private readonly ScopeConfigInterface $config,
        private readonly StoreManagerInterface $stores
    ) {
    }

    /**
     * @inheritdoc
     */
    public function get()
    {
        return $this;
    }

    /**
     * @inheritdoc
     */
    public function getPriceDisplay()
    {
        return (int) $this->setting('sales_display/price');
    }

    /**
     * @inheritdoc
     */
    public function getShippingDisplay()
    {
        return (int) $this->setting('sales_display/shipping');
    }

    /**
     * @inheritdoc
     */
    public function getPricesIncludeTax()
    {
        return (bool) $this->setting('calculation/price_includes_tax');
    }

    /**
     * @inheritdoc
     */
    public function getShippingIncludesTax()
    {
        return (bool) $this->setting('calculation/shipping_includes_tax');
    }

    /**
     * @inheritdoc
     */
    public function getDiscountsIncludeTax()
    {
        return (bool) $this->setting('calculation/discount_tax');
    }

    /**
     * @inheritdoc
     */
    public function getAlgorithm()
    {
        return $this->setting('calculation/algorithm');
    }

    /**
     * @inheritdoc
     */
    public function getCrossBorderTrade()
    {
        return (bool) $this->setting('calculation/cross_border_trade_enabled');
    }

    private function setting(string $path): string
    {
        $store = (int) $this->stores->getStore()->getId();
        return (string) $this->config->getValue("tax/{$path}", ScopeInterface::SCOPE_STORE, $store);
    }
}
