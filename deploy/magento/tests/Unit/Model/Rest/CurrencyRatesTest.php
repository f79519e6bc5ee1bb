<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Model\Rest;

use Magento\Directory\Model\CurrencyFactory;
use Magento\Framework\Exception\InputException;
use PHPUnit\Framework\TestCase;
use Sluss\Connector\Model\Rest\CurrencyRate;
use Sluss\Connector\Model\Rest\CurrencyRates;

class CurrencyRatesTest extends TestCase
{
    public function testRatesAreStoredTogetherByCurrency(): void
    {
        $currencies = new CurrencyFactory();
        $rates = [$this->rate('SEK', 'EUR', 0.0875), $this->rate('SEK', 'NOK', 1.02), $this->rate('EUR', 'SEK', 11)];

        self::assertTrue((new CurrencyRates($currencies))->save($rates));

        self::assertSame([['SEK' => ['EUR' => 0.0875, 'NOK' => 1.02], 'EUR' => ['SEK' => 11.0]]], $currencies->saved);
    }

    /**
     * @dataProvider bad
     */
    public function testARateThatMagentoWouldBendOrSkipIsRefusedAndNothingIsStored(array $bad): void
    {
        $currencies = new CurrencyFactory();
        $good = $this->rate('SEK', 'EUR', 0.0875);

        try {
            (new CurrencyRates($currencies))->save([$good, $this->rate(...$bad)]);
            self::fail('it was taken');
        } catch (InputException) {
            self::assertSame([], $currencies->saved);
        }
    }

    public function bad(): array
    {
        return [
            'zero' => [['SEK', 'EUR', 0.0]],
            'negative' => [['SEK', 'EUR', -1.0]],
            'not a number' => [['SEK', 'EUR', NAN]],
            'endless' => [['SEK', 'EUR', INF]],
            'lower case' => [['sek', 'EUR', 1.0]],
            'no code' => [['SEK', '', 1.0]],
            'a line after it' => [['SEK', "EUR\n", 1.0]],
        ];
    }

    public function testNoRatesAreNoSuccess(): void
    {
        $this->expectException(InputException::class);

        (new CurrencyRates(new CurrencyFactory()))->save([]);
    }

    private function rate(string $from, string $to, float $rate): CurrencyRate
    {
        return (new CurrencyRate())->setFrom($from)->setTo($to)->setRate($rate);
    }
}
