<?php

declare(strict_types=1);

namespace Sluss\Connector\Outbox;

/**
 * Posts with PHP's curl, and keeps the connection for the next message.
 *
 * Not Magento's client: that one keeps its headers from one message to the next and takes `100 Continue` for the
 * answer. Redirects are not followed: a signed message goes to the address that was declared.
 */
class CurlTransport implements Transport
{
    private const CONNECT_SECONDS = 5;
    private const WHOLE_SECONDS = 10;
    private const LONGEST_ANSWER_BYTES = 4096;
    private const USER_AGENT = 'Sluss-Connector';

    private ?\CurlHandle $handle = null;

    public function post(string $url, array $headers, string $body): Answer
    {
        $retryAfter = null;
        $text = '';
        $handle = $this->handle ??= curl_init() ?: null;
        if ($handle === null) {
            return new Answer(0, 'curl cannot be started');
        }
        curl_reset($handle);
        curl_setopt_array($handle, [
            CURLOPT_URL => $url,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => $this->lines($headers),
            CURLOPT_USERAGENT => self::USER_AGENT,
            CURLOPT_CONNECTTIMEOUT => self::CONNECT_SECONDS,
            CURLOPT_TIMEOUT => self::WHOLE_SECONDS,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_HEADERFUNCTION => static function ($handle, string $line) use (&$retryAfter): int {
                if (preg_match('/^retry-after:\s*(\d+)\s*$/i', $line, $found)) {
                    $retryAfter = (int) $found[1];
                }
                return strlen($line);
            },
            CURLOPT_WRITEFUNCTION => static function ($handle, string $part) use (&$text): int {
                $text .= substr($part, 0, max(0, self::LONGEST_ANSWER_BYTES - strlen($text)));
                return strlen($part);
            },
        ]);
        curl_exec($handle);
        if (curl_errno($handle) !== CURLE_OK) {
            return new Answer(0, curl_error($handle));
        }
        return new Answer((int) curl_getinfo($handle, CURLINFO_RESPONSE_CODE), $text, $retryAfter);
    }

    /**
     * @param array<string, string> $headers
     * @return list<string>
     */
    private function lines(array $headers): array
    {
        $lines = ['Expect:'];
        foreach ($headers as $name => $value) {
            $lines[] = "{$name}: {$value}";
        }
        return $lines;
    }
}
