<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Unit\Outbox;

use PHPUnit\Framework\TestCase;
use Sluss\Connector\Outbox\Signer;

class SignerTest extends TestCase
{
    /** The receiver's tests verify the same ones. */
    private const VECTORS = __DIR__ . '/../../../../../tests/recorded/magento_webhooks/vectors.json';

    /**
     * @dataProvider vectors
     */
    public function testItSignsAsTheReceiverVerifies(
        string $secret,
        string $timestamp,
        string $body,
        string $signature
    ): void {
        self::assertSame($signature, Signer::sign($secret, $timestamp, $body));
    }

    public function vectors(): array
    {
        return array_map(
            static fn (array $one): array => [$one['secret'], $one['timestamp'], $one['body'], $one['signature']],
            json_decode(file_get_contents(self::VECTORS), true, 8, JSON_THROW_ON_ERROR)
        );
    }
}
