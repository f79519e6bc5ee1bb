<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Writes notices down, where the merchant wants them, and one instead of many when a request saves again and again.
 *
 * A second notice goes into the row of the first only while that row is there and nobody sends it. So a row that was
 * rolled back is written again, and a long process that saves a product every hour tells of it every hour.
 */
class Recorder
{
    private const REMEMBERED = 1000;

    /** @var array<string, int> rows of this process, by what they tell */
    private array $own = [];
    private bool $hasNews = false;

    public function __construct(
        private readonly Outbox $outbox,
        private readonly Settings $settings,
        private readonly Clock $clock
    ) {
    }

    public function record(Notice $notice): void
    {
        foreach ($this->settings->websitesThatTell($notice->entityType, $notice->storeId) as $websiteId) {
            $this->recordFor($websiteId, $notice);
        }
    }

    /**
     * Whether something was written since it was last asked.
     */
    public function takeNews(): bool
    {
        [$news, $this->hasNews] = [$this->hasNews, false];
        return $news;
    }

    private function recordFor(int $websiteId, Notice $notice): void
    {
        $now = $this->clock->now();
        $entity = "{$websiteId}:{$notice->entityType}:{$notice->entityId}";
        $same = "{$entity}:{$notice->type}";
        if (
            $this->joins($same, Json::of($notice->entity($now)))
            || ($notice->isChange() && $this->joins($entity, null))
        ) {
            return;
        }
        $id = $this->outbox->add($notice, $websiteId, $now);
        if ($id === null) {
            $this->recordFor($websiteId, $notice->again());
            return;
        }
        $this->remember($same, $id);
        if ($notice->isOnce()) {
            $this->remember($entity, $id);
        }
        $this->hasNews = true;
    }

    private function joins(string $key, ?string $entity): bool
    {
        return isset($this->own[$key]) && $this->outbox->join($this->own[$key], $entity);
    }

    private function remember(string $key, int $id): void
    {
        if (count($this->own) >= self::REMEMBERED) {
            $this->own = [];
        }
        $this->own[$key] = $id;
    }
}
