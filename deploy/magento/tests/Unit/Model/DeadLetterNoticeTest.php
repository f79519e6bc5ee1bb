<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Model;

use Magento\Framework\AuthorizationInterface;
use Magento\Framework\Notification\MessageInterface;
use Magento\Framework\UrlInterface;
use PHPUnit\Framework\TestCase;
use Sluss\Connector\Cron\Purge;
use Sluss\Connector\Model\DeadLetterNotice;
use Sluss\Connector\Outbox\Answer;
use Sluss\Connector\Tests\Support\ConfiguredShop;
use Sluss\Connector\Tests\Support\World;

class DeadLetterNoticeTest extends TestCase
{
    private World $world;

    protected function setUp(): void
    {
        $this->world = new World();
        $this->world->settings->hours = 0;
    }

    public function testWhatWasGivenUpIsSaidOnEveryPageOfTheAdmin(): void
    {
        $this->aDeadOne();

        $notice = $this->notice();

        self::assertTrue($notice->isDisplayed());
        self::assertSame(
            'Sluss was not told of 1 changes. <a href="https://admin/sluss/outbox/index">See why and send again</a>.',
            $notice->getText()
        );
        self::assertSame(MessageInterface::SEVERITY_CRITICAL, $notice->getSeverity());
    }

    public function testWhatWaitsForHoursIsSaidToo(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        self::assertFalse($this->notice()->isDisplayed());

        $this->world->clock->passes('121 minutes');

        self::assertTrue($this->notice()->isDisplayed());
        self::assertStringContainsString('waiting for Sluss', $this->notice()->getText());
        self::assertSame(MessageInterface::SEVERITY_MAJOR, $this->notice()->getSeverity());
    }

    public function testWhoMayNotSeeTheListIsNotTold(): void
    {
        $this->aDeadOne();

        self::assertFalse($this->notice(false)->isDisplayed());
    }

    public function testThePurgeKeepsWhatWasGivenUpLongerThanWhatWasSent(): void
    {
        $this->aDeadOne();
        $this->world->recorder->record(World::orderPlaced(1002));
        $this->world->sends();
        $purge = new Purge($this->world->outbox, (new ConfiguredShop())->settings(), $this->world->clock);

        $this->world->clock->passes('15 days');
        $purge->execute();
        self::assertSame(['order.placed 1001 dead'], $this->world->lies());
        $this->world->clock->passes('76 days');
        $purge->execute();

        self::assertSame([], $this->world->lies());
    }

    private function aDeadOne(): void
    {
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->answers = [new Answer(401)];
        $this->world->sends();
    }

    private function notice(bool $isAllowed = true): DeadLetterNotice
    {
        $authorization = $this->createMock(AuthorizationInterface::class);
        $authorization->method('isAllowed')->with('Sluss_Connector::outbox')->willReturn($isAllowed);
        $urls = $this->createMock(UrlInterface::class);
        $urls->method('getUrl')->willReturnCallback(static fn (string $path): string => "https://admin/{$path}");
        return new DeadLetterNotice($this->world->outbox, $authorization, $urls, $this->world->clock);
    }
}
