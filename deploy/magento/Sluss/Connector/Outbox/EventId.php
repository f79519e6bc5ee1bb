<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Names of notices: a ULID, 26 characters, which begins with the time and so sorts by it.
 */
final class EventId
{
    private const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    private const TIME_CHARACTERS = 10;
    private const RANDOM_CHARACTERS = 16;

    private function __construct()
    {
    }

    public static function next(\DateTimeImmutable $now): string
    {
        $milliseconds = (int) $now->format('Uv');
        $id = '';
        for ($place = 0; $place < self::TIME_CHARACTERS; $place++) {
            $id = self::ALPHABET[$milliseconds & 31] . $id;
            $milliseconds >>= 5;
        }
        for ($place = 0; $place < self::RANDOM_CHARACTERS; $place++) {
            $id .= self::ALPHABET[random_int(0, 31)];
        }
        return $id;
    }
}
