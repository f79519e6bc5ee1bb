<?php

declare(strict_types=1);

namespace Sluss\Connector\Api;

/**
 * @api
 */
interface VersionInterface
{
    /**
     * Which module this is, and in which shop
     *
     * @return \Sluss\Connector\Api\Data\VersionInterface
     */
    public function get();
}
