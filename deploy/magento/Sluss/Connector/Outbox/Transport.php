<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

interface Transport
{
    /**
     * Posts and waits for the answer. Never throws for what the network or the receiver does.
     *
     * @param array<string, string> $headers
     */
    public function post(string $url, array $headers, string $body): Answer;
}
