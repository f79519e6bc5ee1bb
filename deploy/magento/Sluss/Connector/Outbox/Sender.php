<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Sends what is due, one after the other.
 *
 * Any number may run at once. A website whose receiver is away is left alone for the rest of the run; one without
 * address or secret keeps its notices, and they cost no attempts.
 */
class Sender
{
    private const ROWS_AT_ONCE = 50;
    private const TRIES_OF_THE_UNACCEPTABLE = 3;
    private const SECONDS_PER_MINUTE = 60;
    private const LONGEST_RETRY_AFTER_SECONDS = 3600;

    public function __construct(
        private readonly Outbox $outbox,
        private readonly Settings $settings,
        private readonly StoreViews $stores,
        private readonly Transport $transport,
        private readonly Pause $pause,
        private readonly BackOff $backOff,
        private readonly Clock $clock
    ) {
    }

    /**
     * @param int $seconds no message is begun after that
     */
    public function run(int $seconds): Run
    {
        $run = new Run($this->clock->now()->modify("+{$seconds} seconds"));
        do {
            $moved = false;
            foreach ($this->outbox->due($this->clock->now(), self::ROWS_AT_ONCE, $run->closed()) as $row) {
                if ($this->mustStop($run)) {
                    return $run;
                }
                $moved = $this->take($row, $run) || $moved;
            }
        } while ($moved);
        return $run;
    }

    private function mustStop(Run $run): bool
    {
        $run->isPaused = $this->pause->isOn();
        return $run->isPaused || $this->clock->now() >= $run->until;
    }

    /**
     * Whether there is another list of due rows to be had because of it.
     */
    private function take(Row $row, Run $run): bool
    {
        if ($run->isClosed($row->websiteId)) {
            return false;
        }
        $endpoint = $this->settings->endpoint($row->websiteId);
        if ($endpoint === null) {
            $run->close($row->websiteId);
            return true;
        }
        if (!$this->outbox->claim($row, $this->clock->now())) {
            return false;
        }
        if ($this->outbox->isTold($row)) {
            $this->outbox->markMerged($row, $this->clock->now());
            $run->merged++;
        } else {
            $this->deliver($row, $endpoint, $run);
        }
        return true;
    }

    private function deliver(Row $row, Endpoint $endpoint, Run $run): void
    {
        try {
            $message = Message::of($row, $row->attempts + 1, $this->stores->describe($row->storeId));
        } catch (\JsonException $problem) {
            $this->outbox->markDead($row, "not readable: {$problem->getMessage()}", $this->clock->now());
            $run->dead++;
            return;
        }
        $headers = $message->headers($endpoint->secret, $this->clock->now());
        $answer = $this->transport->post($endpoint->url, $headers, $message->body);
        $this->note($row, $answer, $run);
        $run->heard($row->websiteId, $answer);
    }

    private function note(Row $row, Answer $answer, Run $run): void
    {
        $now = $this->clock->now();
        $attempts = $row->attempts + 1;
        if ($answer->isTaken()) {
            $this->outbox->markSent($row, $now);
            $run->sent++;
        } elseif ($this->isHopeless($answer, $attempts)) {
            $this->outbox->markDead($row, $answer->explain(), $now);
            $run->dead++;
        } else {
            $this->outbox->postpone($row, $this->nextAttempt($now, $answer, $attempts), $answer->explain());
            $run->postponed++;
        }
    }

    private function isHopeless(Answer $answer, int $attempts): bool
    {
        return ($answer->isUnacceptable() && $attempts >= self::TRIES_OF_THE_UNACCEPTABLE)
            || $this->backOff->isExhausted($attempts, $this->settings->giveUpAfterHours());
    }

    private function nextAttempt(\DateTimeImmutable $now, Answer $answer, int $attempts): \DateTimeImmutable
    {
        $asked = min($answer->retryAfterSeconds ?? 0, self::LONGEST_RETRY_AFTER_SECONDS);
        $seconds = max($asked, $this->backOff->minutesAfter($attempts) * self::SECONDS_PER_MINUTE);
        return $now->modify("+{$seconds} seconds");
    }
}
