<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * When to try again: after 2, 4, 8, 16, 32 and then every 60 minutes, until the waits add up to the limit.
 *
 * Counted by attempts and not by the clock, so that hours of maintenance, in which nothing is tried, cost nothing.
 */
class BackOff
{
    private const LONGEST_MINUTES = 60;
    private const MINUTES_PER_HOUR = 60;
    private const DOUBLINGS = 6;

    /**
     * @param int $attempts how often it was tried by now, from 1
     */
    public function minutesAfter(int $attempts): int
    {
        return $attempts >= self::DOUBLINGS ? self::LONGEST_MINUTES : 2 ** max(1, $attempts);
    }

    public function isExhausted(int $attempts, int $giveUpAfterHours): bool
    {
        $waited = 0;
        for ($attempt = 1; $attempt < min($attempts, self::DOUBLINGS); $attempt++) {
            $waited += $this->minutesAfter($attempt);
        }
        $waited += max(0, $attempts - self::DOUBLINGS) * self::LONGEST_MINUTES;
        return $waited >= $giveUpAfterHours * self::MINUTES_PER_HOUR;
    }
}
