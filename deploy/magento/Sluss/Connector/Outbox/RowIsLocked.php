<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

class RowIsLocked extends \RuntimeException
{
}
