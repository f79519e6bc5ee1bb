<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Something of the shop changed: what, and which one. It never says more than ids and states.
 */
class Notice
{
    /** The order of these is the order in which they are written. */
    private const FACTS = ['increment_id', 'sku', 'order_id', 'state', 'status', 'updated_at'];

    /** Sales go before everything else, however many products wait. */
    private const URGENT = ['order', 'invoice', 'shipment', 'creditmemo'];

    /**
     * @param string $type for example `order.placed`
     * @param string $entityType for example `order`; with the id it names what has an order of its own
     * @param int $storeId store view of the change; 0 when it is the whole shop's
     * @param array<string, int|string|null> $facts `increment_id sku order_id state status updated_at`; updated_at in
     *     UTC, as `YYYY-MM-DD HH:MM:SS`
     * @param string|null $again for what can happen to an entity only once, as being placed: the type under which
     *     it is told when it happens again, because a request saves a new entity twice
     */
    public function __construct(
        public readonly string $type,
        public readonly string $entityType,
        public readonly int $entityId,
        public readonly int $storeId,
        private readonly array $facts = [],
        private readonly ?string $again = null
    ) {
    }

    public function isOnce(): bool
    {
        return $this->again !== null;
    }

    /**
     * The same as a change of what was told already.
     */
    public function again(): self
    {
        $type = $this->again ?? $this->type;
        return new self($type, $this->entityType, $this->entityId, $this->storeId, $this->facts);
    }

    /**
     * The `entity` of the message; what is not known is left out.
     *
     * @return array<string, int|string>
     */
    public function entity(\DateTimeImmutable $now): array
    {
        $known = array_filter($this->facts, static fn ($fact): bool => $fact !== null && $fact !== '');
        $known += ['updated_at' => $now->format(Outbox::TIME)];
        $entity = ['type' => $this->entityType, 'id' => $this->entityId];
        foreach (self::FACTS as $name) {
            if (isset($known[$name])) {
                $entity[$name] = $known[$name];
            }
        }
        return $entity;
    }

    /**
     * Whether it says that something is not as it was: whoever is told of the entity anyway will see that.
     */
    public function isChange(): bool
    {
        return str_ends_with($this->type, '.updated') || str_ends_with($this->type, '.status_changed');
    }

    public function urgency(): int
    {
        return in_array($this->entityType, self::URGENT, true) ? 0 : 1;
    }
}
