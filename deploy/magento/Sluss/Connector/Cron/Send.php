<?php

declare(strict_types=1);

namespace Sluss\Connector\Cron;

use Sluss\Connector\Outbox\Sender;

class Send
{
    private const SECONDS = 50;

    public function __construct(private readonly Sender $sender)
    {
    }

    public function execute(): void
    {
        $this->sender->run(self::SECONDS);
    }
}
