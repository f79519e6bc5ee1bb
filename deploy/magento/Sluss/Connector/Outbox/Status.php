<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * What became of a notice. A pending one with attempts was refused, and is tried again.
 */
final class Status
{
    public const PENDING = 0;
    public const SENT = 1;
    public const DEAD = 2;
    /** A later notice of the same thing was on its way, and says all that this one could. */
    public const MERGED = 3;

    public const NAMES = [
        self::PENDING => 'pending',
        self::SENT => 'sent',
        self::DEAD => 'dead',
        self::MERGED => 'merged',
    ];

    private function __construct()
    {
    }
}
