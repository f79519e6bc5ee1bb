define(['jquery', 'mage/translate'], function ($, $t) {
  'use strict';

  return function (options, element) {
    var $button = $(element).find('button'),
      $answer = $(element).find('.note');

    $button.on('click', function () {
      $button.prop('disabled', true);
      $answer.text($t('Sending...'));
      $.post(options.url, {website: options.website, form_key: window.FORM_KEY}, null, 'json')
        .done(function (answer) {
          $answer.text(answer.message);
        })
        .fail(function () {
          $answer.text($t('The shop did not answer.'));
        })
        .always(function () {
          $button.prop('disabled', false);
        });
    });
  };
});
