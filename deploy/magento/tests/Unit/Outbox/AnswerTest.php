<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Outbox;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Outbox\Answer;

class AnswerTest extends TestCase
{
    /**
     * @dataProvider answers
     */
    public function testWhatAnAnswerMeans(int $status, bool $taken, bool $unacceptable, bool $unavailable): void
    {
        $answer = new Answer($status);

        self::assertSame(
            [$taken, $unacceptable, $unavailable],
            [$answer->isTaken(), $answer->isUnacceptable(), $answer->isUnavailable()]
        );
    }

    public function answers(): array
    {
        return [
            'nobody answered' => [0, false, false, true],
            'ok' => [200, true, false, false],
            'no content' => [204, true, false, false],
            'a redirect, which is not followed' => [302, false, false, false],
            'malformed' => [400, false, true, false],
            'wrong secret: a person mends it' => [401, false, false, false],
            'wrong address: a person mends it' => [404, false, false, false],
            'gone' => [410, false, true, false],
            'too many' => [429, false, false, true],
            'maintenance' => [503, false, false, true],
        ];
    }

    public function testAPageIsExplainedByItsText(): void
    {
        $answer = new Answer(502, "<html><head><title>502 Bad Gateway</title></head>\n<body>\n</body></html>");

        self::assertSame('HTTP 502 502 Bad Gateway', $answer->explain());
        self::assertSame('HTTP 404', (new Answer(404))->explain());
        self::assertSame('no answer: timed out', (new Answer(0, 'timed out'))->explain());
    }
}
