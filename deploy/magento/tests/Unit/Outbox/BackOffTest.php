<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Outbox;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Outbox\BackOff;

class BackOffTest extends TestCase
{
    public function testTheWaitsDoubleUpToAnHour(): void
    {
        $backOff = new BackOff();

        $waits = array_map([$backOff, 'minutesAfter'], range(1, 8));

        self::assertSame([2, 4, 8, 16, 32, 60, 60, 60], $waits);
        self::assertSame(60, $backOff->minutesAfter(5000));
    }

    public function testItGivesUpOnceTheWaitsAddUpToTheLimit(): void
    {
        $backOff = new BackOff();
        $attempts = 1;
        $waited = 0;

        while (!$backOff->isExhausted($attempts, 48)) {
            $waited += $backOff->minutesAfter($attempts++);
        }

        // 62 minutes of doubling and 47 hours: the first whole hour that reaches two days
        self::assertSame([53, 2882], [$attempts, $waited]);
    }

    public function testALimitOfNothingGivesUpAtOnce(): void
    {
        self::assertTrue((new BackOff())->isExhausted(1, 0));
        self::assertFalse((new BackOff())->isExhausted(1, 1));
    }
}
