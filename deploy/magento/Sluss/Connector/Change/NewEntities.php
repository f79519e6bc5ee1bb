<?php

declare(strict_types=1);

namespace Sluss\Connector\Change;

/**
 * Which entities of this request are being saved for the first time.
 *
 * Magento does not say it once they are saved: for sales `isObjectNew()` is false again by then (EntityAbstract::
 * saveNewObject), and a partial save through REST has no data of before either.
 */
class NewEntities
{
    /** @var \WeakMap<object, true> */
    private \WeakMap $found;

    public function __construct()
    {
        $this->found = new \WeakMap();
    }

    public function note(object $entity): void
    {
        $this->found[$entity] = true;
    }

    /**
     * Whether it was noted, once: the next time it is saved, it is an old one.
     */
    public function take(object $entity): bool
    {
        $isNew = isset($this->found[$entity]);
        unset($this->found[$entity]);
        return $isNew;
    }
}
