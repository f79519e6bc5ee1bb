<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Framework\App\MaintenanceMode;
use Sluss\Connector\Outbox\Pause;

/**
 * Cron goes on while the shop is in maintenance, but REST does not: whoever is told could not look.
 */
class MaintenancePause implements Pause
{
    public function __construct(private readonly MaintenanceMode $maintenance)
    {
    }

    public function isOn(): bool
    {
        return $this->maintenance->isOn();
    }
}
