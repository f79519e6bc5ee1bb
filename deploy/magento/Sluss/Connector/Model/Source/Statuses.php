<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Source;

use Magento\Framework\Data\OptionSourceInterface;
use Sluss\Connector\Outbox\Status;

class Statuses implements OptionSourceInterface
{
    public function toOptionArray(): array
    {
        return [
            ['value' => Status::PENDING, 'label' => __('Waiting')],
            ['value' => Status::SENT, 'label' => __('Sent')],
            ['value' => Status::DEAD, 'label' => __('Given up')],
            ['value' => Status::MERGED, 'label' => __('Told by a later one')],
        ];
    }
}
