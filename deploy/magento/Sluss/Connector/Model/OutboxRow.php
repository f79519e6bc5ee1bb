<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Framework\Model\AbstractModel;
use Sluss\Connector\Model\ResourceModel\Outbox;

/**
 * A row of the outbox, for the list in the admin.
 */
class OutboxRow extends AbstractModel
{
    protected function _construct(): void
    {
        $this->_init(Outbox::class);
    }
}
