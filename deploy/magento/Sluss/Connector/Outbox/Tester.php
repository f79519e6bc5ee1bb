<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Sends a message that concerns nothing, past the outbox, and says what came back.
 */
class Tester
{
    private const WHOLE_SHOP = 0;

    public function __construct(
        private readonly Settings $settings,
        private readonly StoreViews $stores,
        private readonly Transport $transport,
        private readonly Clock $clock
    ) {
    }

    /**
     * Null while the website is switched off, or has no address or secret.
     */
    public function test(int $websiteId): ?Answer
    {
        $endpoint = $this->settings->endpoint($websiteId);
        if ($endpoint === null) {
            return null;
        }
        $now = $this->clock->now();
        $message = Message::test($now, $this->stores->describe(self::WHOLE_SHOP));
        return $this->transport->post($endpoint->url, $message->headers($endpoint->secret, $now), $message->body);
    }
}
