<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Support;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\Encryption\EncryptorInterface;
use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Store\Model\StoreManagerInterface;
use Sluss\Connector\Model\ShopSettings;

/**
 * A shop with two websites, of one store view each: store 1 and 2 of website 1 and 2.
 */
class ConfiguredShop implements ScopeConfigInterface, StoreManagerInterface, EncryptorInterface
{
    private const ENCRYPTED = '0:3:';

    /** @var array<string, string> by path, or by `website:path` */
    public array $values = [
        'sluss/connection/enabled' => '1',
        'sluss/connection/url' => ' https://one.example.com ',
        'sluss/connection/secret' => '0:3:whsec_one',
        'sluss/events/kinds' => 'order,product',
        'sluss/delivery/give_up_after_hours' => '48',
        'sluss/delivery/keep_sent_days' => '14',
        'sluss/delivery/keep_dead_days' => '90',
        'sluss/delivery/wake_by_queue' => '0',
    ];
    /** @var list<int> */
    public array $websites = [1, 2];

    public function settings(): ShopSettings
    {
        return new ShopSettings($this, $this, $this);
    }

    public function getValue($path, $scopeType = 'default', $scopeCode = null)
    {
        if ($scopeType === 'website' && !in_array($scopeCode, [0, ...$this->websites], true)) {
            throw NoSuchEntityException::singleField('website', $scopeCode);
        }
        return $this->values["{$scopeCode}:{$path}"] ?? $this->values[$path] ?? null;
    }

    public function isSetFlag($path, $scopeType = 'default', $scopeCode = null)
    {
        return (bool) $this->getValue($path, $scopeType, $scopeCode);
    }

    public function getStore($storeId = null)
    {
        if (!in_array($storeId, $this->websites, true)) {
            throw NoSuchEntityException::singleField('store', $storeId);
        }
        return new class ($storeId) {
            public function __construct(private int $id)
            {
            }

            public function getId(): string
            {
                return (string) $this->id;
            }

            public function getCode(): string
            {
                return "store_{$this->id}";
            }

            public function getWebsiteId(): string
            {
                return (string) $this->id;
            }

            public function getBaseUrl(string $type, bool $secure): string
            {
                return ($secure ? 'https' : 'http') . "://shop{$this->id}.example.com/";
            }
        };
    }

    public function getWebsites($withDefault = false, $codeKey = false)
    {
        return array_map(fn (int $id): object => $this->getStore($id), $this->websites);
    }

    public function decrypt($data)
    {
        return str_starts_with($data, self::ENCRYPTED) ? substr($data, strlen(self::ENCRYPTED)) : '';
    }
}
