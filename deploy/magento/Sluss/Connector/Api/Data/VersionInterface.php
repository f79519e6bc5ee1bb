<?php

declare(strict_types=1);

namespace Sluss\Connector\Api\Data;

/**
 * @api
 */
interface VersionInterface
{
    /**
     * Of this module
     *
     * @return string
     */
    public function getVersion();

    /**
     * For example Magento, or Mage-OS
     *
     * @return string
     */
    public function getProduct();

    /**
     * For example Community, or Enterprise
     *
     * @return string
     */
    public function getProductEdition();

    /**
     * For example 2.4.7-p3
     *
     * @return string
     */
    public function getProductVersion();
}
