<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Where a change was made. The whole shop has id 0 and code `admin`.
 */
class StoreView
{
    public function __construct(
        public readonly int $id,
        public readonly string $code,
        public readonly int $websiteId,
        public readonly string $baseUrl
    ) {
    }
}
