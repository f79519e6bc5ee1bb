"""One HTTP request with JSON in and out, for programs that talk to our own services on this machine."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

TIMEOUT_SECONDS = 30.0


class WebRefused(RuntimeError):
    """An answer that is not 2xx; the message has the address and what was answered."""

    def __init__(self, method: str, url: str, status: int, body: str) -> None:
        super().__init__(f"{method} {url} was answered {status}: {body[:500]}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Web:
    """Everything below one address. Numbers with decimals come back as Decimal."""

    base: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, value: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        return self.send("POST", path, None if value is None else as_json(value), headers)

    def put(self, path: str, value: Any) -> Any:
        return self.send("PUT", path, as_json(value))

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Raises WebRefused for answers that are not 2xx, OSError when there is no answer."""
        sent = {"Content-Type": "application/json", **self.headers, **(headers or {})}
        request = urllib.request.Request(self.base + path, data=body, method=method, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return from_json(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                text = refused.read().decode(errors="replace")
            raise WebRefused(method, request.full_url, refused.code, text) from refused


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":")).encode()


def from_json(body: bytes) -> Any:
    return json.loads(body, parse_float=Decimal) if body.strip() else None
