<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Model\Rest;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\App\ProductMetadataInterface;
use Magento\Store\Model\StoreManagerInterface;
use PHPUnit\Framework\TestCase;
use Sluss\Connector\Model\Rest\TaxDisplay;
use Sluss\Connector\Model\Rest\Version;
use Sluss\Connector\Tests\Support\ConfiguredShop;

class TaxDisplayTest extends TestCase
{
    public function testItIsWhatTheStoreViewOfTheAddressHas(): void
    {
        $stores = $this->createMock(StoreManagerInterface::class);
        $stores->method('getStore')->willReturn((new ConfiguredShop())->getStore(2));
        $config = $this->createMock(ScopeConfigInterface::class);
        $config->method('getValue')->willReturnCallback(
            static fn (string $path, string $scope, int $store): string => [
                'tax/sales_display/price' => '1',
                'tax/sales_display/shipping' => '2',
                'tax/calculation/price_includes_tax' => '1',
                'tax/calculation/shipping_includes_tax' => '0',
                'tax/calculation/discount_tax' => '1',
                'tax/calculation/algorithm' => 'TOTAL_BASE_CALCULATION',
                'tax/calculation/cross_border_trade_enabled' => '0',
            ]["{$path}"] . ($scope === 'store' && $store === 2 ? '' : 'wrong scope')
        );

        $tax = (new TaxDisplay($config, $stores))->get();

        self::assertSame([1, 2], [$tax->getPriceDisplay(), $tax->getShippingDisplay()]);
        self::assertSame(
            [true, false, true, false],
            [
                $tax->getPricesIncludeTax(),
                $tax->getShippingIncludesTax(),
                $tax->getDiscountsIncludeTax(),
                $tax->getCrossBorderTrade(),
            ]
        );
        self::assertSame('TOTAL_BASE_CALCULATION', $tax->getAlgorithm());
    }

    public function testTheVersionNamesTheModuleAndTheShop(): void
    {
        $product = $this->createMock(ProductMetadataInterface::class);
        $product->method('getName')->willReturn('Magento');
        $product->method('getEdition')->willReturn('Community');
        $product->method('getVersion')->willReturn('2.4.7-p3');

        $version = (new Version($product))->get();

        self::assertSame(Version::VERSION, $version->getVersion());
        self::assertSame(
            'Magento Community 2.4.7-p3',
            "{$version->getProduct()} {$version->getProductEdition()} {$version->getProductVersion()}"
        );
    }
}
