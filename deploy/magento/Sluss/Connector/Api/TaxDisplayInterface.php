<?php

declare(strict_types=1);

namespace Sluss\Connector\Api;

/**
 * @api
 */
interface TaxDisplayInterface
{
    /**
     * How the store view of the address shows and takes prices
     *
     * @return \Sluss\Connector\Api\Data\TaxDisplayInterface
     */
    public function get();
}
