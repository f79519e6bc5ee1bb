<?php

declare(strict_types=1);

namespace Sluss\Connector\Console\Command;

use Sluss\Connector\Model\Rest\Version;
use Sluss\Connector\Model\ShopSettings;
use Sluss\Connector\Outbox\Outbox;
use Sluss\Connector\Outbox\Status as RowStatus;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Ends with 1 when something was given up.
 */
class Status extends Command
{
    public function __construct(private readonly Outbox $outbox, private readonly ShopSettings $settings)
    {
        parent::__construct();
    }

    protected function configure(): void
    {
        $this->setName('sluss:status')->setDescription('What waits to be told to Sluss, and what was given up');
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        $output->writeln('Sluss_Connector ' . Version::VERSION);
        $this->writeAddresses($output);
        $counts = $this->outbox->counts();
        foreach (RowStatus::NAMES as $status => $name) {
            $output->writeln(sprintf('%-8s %d', $name, $counts[$status]));
        }
        $since = $this->outbox->waitingSince();
        $output->writeln('waiting since: ' . ($since ? $since->format('Y-m-d H:i:s') . ' UTC' : 'nothing waits'));
        return $counts[RowStatus::DEAD] > 0 ? 1 : 0;
    }

    private function writeAddresses(OutputInterface $output): void
    {
        $websites = $this->settings->websitesThatSend();
        foreach ($websites as $websiteId) {
            $endpoint = $this->settings->endpoint($websiteId);
            $output->writeln("website {$websiteId}: " . ($endpoint ? $endpoint->url : 'has no secret'));
        }
        if ($websites === []) {
            $output->writeln('No website sends: it is switched off, or has no address.');
        }
    }
}
