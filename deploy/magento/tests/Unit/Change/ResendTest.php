<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Change;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Change\Resend;
use Sluss\Connector\Tests\Support\ShopTables;
use Sluss\Connector\Tests\Support\World;

class ResendTest extends TestCase
{
    private World $world;
    private Resend $resend;

    protected function setUp(): void
    {
        $this->world = new World();
        $this->resend = new Resend($this->world->database, $this->world->recorder);
        ShopTables::create($this->world->database);
    }

    public function testEverythingChangedSinceThenIsToldAndNothingOlder(): void
    {
        $this->has('sales_order', ['entity_id' => 1, 'store_id' => 1, 'updated_at' => '2026-02-28 23:59:59']);
        $this->has('sales_order', ['entity_id' => 2, 'store_id' => 1, 'updated_at' => '2026-03-01 00:00:00']);

        $told = $this->resend->since('orders', new \DateTimeImmutable('2026-03-01T01:00:00+01:00'));

        self::assertSame(1, $told);
        self::assertSame(['order.updated 2 pending'], $this->world->lies());
    }

    public function testItGoesOnUntilTheLastPage(): void
    {
        foreach (range(1, 1001) as $id) {
            $product = ['entity_id' => $id, 'sku' => "P-{$id}", 'updated_at' => '2026-03-01'];
            $this->has('catalog_product_entity', $product);
        }

        $told = $this->resend->since('products', new \DateTimeImmutable('2026-01-01'));

        self::assertSame(1001, $told);
        self::assertSame(1001, count(array_unique($this->world->lies())));
        self::assertStringContainsString('"sku":"P-1"', $this->world->rows('payload')[0]);
    }

    public function testAnOrderIsToldWithItsInvoicesAndCreditMemos(): void
    {
        $this->has('sales_order', ['entity_id' => 7, 'store_id' => 1, 'increment_id' => '000000007']);
        $this->has('sales_invoice', ['entity_id' => 3, 'store_id' => 1, 'order_id' => 7]);
        $this->has('sales_invoice', ['entity_id' => 4, 'store_id' => 1, 'order_id' => 8]);
        $this->has('sales_creditmemo', ['entity_id' => 5, 'store_id' => 1, 'order_id' => 7]);

        $told = $this->resend->order('000000007');

        self::assertSame(3, $told);
        self::assertSame(
            ['order.updated 7 pending', 'invoice.updated 3 pending', 'creditmemo.updated 5 pending'],
            $this->world->lies()
        );
        self::assertStringContainsString('"order_id":7,', $this->world->rows('payload')[1]);
    }

    public function testAnOrderThatIsNotThereIsNothing(): void
    {
        self::assertSame(0, $this->resend->order('000000099'));
        self::assertSame([], $this->world->lies());
    }

    /**
     * @dataProvider names
     */
    public function testEveryNameReadsItsOwnTable(string $name, string $table, string $told): void
    {
        $this->has($table, ['entity_id' => 9, 'updated_at' => '2026-03-01 00:00:00']);

        $this->resend->since($name, new \DateTimeImmutable('2026-01-01'));

        self::assertSame(["{$told} 9 pending"], $this->world->lies());
    }

    public function names(): array
    {
        return array_map(
            static fn (string $name, array $one): array => [$name, $one[0], "{$one[1]}.updated"],
            array_keys(Resend::TABLES),
            Resend::TABLES
        );
    }

    private function has(string $table, array $row): void
    {
        ShopTables::add($this->world->database, $table, $row);
    }
}
