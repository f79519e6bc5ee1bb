<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Model;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Model\ShopStoreViews;
use Sluss\Connector\Tests\Support\ConfiguredShop;

class ShopSettingsTest extends TestCase
{
    private ConfiguredShop $shop;

    protected function setUp(): void
    {
        $this->shop = new ConfiguredShop();
    }

    public function testAnOrderIsToldByItsWebsiteAndAProductOnceForAnAddressThatIsShared(): void
    {
        $settings = $this->shop->settings();

        self::assertSame([2], $settings->websitesThatTell('order', 2));
        self::assertSame([1], $settings->websitesThatTell('product', 0));
        self::assertSame([1], $settings->websitesThatSend());
    }

    public function testAWebsiteWithAnAddressOfItsOwnIsToldOfProductsToo(): void
    {
        $this->shop->values['2:sluss/connection/url'] = 'https://two.example.com';

        self::assertSame([1, 2], $this->shop->settings()->websitesThatTell('product', 0));
        self::assertSame('https://two.example.com', $this->shop->settings()->endpoint(2)->url);
    }

    public function testOnlyChosenKindsAreTold(): void
    {
        $this->shop->values['2:sluss/events/kinds'] = '';

        self::assertSame([], $this->shop->settings()->websitesThatTell('stock', 0));
        self::assertSame([], $this->shop->settings()->websitesThatTell('order', 2));
        self::assertSame([1], $this->shop->settings()->websitesThatTell('order', 1));
    }

    public function testWhoIsSwitchedOffTellsNothingAndHasNoEndpoint(): void
    {
        $this->shop->values['sluss/connection/enabled'] = '0';

        self::assertSame([], $this->shop->settings()->websitesThatTell('order', 1));
        self::assertSame([], $this->shop->settings()->websitesThatSend());
        self::assertNull($this->shop->settings()->endpoint(1));
    }

    public function testTheSecretIsDecryptedAndShownNowhere(): void
    {
        $endpoint = $this->shop->settings()->endpoint(1);

        self::assertSame(['https://one.example.com', 'whsec_one'], [$endpoint->url, $endpoint->secret]);
        self::assertStringNotContainsString('whsec_one', print_r($endpoint, true));
    }

    public function testWithoutASecretThatCanBeReadThereIsNoEndpoint(): void
    {
        $this->shop->values['sluss/connection/secret'] = 'encrypted with a key that is gone';

        self::assertNull($this->shop->settings()->endpoint(1));
    }

    public function testWhatWasDeletedMeanwhileIsSurvived(): void
    {
        $this->shop->websites = [1];

        self::assertNull($this->shop->settings()->endpoint(2));
        self::assertSame([1], $this->shop->settings()->websitesThatTell('order', 2));
        $gone = (new ShopStoreViews($this->shop))->describe(2);
        self::assertSame([2, '', 0, ''], [$gone->id, $gone->code, $gone->websiteId, $gone->baseUrl]);
    }

    public function testAStoreViewIsDescribedByItsSecureAddress(): void
    {
        $store = (new ShopStoreViews($this->shop))->describe(2);

        self::assertSame(
            [2, 'store_2', 2, 'https://shop2.example.com/'],
            [$store->id, $store->code, $store->websiteId, $store->baseUrl]
        );
    }

    public function testNumbersAreNumbers(): void
    {
        $settings = $this->shop->settings();

        self::assertSame([48, 14], [$settings->giveUpAfterHours(), $settings->keepSentDays()]);
        self::assertSame([90, false], [$settings->keepDeadDays(), $settings->wakesByQueue()]);
    }
}
