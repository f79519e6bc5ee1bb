<?php

/**
 * Tells a receiver over a real socket, in one run: php deliver.php <url> <secret>. Says what became of each notice.
 */

declare(strict_types=1);

use Sluss\Connector\Change\Notices;
use Sluss\Connector\Change\Saved;
use Sluss\Connector\Outbox\BackOff;
use Sluss\Connector\Outbox\CurlTransport;
use Sluss\Connector\Outbox\Endpoint;
use Sluss\Connector\Outbox\Sender;
use Sluss\Connector\Outbox\SystemClock;
use Sluss\Connector\Outbox\Recorder;
use Sluss\Connector\Tests\Support\World;

require __DIR__ . '/../bootstrap.php';

[, $url, $secret] = $argv;
$world = new World();
$world->settings->endpoints = [1 => new Endpoint($url, $secret)];
$clock = new SystemClock();
$recorder = new Recorder($world->outbox, $world->settings, $clock);
$notices = new Notices();
$document = ['increment_id' => '000000401', 'order_id' => 1007, 'store_id' => 1, 'state' => 2];
$changes = [
    $notices->ofOrder(new Saved(true, [], ['entity_id' => 1007, 'increment_id' => '000001007', 'store_id' => 1])),
    $notices->ofCreditmemo(new Saved(true, [], ['entity_id' => 4001] + $document)),
    $notices->ofCustomer(new Saved(false, [], ['entity_id' => 502, 'store_id' => 1])),
    $notices->ofProduct(new Saved(false, [], ['entity_id' => 11, 'sku' => 'MÖSSA/BLÅ "L"'])),
];
foreach (array_merge(...$changes) as $notice) {
    $recorder->record($notice);
}
$sender = new Sender($world->outbox, $world->settings, $world, new CurlTransport(), $world, new BackOff(), $clock);
$sender->run(50);
echo json_encode(['lies' => $world->lies(), 'errors' => $world->rows('last_error')], JSON_THROW_ON_ERROR);
