<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Model;

use Magento\Framework\App\ResourceConnection;
use Magento\Framework\DB\Adapter\AdapterInterface;
use Magento\Framework\DB\Adapter\LockWaitException;
use PHPUnit\Framework\TestCase;
use Sluss\Connector\Model\MagentoDatabase;
use Sluss\Connector\Outbox\Outbox;
use Sluss\Connector\Tests\Support\World;

class MagentoDatabaseTest extends TestCase
{
    /** @var list<array{string, array<mixed>}> */
    private array $asked = [];
    private bool $isLocked = false;

    public function testANoticeIsInsertedByOneStatementThatADuplicateDoesNotBreak(): void
    {
        $now = new \DateTimeImmutable('2026-03-03T09:15:27Z');

        $id = (new Outbox($this->database()))->add(World::orderPlaced(), 1, $now);

        [$sql, $values] = $this->asked[0];
        self::assertSame(17, $id);
        self::assertCount(1, $this->asked);
        self::assertStringStartsWith('INSERT IGNORE INTO shop_sluss_outbox (`event_id`, `dedupe_key`, ', $sql);
        self::assertSame(substr_count($sql, '?'), count($values));
        self::assertContains('order.placed:1001:1', $values);
    }

    public function testNothingIsChangedByAnIndexWhoseGapsWouldBeLocked(): void
    {
        $outbox = new Outbox($this->database());
        $now = new \DateTimeImmutable('2026-03-03T09:15:27Z');
        $row = $outbox->due($now, 50)[0];

        $outbox->join(17, null);
        $outbox->claim($row, $now);
        $outbox->markSent($row, $now);
        $outbox->postpone($row, $now, 'error');
        $outbox->resend([17], $now);

        foreach ($this->asked as [$sql]) {
            self::assertStringContainsString(' WHERE id = ?', $sql);
        }
        self::assertCount(5, $this->asked);
    }

    public function testARowThatARequestStillHoldsIsLeftForLater(): void
    {
        $this->isLocked = true;
        $outbox = new Outbox($this->database());
        $now = new \DateTimeImmutable('2026-03-03T09:15:27Z');

        $claimed = $outbox->claim($outbox->due($now, 50)[0], $now);

        self::assertFalse($claimed);
    }

    private function database(): MagentoDatabase
    {
        $connection = $this->createMock(AdapterInterface::class);
        $connection->method('quoteIdentifier')->willReturnCallback(static fn (string $name): string => "`{$name}`");
        $connection->method('lastInsertId')->willReturn('17');
        $connection->method('fetchAll')->willReturnCallback(static fn (): array => [[
            'id' => '1',
            'event_id' => 'E',
            'event_type' => 'order.placed',
            'website_id' => '1',
            'store_id' => '1',
            'entity_type' => 'order',
            'entity_id' => '1001',
            'payload' => '{}',
            'attempts' => '0',
            'dedupe_key' => null,
            'created_at' => '2026-03-03 09:15:27',
        ]]);
        $connection->method('query')->willReturnCallback(function (string $sql, array $values): object {
            $this->asked[] = [$sql, $values];
            return $this->isLocked ? throw new LockWaitException('1205') : new class {
                public function rowCount(): int
                {
                    return 1;
                }
            };
        });
        return new MagentoDatabase(new ResourceConnection($connection));
    }
}
