<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Change;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Change\Notices;
use Sluss\Connector\Change\Saved;
use Sluss\Connector\Outbox\Notice;

class NoticesTest extends TestCase
{
    private const NOW = '2026-03-05 12:00:00';
    private const ORDER = [
        'entity_id' => '1016',
        'increment_id' => '000001016',
        'store_id' => '1',
        'state' => 'processing',
        'status' => 'processing',
        'grand_total' => 125.0,
        'updated_at' => '2026-03-05 11:59:00',
        'customer_email' => 'a@example.com',
    ];

    public function testANewOrderIsPlaced(): void
    {
        $told = (new Notices())->ofOrder(new Saved(true, [], self::ORDER));

        self::assertSame(
            ['order.placed {"type":"order","id":1016,"increment_id":"000001016","state":"processing",'
                . '"status":"processing","updated_at":"2026-03-05 11:59:00"}'],
            $this->read($told)
        );
        self::assertTrue($told[0]->isOnce());
        self::assertSame(['order.updated', 1], [$told[0]->again()->type, $told[0]->storeId]);
    }

    /**
     * @dataProvider orders
     */
    public function testAnOrderIsToldOfWhenSomethingBookedChanges(array $before, array $now, array $types): void
    {
        $saved = new Saved(false, $before, $now);

        self::assertSame($types, array_column((new Notices())->ofOrder($saved), 'type'));
    }

    public function orders(): array
    {
        $loaded = ['grand_total' => '125.0000', 'svea_order_id' => null] + self::ORDER;
        return [
            'saved as it was' => [$loaded, self::ORDER, []],
            'canceled' => [$loaded, ['state' => 'canceled'] + self::ORDER, ['order.status_changed']],
            'another status' => [$loaded, ['status' => 'packed'] + self::ORDER, ['order.status_changed']],
            'refunded' => [$loaded, ['total_refunded' => 25.0] + self::ORDER, ['order.updated']],
            'Svea id comes later' => [$loaded, ['svea_order_id' => 9300101] + self::ORDER, ['order.updated']],
            'our own number is written by REST' => [
                [],
                ['entity_id' => 1016, 'increment_id' => '000001016', 'ext_order_id' => 'S-20331'],
                [],
            ],
            'the status is written by REST' => [[], ['entity_id' => 1016, 'status' => 'x'], ['order.status_changed']],
        ];
    }

    public function testADocumentNamesItsOrder(): void
    {
        $memo = ['entity_id' => 4001, 'increment_id' => '000000401', 'order_id' => '1007', 'store_id' => 1]
            + ['state' => 2, 'updated_at' => '2026-03-10 08:30:00'];

        $told = (new Notices())->ofCreditmemo(new Saved(true, [], $memo));

        self::assertSame(
            ['creditmemo.created {"type":"creditmemo","id":4001,"increment_id":"000000401","order_id":1007,'
                . '"state":"2","updated_at":"2026-03-10 08:30:00"}'],
            $this->read($told)
        );
    }

    public function testDocumentsAreToldOfWhenTheyComeAndWhenTheirStateChanges(): void
    {
        $notices = new Notices();
        $now = ['entity_id' => 3, 'order_id' => 7, 'store_id' => 1, 'state' => 2];
        $paid = new Saved(false, ['state' => 1] + $now, $now);
        $same = new Saved(false, $now, $now);

        self::assertSame(['invoice.updated'], array_column($notices->ofInvoice($paid), 'type'));
        self::assertSame([], $notices->ofInvoice($same));
        self::assertSame(['creditmemo.updated'], array_column($notices->ofCreditmemo($paid), 'type'));
        self::assertSame([], $notices->ofShipment($paid));
        self::assertSame(
            ['shipment.created'],
            array_column($notices->ofShipment(new Saved(true, [], $now)), 'type')
        );
    }

