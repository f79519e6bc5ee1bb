<?php

declare(strict_types=1);

namespace Sluss\Connector\Controller\Adminhtml\Test;

use Magento\Backend\App\Action;
use Magento\Backend\App\Action\Context;
use Magento\Framework\App\Action\HttpPostActionInterface;
use Magento\Framework\Controller\Result\Json;
use Magento\Framework\Controller\Result\JsonFactory;
use Sluss\Connector\Outbox\Tester;

/**
 * The button beside the settings: sends with what was saved, and says what came back.
 */
class Send extends Action implements HttpPostActionInterface
{
    public const ADMIN_RESOURCE = 'Sluss_Connector::config';

    public function __construct(
        Context $context,
        private readonly Tester $tester,
        private readonly JsonFactory $json
    ) {
        parent::__construct($context);
    }

    public function execute(): Json
    {
        $answer = $this->tester->test((int) $this->getRequest()->getParam('website'));
        $text = match (true) {
            $answer === null => __('Switch it on, fill in address and secret, and save first.'),
            $answer->isTaken() => __('Sluss heard this shop.'),
            default => __('Not taken: %1', $answer->explain()),
        };
        $isTaken = $answer !== null && $answer->isTaken();
        return $this->json->create()->setData(['success' => $isTaken, 'message' => (string) $text]);
    }
}
