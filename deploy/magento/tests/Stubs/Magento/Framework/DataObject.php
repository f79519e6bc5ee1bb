<?php

declare(strict_types=1);

namespace Magento\Framework;

class DataObject
{
    public function __construct(protected array $data = [])
    {
    }

    /**
     * @return mixed
     */
    public function getData($key = '')
    {
        return $key === '' ? $this->data : $this->data[$key] ?? null;
    }
}