    public function testAnAddressOfAnOrderIsItsOrderAndANewOneComesWithIt(): void
    {
        $notices = new Notices();
        $now = ['entity_id' => 88, 'parent_id' => 1016, 'vat_id' => 'SE556677889901'];

        self::assertSame([], $notices->ofOrderAddress(new Saved(true, [], $now)));
        self::assertSame([], $notices->ofOrderAddress(new Saved(false, $now, $now)));
        self::assertSame(
            ['order.updated {"type":"order","id":1016,"updated_at":"2026-03-05 12:00:00"}'],
            $this->read($notices->ofOrderAddress(new Saved(false, ['vat_id' => null] + $now, $now)))
        );
    }

    public function testAnAddressOfACustomerIsTheCustomer(): void
    {
        $notices = new Notices();

        self::assertSame(
            ['customer.updated {"type":"customer","id":502,"updated_at":"2026-03-05 12:00:00"}'],
            $this->read($notices->ofCustomerAddress(new Saved(true, [], ['entity_id' => 9, 'parent_id' => '502'])))
        );
        self::assertSame([], $notices->ofCustomerAddress(new Saved(true, [], ['entity_id' => 9])));
    }

    public function testCustomersComeChangeAndGo(): void
    {
        $notices = new Notices();
        $customer = ['entity_id' => 502, 'store_id' => 1, 'email' => 'a@example.com', 'updated_at' => self::NOW];
        $told = '{"type":"customer","id":502,"updated_at":"2026-03-05 12:00:00"}';

        $new = new Saved(true, [], $customer);
        $old = new Saved(false, [], $customer);
        self::assertSame(["customer.created {$told}"], $this->read($notices->ofCustomer($new)));
        self::assertSame(["customer.updated {$told}"], $this->read($notices->ofCustomer($old)));
        self::assertSame(["customer.deleted {$told}"], $this->read($notices->ofDeletedCustomer($old)));
    }

    public function testProductsBelongToTheWholeShopAndAreNamedBySku(): void
    {
        $notices = new Notices();
        $product = ['entity_id' => '11', 'store_id' => 3, 'sku' => 'MUGG-VIT', 'updated_at' => self::NOW];
        $told = '{"type":"product","id":11,"sku":"MUGG-VIT","updated_at":"2026-03-05 12:00:00"}';

        $old = new Saved(false, [], $product);
        $changed = $notices->ofProduct($old);

        self::assertSame(["product.updated {$told}"], $this->read($changed));
        self::assertSame(0, $changed[0]->storeId);
        self::assertSame(["product.created {$told}"], $this->read($notices->ofProduct(new Saved(true, [], $product))));
        self::assertSame(["product.deleted {$told}"], $this->read($notices->ofDeletedProduct($old)));
    }

    public function testProductsInBulkAreToldOfOnceEach(): void
    {
        $told = (new Notices())->ofProductIds(['11', 12, '11', 0, null]);

        self::assertSame([11, 12], array_column($told, 'entityId'));
    }

    public function testStockIsToldOfWhenThereIsMoreOrLess(): void
    {
        $notices = new Notices();
        $item = ['item_id' => 5, 'product_id' => 11, 'qty' => 7.0, 'is_in_stock' => 1];

        self::assertSame([], $notices->ofStockItem(new Saved(false, ['qty' => '7.0000'] + $item, $item)));
        self::assertSame(
            ['stock.updated {"type":"stock","id":11,"updated_at":"2026-03-05 12:00:00"}'],
            $this->read($notices->ofStockItem(new Saved(false, ['qty' => '8.0000'] + $item, $item)))
        );
    }

    /**
     * @param list<Notice> $notices
     * @return list<string>
     */
    private function read(array $notices): array
    {
        $now = new \DateTimeImmutable(self::NOW, new \DateTimeZone('UTC'));
        return array_map(
            static fn (Notice $notice): string => "{$notice->type} " . json_encode($notice->entity($now)),
            $notices
        );
    }
}
