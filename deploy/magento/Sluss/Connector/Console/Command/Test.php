<?php

declare(strict_types=1);

namespace Sluss\Connector\Console\Command;

use Sluss\Connector\Model\ShopSettings;
use Sluss\Connector\Outbox\Tester;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Ends with 1 unless every address took the test.
 */
class Test extends Command
{
    public function __construct(private readonly Tester $tester, private readonly ShopSettings $settings)
    {
        parent::__construct();
    }

    protected function configure(): void
    {
        $this->setName('sluss:test')->setDescription('Sends a test to every address of Sluss that is set');
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        $websites = $this->settings->websitesThatSend();
        $failed = $websites === [];
        foreach ($websites as $websiteId) {
            $answer = $this->tester->test($websiteId);
            $output->writeln("website {$websiteId}: " . ($answer ? $answer->explain() : 'has no secret'));
            $failed = $failed || $answer === null || !$answer->isTaken();
        }
        if ($websites === []) {
            $output->writeln('No website sends: it is switched off, or has no address.');
        }
        return $failed ? 1 : 0;
    }
}
