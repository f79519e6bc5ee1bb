<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * What one run of the sender did, and whose receiver it found away.
 */
class Run
{
    private const UNANSWERED_IN_A_ROW = 3;

    public int $sent = 0;
    public int $merged = 0;
    public int $postponed = 0;
    public int $dead = 0;
    public bool $isPaused = false;

    /** @var array<int, int> by website */
    private array $unanswered = [];
    /** @var array<int, true> by website */
    private array $closed = [];

    /**
     * @param \DateTimeImmutable $until no message is begun after that
     */
    public function __construct(public readonly \DateTimeImmutable $until)
    {
    }

    public function close(int $websiteId): void
    {
        $this->closed[$websiteId] = true;
    }

    public function isClosed(int $websiteId): bool
    {
        return isset($this->closed[$websiteId]);
    }

    /**
     * @return list<int>
     */
    public function closed(): array
    {
        return array_keys($this->closed);
    }

    public function heard(int $websiteId, Answer $answer): void
    {
        $this->unanswered[$websiteId] = $answer->isUnavailable() ? ($this->unanswered[$websiteId] ?? 0) + 1 : 0;
        if ($this->unanswered[$websiteId] >= self::UNANSWERED_IN_A_ROW) {
            $this->close($websiteId);
        }
    }
}
