<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Support;

use Sluss\Connector\Outbox\Database;

/**
 * The columns of Magento's own tables that the module reads.
 */
class ShopTables
{
    private const TABLES = [
        'sales_order' => 'entity_id INTEGER, store_id, increment_id, state, status, updated_at, svea_order_id, '
            . 'svea_invoice_fee, payment_reference',
        'sales_order_payment' => 'parent_id INTEGER, method, additional_information',
        'sales_invoice' => 'entity_id INTEGER, store_id, increment_id, order_id INTEGER, state, updated_at',
        'sales_creditmemo' => 'entity_id INTEGER, store_id, increment_id, order_id INTEGER, state, updated_at',
        'sales_shipment' => 'entity_id INTEGER, store_id, increment_id, order_id INTEGER, updated_at',
        'customer_entity' => 'entity_id INTEGER, store_id, updated_at',
        'catalog_product_entity' => 'entity_id INTEGER, sku, updated_at',
    ];

    public static function create(SqliteDatabase $database): void
    {
        foreach (self::TABLES as $name => $columns) {
            $database->pdo->exec("CREATE TABLE {$database->table($name)} ({$columns})");
        }
    }

    /**
     * @param array<string, int|string|null> $row
     */
    public static function add(Database $database, string $table, array $row): void
    {
        $database->insertUnlessThere($database->table($table), $row);
    }
}
