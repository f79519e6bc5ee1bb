<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Rest;

use Sluss\Connector\Api\Data\CurrencyRateInterface;

class CurrencyRate implements CurrencyRateInterface
{
    private string $from = '';
    private string $to = '';
    private float $rate = 0.0;

    /**
     * @inheritdoc
     */
    public function getFrom()
    {
        return $this->from;
    }

    /**
     * @inheritdoc
     */
    public function setFrom($from)
    {
        $this->from = (string) $from;
        return $this;
    }

    /**
     * @inheritdoc
     */
    public function getTo()
    {
        return $this->to;
    }

    /**
     * @inheritdoc
     */
    public function setTo($to)
    {
        $this->to = (string) $to;
        return $this;
    }

    /**
     * @inheritdoc
     */
    public function getRate()
    {
        return $this->rate;
    }

    /**
     * @inheritdoc
     */
    public function setRate($rate)
    {
        $this->rate = (float) $rate;
        return $this;
    }
}
