<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Where a website's notices go, and what signs them.
 */
class Endpoint
{
    public function __construct(public readonly string $url, public readonly string $secret)
    {
    }

    public function __debugInfo(): array
    {
        return ['url' => $this->url];
    }
}
