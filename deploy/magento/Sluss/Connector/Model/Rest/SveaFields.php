<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Rest;

use Sluss\Connector\Api\Data\SveaOfOrderInterface;

class SveaFields implements SveaOfOrderInterface
{
    public function __construct(
        private readonly ?int $sveaOrderId = null,
        private readonly ?string $invoiceFee = null
    ) {
    }

    /**
     * @inheritdoc
     */
    public function getSveaOrderId()
    {
        return $this->sveaOrderId;
    }

    /**
     * @inheritdoc
     */
    public function getInvoiceFee()
    {
        return $this->invoiceFee;
    }
}
