<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Support;

use Sluss\Connector\Outbox\Endpoint;
use Sluss\Connector\Outbox\Settings;

/**
 * One website that tells everything, unless a test says otherwise.
 */
class FixedSettings implements Settings
{
    /** @var list<int> */
    public array $websites = [1];
    /** @var list<string> */
    public array $silent = [];
    /** @var array<int, Endpoint|null> */
    public array $endpoints;
    public int $hours = 48;

    public function __construct()
    {
        $this->endpoints = [1 => new Endpoint('https://sluss.example.com/webhooks/magento/acme', 'whsec_test')];
    }

    public function websitesThatTell(string $entityType, int $storeId): array
    {
        return in_array($entityType, $this->silent, true) ? [] : $this->websites;
    }

    public function endpoint(int $websiteId): ?Endpoint
    {
        return $this->endpoints[$websiteId] ?? null;
    }

    public function giveUpAfterHours(): int
    {
        return $this->hours;
    }
}
