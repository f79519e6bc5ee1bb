"""A shop at the other end of the wire: first what was scripted for a path, in turn, then 404."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx

from shared.clients import json_numbers
from shared.clients.factory import magento_client
from shared.clients.http import CallRecord
from shared.clients.magento.client import MagentoClient
from shared.settings.magento import MagentoSettings
from shared.settings.service import ServiceSettings
from tests.shared.clients.magento.support import recorded
from tests.support.clock import Clock

KEYS = {
    "consumer_key": "ck0123456789abcdefghijklmnopqrst",
    "consumer_secret": "cs0123456789abcdefghijklmnopqrst",
    "access_token": "at0123456789abcdefghijklmnopqrst",
    "access_token_secret": "ts0123456789abcdefghijklmnopqrst",
}
NO_ROUTE = {"message": "Request does not match any route."}

Script = Callable[[httpx.Request], httpx.Response]


def an_answer(body: Any, status: int = 200) -> httpx.Response:
    if isinstance(body, str) and status != 200:
        return httpx.Response(status, text=body)
    return httpx.Response(
        status, content=json_numbers.dumps(body), headers={"content-type": "application/json"}
    )


def a_list(items: list[Any] | None, total: int | None = None) -> dict[str, Any]:
    return {
        "items": items,
        "search_criteria": {},
        "total_count": len(items or ()) if total is None else total,
    }


class ScriptedShop:
    """``says`` appends answers for `METHOD /path after V1`; the last one stays."""

    def __init__(self, clock: Clock, **settings: Any) -> None:
        self.asked: list[httpx.Request] = []
        self.records: list[CallRecord] = []
        self._answers: dict[str, list[httpx.Response | Script]] = {}
        self.clock = clock
        self.client: MagentoClient = magento_client(
            MagentoSettings.model_validate({"base_url": "http://shop", **KEYS, **settings}),
            ServiceSettings(magento_rate=1000),
            None,
            self.records.append,
            transport=httpx.MockTransport(self._answer),
            clock=clock,
        )

    def says(self, call: str, *answers: Any, status: int = 200) -> None:
        found = [
            answer if callable(answer) or isinstance(answer, httpx.Response) else an_answer(answer, status)
            for answer in answers
        ]
        self._answers.setdefault(call, []).extend(found)

    def now_says(self, call: str, answer: Any) -> None:
        """Instead of what it said until now."""
        self._answers.pop(call, None)
        self.says(call, answer)

    def says_as_recorded(self, call: str, *names: str) -> None:
        for name in names:
            exchange = recorded(name)
            body = exchange["response"]
            text = body["_text"] if isinstance(body, dict) and "_text" in body else body
            self.says(call, an_answer(text, exchange["status"]))

    @property
    def calls(self) -> list[str]:
        return [f"{request.method} {path_of(request)}" for request in self.asked]

    def body(self, position: int = -1) -> Any:
        return json.loads(self.asked[position].content)

    def query(self, position: int = -1) -> dict[str, str]:
        return dict(parse_qsl(self.asked[position].url.query.decode(), keep_blank_values=True))

    def filters(self, position: int = -1) -> list[tuple[str, str, str]]:
        """Field, condition, value."""
        query = self.query(position)
        names = [
            name.removesuffix("[field]") for name in query if name.endswith("[field]") and "filters" in name
        ]
        return [(query[f"{n}[field]"], query[f"{n}[conditionType]"], query[f"{n}[value]"]) for n in names]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        left = self._answers.get(f"{request.method} {path_of(request)}")
        if not left:
            return an_answer(NO_ROUTE, 404)
        answer = left.pop(0) if len(left) > 1 else left[0]
        return answer(request) if callable(answer) else answer


def path_of(request: httpx.Request) -> str:
    """After the version, as it was sent; with what stands before it unless that is plain `/rest`."""
    sent = request.url.raw_path.decode().partition("?")[0]
    before, version, after = sent.partition("/V1")
    if not version:
        return sent
    return after if before == "/rest" else before.removeprefix("/rest/") + after
