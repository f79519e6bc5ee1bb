<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Observer;

use Magento\Framework\App\Config\ReinitableConfigInterface;
use Magento\Framework\Event\Observer;
use Magento\Framework\MessageQueue\PublisherInterface;
use PHPUnit\Framework\TestCase;
use Psr\Log\LoggerInterface;
use Sluss\Connector\Model\Queue\WakeConsumer;
use Sluss\Connector\Model\ShopSettings;
use Sluss\Connector\Observer\Wake;
use Sluss\Connector\Tests\Support\World;

class WakeTest extends TestCase
{
    private World $world;

    protected function setUp(): void
    {
        $this->world = new World();
    }

    public function testTheQueueIsRungOncePerRequestThatWroteSomething(): void
    {
        $publisher = $this->createMock(PublisherInterface::class);
        $publisher->expects(self::once())->method('publish')->with('sluss.outbox.wake', 'wake');
        $wake = $this->wake($publisher, true);

        $wake->execute(new Observer());
        $this->world->recorder->record(World::orderPlaced());
        $wake->execute(new Observer());
        $wake->execute(new Observer());
    }

    public function testTheQueueIsLeftAloneUnlessTheMerchantWantsIt(): void
    {
        $publisher = $this->createMock(PublisherInterface::class);
        $publisher->expects(self::never())->method('publish');
        $this->world->recorder->record(World::orderPlaced());

        $this->wake($publisher, false)->execute(new Observer());
    }

    public function testAQueueThatIsAwayBreaksNoCheckout(): void
    {
        $publisher = $this->createMock(PublisherInterface::class);
        $publisher->method('publish')->willThrowException(new \RuntimeException('AMQP'));
        $logger = $this->createMock(LoggerInterface::class);
        $logger->expects(self::once())->method('warning');
        $this->world->recorder->record(World::orderPlaced());

        $this->wake($publisher, true, $logger)->execute(new Observer());
    }

    public function testAMessageStartsTheSenderWithFreshSettings(): void
    {
        $config = $this->createMock(ReinitableConfigInterface::class);
        $config->expects(self::once())->method('reinit');
        $this->world->recorder->record(World::orderPlaced());

        (new WakeConsumer($this->world->sender(), $config, $this->createMock(LoggerInterface::class)))->process('wake');

        self::assertSame(['order.placed 1001 sent'], $this->world->lies());
    }

    public function testAConsumerOutlivesWhatGoesWrong(): void
    {
        $config = $this->createMock(ReinitableConfigInterface::class);
        $config->method('reinit')->willThrowException(new \RuntimeException('gone away'));
        $logger = $this->createMock(LoggerInterface::class);
        $logger->expects(self::once())->method('error');

        (new WakeConsumer($this->world->sender(), $config, $logger))->process('wake');
    }

    private function wake(PublisherInterface $publisher, bool $isWanted, ?LoggerInterface $logger = null): Wake
    {
        $settings = $this->createMock(ShopSettings::class);
        $settings->method('wakesByQueue')->willReturn($isWanted);
        $logger ??= $this->createMock(LoggerInterface::class);
        return new Wake($this->world->recorder, $settings, $publisher, $logger);
    }
}
