<?php

declare(strict_types=1);

/**
 * Magento's translation: here it only fills in.
 */
function __(string $text, mixed ...$values): string
{
    $places = array_map(static fn (int $index): string => '%' . ($index + 1), array_keys($values));
    return str_replace($places, array_map('strval', $values), $text);
}
