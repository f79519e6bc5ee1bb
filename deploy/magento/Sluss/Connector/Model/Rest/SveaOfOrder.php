<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Rest;

use Magento\Framework\Exception\NoSuchEntityException;
use Sluss\Connector\Api\SveaOfOrderInterface;
use Sluss\Connector\Outbox\Database;

/**
 * Reads whatever columns there are: each of Svea's modules has its own, and a shop may have none of them.
 */
class SveaOfOrder implements SveaOfOrderInterface
{
    private const KEY = 'svea_order_id';
    private const FEE = 'svea_invoice_fee';
    /** Of the older module sveawebpay/magento2-checkout; other payment modules use the name for other things. */
    private const OLD_KEY = 'payment_reference';
    private const SVEA = 'svea';

    public function __construct(private readonly Database $database)
    {
    }

    /**
     * @inheritdoc
     */
    public function get($orderId)
    {
        $order = $this->row('sales_order', 'entity_id', (int) $orderId);
        if ($order === null) {
            throw NoSuchEntityException::singleField('orderId', $orderId);
        }
        $payment = $this->row('sales_order_payment', 'parent_id', (int) $orderId) ?? [];
        $fee = $order[self::FEE] ?? null;
        return new SveaFields(
            $this->id($order[self::KEY] ?? null)
                ?? $this->id($this->additional($payment)[self::KEY] ?? null)
                ?? ($this->isSveas($payment) ? $this->id($order[self::OLD_KEY] ?? null) : null),
            is_numeric($fee) ? (string) $fee : null
        );
    }

    /**
     * @return array<string, mixed>|null
     */
    private function row(string $table, string $column, int $id): ?array
    {
        $name = $this->database->table($table);
        return $this->database->rows("SELECT * FROM {$name} WHERE {$column} = ? LIMIT 1", [$id])[0] ?? null;
    }

    /**
     * @param array<string, mixed> $payment
     * @return array<string, mixed>
     */
    private function additional(array $payment): array
    {
        $read = json_decode((string) ($payment['additional_information'] ?? ''), true);
        return is_array($read) ? $read : [];
    }

    /**
     * @param array<string, mixed> $payment
     */
    private function isSveas(array $payment): bool
    {
        return str_contains(strtolower((string) ($payment['method'] ?? '')), self::SVEA);
    }

    private function id(mixed $value): ?int
    {
        $id = is_scalar($value) && ctype_digit((string) $value) ? (int) $value : 0;
        return $id > 0 ? $id : null;
    }
}
