<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * What may be told of; the values are the entity types of the messages.
 */
class Kinds implements OptionSourceInterface
{
    public function toOptionArray(): array
    {
        return [
            ['value' => 'order', 'label' => __('Orders')],
            ['value' => 'invoice', 'label' => __('Invoices')],
            ['value' => 'creditmemo', 'label' => __('Credit memos')],
            ['value' => 'shipment', 'label' => __('Shipments')],
            ['value' => 'customer', 'label' => __('Customers and their addresses')],
            ['value' => 'product', 'label' => __('Products')],
            ['value' => 'stock', 'label' => __('Stock')],
        ];
    }
}
