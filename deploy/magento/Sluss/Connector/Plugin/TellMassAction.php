<?php

declare(strict_types=1);

namespace Sluss\Connector\Plugin;

use Magento\Catalog\Model\Product\Action;
use Sluss\Connector\Change\Notices;
use Sluss\Connector\Model\SafeRecorder;

/**
 * Products changed in bulk are not saved one by one, and the event of it comes before the change: hence a plugin.
 */
class TellMassAction
{
    public function __construct(private readonly SafeRecorder $recorder, private readonly Notices $notices)
    {
    }

    /**
     * @param mixed $result
     * @param array<int|string> $productIds
     * @return mixed
     */
    public function afterUpdateAttributes(Action $subject, $result, $productIds)
    {
        $this->recorder->record(fn (): array => $this->notices->ofProductIds((array) $productIds));
        return $result;
    }

    /**
     * @param mixed $result
     * @param array<int|string> $productIds
     * @return mixed
     */
    public function afterUpdateWebsites(Action $subject, $result, $productIds)
    {
        $this->recorder->record(fn (): array => $this->notices->ofProductIds((array) $productIds));
        return $result;
    }
}
