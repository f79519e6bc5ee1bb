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
     * Numbers are compared as such: the database says '125.0000' where the model says 125.0, and what nobody paid is
     * null before and 0 after.
     *
     * @param list<string> $columns
     */
    public function differsIn(array $columns): bool
    {
        return $this->differs($columns, fn (mixed $before, mixed $now): bool => $this->isSameNumber($before, $now));
    }

    /**
     * The same for columns in which a leading zero says something.
     *
     * @param list<string> $columns
     */
    public function textDiffersIn(array $columns): bool
    {
        return $this->differs($columns, static fn (): bool => false);
    }

    /**
     * @param list<string> $columns
     * @param callable(mixed, mixed): bool $isSame
     */
    private function differs(array $columns, callable $isSame): bool
    {
        foreach ($columns as $column) {
            if (!array_key_exists($column, $this->now)) {
                continue;
            }
            [$before, $now] = [$this->before[$column] ?? null, $this->now[$column]];
            if (!$isSame($before, $now) && $this->printed($before) !== $this->printed($now)) {
                return true;
            }
        }
        return false;
    }

    private function isSameNumber(mixed $before, mixed $now): bool
    {
        return is_numeric($before ?? 0) && is_numeric($now ?? 0)
            && abs((float) $before - (float) $now) < self::SMALLEST_AMOUNT;
    }

    private function printed(mixed $value): string
    {
        return is_scalar($value) ? (string) $value : '';
    }
}
