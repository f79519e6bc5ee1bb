<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Support;

use Sluss\Connector\Outbox\Clock;

/**
 * Stands still until a test moves it.
 */
class HandClock implements Clock
{
    private \DateTimeImmutable $now;

    public function __construct(string $now = '2026-03-03 09:15:27')
    {
        $this->now = new \DateTimeImmutable($now, new \DateTimeZone('UTC'));
    }

    public function now(): \DateTimeImmutable
    {
        return $this->now;
    }

    public function passes(string $time): void
    {
        $this->now = $this->now->modify("+{$time}");
    }
}
