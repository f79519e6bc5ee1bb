<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Outbox;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Outbox\Answer;
use Sluss\Connector\Outbox\Endpoint;
use Sluss\Connector\Outbox\Signer;
use Sluss\Connector\Outbox\Status;
use Sluss\Connector\Tests\Support\World;

class SenderTest extends TestCase
{
    private World $world;

    protected function setUp(): void
    {
        $this->world = new World();
    }

    public function testTheMessageIsTheOneThatTheReceiverWasPromised(): void
    {
        $this->world->recorder->record(World::orderPlaced());

        $this->world->sends();

        $post = $this->world->receiver->posts[0];
        $id = $post['headers']['X-Sluss-Id'];
        self::assertMatchesRegularExpression('/^[0-9A-HJKMNP-TV-Z]{26}$/', $id);
        self::assertSame(
            '{"id":"' . $id . '","type":"order.placed","occurred_at":"2026-03-03T09:15:27Z","attempt":1,'
            . '"store":{"id":1,"code":"default","website_id":1},"base_url":"https://shop.example.com/",'
            . '"entity":{"type":"order","id":1001,"increment_id":"000001001","updated_at":"2026-03-03 09:15:27"}}',
            $post['body']
        );
        self::assertSame('https://sluss.example.com/webhooks/magento/acme', $post['url']);
        self::assertSame('application/json', $post['headers']['Content-Type']);
        self::assertSame('order.placed', $post['headers']['X-Sluss-Event']);
        self::assertSame('1772529327', $post['headers']['X-Sluss-Timestamp']);
        self::assertSame(
            Signer::sign('whsec_test', '1772529327', $post['body']),
            $post['headers']['X-Sluss-Signature']
        );
    }

    public function testWhatWasSentIsNotSentAgain(): void
    {
        $this->world->recorder->record(World::orderPlaced());

        $this->world->sends();
        $this->world->clock->passes('3 days');
        $this->world->sends();

        self::assertCount(1, $this->world->receiver->posts);
        self::assertSame(['order.placed 1001 sent'], $this->world->lies());
    }

    public function testARefusedMessageComesBackLaterSignedAnewUnderTheSameId(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->answers = [new Answer(503)];

        $this->world->sends();
        $this->world->clock->passes('119 seconds');
        $this->world->sends();
        self::assertCount(1, $this->world->receiver->posts);
        $this->world->clock->passes('1 seconds');
        $this->world->sends();

        [$first, $second] = $this->world->receiver->posts;
        [$told, $again] = $this->world->receiver->messages();
        self::assertSame([1, 2], [$told['attempt'], $again['attempt']]);
        self::assertSame($told['id'], $again['id']);
        self::assertSame('1772529447', $second['headers']['X-Sluss-Timestamp']);
        self::assertNotSame($first['headers']['X-Sluss-Signature'], $second['headers']['X-Sluss-Signature']);
    }

    public function testALaterNoticeOfAnEntityWaitsForTheEarlier(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->anotherRequest()->record(World::orderChanged());
        $this->world->recorder->record(World::orderPlaced(1002));
        $this->world->receiver->answers = [new Answer(503)];

        $this->world->sends();
        self::assertSame(['order.placed 1001', 'order.placed 1002'], $this->world->receiver->heard());
        $this->world->clock->passes('2 minutes');
        $this->world->sends();

        self::assertSame(
            ['order.placed 1001', 'order.placed 1002', 'order.placed 1001', 'order.status_changed 1001'],
            $this->world->receiver->heard()
        );
    }

    public function testTheSameThingToldByTwoRequestsIsSentOnceAfterBoth(): void
    {
        $this->world->anotherRequest()->record(World::orderChanged(1001, 'processing'));
        $this->world->anotherRequest()->record(World::orderChanged(1001, 'complete'));

        $run = $this->world->sends();

        self::assertSame(['order.status_changed 1001'], $this->world->receiver->heard());
        self::assertSame('complete', $this->world->receiver->messages()[0]['entity']['state']);
        self::assertSame(
            ['order.status_changed 1001 merged', 'order.status_changed 1001 sent'],
            $this->world->lies()
        );
        self::assertSame([1, 1], [$run->sent, $run->merged]);
    }

    public function testSalesGoBeforeProductsHoweverManyWait(): void
    {
        foreach (range(1, 60) as $id) {
            $this->world->recorder->record(World::productUpdated($id));
        }
        $this->world->recorder->record(World::orderPlaced());

        $this->world->sends();

        self::assertSame('order.placed 1001', $this->world->receiver->heard()[0]);
        self::assertCount(61, $this->world->receiver->posts);
    }

    public function testTwoSendersNeverSendOneNoticeAtTheSameTime(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->meanwhile = function (): void {
            $this->world->receiver->meanwhile = null;
            $this->world->sends();
        };

        $this->world->sends();

        self::assertCount(1, $this->world->receiver->posts);
    }

