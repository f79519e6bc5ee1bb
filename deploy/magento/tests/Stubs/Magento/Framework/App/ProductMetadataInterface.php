<?php

declare(strict_types=1);

namespace Magento\Framework\App;

interface ProductMetadataInterface
{
    public function getName();

    public function getEdition();

    public function getVersion();
}
