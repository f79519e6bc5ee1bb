<?php

declare(strict_types=1);

namespace Sluss\Connector\Cron;

use Sluss\Connector\Model\ShopSettings;
use Sluss\Connector\Outbox\Clock;
use Sluss\Connector\Outbox\Outbox;
use Sluss\Connector\Outbox\Status;

/**
 * Removes what was sent or given up long ago.
 */
class Purge
{
    public function __construct(
        private readonly Outbox $outbox,
        private readonly ShopSettings $settings,
        private readonly Clock $clock
    ) {
    }

    public function execute(): void
    {
        $sent = $this->settings->keepSentDays();
        $days = [Status::SENT => $sent, Status::MERGED => $sent, Status::DEAD => $this->settings->keepDeadDays()];
        foreach ($days as $status => $kept) {
            $this->outbox->purge($status, $this->clock->now()->modify('-' . max(1, $kept) . ' days'));
        }
    }
}
