<?php

declare(strict_types=1);

namespace Magento\Framework\Notification;

interface MessageInterface
{
    public const SEVERITY_CRITICAL = 1;
    public const SEVERITY_MAJOR = 2;

    public function getIdentity();

    public function isDisplayed();

    public function getText();

    public function getSeverity();
}
