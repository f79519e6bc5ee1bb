<?php

declare(strict_types=1);

namespace Sluss\Connector\Block\Adminhtml\Config;

use Magento\Config\Block\System\Config\Form\Field;
use Magento\Framework\Data\Form\Element\AbstractElement;

class TestButton extends Field
{
    /** @var string */
    protected $_template = 'Sluss_Connector::config/test_button.phtml';

    public function render(AbstractElement $element): string
    {
        $element->unsScope()->unsCanUseWebsiteValue()->unsCanUseDefaultValue();
        return parent::render($element);
    }

    public function testUrl(): string
    {
        return $this->getUrl('sluss/test/send');
    }

    /**
     * 0 while the settings of the whole shop are shown.
     */
    public function websiteId(): int
    {
        return (int) $this->getRequest()->getParam('website');
    }

    protected function _getElementHtml(AbstractElement $element): string
    {
        return $this->_toHtml();
    }
}
