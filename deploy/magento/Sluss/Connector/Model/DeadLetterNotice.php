<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Framework\AuthorizationInterface;
use Magento\Framework\Notification\MessageInterface;
use Magento\Framework\UrlInterface;
use Sluss\Connector\Outbox\Clock;
use Sluss\Connector\Outbox\Outbox;
use Sluss\Connector\Outbox\Status;

/**
 * The bar at the top of the admin, when something was given up or waits for too long.
 */
class DeadLetterNotice implements MessageInterface
{
    private const RESOURCE = 'Sluss_Connector::outbox';
    private const LONG = '-2 hours';

    private ?bool $isLate = null;
    private ?int $dead = null;

    public function __construct(
        private readonly Outbox $outbox,
        private readonly AuthorizationInterface $authorization,
        private readonly UrlInterface $urls,
        private readonly Clock $clock
    ) {
    }

    public function getIdentity(): string
    {
        return 'sluss_connector_outbox';
    }

    public function isDisplayed(): bool
    {
        return $this->authorization->isAllowed(self::RESOURCE) && ($this->dead() > 0 || $this->isLate());
    }

    public function getText(): string
    {
        $link = $this->urls->getUrl('sluss/outbox/index');
        $dead = $this->dead();
        return $dead > 0
            ? (string) __('Sluss was not told of %1 changes. <a href="%2">See why and send again</a>.', $dead, $link)
            : (string) __('Changes have been waiting for Sluss for over two hours. <a href="%1">See why</a>.', $link);
    }

    public function getSeverity(): int
    {
        return $this->dead() > 0 ? self::SEVERITY_CRITICAL : self::SEVERITY_MAJOR;
    }

    private function dead(): int
    {
        return $this->dead ??= $this->outbox->counts()[Status::DEAD];
    }

    private function isLate(): bool
    {
        $since = $this->outbox->waitingSince();
        return $this->isLate ??= $since !== null && $since < $this->clock->now()->modify(self::LONG);
    }
}
