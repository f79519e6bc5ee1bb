<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Rest;

use Magento\Framework\App\ProductMetadataInterface;
use Sluss\Connector\Api\Data\VersionInterface as VersionData;
use Sluss\Connector\Api\VersionInterface;

class Version implements VersionInterface, VersionData
{
    /** The same as in composer.json, which is not there when the module was copied. */
    public const VERSION = '1.0.0';

    public function __construct(private readonly ProductMetadataInterface $product)
    {
    }

    /**
     * @inheritdoc
     */
    public function get()
    {
        return $this;
    }

    /**
     * @inheritdoc
     */
    public function getVersion()
    {
        return self::VERSION;
    }

    /**
     * @inheritdoc
     */
    public function getProduct()
    {
        return (string) $this->product->getName();
    }

    /**
     * @inheritdoc
     */
    public function getProductEdition()
    {
        return (string) $this->product->getEdition();
    }

    /**
     * @inheritdoc
     */
    public function getProductVersion()
    {
        return (string) $this->product->getVersion();
    }
}
