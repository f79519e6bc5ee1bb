<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\ResourceModel\Outbox;

use Magento\Framework\Model\ResourceModel\Db\Collection\AbstractCollection;
use Sluss\Connector\Model\OutboxRow;
use Sluss\Connector\Model\ResourceModel\Outbox;

class Collection extends AbstractCollection
{
    /** @var string */
    protected $_idFieldName = 'id';

    protected function _construct(): void
    {
        $this->_init(OutboxRow::class, Outbox::class);
    }
}
