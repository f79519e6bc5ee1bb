<?php

declare(strict_types=1);

namespace Sluss\Connector\Change;

/**
 * An entity as it was saved: its columns before, as far as they were loaded, and now.
 */
class Saved
{
    private const SMALLEST_AMOUNT = 0.00005;

    /**
     * @param array<string, mixed> $before empty for a new entity, and for one saved without being loaded
     * @param array<string, mixed> $now
     */
    public function __construct(
        public readonly bool $isNew,
        private readonly array $before,
        private readonly array $now
    ) {
    }

    public function number(string $column): int
    {
        $value = $this->now[$column] ?? null;
        return is_numeric($value) ? (int) $value : 0;
    }

    public function text(string $column): ?string
    {
        $value = $this->now[$column] ?? null;
        return is_scalar($value) && $value !== '' ? (string) $value : null;
    }

    /**
     * Whether one of these columns was saved with another value than before. What was not saved did not change.
     *
     * @param list<string> $columns
     */
    public function differsIn(array $columns): bool
    {
        foreach ($columns as $column) {
            if (array_key_exists($column, $this->now) && !$this->isSame($column)) {
                return true;
            }
        }
        return false;
    }

    private function isSame(string $column): bool
    {
        $before = $this->before[$column] ?? null;
        $now = $this->now[$column];
        // the database says '125.0000', the model 125.0; and nothing paid is null before and 0 after
        if (is_numeric($before ?? 0) && is_numeric($now ?? 0)) {
            return abs((float) $before - (float) $now) < self::SMALLEST_AMOUNT;
        }
        return (is_scalar($before) ? (string) $before : '') === (is_scalar($now) ? (string) $now : '');
    }
}
