<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * What the receiver said to a message, or why it said nothing.
 */
class Answer
{
    /** Statuses that tell of this message, and not of the receiver's state or of our settings. */
    private const UNACCEPTABLE = [400, 410, 413, 415, 422];
    private const TOO_MANY = 429;
    private const SERVER_ERRORS = 500;

    /**
     * @param int $status 0 when there was no HTTP answer
     * @param string $text the beginning of the answer, or the transport's error
     * @param int|null $retryAfterSeconds what the receiver asked for
     */
    public function __construct(
        public readonly int $status,
        public readonly string $text = '',
        public readonly ?int $retryAfterSeconds = null
    ) {
    }

    public function isTaken(): bool
    {
        return $this->status >= 200 && $this->status < 300;
    }

    /**
     * Whether the same message would be refused again, whoever waits for what.
     */
    public function isUnacceptable(): bool
    {
        return in_array($this->status, self::UNACCEPTABLE, true);
    }

    /**
     * Whether the receiver would not take anybody's message now.
     */
    public function isUnavailable(): bool
    {
        return $this->status === 0 || $this->status === self::TOO_MANY || $this->status >= self::SERVER_ERRORS;
    }

    public function explain(): string
    {
        $text = trim((string) preg_replace('/\s+/', ' ', strip_tags($this->text)));
        return $this->status === 0 ? "no answer: {$text}" : rtrim("HTTP {$this->status} {$text}");
    }
}
