<?php

/**
 * Finds the module's classes, the tests' own, and stand-ins for the few of Magento that the module touches.
 */

declare(strict_types=1);

date_default_timezone_set('Europe/Stockholm'); // whoever forgets to say UTC is found out

spl_autoload_register(static function (string $class): void {
    $folders = [
        'Sluss\\Connector\\Tests\\' => __DIR__ . '/',
        'Sluss\\Connector\\' => dirname(__DIR__) . '/Sluss/Connector/',
        'Magento\\' => __DIR__ . '/Stubs/Magento/',
        'Psr\\' => __DIR__ . '/Stubs/Psr/',
        'Symfony\\' => __DIR__ . '/Stubs/Symfony/',
    ];
    foreach ($folders as $prefix => $folder) {
        if (str_starts_with($class, $prefix)) {
            $file = $folder . str_replace('\\', '/', substr($class, strlen($prefix))) . '.php';
            if (is_file($file)) {
                require $file;
            }
            return;
        }
    }
});

require __DIR__ . '/Stubs/functions.php';
