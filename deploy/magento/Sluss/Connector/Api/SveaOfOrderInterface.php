<?php

declare(strict_types=1);

namespace Sluss\Connector\Api;

/**
 * @api
 */
interface SveaOfOrderInterface
{
    /**
     * What Svea's module keeps of an order and REST does not show
     *
     * @param int $orderId
     * @return \Sluss\Connector\Api\Data\SveaOfOrderInterface
     * @throws \Magento\Framework\Exception\NoSuchEntityException
     */
    public function get($orderId);
}
