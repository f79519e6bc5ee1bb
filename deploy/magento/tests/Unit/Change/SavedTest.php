<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Change;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Change\Saved;

class SavedTest extends TestCase
{
    /**
     * @dataProvider values
     */
    public function testWhatCountsAsAnotherValue(mixed $before, mixed $now, bool $differs): void
    {
        $saved = new Saved(false, ['total_paid' => $before], ['total_paid' => $now]);

        self::assertSame($differs, $saved->differsIn(['total_paid']));
    }

    public function values(): array
    {
        return [
            'as the database says it' => ['125.0000', 125.0, false],
            'nothing paid' => [null, '0.0000', false],
            'an amount' => [null, 125.0, true],
            'an öre' => ['125.0000', '125.01', true],
            'a state' => ['new', 'processing', true],
            'the same state' => ['new', 'new', false],
            'a state lost' => ['new', null, true],
            'a text that was not there' => [null, 'Company', true],
            'an empty text' => [null, '', false],
            'an object is nothing to compare' => [null, new \stdClass(), false],
        ];
    }

    public function testALeadingZeroOfAPostcodeIsOne(): void
    {
        $saved = new Saved(false, ['postcode' => '1067', 'city' => 'Ås'], ['postcode' => '01067', 'city' => 'Ås']);

        self::assertTrue($saved->textDiffersIn(['postcode']));
        self::assertFalse($saved->textDiffersIn(['city', 'street']));
    }

    public function testWhatWasNotSavedDidNotChange(): void
    {
        $saved = new Saved(false, ['state' => 'processing'], ['entity_id' => 1007, 'ext_order_id' => 'S-1']);

        self::assertFalse($saved->differsIn(['state', 'status']));
    }

    public function testColumnsAreReadAsWhatTheyAre(): void
    {
        $saved = new Saved(true, [], ['entity_id' => '1007', 'sku' => 0, 'name' => '', 'items' => [1]]);

        self::assertSame([1007, 0, 0], [$saved->number('entity_id'), $saved->number('items'), $saved->number('no')]);
        self::assertSame(['0', null, null], [$saved->text('sku'), $saved->text('name'), $saved->text('items')]);
    }
}
