<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * What time it is. Tests bring their own.
 */
interface Clock
{
    /**
     * The time now, in UTC.
     */
    public function now(): \DateTimeImmutable;
}
