<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Adapter\LockWaitException;
use Sluss\Connector\Outbox\Database;
use Sluss\Connector\Outbox\RowIsLocked;

/**
 * The shop's own connection, and so its own transactions.
 */
class MagentoDatabase implements Database
{
    public function __construct(private readonly ResourceConnection $resource)
    {
    }

    public function table(string $name): string
    {
        return $this->resource->getTableName($name);
    }

    public function rows(string $sql, array $values = []): array
    {
        return $this->connection()->fetchAll($sql, $values);
    }

    public function change(string $sql, array $values = []): int
    {
        try {
            return (int) $this->connection()->query($sql, $values)->rowCount();
        } catch (LockWaitException $problem) {
            throw new RowIsLocked($problem->getMessage(), 0, $problem);
        }
    }

    public function insertUnlessThere(string $table, array $row): ?int
    {
        $names = implode(', ', array_map([$this->connection(), 'quoteIdentifier'], array_keys($row)));
        $places = implode(', ', array_fill(0, count($row), '?'));
        $sql = "INSERT IGNORE INTO {$table} ({$names}) VALUES ({$places})";
        return $this->change($sql, array_values($row)) > 0 ? (int) $this->connection()->lastInsertId() : null;
    }

    private function connection(): AdapterInterface
    {
        return $this->resource->getConnection();
    }
}
