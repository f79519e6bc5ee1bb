<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * What the merchant chose.
 */
interface Settings
{
    /**
     * The websites that tell about this kind of entity, one for each address to tell.
     *
     * @param string $entityType for example `order`
     * @param int $storeId 0 for what belongs to the whole shop
     * @return list<int>
     */
    public function websitesThatTell(string $entityType, int $storeId): array;

    /**
     * Null while sending is switched off, or address or secret is missing.
     */
    public function endpoint(int $websiteId): ?Endpoint;

    public function giveUpAfterHours(): int;
}
