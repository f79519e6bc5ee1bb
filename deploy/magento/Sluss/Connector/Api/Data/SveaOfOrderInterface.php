<?php

declare(strict_types=1);

namespace Sluss\Connector\Api\Data;

/**
 * @api
 */
interface SveaOfOrderInterface
{
    /**
     * Id of the checkout at Svea; left out when the order has none
     *
     * @return int|null
     */
    public function getSveaOrderId();

    /**
     * Fee in the order's currency, VAT included, as text; left out when the shop keeps none
     *
     * @return string|null
     */
    public function getInvoiceFee();
}
