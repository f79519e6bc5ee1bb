<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Support;

use Sluss\Connector\Outbox\BackOff;
use Sluss\Connector\Outbox\Notice;
use Sluss\Connector\Outbox\Outbox;
use Sluss\Connector\Outbox\Pause;
use Sluss\Connector\Outbox\Recorder;
use Sluss\Connector\Outbox\Run;
use Sluss\Connector\Outbox\Sender;
use Sluss\Connector\Outbox\Status;
use Sluss\Connector\Outbox\StoreView;
use Sluss\Connector\Outbox\StoreViews;

/**
 * The outbox in SQLite, with everything around it in the test's hand.
 */
class World implements StoreViews, Pause
{
    public readonly SqliteDatabase $database;
    public readonly HandClock $clock;
    public readonly FixedSettings $settings;
    public readonly FakeReceiver $receiver;
    public readonly Outbox $outbox;
    public readonly Recorder $recorder;
    public bool $inMaintenance = false;

    public function __construct()
    {
        $this->database = new SqliteDatabase();
        $this->clock = new HandClock();
        $this->settings = new FixedSettings();
        $this->receiver = new FakeReceiver();
        $this->outbox = new Outbox($this->database);
        $this->recorder = $this->anotherRequest();
    }

    public function anotherRequest(): Recorder
    {
        return new Recorder($this->outbox, $this->settings, $this->clock);
    }

    public function sender(): Sender
    {
        return new Sender(
            $this->outbox,
            $this->settings,
            $this,
            $this->receiver,
            $this,
            new BackOff(),
            $this->clock
        );
    }

    public function sends(int $seconds = 50): Run
    {
        return $this->sender()->run($seconds);
    }

    /**
     * @return list<string> for example `order.placed 1001 sent`
     */
    public function lies(): array
    {
        $table = $this->database->table(Outbox::TABLE);
        return array_map(
            static fn (array $row): string => "{$row['event_type']} {$row['entity_id']} "
                . Status::NAMES[(int) $row['status']],
            $this->database->rows("SELECT * FROM {$table} ORDER BY id")
        );
    }

    /**
     * @return list<array<string, mixed>>
     */
    public function rows(string $column): array
    {
        $table = $this->database->table(Outbox::TABLE);
        return array_column($this->database->rows("SELECT {$column} AS it FROM {$table} ORDER BY id"), 'it');
    }

    public static function orderPlaced(int $id = 1001): Notice
    {
        $facts = ['increment_id' => sprintf('%09d', $id), 'updated_at' => '2026-03-03 09:15:27'];
        return new Notice('order.placed', 'order', $id, 1, $facts, 'order.updated');
    }

    public static function orderChanged(int $id = 1001, string $state = 'processing'): Notice
    {
        return new Notice('order.status_changed', 'order', $id, 1, ['state' => $state, 'status' => $state]);
    }

    public static function productUpdated(int $id = 11): Notice
    {
        return new Notice('product.updated', 'product', $id, 0, ['sku' => 'MUGG-VIT']);
    }

    public function describe(int $storeId): StoreView
    {
        return $storeId === 0
            ? new StoreView(0, 'admin', 0, 'https://shop.example.com/')
            : new StoreView($storeId, 'default', 1, 'https://shop.example.com/');
    }

    public function isOn(): bool
    {
        return $this->inMaintenance;
    }
}
