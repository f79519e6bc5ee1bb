<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

interface StoreViews
{
    /**
     * The store view, or what is left to say of one that was deleted meanwhile.
     */
    public function describe(int $storeId): StoreView;
}
