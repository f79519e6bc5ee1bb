<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Command;

class Command
{
    public string $name = '';
    /** @var list<\Symfony\Component\Console\Input\InputOption> */
    public array $options = [];

    public function __construct()
    {
        $this->configure();
    }

    public function setName(string $name)
    {
        $this->name = $name;
        return $this;
    }

    public function setDescription(string $description)
    {
        return $this;
    }

    public function setDefinition(array $definition)
    {
        $this->options = $definition;
        return $this;
    }

    public function run($input, $output)
    {
        return $this->execute($input, $output);
    }

    protected function configure()
    {
    }
}
