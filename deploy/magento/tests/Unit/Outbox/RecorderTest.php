<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Outbox;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Outbox\Notice;
use Sluss\Connector\Tests\Support\World;

class RecorderTest extends TestCase
{
    private World $world;

    protected function setUp(): void
    {
        $this->world = new World();
    }

    public function testARequestThatSavesThreeTimesTellsOnceAndTellsTheLastState(): void
    {
        foreach (['new', 'pending_payment', 'processing'] as $state) {
            $this->world->recorder->record(World::orderChanged(1001, $state));
        }

        $this->world->sends();

        self::assertSame(['order.status_changed 1001'], $this->world->receiver->heard());
        self::assertSame('processing', $this->world->receiver->messages()[0]['entity']['state']);
        self::assertEquals([3], $this->world->rows('changes'));
    }

    public function testBeingPlacedIsToldOnceAndSavedAgainAsAChange(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->sends();
        $this->world->recorder->record(World::orderPlaced());
        $this->world->anotherRequest()->record(World::orderPlaced());

        $this->world->sends();

        self::assertSame(['order.placed 1001', 'order.updated 1001'], $this->world->receiver->heard());
    }

    public function testTwoSavesOfANewOrderInOneRequestAreOneNotice(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->recorder->record(World::orderPlaced());

        self::assertSame(['order.placed 1001 pending'], $this->world->lies());
    }

    public function testAChangeOfWhatTheSameRequestCreatedIsPartOfItAndADeletionIsNot(): void
    {
        $created = new Notice('product.created', 'product', 11, 0, ['sku' => 'MUGG-VIT'], 'product.updated');

        $this->world->recorder->record($created);
        $this->world->recorder->record(World::productUpdated());
        $this->world->recorder->record(World::productUpdated(12));
        $this->world->recorder->record(new Notice('product.deleted', 'product', 11, 0));

        self::assertSame(
            ['product.created 11 pending', 'product.updated 12 pending', 'product.deleted 11 pending'],
            $this->world->lies()
        );
    }

    public function testAChangeAfterTheCreationWasSentIsToldOfItself(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->sends();

        $this->world->recorder->record(World::orderChanged());

        self::assertSame(['order.placed 1001 sent', 'order.status_changed 1001 pending'], $this->world->lies());
    }

    public function testARolledBackNoticeIsWrittenAgain(): void
    {
        $this->world->database->pdo->beginTransaction();
        $this->world->recorder->record(World::orderChanged());
        $this->world->database->pdo->rollBack();

        $this->world->recorder->record(World::orderChanged());

        self::assertSame(['order.status_changed 1001 pending'], $this->world->lies());
    }

    public function testALongProcessTellsOfEveryChangeThatCameAfterTheLastWasSent(): void
    {
        $this->world->recorder->record(World::productUpdated());
        $this->world->sends();

        $this->world->recorder->record(World::productUpdated());
        $this->world->sends();

        self::assertSame(['product.updated 11', 'product.updated 11'], $this->world->receiver->heard());
    }

    public function testAChangeDuringTheSendingIsToldAfterwards(): void
    {
        $this->world->recorder->record(World::productUpdated());
        $this->world->receiver->meanwhile = function (): void {
            $this->world->receiver->meanwhile = null;
            $this->world->recorder->record(World::productUpdated());
        };

        $this->world->sends();

        self::assertSame(['product.updated 11', 'product.updated 11'], $this->world->receiver->heard());
    }

    public function testNothingIsWrittenForWhatTheMerchantDoesNotWantTold(): void
    {
        $this->world->settings->silent = ['product'];

        $this->world->recorder->record(World::productUpdated());

        self::assertSame([], $this->world->lies());
        self::assertFalse($this->world->recorder->takeNews());
    }

    public function testEveryWebsiteWithAnAddressOfItsOwnIsTold(): void
    {
        $this->world->settings->websites = [1, 2];

        $this->world->recorder->record(World::productUpdated());

        self::assertEquals([1, 2], $this->world->rows('website_id'));
    }

    public function testThereIsNewsOnceForEveryRequestThatWroteSomething(): void
    {
        $this->world->recorder->record(World::orderPlaced());

        self::assertTrue($this->world->recorder->takeNews());
        self::assertFalse($this->world->recorder->takeNews());
    }

    public function testTheMemoryOfABulkImportIsBounded(): void
    {
        foreach (range(1, 2500) as $id) {
            $this->world->recorder->record(World::productUpdated($id));
        }
        $this->world->recorder->record(World::productUpdated(2500));

        self::assertCount(2500, $this->world->lies());
    }
}
