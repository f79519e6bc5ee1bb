<?php

declare(strict_types=1);

namespace Sluss\Connector\Model;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\Encryption\EncryptorInterface;
use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Store\Model\ScopeInterface;
use Magento\Store\Model\StoreManagerInterface;
use Sluss\Connector\Outbox\Endpoint;
use Sluss\Connector\Outbox\Settings;

/**
 * What stands under Stores > Configuration > Services > Sluss. Address, secret and kinds may differ by website.
 */
class ShopSettings implements Settings
{
    private const ENABLED = 'sluss/connection/enabled';
    private const URL = 'sluss/connection/url';
    private const SECRET = 'sluss/connection/secret';
    private const KINDS = 'sluss/events/kinds';
    private const GIVE_UP_AFTER_HOURS = 'sluss/delivery/give_up_after_hours';
    private const KEEP_SENT_DAYS = 'sluss/delivery/keep_sent_days';
    private const KEEP_DEAD_DAYS = 'sluss/delivery/keep_dead_days';
    private const WAKE_BY_QUEUE = 'sluss/delivery/wake_by_queue';
    private const WHOLE_SHOP = 0;

    public function __construct(
        private readonly ScopeConfigInterface $config,
        private readonly StoreManagerInterface $stores,
        private readonly EncryptorInterface $encryptor
    ) {
    }

    public function websitesThatTell(string $entityType, int $storeId): array
    {
        $byUrl = [];
        foreach ($this->websitesOf($storeId) as $websiteId) {
            $url = $this->url($websiteId);
            if ($url !== '' && in_array($entityType, $this->kinds($websiteId), true)) {
                $byUrl[$url] ??= $websiteId;
            }
        }
        return array_values($byUrl);
    }

    public function endpoint(int $websiteId): ?Endpoint
    {
        try {
            $url = $this->url($websiteId);
            $secret = $this->encryptor->decrypt($this->text(self::SECRET, $websiteId));
        } catch (NoSuchEntityException) {
            return null; // the website was deleted after it had something to tell
        }
        return $url !== '' && $secret !== '' ? new Endpoint($url, $secret) : null;
    }

    public function giveUpAfterHours(): int
    {
        return (int) $this->config->getValue(self::GIVE_UP_AFTER_HOURS);
    }

    public function keepSentDays(): int
    {
        return (int) $this->config->getValue(self::KEEP_SENT_DAYS);
    }

    public function keepDeadDays(): int
    {
        return (int) $this->config->getValue(self::KEEP_DEAD_DAYS);
    }

    public function wakesByQueue(): bool
    {
        return $this->config->isSetFlag(self::WAKE_BY_QUEUE);
    }

    /**
     * The websites that send, one for each address.
     *
     * @return list<int>
     */
    public function websitesThatSend(): array
    {
        $byUrl = [];
        foreach ($this->websitesOf(self::WHOLE_SHOP) as $websiteId) {
            $byUrl[$this->url($websiteId)] ??= $websiteId;
        }
        unset($byUrl['']);
        return array_values($byUrl);
    }

    /**
     * @return list<int>
     */
    private function websitesOf(int $storeId): array
    {
        if ($storeId !== self::WHOLE_SHOP) {
            try {
                return [(int) $this->stores->getStore($storeId)->getWebsiteId()];
            } catch (NoSuchEntityException) {
                // deleted: then whoever is there may want to know
            }
        }
        return array_values(array_map(
            static fn ($website): int => (int) $website->getId(),
            $this->stores->getWebsites()
        ));
    }

    /**
     * Empty when the website is switched off.
     */
    private function url(int $websiteId): string
    {
        return $this->config->isSetFlag(self::ENABLED, ScopeInterface::SCOPE_WEBSITE, $websiteId)
            ? trim($this->text(self::URL, $websiteId))
            : '';
    }

    /**
     * @return list<string>
     */
    private function kinds(int $websiteId): array
    {
        return array_map('trim', explode(',', $this->text(self::KINDS, $websiteId)));
    }

    private function text(string $path, int $websiteId): string
    {
        return (string) $this->config->getValue($path, ScopeInterface::SCOPE_WEBSITE, $websiteId);
    }
}
