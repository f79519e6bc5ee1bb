<?php

declare(strict_types=1);

namespace Magento\Framework\Exception;

class NoSuchEntityException extends LocalizedException
{
    public static function singleField($fieldName, $fieldValue)
    {
        return new self("No such entity with {$fieldName} = {$fieldValue}");
    }
}
