<?php

declare(strict_types=1);

namespace Magento\Framework\Model;

use Magento\Framework\DataObject;

class AbstractModel extends DataObject
{
    public function __construct(array $data, private ?array $origData = null, private bool $isNew = false)
    {
        parent::__construct($data);
    }

    public function isObjectNew($flag = null)
    {
        return $this->isNew;
    }

    public function getId()
    {
        return $this->data['entity_id'] ?? null;
    }

    public function setId($id)
    {
        $this->data['entity_id'] = $id;
        return $this;
    }

    public function getOrigData($key = null)
    {
        return $this->origData;
    }
}
