<?php

declare(strict_types=1);

namespace Symfony\Component\Console\Input;

class InputOption
{
    public const VALUE_NONE = 1;
    public const VALUE_REQUIRED = 2;

    public function __construct(
        public string $name,
        public $shortcut = null,
        public ?int $mode = null,
        public string $description = '',
        public $default = null
    ) {
    }
}
