<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * JSON as it travels: compact, slashes and letters as they are, and whatever is no UTF-8 replaced.
 */
final class Json
{
    private const FLAGS = JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE
        | JSON_INVALID_UTF8_SUBSTITUTE;

    private function __construct()
    {
    }

    /**
     * @param array<string, mixed> $value
     */
    public static function of(array $value): string
    {
        return json_encode($value, self::FLAGS);
    }

    /**
     * @return array<string, mixed>
     * @throws \JsonException
     */
    public static function read(string $json): array
    {
        $value = json_decode($json, true, 16, JSON_THROW_ON_ERROR);
        return is_array($value) ? $value : [];
    }
}
