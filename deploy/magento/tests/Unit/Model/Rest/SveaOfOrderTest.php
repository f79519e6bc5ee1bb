<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Model\Rest;

use Magento\Framework\Exception\NoSuchEntityException;
use PHPUnit\Framework\TestCase;
use Sluss\Connector\Model\Rest\SveaOfOrder;
use Sluss\Connector\Tests\Support\ShopTables;
use Sluss\Connector\Tests\Support\SqliteDatabase;

class SveaOfOrderTest extends TestCase
{
    private SqliteDatabase $database;

    protected function setUp(): void
    {
        $this->database = new SqliteDatabase();
        ShopTables::create($this->database);
    }

    /**
     * @dataProvider orders
     */
    public function testWhereverSveasModuleKeptIt(array $order, array $payment, ?int $id, ?string $fee): void
    {
        ShopTables::add($this->database, 'sales_order', ['entity_id' => 7] + $order);
        ShopTables::add($this->database, 'sales_order_payment', ['parent_id' => 7] + $payment);

        $found = (new SveaOfOrder($this->database))->get('7');

        self::assertSame([$id, $fee], [$found->getSveaOrderId(), $found->getInvoiceFee()]);
    }

    public function orders(): array
    {
        $svea = ['method' => 'sveacheckout'];
        $told = static fn (mixed $id): array => ['additional_information' => json_encode(['svea_order_id' => $id])];
        return [
            'in columns' => [
                ['svea_order_id' => '9300101', 'svea_invoice_fee' => '29.0000'],
                $svea,
                9300101,
                '29.0000',
            ],
            'with the payment' => [[], $told(9300102) + $svea, 9300102, null],
            'as text' => [[], $told('9300102') + $svea, 9300102, null],
            'of the older module' => [['payment_reference' => '9300103'], $svea, 9300103, null],
            'of somebody else' => [['payment_reference' => '9300103'], ['method' => 'klarna_kp'], null, null],
            'nowhere' => [['svea_order_id' => '', 'svea_invoice_fee' => null], ['method' => 'checkmo'], null, null],
            'not readable' => [[], ['additional_information' => '{', 'method' => 'checkmo'], null, null],
        ];
    }

    public function testAShopWithoutSveasColumnsHasNone(): void
    {
        $this->database->pdo->exec('DROP TABLE shop_sales_order');
        $this->database->pdo->exec('CREATE TABLE shop_sales_order (entity_id INTEGER, state)');
        ShopTables::add($this->database, 'sales_order', ['entity_id' => 7]);

        $found = (new SveaOfOrder($this->database))->get(7);

        self::assertSame([null, null], [$found->getSveaOrderId(), $found->getInvoiceFee()]);
    }

    public function testAnOrderThatIsNotThereIsNotFound(): void
    {
        $this->expectException(NoSuchEntityException::class);

        (new SveaOfOrder($this->database))->get(99);
    }
}