    public function testWhatASenderHeldWhenItDiedIsFreeAMinuteLater(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->meanwhile = static fn () => throw new \RuntimeException('killed');
        try {
            $this->world->sends();
            self::fail('it was to die');
        } catch (\RuntimeException) {
            $this->world->receiver->meanwhile = null;
        }

        $this->world->sends();
        self::assertCount(1, $this->world->receiver->posts);
        $this->world->clock->passes('60 seconds');
        $this->world->sends();

        self::assertSame([1, 2], array_column($this->world->receiver->messages(), 'attempt'));
        self::assertSame(['order.placed 1001 sent'], $this->world->lies());
    }

    public function testAfterTwoDaysOfRefusalsItIsDeadAndSaysWhy(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->always = new Answer(401, '{"code": "bad_signature"}');

        foreach (range(1, 60) as $hour) {
            $this->world->sends();
            $this->world->clock->passes('1 hour');
        }

        self::assertCount(53, $this->world->receiver->posts);
        self::assertSame(['order.placed 1001 dead'], $this->world->lies());
        self::assertSame(['HTTP 401 {"code": "bad_signature"}'], $this->world->rows('last_error'));
    }

    public function testAMessageThatTheReceiverCannotUseDiesAfterThreeTries(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->always = new Answer(400, 'no');

        foreach (range(1, 5) as $hour) {
            $this->world->sends();
            $this->world->clock->passes('1 hour');
        }

        self::assertCount(3, $this->world->receiver->posts);
        self::assertSame(['order.placed 1001 dead'], $this->world->lies());
    }

    public function testADeadNoticeHoldsUpNobody(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->anotherRequest()->record(World::orderChanged());
        $this->world->settings->hours = 0;
        $this->world->receiver->answers = [new Answer(500)];

        $this->world->sends();

        self::assertSame(['order.placed 1001 dead', 'order.status_changed 1001 sent'], $this->world->lies());
    }

    public function testMaintenanceStopsTheSendingAndCostsNoAttempts(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->inMaintenance = true;

        $run = $this->world->sends();
        $this->world->clock->passes('30 days');
        $this->world->sends();
        self::assertTrue($run->isPaused);
        self::assertSame([], $this->world->receiver->posts);
        $this->world->inMaintenance = false;
        $this->world->sends();

        self::assertSame([1], array_column($this->world->receiver->messages(), 'attempt'));
    }

    public function testAWebsiteWithoutAddressKeepsItsNoticesAndTheOthersAreSent(): void
    {
        $this->world->settings->websites = [1, 2];
        $this->world->settings->endpoints = [2 => new Endpoint('https://two.example.com', 'secret')];
        $this->world->recorder->record(World::productUpdated());

        $this->world->sends();

        self::assertSame(['https://two.example.com'], array_column($this->world->receiver->posts, 'url'));
        self::assertEquals([Status::PENDING, Status::SENT], $this->world->rows('status'));
        self::assertEquals([0, 1], $this->world->rows('attempts'));
    }

    public function testAReceiverThatIsAwayIsLeftAloneAfterThreeAndTheOtherIsTold(): void
    {
        $this->world->settings->websites = [1];
        foreach (range(1, 10) as $id) {
            $this->world->recorder->record(World::orderPlaced($id));
        }
        $this->world->settings->websites = [2];
        $this->world->settings->endpoints[2] = new Endpoint('https://two.example.com', 'secret');
        $this->world->recorder->record(World::orderPlaced(11));
        $this->world->receiver->answers = array_fill(0, 3, new Answer(0, 'timed out'));

        $run = $this->world->sends();

        self::assertSame(
            ['order.placed 1', 'order.placed 2', 'order.placed 3', 'order.placed 11'],
            $this->world->receiver->heard()
        );
        self::assertSame([1, 3, 0], [$run->sent, $run->postponed, $run->dead]);
        self::assertSame('no answer: timed out', $this->world->rows('last_error')[0]);
    }

    public function testARunEndsWhenItsTimeIsUp(): void
    {
        foreach (range(1, 10) as $id) {
            $this->world->recorder->record(World::orderPlaced($id));
        }
        $this->world->receiver->meanwhile = fn () => $this->world->clock->passes('10 seconds');

        $this->world->sends(50);

        self::assertCount(5, $this->world->receiver->posts);
    }

    public function testTheReceiverMayAskForMoreTime(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->answers = [new Answer(429, '', 600)];

        $this->world->sends();
        $this->world->clock->passes('599 seconds');
        $this->world->sends();
        self::assertCount(1, $this->world->receiver->posts);
        $this->world->clock->passes('1 seconds');
        $this->world->sends();

        self::assertSame(['order.placed 1001 sent'], $this->world->lies());
    }

    public function testARowThatCannotBeReadDiesAloneAndSaysSo(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->recorder->record(World::orderPlaced(1002));
        $table = $this->world->database->table('sluss_outbox');
        $this->world->database->change("UPDATE {$table} SET payload = '{' WHERE entity_id = 1001");

        $this->world->sends();

        self::assertSame(['order.placed 1001 dead', 'order.placed 1002 sent'], $this->world->lies());
        self::assertStringContainsString('not readable', $this->world->rows('last_error')[0]);
    }
}
