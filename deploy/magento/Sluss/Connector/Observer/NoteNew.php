<?php

declare(strict_types=1);

namespace Sluss\Connector\Observer;

use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Framework\Model\AbstractModel;
use Sluss\Connector\Change\NewEntities;

/**
 * Before an entity is saved, it is new when it has no id.
 */
class NoteNew implements ObserverInterface
{
    public function __construct(private readonly NewEntities $newEntities)
    {
    }

    public function execute(Observer $observer): void
    {
        $model = $observer->getEvent()->getData('data_object');
        if ($model instanceof AbstractModel && !$model->getId()) {
            $this->newEntities->note($model);
        }
    }
}
