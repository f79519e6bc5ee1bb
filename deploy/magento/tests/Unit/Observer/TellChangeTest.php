<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Observer;

use Magento\Catalog\Model\Product\Action;
use Magento\Catalog\Model\ResourceModel\Product;
use Magento\Framework\DB\Adapter\DeadlockException;
use Magento\Framework\Event;
use Magento\Framework\Event\Observer;
use Magento\Framework\Model\AbstractModel;
use PHPUnit\Framework\TestCase;
use Psr\Log\LoggerInterface;
use Sluss\Connector\Change\NewEntities;
use Sluss\Connector\Change\Notices;
use Sluss\Connector\Model\ProductIds;
use Sluss\Connector\Model\SafeRecorder;
use Sluss\Connector\Observer\NoteNew;
use Sluss\Connector\Observer\TellChange;
use Sluss\Connector\Plugin\TellMassAction;
use Sluss\Connector\Plugin\TellSourceItems;
use Sluss\Connector\Tests\Support\World;

class TellChangeTest extends TestCase
{
    private World $world;
    private SafeRecorder $recorder;
    private ProductIds $products;
    private TellChange $observer;
    private NoteNew $before;
    /** @var list<string> */
    private array $logged = [];

    protected function setUp(): void
    {
        $this->world = new World();
        $logger = $this->createMock(LoggerInterface::class);
        $logger->method('error')->willReturnCallback(function (string $message, array $context): void {
            $this->logged[] = $message . ': ' . $context['exception']->getMessage();
        });
        $this->recorder = new SafeRecorder($this->world->recorder, $logger);
        $this->products = new ProductIds(new Product(['MUGG-VIT' => '11', 'MUGG-BLA' => '12']));
        $newEntities = new NewEntities();
        $this->before = new NoteNew($newEntities);
        $this->observer = new TellChange($this->recorder, new Notices(), $this->products, $newEntities);
    }

    public function testTheOrderAndItsNoticeAreThereTogetherOrNotAtAll(): void
    {
        $this->world->database->pdo->beginTransaction();
        $this->saved('sales_order_save_after', ['entity_id' => 1001, 'store_id' => 1], isNew: true);
        $this->world->database->pdo->rollBack();
        self::assertSame([], $this->world->lies());

        $this->world->database->pdo->beginTransaction();
        $this->saved('sales_order_save_after', ['entity_id' => 1001, 'store_id' => 1], isNew: true);
        $this->world->database->pdo->commit();
        self::assertSame(['order.placed 1001 pending'], $this->world->lies());
    }

    public function testAnOrderIsPlacedAlthoughMagentoCallsItOldOnceItIsSaved(): void
    {
        $order = new AbstractModel(['store_id' => 1, 'state' => 'new']);

        $this->before->execute($this->event('sales_order_save_before', $order));
        $order->setId(1001);
        $this->observer->execute($this->event('sales_order_save_after', $order));

        self::assertFalse($order->isObjectNew());
        self::assertSame(['order.placed 1001 pending'], $this->world->lies());
    }

    public function testTheSecondSaveOfACheckoutIsPartOfThePlacing(): void
    {
        $order = new AbstractModel(['store_id' => 1, 'state' => 'new']);
        $this->before->execute($this->event('sales_order_save_before', $order));
        $order->setId(1001);
        $this->observer->execute($this->event('sales_order_save_after', $order));

        $this->before->execute($this->event('sales_order_save_before', $order));
        $this->observer->execute($this->event('sales_order_save_after', $order));

        self::assertSame(['order.placed 1001 pending'], $this->world->lies());
        self::assertEquals([2], $this->world->rows('changes'));
        self::assertStringContainsString('"state":"new"', $this->world->rows('payload')[0]);
    }

    public function testANewOneThatWasNeverSavedIsForgotten(): void
    {
        $newEntities = new NewEntities();
        $newEntities->note(new AbstractModel([]));

        self::assertFalse($newEntities->take(new AbstractModel([])));
    }

