<?php

declare(strict_types=1);

namespace Magento\Directory\Model;

class CurrencyFactory
{
    /** @var list<array<string, array<string, float>>> */
    public array $saved = [];

    public function create()
    {
        return $this;
    }

    public function saveRates($rates)
    {
        $this->saved[] = $rates;
    }
}
