<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * The little that the outbox asks of a database. Values are bound to `?`, in order.
 */
interface Database
{
    /**
     * The name of a table as it is called in this shop, prefix included.
     */
    public function table(string $name): string;

    /**
     * @param list<int|string|null> $values
     * @return list<array<string, mixed>>
     */
    public function rows(string $sql, array $values = []): array;

    /**
     * How many rows were changed.
     *
     * @param list<int|string|null> $values
     * @throws RowIsLocked when another transaction held one for too long
     */
    public function change(string $sql, array $values = []): int;

    /**
     * The number that the row got; null when a row with the same unique key is there already.
     *
     * @param array<string, int|string|null> $row
     */
    public function insertUnlessThere(string $table, array $row): ?int;
}
