"""A signing client for the tests of the Magento stand-in, and the answers recorded from a real shop.

The signer is written from RFC 5849 and the measured deviations; it shares no code with product or stand-in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from services.sandbox.magento.shop import Shop

RECORDED = Path(__file__).parents[3] / "recorded" / "magento"
BASE = "http://sandbox/magento/default"


def recorded(name: str) -> dict[str, Any]:
    """`{request, status, headers, response}` of a recorded exchange, e.g. `auth/none`."""
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    return found


def shape(value: Any) -> Any:
    """The field names and types of an answer: what must be the same in stand-in and recording."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shape(one) for one in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return type(value).__name__
    return "number"


@dataclass
class MagentoCaller:
    """Calls the shop signed as it wants it; `change` edits the OAuth parameters after signing."""

    http: httpx.AsyncClient
    shop: Shop
    now: Callable[[], datetime]
    nonces: Any = field(default_factory=lambda: count(1))

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        **changes: str | None,
    ) -> httpx.Response:
        """`path` from `/rest` on, escapes as they are to be sent. A change of None leaves a parameter out."""
        url = BASE + path
        sent = {"Authorization": self.authorization(method, url, **changes)} | dict(headers or {})
        content = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        return await self.http.request(method, url, content=content, headers=sent)

    async def get(self, path: str) -> Any:
        """The answer's JSON, which must be a 200."""
        answer = await self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def authorization(self, method: str, url: str, **changes: str | None) -> str:
        """`token_secret`, `sort` and `signed_url` change how it is signed, `oauth_*` what is sent."""
        integration = self.shop.integration
        token_secret = changes.pop("token_secret", integration.access_token_secret) or ""
        sort = changes.pop("sort", "natural")
        signed_url = changes.pop("signed_url", None) or url
        given: dict[str, str | None] = {
            "oauth_consumer_key": integration.consumer_key,
            "oauth_token": integration.access_token,
            "oauth_signature_method": "HMAC-SHA256",
            "oauth_timestamp": str(int(self.now().timestamp())),
            "oauth_nonce": f"nonce{next(self.nonces)}",
            "oauth_version": "1.0",
        }
        parameters = {name: value for name, value in (given | changes).items() if value is not None}
        key = f"{integration.consumer_secret}&{token_secret}"
        parameters.setdefault("oauth_signature", _signature(method, signed_url, parameters, key, sort or ""))
        return "OAuth " + ", ".join(
            f'{quote(k, safe="~")}="{quote(v, safe="~")}"' for k, v in parameters.items()
        )


def _signature(method: str, url: str, parameters: Mapping[str, str], key: str, sort: str) -> str:
    parts = urlsplit(url)
    pairs = [tuple(one.split("=")) for one in parts.query.split("&") if one]
    pairs += [(quote(name, safe="~"), quote(value, safe="~")) for name, value in parameters.items()]
    order = _natural if sort == "natural" else str
    text = "&".join("=".join(pair) for pair in sorted(pairs, key=lambda pair: order(pair[0])))
    base = "&".join(
        quote(one, safe="~") for one in (method, f"{parts.scheme}://{parts.netloc}{parts.path}", text)
    )
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def _natural(name: str) -> Any:
    return [(0, int(one), "") if one.isdigit() else (1, 0, one) for one in re.findall(r"\d+|\D", name)]


def search(**filters: str) -> str:
    """`search(entity_id="gt:5", page_size="3")`: a query string, already encoded."""
    parts: list[str] = []
    for index, (name, wanted) in enumerate(filters.items()):
        if name in ("page_size", "current_page"):
            parts.append(f"searchCriteria[{name}]={wanted}")
            continue
        condition, _, value = wanted.partition(":")
        where = f"searchCriteria[filterGroups][{index}][filters][0]"
        parts += [f"{where}[field]={name}", f"{where}[value]={value}", f"{where}[conditionType]={condition}"]
    pairs = [one.partition("=") for one in parts or ["searchCriteria="]]
    return "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, _, value in pairs)
