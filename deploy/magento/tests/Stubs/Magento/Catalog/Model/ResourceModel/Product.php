<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\ResourceModel;

class Product
{
    public function __construct(private array $ids)
    {
    }

    public function getProductsIdsBySkus(array $productSkuList)
    {
        return array_intersect_key($this->ids, array_flip($productSkuList));
    }
}
