<?php

declare(strict_types=1);

namespace Sluss\Connector\Model\Queue;

use Magento\Framework\App\Config\ReinitableConfigInterface;
use Psr\Log\LoggerInterface;
use Sluss\Connector\Outbox\Sender;

/**
 * Starts the sender when a sale was committed. A message says nothing: what is to be sent lies in the outbox.
 */
class WakeConsumer
{
    public const TOPIC = 'sluss.outbox.wake';
    private const SECONDS = 30;

    public function __construct(
        private readonly Sender $sender,
        private readonly ReinitableConfigInterface $config,
        private readonly LoggerInterface $logger
    ) {
    }

    public function process(string $message): void
    {
        try {
            $this->config->reinit(); // this process may be older than the secret
            $this->sender->run(self::SECONDS);
        } catch (\Throwable $problem) {
            $this->logger->error('Sluss: the outbox could not be sent', ['exception' => $problem]);
        }
    }
}
