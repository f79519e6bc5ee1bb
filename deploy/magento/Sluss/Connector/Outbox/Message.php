<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * One attempt to tell: the bytes that are signed and sent.
 */
class Message
{
    private function __construct(
        public readonly string $id,
        public readonly string $type,
        public readonly string $body
    ) {
    }

    /**
     * @param int $attempt from 1
     */
    public static function of(Row $row, int $attempt, StoreView $store): self
    {
        $occurredAt = new \DateTimeImmutable($row->createdAt, new \DateTimeZone('UTC'));
        return self::build($row->eventId, $row->type, $occurredAt, $attempt, $store, Json::read($row->entity));
    }

    /**
     * Says only that the shop can be heard; the receiver stores it, and it concerns nothing.
     */
    public static function test(\DateTimeImmutable $now, StoreView $store): self
    {
        return self::build(EventId::next($now), 'test', $now, 1, $store, ['type' => 'test', 'id' => 0]);
    }

    /**
     * The headers that go with the body. The signature is of this moment, so each attempt has its own.
     *
     * @return array<string, string>
     */
    public function headers(string $secret, \DateTimeImmutable $now): array
    {
        $timestamp = $now->format('U');
        return [
            'Content-Type' => 'application/json',
            'Accept' => 'application/json',
            'X-Sluss-Event' => $this->type,
            'X-Sluss-Id' => $this->id,
            'X-Sluss-Timestamp' => $timestamp,
            'X-Sluss-Signature' => Signer::sign($secret, $timestamp, $this->body),
        ];
    }

    /**
     * @param array<string, mixed> $entity
     */
    private static function build(
        string $id,
        string $type,
        \DateTimeImmutable $occurredAt,
        int $attempt,
        StoreView $store,
        array $entity
    ): self {
        return new self($id, $type, Json::of([
            'id' => $id,
            'type' => $type,
            'occurred_at' => $occurredAt->format('Y-m-d\TH:i:s\Z'),
            'attempt' => $attempt,
            'store' => ['id' => $store->id, 'code' => $store->code, 'website_id' => $store->websiteId],
            'base_url' => $store->baseUrl,
            'entity' => $entity,
        ]));
    }
}
