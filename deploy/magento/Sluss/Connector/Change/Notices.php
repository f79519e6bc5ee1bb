<?php

declare(strict_types=1);

namespace Sluss\Connector\Change;

use Sluss\Connector\Outbox\Notice;

/**
 * What is to be told of a saved entity. None of it is believed: it says where to look.
 */
class Notices
{
    private const WHOLE_SHOP = 0;
    private const STATES = ['state', 'status'];

    /** Columns of an order that change what is booked; the last three are those of Svea's modules. */
    private const OF_ORDER = [
        'grand_total',
        'total_paid',
        'total_invoiced',
        'total_refunded',
        'total_canceled',
        'customer_id',
        'relation_child_id',
        'svea_order_id',
        'svea_invoice_fee',
        'payment_reference',
    ];

    private const OF_ADDRESS = [
        'firstname',
        'lastname',
        'company',
        'street',
        'postcode',
        'city',
        'region',
        'country_id',
        'email',
        'telephone',
        'vat_id',
    ];

    private const OF_STOCK_ITEM = ['qty', 'is_in_stock'];

    /**
     * @return list<Notice>
     */
    public function ofOrder(Saved $order): array
    {
        if ($order->isNew) {
            return [$this->ofSale($order, 'order', 'order.placed', 'order.updated')];
        }
        if ($order->textDiffersIn(self::STATES)) {
            return [$this->ofSale($order, 'order', 'order.status_changed')];
        }
        return $order->differsIn(self::OF_ORDER) ? [$this->ofSale($order, 'order', 'order.updated')] : [];
    }

    /**
     * The order's own address, which is none of the customer's. A new one comes with its order.
     *
     * @return list<Notice>
     */
    public function ofOrderAddress(Saved $address): array
    {
        $orderId = $address->number('parent_id');
        return $orderId && !$address->isNew && $address->textDiffersIn(self::OF_ADDRESS)
            ? [new Notice('order.updated', 'order', $orderId, $address->number('store_id'))]
            : [];
    }

    /**
     * @return list<Notice>
     */
    public function ofInvoice(Saved $invoice): array
    {
        return $this->ofDocument($invoice, 'invoice');
    }

    /**
     * @return list<Notice>
     */
    public function ofCreditmemo(Saved $memo): array
    {
        return $this->ofDocument($memo, 'creditmemo');
    }

    /**
     * @return list<Notice>
     */
    public function ofShipment(Saved $shipment): array
    {
        return $shipment->isNew ? $this->ofDocument($shipment, 'shipment') : [];
    }

    /**
     * @return list<Notice>
     */
    public function ofCustomer(Saved $customer): array
    {
        return $this->ofRegister($customer, 'customer', $customer->number('store_id'), []);
    }

    /**
     * @return list<Notice>
     */
    public function ofDeletedCustomer(Saved $customer): array
    {
        $id = $customer->number('entity_id');
        return $id ? [new Notice('customer.deleted', 'customer', $id, $customer->number('store_id'))] : [];
    }

    /**
     * The customer that it belongs to, whose own `updated_at` stays as it was.
     *
     * @return list<Notice>
     */
    public function ofCustomerAddress(Saved $address): array
    {
        $customerId = $address->number('parent_id') ?: $address->number('customer_id');
        return $customerId ? [new Notice('customer.updated', 'customer', $customerId, self::WHOLE_SHOP)] : [];
    }

    /**
     * @return list<Notice>
     */
    public function ofProduct(Saved $product): array
    {
        return $this->ofRegister($product, 'product', self::WHOLE_SHOP, ['sku' => $product->text('sku')]);
    }

    /**
     * @return list<Notice>
     */
    public function ofDeletedProduct(Saved $product): array
    {
        return $this->ofProductIds([$product->number('entity_id')], 'product.deleted', $product->text('sku'));
    }

    /**
     * Products that were changed without being saved one by one.
     *
     * @param array<int|string> $ids
     * @return list<Notice>
     */
    public function ofProductIds(array $ids, string $type = 'product.updated', ?string $sku = null): array
    {
        return array_map(
            static fn (int $id): Notice => new Notice($type, 'product', $id, self::WHOLE_SHOP, ['sku' => $sku]),
            $this->positive($ids)
        );
    }

    /**
     * @return list<Notice>
     */
    public function ofStockItem(Saved $item): array
    {
        return $item->isNew || $item->differsIn(self::OF_STOCK_ITEM)
            ? $this->ofStock([$item->number('product_id')])
            : [];
    }

    /**
     * @param array<int|string> $productIds
     * @return list<Notice>
     */
    public function ofStock(array $productIds): array
    {
        return array_map(
            static fn (int $id): Notice => new Notice('stock.updated', 'stock', $id, self::WHOLE_SHOP),
            $this->positive($productIds)
        );
    }

    /**
     * @return list<Notice>
     */
    private function ofDocument(Saved $document, string $kind): array
    {
        if ($document->isNew) {
            return [$this->ofSale($document, $kind, "{$kind}.created", "{$kind}.updated")];
        }
        return $document->differsIn(['state', 'grand_total'])
            ? [$this->ofSale($document, $kind, "{$kind}.updated")]
            : [];
    }

    /**
     * @param array<string, string|null> $facts
     * @return list<Notice>
     */
    private function ofRegister(Saved $saved, string $kind, int $storeId, array $facts): array
    {
        $id = $saved->number('entity_id');
        if ($id === 0) {
            return [];
        }
        $facts['updated_at'] = $saved->text('updated_at');
        return $saved->isNew
            ? [new Notice("{$kind}.created", $kind, $id, $storeId, $facts, "{$kind}.updated")]
            : [new Notice("{$kind}.updated", $kind, $id, $storeId, $facts)];
    }

    private function ofSale(Saved $saved, string $kind, string $type, ?string $again = null): Notice
    {
        $facts = [
            'increment_id' => $saved->text('increment_id'),
            'order_id' => $kind === 'order' ? null : $saved->number('order_id'),
            'state' => $saved->text('state'),
            'status' => $saved->text('status'),
            'updated_at' => $saved->text('updated_at'),
        ];
        return new Notice($type, $kind, $saved->number('entity_id'), $saved->number('store_id'), $facts, $again);
    }

    /**
     * @param array<int|string> $ids
     * @return list<int>
     */
    private function positive(array $ids): array
    {
        $numbers = array_unique(array_map('intval', $ids));
        return array_values(array_filter($numbers, static fn (int $id): bool => $id > 0));
    }
}
