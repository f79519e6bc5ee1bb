<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * A notice as it lies in the outbox.
 */
class Row
{
    /**
     * @param string $entity the message's `entity`, as JSON
     * @param int $attempts how often it was sent, or tried
     * @param bool $once whether there can be no later one of the same type
     */
    public function __construct(
        public readonly int $id,
        public readonly string $eventId,
        public readonly string $type,
        public readonly int $websiteId,
        public readonly int $storeId,
        public readonly string $entityType,
        public readonly int $entityId,
        public readonly string $entity,
        public readonly int $attempts,
        public readonly bool $once,
        public readonly string $createdAt
    ) {
    }

    /**
     * @param array<string, mixed> $row
     */
    public static function of(array $row): self
    {
        return new self(
            (int) $row['id'],
            (string) $row['event_id'],
            (string) $row['event_type'],
            (int) $row['website_id'],
            (int) $row['store_id'],
            (string) $row['entity_type'],
            (int) $row['entity_id'],
            (string) $row['payload'],
            (int) $row['attempts'],
            $row['dedupe_key'] !== null,
            (string) $row['created_at']
        );
    }
}
