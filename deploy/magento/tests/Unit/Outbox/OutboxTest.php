<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Outbox;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Outbox\Answer;
use Sluss\Connector\Outbox\Notice;
use Sluss\Connector\Outbox\Status;
use Sluss\Connector\Tests\Support\World;

class OutboxTest extends TestCase
{
    private World $world;

    protected function setUp(): void
    {
        $this->world = new World();
    }

    public function testWhatIsResentGoesOutUnderAnotherIdAndFromItsFirstAttempt(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->answers = [new Answer(500)];
        $this->world->settings->hours = 0;
        $this->world->sends();
        self::assertSame([1], $this->world->outbox->deadIds());

        $resent = $this->world->outbox->resend([1], $this->world->clock->now());
        $this->world->sends();

        [$first, $second] = $this->world->receiver->messages();
        self::assertSame(1, $resent);
        self::assertSame([1, 1], [$first['attempt'], $second['attempt']]);
        self::assertNotSame($first['id'], $second['id']);
        self::assertSame(['order.placed 1001 sent'], $this->world->lies());
        self::assertSame([null], $this->world->rows('last_error'));
    }

    public function testWhatWaitsAnywayIsNotResent(): void
    {
        $this->world->recorder->record(World::orderPlaced());

        self::assertSame(0, $this->world->outbox->resend([1, 99], $this->world->clock->now()));
    }

    public function testThePurgeTakesWhatWasFinishedLongAgoAndNothingThatWaits(): void
    {
        $this->world->recorder->record(World::orderPlaced(1));
        $this->world->sends();
        $this->world->clock->passes('10 days');
        $this->world->recorder->record(World::orderPlaced(2));
        $this->world->sends();
        $this->world->recorder->record(World::orderPlaced(3));
        $before = $this->world->clock->now()->modify('-7 days');

        $purged = $this->world->outbox->purge(Status::SENT, $before);

        self::assertSame(1, $purged);
        self::assertSame(0, $this->world->outbox->purge(Status::DEAD, $this->world->clock->now()));
        self::assertSame(0, $this->world->outbox->purge(Status::PENDING, $this->world->clock->now()));
        self::assertSame(['order.placed 2 sent', 'order.placed 3 pending'], $this->world->lies());
    }

    public function testThePurgeGoesOnUntilNothingIsLeft(): void
    {
        foreach (range(1, 1001) as $id) {
            $this->world->recorder->record(World::productUpdated($id));
        }
        $this->world->sends(3600);
        $this->world->clock->passes('1 day');

        self::assertSame(1001, $this->world->outbox->purge(Status::SENT, $this->world->clock->now()));
    }

    public function testItCountsByStatusAndKnowsHowLongTheOldestWaits(): void
    {
        self::assertNull($this->world->outbox->waitingSince());
        $this->world->recorder->record(World::orderPlaced());
        $this->world->sends();
        $this->world->recorder->record(World::orderChanged());

        self::assertSame(
            [Status::PENDING => 1, Status::SENT => 1, Status::DEAD => 0, Status::MERGED => 0],
            $this->world->outbox->counts()
        );
        self::assertEquals($this->world->clock->now(), $this->world->outbox->waitingSince());
    }

    public function testALongErrorIsCutAndABrokenOneIsRepaired(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->answers = [new Answer(500, "\xff" . str_repeat('å', 400))];

        $this->world->sends();

        $error = $this->world->rows('last_error')[0];
        self::assertSame(255, mb_strlen($error, 'UTF-8'));
        self::assertTrue(mb_check_encoding($error, 'UTF-8'));
    }

    public function testAnEntitySaysWhatIsKnownInOneOrderAndNothingElse(): void
    {
        $facts = ['status' => 'canceled', 'state' => 'canceled', 'increment_id' => '7', 'sku' => null, 'email' => 'x'];
        $notice = new Notice('order.status_changed', 'order', 1016, 1, $facts);

        self::assertSame(
            '{"type":"order","id":1016,"increment_id":"7","state":"canceled","status":"canceled",'
            . '"updated_at":"2026-03-03 09:15:27"}',
            json_encode($notice->entity($this->world->clock->now()))
        );
    }
}
