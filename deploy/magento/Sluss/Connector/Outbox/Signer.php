<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Signs a message: lower-case hex HMAC-SHA256 of `<timestamp>.<raw body>`, with its version before it.
 */
final class Signer
{
    private const VERSION = 'v1';

    private function __construct()
    {
    }

    /**
     * @param string $timestamp Unix seconds, as in the header
     */
    public static function sign(string $secret, string $timestamp, string $body): string
    {
        return self::VERSION . '=' . hash_hmac('sha256', $timestamp . '.' . $body, $secret);
    }
}
