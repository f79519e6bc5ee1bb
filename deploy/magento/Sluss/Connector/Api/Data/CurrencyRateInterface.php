<?php

declare(strict_types=1);

namespace Sluss\Connector\Api\Data;

/**
 * What one unit of `from` costs in `to`: 0.0875 from SEK to EUR.
 *
 * @api
 */
interface CurrencyRateInterface
{
    /**
     * Code of the currency, as in ISO 4217
     *
     * @return string
     */
    public function getFrom();

    /**
     * Code of the currency, as in ISO 4217
     *
     * @param string $from
     * @return $this
     */
    public function setFrom($from);

    /**
     * Code of the currency, as in ISO 4217
     *
     * @return string
     */
    public function getTo();

    /**
     * Code of the currency, as in ISO 4217
     *
     * @param string $to
     * @return $this
     */
    public function setTo($to);

    /**
     * Greater than 0; twelve decimals are kept
     *
     * @return float
     */
    public function getRate();

    /**
     * Greater than 0; twelve decimals are kept
     *
     * @param float $rate
     * @return $this
     */
    public function setRate($rate);
}
