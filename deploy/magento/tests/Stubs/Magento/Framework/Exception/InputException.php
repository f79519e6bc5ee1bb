<?php

declare(strict_types=1);

namespace Magento\Framework\Exception;

class InputException extends LocalizedException
{
    public static function invalidFieldValue($fieldName, $fieldValue, ?\Exception $cause = null)
    {
        return new self("Invalid value of \"{$fieldValue}\" provided for the {$fieldName} field.");
    }
}
