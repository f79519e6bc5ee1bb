<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

interface Pause
{
    /**
     * Whether nothing may be sent now: the shop is in maintenance, and could not be read.
     */
    public function isOn(): bool;
}
