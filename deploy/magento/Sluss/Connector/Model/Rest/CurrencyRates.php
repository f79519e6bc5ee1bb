<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Rest;

use Magento\Directory\Model\CurrencyFactory;
use Magento\Framework\Exception\InputException;
use Sluss\Connector\Api\CurrencyRatesInterface;
use Sluss\Connector\Api\Data\CurrencyRateInterface;

/**
 * Currency::saveRates() takes the absolute value and skips zeros without a word, so those are refused here.
 */
class CurrencyRates implements CurrencyRatesInterface
{
    public function __construct(private readonly CurrencyFactory $currencies)
    {
    }

    /**
     * @inheritdoc
     */
    public function save(array $rates)
    {
        if ($rates === []) {
            throw new InputException(__('Input data is empty'));
        }
        $byCurrency = [];
        foreach ($rates as $rate) {
            $from = $this->code('from', $rate->getFrom());
            $to = $this->code('to', $rate->getTo());
            $byCurrency[$from][$to] = $this->positive($rate);
        }
        $this->currencies->create()->saveRates($byCurrency);
        return true;
    }

    /**
     * @throws InputException
     */
    private function code(string $field, string $value): string
    {
        if (!preg_match('/^[A-Z]{3}$/D', $value)) {
            throw InputException::invalidFieldValue($field, $value);
        }
        return $value;
    }

    /**
     * @throws InputException
     */
    private function positive(CurrencyRateInterface $rate): float
    {
        $value = $rate->getRate();
        if (!is_finite($value) || $value <= 0.0) {
            throw InputException::invalidFieldValue('rate', (string) $value);
        }
        return $value;
    }
}
