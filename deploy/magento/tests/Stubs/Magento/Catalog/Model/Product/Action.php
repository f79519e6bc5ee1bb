<?php

declare(strict_types=1);

namespace Magento\Catalog\Model\Product;

class Action
{
}
