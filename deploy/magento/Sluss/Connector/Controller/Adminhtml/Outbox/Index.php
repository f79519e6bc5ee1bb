<?php

declare(strict_types=1);

namespace Sluss\Connector\Controller\Adminhtml\Outbox;

use Magento\Backend\App\Action;
use Magento\Backend\App\Action\Context;
use Magento\Framework\App\Action\HttpGetActionInterface;
use Magento\Framework\View\Result\Page;
use Magento\Framework\View\Result\PageFactory;

class Index extends Action implements HttpGetActionInterface
{
    public const ADMIN_RESOURCE = 'Sluss_Connector::outbox';

    public function __construct(Context $context, private readonly PageFactory $pages)
    {
        parent::__construct($context);
    }

    public function execute(): Page
    {
        $page = $this->pages->create();
        $page->setActiveMenu('Sluss_Connector::outbox');
        $page->getConfig()->getTitle()->prepend(__('What Sluss is told'));
        return $page;
    }
}
