<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Catalog\Model\ResourceModel\Product;

/**
 * Ids of products that are known by SKU. A SKU that is no product's has none: stock may be kept for it all the same.
 */
class ProductIds
{
    private const SKUS_AT_ONCE = 500;

    public function __construct(private readonly Product $products)
    {
    }

    /**
     * @param array<mixed> $skus
     * @return list<int>
     */
    public function ofSkus(array $skus): array
    {
        $wanted = array_unique(array_filter(array_map('strval', $skus), static fn (string $sku): bool => $sku !== ''));
        $ids = [];
        foreach (array_chunk($wanted, self::SKUS_AT_ONCE) as $some) {
            $ids[] = array_map('intval', array_values($this->products->getProductsIdsBySkus($some)));
        }
        return array_merge(...$ids);
    }
}
