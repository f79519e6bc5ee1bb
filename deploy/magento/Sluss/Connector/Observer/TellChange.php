<?php

declare(strict_types=1);

namespace Sluss\Connector\Observer;

use Magento\Framework\DataObject;
use Magento\Framework\Event;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;
use Magento\Framework\Model\AbstractModel;
use Sluss\Connector\Change\NewEntities;
use Sluss\Connector\Change\Notices;
use Sluss\Connector\Change\Saved;
use Sluss\Connector\Model\ProductIds;
use Sluss\Connector\Model\SafeRecorder;
use Sluss\Connector\Outbox\Notice;

/**
 * Writes down what was saved, in the transaction that saves it.
 *
 * `*_save_after` is dispatched before the commit, and that is why it is used: `*_save_commit_after` would lose the
 * notice when PHP dies in between, and `sales_order_place_after` comes before the order has an id.
 */
class TellChange implements ObserverInterface
{
    /** By event: what of Notices tells of it. */
    private const SAVED = [
        'sales_order_save_after' => 'ofOrder',
        'sales_order_address_save_after' => 'ofOrderAddress',
        'sales_order_invoice_save_after' => 'ofInvoice',
        'sales_order_creditmemo_save_after' => 'ofCreditmemo',
        'sales_order_shipment_save_after' => 'ofShipment',
        'customer_save_after' => 'ofCustomer',
        'customer_delete_after' => 'ofDeletedCustomer',
        'customer_address_save_after' => 'ofCustomerAddress',
        'customer_address_delete_after' => 'ofCustomerAddress',
        'catalog_product_save_after' => 'ofProduct',
        'catalog_product_delete_after' => 'ofDeletedProduct',
        'cataloginventory_stock_item_save_after' => 'ofStockItem',
    ];
    private const IMPORTED = 'catalog_product_import_bunch_save_after';
    private const DELETED_BY_IMPORT = 'catalog_product_import_bunch_delete_commit_before';

    public function __construct(
        private readonly SafeRecorder $recorder,
        private readonly Notices $notices,
        private readonly ProductIds $products,
        private readonly NewEntities $newEntities
    ) {
    }

    public function execute(Observer $observer): void
    {
        $event = $observer->getEvent();
        $this->recorder->record(fn (): array => $this->noticesOf($event));
    }

    /**
     * @return list<Notice>
     */
    private function noticesOf(Event $event): array
    {
        $name = (string) $event->getName();
        if ($name === self::IMPORTED) {
            $skus = array_column((array) $event->getData('bunch'), 'sku');
            return $this->notices->ofProductIds($this->products->ofSkus($skus));
        }
        if ($name === self::DELETED_BY_IMPORT) {
            return $this->notices->ofProductIds((array) $event->getData('ids_to_delete'), 'product.deleted');
        }
        $model = $event->getData('data_object');
        $method = self::SAVED[$name] ?? null;
        return $method && $model instanceof DataObject ? $this->notices->{$method}($this->saved($model)) : [];
    }

    private function saved(DataObject $model): Saved
    {
        $isModel = $model instanceof AbstractModel;
        $isNew = $this->newEntities->take($model) || ($isModel && $model->isObjectNew());
        $before = $isModel ? (array) $model->getOrigData() : [];
        return new Saved($isNew, $before, (array) $model->getData());
    }
}
