<?php

declare(strict_types=1);

namespace Sluss\Connector\Api;

/**
 * @api
 */
interface CurrencyRatesInterface
{
    /**
     * Stores rates: all of them, or none when one cannot be
     *
     * @param \Sluss\Connector\Api\Data\CurrencyRateInterface[] $rates
     * @return bool
     * @throws \Magento\Framework\Exception\InputException
     */
    public function save(array $rates);
}
