<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Framework\DB\Adapter\DeadlockException;
use Psr\Log\LoggerInterface;
use Sluss\Connector\Outbox\Notice;
use Sluss\Connector\Outbox\Recorder;

/**
 * Writes notices down and never stands in the way of what they tell of: what goes wrong is logged.
 */
class SafeRecorder
{
    public function __construct(
        private readonly Recorder $recorder,
        private readonly LoggerInterface $logger
    ) {
    }

    /**
     * @param callable(): iterable<Notice> $notices
     * @throws DeadlockException
     */
    public function record(callable $notices): void
    {
        try {
            foreach ($notices() as $notice) {
                $this->recorder->record($notice);
            }
        } catch (DeadlockException $problem) {
            // MySQL has rolled the whole transaction back: going on would save half an order
            throw $problem;
        } catch (\Throwable $problem) {
            $this->logger->error('Sluss: a change could not be written down', ['exception' => $problem]);
        }
    }
}
