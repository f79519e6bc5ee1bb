<?php

declare(strict_types=1);

namespace Sluss\Connector\Plugin;

use Sluss\Connector\Change\Notices;
use Sluss\Connector\Model\ProductIds;
use Sluss\Connector\Model\SafeRecorder;

/**
 * Stock of sources passes no event. The interfaces are not named in types: a shop may have no Inventory Management.
 */
class TellSourceItems
{
    public function __construct(
        private readonly SafeRecorder $recorder,
        private readonly Notices $notices,
        private readonly ProductIds $products
    ) {
    }

    /**
     * Of SourceItemsSaveInterface and SourceItemsDeleteInterface.
     *
     * @param object $subject
     * @param mixed $result
     * @param array<object> $sourceItems
     * @return mixed
     */
    public function afterExecute($subject, $result, array $sourceItems)
    {
        $this->recorder->record(function () use ($sourceItems): array {
            $skus = array_map(static fn ($item): string => (string) $item->getSku(), $sourceItems);
            return $this->notices->ofStock($this->products->ofSkus($skus));
        });
        return $result;
    }
}
