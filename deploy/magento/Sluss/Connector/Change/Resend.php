<?php

declare(strict_types=1);

namespace Sluss\Connector\Change;

use Sluss\Connector\Outbox\Database;
use Sluss\Connector\Outbox\Notice;
use Sluss\Connector\Outbox\Recorder;

/**
 * Tells again, or for the first time, of what lies in the shop's tables: after the module was installed or switched
 * off for a while, or when the receiver lost its books.
 */
class Resend
{
    /** By the name that a person gives: table, entity type, and the columns that are told. */
    public const TABLES = [
        'orders' => ['sales_order', 'order', 'increment_id, state, status'],
        'invoices' => ['sales_invoice', 'invoice', 'increment_id, order_id, state'],
        'creditmemos' => ['sales_creditmemo', 'creditmemo', 'increment_id, order_id, state'],
        'shipments' => ['sales_shipment', 'shipment', 'increment_id, order_id'],
        'customers' => ['customer_entity', 'customer', ''],
        'products' => ['catalog_product_entity', 'product', 'sku'],
    ];

    public const SALES = ['orders', 'invoices', 'creditmemos'];
    private const ROWS_AT_ONCE = 500;
    private const WHOLE_SHOP = 0;

    public function __construct(private readonly Database $database, private readonly Recorder $recorder)
    {
    }

    /**
     * Everything of one name that was changed since then; how many.
     *
     * @param string $name a key of TABLES
     */
    public function since(string $name, \DateTimeImmutable $since): int
    {
        $time = $since->setTimezone(new \DateTimeZone('UTC'))->format('Y-m-d H:i:s');
        $told = $last = 0;
        do {
            $rows = $this->select($name, 'updated_at >= ? AND entity_id > ?', [$time, $last]);
            foreach ($rows as $row) {
                $this->tell($name, $row);
                $last = (int) $row['entity_id'];
            }
            $told += count($rows);
        } while (count($rows) === self::ROWS_AT_ONCE);
        return $told;
    }

    /**
     * One order with its invoices and credit memos; how many documents, so 0 when there is no such order.
     */
    public function order(string $incrementId): int
    {
        $told = 0;
        foreach ($this->select('orders', 'increment_id = ?', [$incrementId]) as $order) {
            $this->tell('orders', $order);
            $told++;
            foreach (['invoices', 'creditmemos'] as $name) {
                foreach ($this->select($name, 'order_id = ?', [(int) $order['entity_id']]) as $document) {
                    $this->tell($name, $document);
                    $told++;
                }
            }
        }
        return $told;
    }

    /**
     * @param list<int|string> $values
     * @return list<array<string, mixed>>
     */
    private function select(string $name, string $where, array $values): array
    {
        [$table, $entityType, $facts] = self::TABLES[$name];
        $columns = implode(', ', array_filter([
            'entity_id',
            'updated_at',
            $entityType === 'product' ? '' : 'store_id',
            $facts,
        ]));
        return $this->database->rows(
            "SELECT {$columns} FROM {$this->database->table($table)} WHERE {$where} ORDER BY entity_id LIMIT "
            . self::ROWS_AT_ONCE,
            $values
        );
    }

    /**
     * @param array<string, mixed> $row
     */
    private function tell(string $name, array $row): void
    {
        $entityType = self::TABLES[$name][1];
        $facts = array_diff_key($row, ['entity_id' => 0, 'store_id' => 0]);
        if (isset($facts['order_id'])) {
            $facts['order_id'] = (int) $facts['order_id'];
        }
        $this->recorder->record(new Notice(
            "{$entityType}.updated",
            $entityType,
            (int) $row['entity_id'],
            (int) ($row['store_id'] ?? self::WHOLE_SHOP),
            array_map(static fn ($fact) => is_int($fact) ? $fact : (string) $fact, $facts)
        ));
    }
}
