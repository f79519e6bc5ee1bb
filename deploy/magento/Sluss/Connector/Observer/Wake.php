<?php

declare(strict_types=1);

namespace Sluss\Connector\Observer;

use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Framework\MessageQueue\PublisherInterface;
use Psr\Log\LoggerInterface;
use Sluss\Connector\Model\Queue\WakeConsumer;
use Sluss\Connector\Model\ShopSettings;
use Sluss\Connector\Outbox\Recorder;

/**
 * Rings for the sender once a sale is committed, where the merchant wants that; cron comes every minute anyway.
 */
class Wake implements ObserverInterface
{
    public function __construct(
        private readonly Recorder $recorder,
        private readonly ShopSettings $settings,
        private readonly PublisherInterface $publisher,
        private readonly LoggerInterface $logger
    ) {
    }

    public function execute(Observer $observer): void
    {
        try {
            if ($this->settings->wakesByQueue() && $this->recorder->takeNews()) {
                $this->publisher->publish(WakeConsumer::TOPIC, 'wake');
            }
        } catch (\Throwable $problem) {
            $this->logger->warning('Sluss: the queue could not be rung', ['exception' => $problem]);
        }
    }
}
