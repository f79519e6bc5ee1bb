<?php

declare(strict_types=1);

namespace Sluss\Connector\Controller\Adminhtml\Outbox;

use Magento\Backend\App\Action;
use Magento\Backend\App\Action\Context;
use Magento\Framework\App\Action\HttpPostActionInterface;
use Magento\Framework\Controller\Result\Redirect;
use Magento\Ui\Component\MassAction\Filter;
use Sluss\Connector\Model\ResourceModel\Outbox\CollectionFactory;
use Sluss\Connector\Outbox\Clock;
use Sluss\Connector\Outbox\Outbox;

class MassResend extends Action implements HttpPostActionInterface
{
    public const ADMIN_RESOURCE = 'Sluss_Connector::outbox_resend';

    public function __construct(
        Context $context,
        private readonly Filter $filter,
        private readonly CollectionFactory $rows,
        private readonly Outbox $outbox,
        private readonly Clock $clock
    ) {
        parent::__construct($context);
    }

    public function execute(): Redirect
    {
        $ids = $this->filter->getCollection($this->rows->create())->getAllIds();
        $resent = $this->outbox->resend(array_map('intval', $ids), $this->clock->now());
        $this->messageManager->addSuccessMessage((string) __('%1 will be sent within a minute.', $resent));
        return $this->resultRedirectFactory->create()->setPath('*/*/index');
    }
}