    /**
     * @dataProvider events
     */
    public function testEveryEventIsToldAsWhatItIs(string $event, string $told): void
    {
        $data = ['entity_id' => 5, 'order_id' => 7, 'parent_id' => 8, 'product_id' => 9, 'store_id' => 1];

        $this->saved($event, ['state' => 2, 'qty' => 1, 'vat_id' => 'SE1'] + $data, ['state' => 1, 'qty' => 2]);

        self::assertSame(["{$told} pending"], $this->world->lies());
    }

    public function events(): array
    {
        return [
            ['sales_order_save_after', 'order.status_changed 5'],
            ['sales_order_address_save_after', 'order.updated 8'],
            ['sales_order_invoice_save_after', 'invoice.updated 5'],
            ['sales_order_creditmemo_save_after', 'creditmemo.updated 5'],
            ['customer_save_after', 'customer.updated 5'],
            ['customer_delete_after', 'customer.deleted 5'],
            ['customer_address_save_after', 'customer.updated 8'],
            ['customer_address_delete_after', 'customer.updated 8'],
            ['catalog_product_save_after', 'product.updated 5'],
            ['catalog_product_delete_after', 'product.deleted 5'],
            ['cataloginventory_stock_item_save_after', 'stock.updated 9'],
        ];
    }

    public function testAnImportTellsOfItsProducts(): void
    {
        $bunch = [['sku' => 'MUGG-VIT'], ['sku' => 'MUGG-VIT'], ['sku' => 'NEW'], ['name' => 'no sku']];

        $this->happens('catalog_product_import_bunch_save_after', ['bunch' => $bunch]);
        $this->happens('catalog_product_import_bunch_delete_commit_before', ['ids_to_delete' => ['12']]);

        self::assertSame(['product.updated 11 pending', 'product.deleted 12 pending'], $this->world->lies());
    }

    public function testProductsChangedInBulkAreTold(): void
    {
        $plugin = new TellMassAction($this->recorder, new Notices());
        $action = new Action();

        self::assertSame($action, $plugin->afterUpdateAttributes($action, $action, ['11', '12']));
        self::assertNull($plugin->afterUpdateWebsites($action, null, ['11', '13']));

        self::assertSame(
            ['product.updated 11 pending', 'product.updated 12 pending', 'product.updated 13 pending'],
            $this->world->lies()
        );
    }

    public function testStockOfSourcesIsToldByProduct(): void
    {
        $plugin = new TellSourceItems($this->recorder, new Notices(), $this->products);
        $item = static fn (string $sku): object => new class ($sku) {
            public function __construct(private string $sku)
            {
            }

            public function getSku(): string
            {
                return $this->sku;
            }
        };

        $plugin->afterExecute(new \stdClass(), null, [$item('MUGG-BLA'), $item('NO-PRODUCT'), $item('MUGG-BLA')]);

        self::assertSame(['stock.updated 12 pending'], $this->world->lies());
    }

    public function testAnEventThatNobodyKnowsIsNothing(): void
    {
        $this->happens('sales_quote_save_after', ['data_object' => new AbstractModel(['entity_id' => 1])]);
        $this->happens('sales_order_save_after', []);

        self::assertSame([[], []], [$this->world->lies(), $this->logged]);
    }

    public function testACheckoutGoesOnWhenTheOutboxIsBroken(): void
    {
        $this->world->database->pdo->exec('DROP TABLE shop_sluss_outbox');

        $this->saved('sales_order_save_after', ['entity_id' => 1001, 'store_id' => 1], isNew: true);

        self::assertCount(1, $this->logged);
        self::assertStringContainsString('no such table', $this->logged[0]);
    }

    public function testADeadlockIsNotHiddenSinceItHasUndoneTheOrder(): void
    {
        $this->expectException(DeadlockException::class);

        $this->recorder->record(static fn (): array => throw new DeadlockException('1213'));
    }

    private function saved(string $event, array $data, ?array $before = null, bool $isNew = false): void
    {
        $this->happens($event, ['data_object' => new AbstractModel($data, $before, $isNew)]);
    }

    private function event(string $name, AbstractModel $model): Observer
    {
        return new Observer(['event' => new Event(['name' => $name, 'data_object' => $model])]);
    }

    private function happens(string $event, array $data): void
    {
        $this->observer->execute(new Observer(['event' => new Event(['name' => $event] + $data)]));
    }
}
