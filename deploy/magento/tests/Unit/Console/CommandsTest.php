<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Console;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Change\Resend as Resending;
use Sluss\Connector\Console\Command\Resend;
use Sluss\Connector\Console\Command\Status;
use Sluss\Connector\Console\Command\Test;
use Sluss\Connector\Outbox\Answer;
use Sluss\Connector\Outbox\Tester;
use Sluss\Connector\Tests\Support\ConfiguredShop;
use Sluss\Connector\Tests\Support\ShopTables;
use Sluss\Connector\Tests\Support\World;
use Symfony\Component\Console\Command\Command;
use Symfony\Component\Console\Input\InputInterface;
use Symfony\Component\Console\Output\OutputInterface;

class CommandsTest extends TestCase
{
    private World $world;
    private ConfiguredShop $shop;
    /** @var list<string> */
    private array $said = [];

    protected function setUp(): void
    {
        $this->world = new World();
        $this->shop = new ConfiguredShop();
        ShopTables::create($this->world->database);
        ShopTables::add(
            $this->world->database,
            'sales_order',
            ['entity_id' => 7, 'store_id' => 1, 'increment_id' => '000000007', 'updated_at' => '2026-03-01 10:00:00']
        );
    }

    public function testDeadOnesAreSentAgain(): void
    {
        $this->world->settings->hours = 0;
        $this->world->recorder->record(World::orderPlaced());
        $this->world->receiver->answers = [new Answer(500)];
        $this->world->sends();

        self::assertSame(0, $this->runs($this->resend(), ['dead' => true]));

        self::assertSame(['order.placed 1001 pending'], $this->world->lies());
        self::assertSame(['1 to be told again, where the settings ask for it.'], $this->said);
    }

    public function testAnOrderIsToldByItsNumber(): void
    {
        self::assertSame(0, $this->runs($this->resend(), ['order' => '000000007']));
        self::assertSame(1, $this->runs($this->resend(), ['order' => '000000008']));

        self::assertSame(['order.updated 7 pending'], $this->world->lies());
        self::assertSame('<error>There is no order 000000008.</error>', $this->said[1]);
    }

    public function testATimeIsUtcAndSalesAreWhatIsMeant(): void
    {
        self::assertSame(0, $this->runs($this->resend(), ['since' => '2026-03-01 10:00', 'what' => null]));
        self::assertSame(0, $this->runs($this->resend(), ['since' => '2026-03-01 10:01', 'what' => 'orders']));

        self::assertSame(['order.updated 7 pending'], $this->world->lies());
    }

    /**
     * @dataProvider mistakes
     */
    public function testAMistakeIsSaidAndTellsNothing(array $options, string $said): void
    {
        self::assertSame(1, $this->runs($this->resend(), $options));

        self::assertSame(["<error>{$said}</error>"], $this->said);
        self::assertSame([], $this->world->lies());
    }

    public function mistakes(): array
    {
        return [
            'nothing asked' => [[], 'Give one of --since, --order and --dead.'],
            'two things' => [['dead' => true, 'order' => '7'], 'Give one of --since, --order and --dead.'],
            'no table' => [['since' => '2026-01-01', 'what' => 'orders,quotes'], 'Not known: quotes'],
            'no time' => [['since' => 'the day before'], 'Not a time: the day before'],
        ];
    }

    public function testTheStatusNamesAddressesAndFailsWhenSomethingWasGivenUp(): void
    {
        $this->shop->values['2:sluss/connection/url'] = 'https://two.example.com';
        $this->shop->values['2:sluss/connection/secret'] = '';
        $this->world->recorder->record(World::orderPlaced());
        $status = new Status($this->world->outbox, $this->shop->settings());

        self::assertSame(0, $this->runs($status));
        self::assertContains('website 1: https://one.example.com', $this->said);
        self::assertContains('website 2: has no secret', $this->said);
        self::assertContains('pending  1', $this->said);
        self::assertContains('waiting since: 2026-03-03 09:15:27 UTC', $this->said);

        $this->world->settings->hours = 0;
        $this->world->receiver->answers = [new Answer(500)];
        $this->world->sends();
        self::assertSame(1, $this->runs($status));
        self::assertContains('waiting since: nothing waits', $this->said);
    }

    public function testTheTestIsSignedAndSaysWhatCameBack(): void
    {
        $this->world->receiver->answers = [new Answer(200), new Answer(401, '{"code":"bad_signature"}')];

        self::assertSame(0, $this->runs($this->test()));
        self::assertSame(1, $this->runs($this->test()));

        self::assertSame(['website 1: HTTP 200', 'website 1: HTTP 401 {"code":"bad_signature"}'], $this->said);
        self::assertSame(['test 0', 'test 0'], $this->world->receiver->heard());
        self::assertStringStartsWith('v1=', $this->world->receiver->posts[0]['headers']['X-Sluss-Signature']);
        self::assertSame([], $this->world->lies());
    }

    public function testAShopThatIsSwitchedOffFailsTheTest(): void
    {
        $this->shop->values['sluss/connection/enabled'] = '0';

        self::assertSame(1, $this->runs($this->test()));
        self::assertSame(['No website sends: it is switched off, or has no address.'], $this->said);
        self::assertSame([], $this->world->receiver->posts);
    }

    private function resend(): Resend
    {
        $resending = new Resending($this->world->database, $this->world->recorder);
        return new Resend($resending, $this->world->outbox, $this->world->clock);
    }

    private function test(): Test
    {
        $tester = new Tester($this->shop->settings(), $this->world, $this->world->receiver, $this->world->clock);
        return new Test($tester, $this->shop->settings());
    }

    private function runs(Command $command, array $options = []): int
    {
        $defaults = array_column($command->options, 'default', 'name');
        $input = $this->createMock(InputInterface::class);
        $input->method('getOption')->willReturnCallback(
            static fn (string $name): mixed => $options[$name] ?? $defaults[$name]
        );
        $output = $this->createMock(OutputInterface::class);
        $output->method('writeln')->willReturnCallback(function (string $line): void {
            $this->said[] = $line;
        });
        return $command->run($input, $output);
    }
}
