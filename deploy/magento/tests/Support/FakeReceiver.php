<?php

declare(strict_types=1);

namespace Sluss\Connector\Tests\Support;

use Sluss\Connector\Outbox\Answer;
use Sluss\Connector\Outbox\Transport;

/**
 * Takes everything, unless a test lines up other answers.
 */
class FakeReceiver implements Transport
{
    /** @var list<array{url: string, headers: array<string, string>, body: string}> */
    public array $posts = [];
    /** @var list<Answer> */
    public array $answers = [];
    public ?Answer $always = null;
    /** @var callable(array<string, mixed>): void */
    public $meanwhile = null;

    public function post(string $url, array $headers, string $body): Answer
    {
        $this->posts[] = ['url' => $url, 'headers' => $headers, 'body' => $body];
        if ($this->meanwhile) {
            ($this->meanwhile)(json_decode($body, true));
        }
        return array_shift($this->answers) ?? $this->always ?? new Answer(200);
    }

    /**
     * @return list<array<string, mixed>>
     */
    public function messages(): array
    {
        return array_map(static fn (array $post): array => json_decode($post['body'], true), $this->posts);
    }

    /**
     * @return list<string> for example `order.placed 1001`
     */
    public function heard(): array
    {
        return array_map(
            static fn (array $message): string => "{$message['type']} {$message['entity']['id']}",
            $this->messages()
        );
    }
}
