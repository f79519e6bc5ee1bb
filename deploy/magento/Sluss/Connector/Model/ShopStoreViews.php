<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Framework\UrlInterface;
use Magento\Store\Model\StoreManagerInterface;
use Sluss\Connector\Outbox\StoreView;
use Sluss\Connector\Outbox\StoreViews;

class ShopStoreViews implements StoreViews
{
    private const SECURE = true;

    public function __construct(private readonly StoreManagerInterface $stores)
    {
    }

    public function describe(int $storeId): StoreView
    {
        try {
            $store = $this->stores->getStore($storeId);
        } catch (NoSuchEntityException) {
            return new StoreView($storeId, '', 0, '');
        }
        return new StoreView(
            (int) $store->getId(),
            (string) $store->getCode(),
            (int) $store->getWebsiteId(),
            (string) $store->getBaseUrl(UrlInterface::URL_TYPE_WEB, self::SECURE)
        );
    }
}
