<?php

declare(strict_types=1);

namespace Sluss\Connector\Console\Command;

use Sluss\Connector\Change\Resend as Resending;
use Sluss\Connector\Outbox\Clock;
use Sluss\Connector\Outbox\Outbox;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Input\InputOption;
use Symfony\Component\Console\Output\OutputInterface;

/**
 * Puts into the outbox; cron sends.
 */
class Resend extends Command
{
    public function __construct(
        private readonly Resending $resending,
        private readonly Outbox $outbox,
        private readonly Clock $clock
    ) {
        parent::__construct();
    }

    protected function configure(): void
    {
        $names = implode(',', array_keys(Resending::TABLES));
        $this->setName('sluss:resend')->setDescription('Tells Sluss again')->setDefinition([
            new InputOption('since', null, InputOption::VALUE_REQUIRED, 'What was changed since then, UTC'),
            new InputOption(
                'what',
                null,
                InputOption::VALUE_REQUIRED,
                "With --since: of {$names}",
                implode(',', Resending::SALES)
            ),
            new InputOption('order', null, InputOption::VALUE_REQUIRED, 'An order by its number, with its documents'),
            new InputOption('dead', null, InputOption::VALUE_NONE, 'What was given up'),
        ]);
    }

    protected function execute(InputInterface $input, OutputInterface $output): int
    {
        try {
            $told = $this->resend($input);
        } catch (\InvalidArgumentException $problem) {
            $output->writeln("<error>{$problem->getMessage()}</error>");
            return 1;
        }
        $output->writeln("{$told} to be told again, where the settings ask for it.");
        return 0;
    }

    private function resend(InputInterface $input): int
    {
        $order = (string) $input->getOption('order');
        $since = (string) $input->getOption('since');
        $dead = (bool) $input->getOption('dead');
        if ((int) ($order !== '') + (int) ($since !== '') + (int) $dead !== 1) {
            throw new \InvalidArgumentException('Give one of --since, --order and --dead.');
        }
        if ($dead) {
            return $this->outbox->resend($this->outbox->deadIds(), $this->clock->now());
        }
        return $order !== '' ? $this->order($order) : $this->since($since, (string) $input->getOption('what'));
    }

    private function order(string $incrementId): int
    {
        return $this->resending->order($incrementId)
            ?: throw new \InvalidArgumentException("There is no order {$incrementId}.");
    }

    private function since(string $since, string $what): int
    {
        $names = array_map('trim', explode(',', $what));
        $unknown = array_diff($names, array_keys(Resending::TABLES));
        if ($unknown) {
            throw new \InvalidArgumentException('Not known: ' . implode(', ', $unknown));
        }
        try {
            $time = new \DateTimeImmutable($since, new \DateTimeZone('UTC'));
        } catch (\Exception $problem) {
            throw new \InvalidArgumentException("Not a time: {$since}", 0, $problem);
        }
        return array_sum(array_map(fn (string $name): int => $this->resending->since($name, $time), $names));
    }
}
