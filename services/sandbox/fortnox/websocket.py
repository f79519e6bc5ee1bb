"""`/topics-v1`: the event stream. Commands as in Fortnox' guide; what it leaves open is a setting below."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from services.sandbox.fortnox.oauth import Grant
from services.sandbox.fortnox.websocket_events import KEPT_FOR, TOPICS, Change, Changes
from services.sandbox.fortnox.wire import Fields

if TYPE_CHECKING:
    from services.sandbox.fortnox.company import SandboxFortnox

LOOK_SECONDS = 0.1
GOING_AWAY = 1001
TRY_AGAIN = 1013


@dataclass
class Stream:
    """The events, who listens, and how the stand-in behaves. The first four settings are guesses."""

    changes: Changes = field(default_factory=Changes)
    offset_is_sent_again: bool = False
    """Whether the event of the offset that is asked for comes once more."""
    old_offsets: str = "refused"
    """`refused` or `earliest`: what an offset gets that is unknown or older than 14 days."""
    token_end: str = "closes"
    """What happens when a tenant's token ends: `closes` the connection, `silent` or `nothing`."""
    unknown_topics: str = "refused"
    """`refused` or `ignored`."""

    refuse_status: int = 0
    """Connecting is answered with this status, `refuse_times` more times (-1: always)."""
    refuse_times: int = 0
    retry_after: str = ""
    copies: int = 1
    """So many times each event is sent."""
    deaf: bool = False
    """Commands are not answered, and nothing is sent."""

    connects: int = 0
    refused: int = 0
    commands: list[Fields] = field(default_factory=list)
    sockets: list["Socket"] = field(default_factory=list)

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"sockets": [], "commands": []}

    def change(self, **settings: Any) -> None:
        for name, value in settings.items():
            if name == "lose":
                self.changes.lose = value
            elif name in ("changes", "sockets", "commands") or not hasattr(self, name):
                raise TypeError(f"the stream has no setting {name!r}")
            else:
                setattr(self, name, value)

    def refuses(self) -> bool:
        if not self.refuse_status or not self.refuse_times:
            return False
        self.refuse_times -= 1 if self.refuse_times > 0 else 0
        self.refused += 1
        return True

    def cut(self) -> int:
        """Every connection breaks off; how many there were."""
        for socket in self.sockets:
            socket.cut.set()
        return len(self.sockets)

    def say(self, text: str) -> None:
        """A frame as it is, to everybody who listens."""
        for socket in self.sockets:
            socket.verbatim.append(text)
            socket.wake.set()


@dataclass
class Socket:
    """One connection: its tenants by their tokens, and how far each topic was sent."""

    fortnox: "SandboxFortnox"
    websocket: WebSocket
    tenants: dict[int, str] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    subscribed: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    verbatim: list[str] = field(default_factory=list)

    @property
    def stream(self) -> Stream:
        return self.fortnox.stream

    async def serve(self) -> None:
        self.stream.sockets.append(self)
        self.stream.changes.heard_by.append(self.wake.set)
        tasks = [asyncio.create_task(job) for job in (self._listen(), self._send(), self._end_when_cut())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.stream.sockets.remove(self)
            self.stream.changes.heard_by.remove(self.wake.set)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _end_when_cut(self) -> None:
        await self.cut.wait()
        await self._close(TRY_AGAIN)

    async def _close(self, code: int) -> None:
        with suppress(RuntimeError):  # it is closed already
            await self.websocket.close(code)

    async def _listen(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                text = await self.websocket.receive_text()
                if not self.stream.deaf:
                    await self.websocket.send_text(json.dumps(self._answer(text)))
                    self.wake.set()

    # ── commands ──────────────────────────────────────────────────────────────────────────────────

    def _answer(self, text: str) -> Fields:
        try:
            sent = json.loads(text)
            name = str(sent["command"])
        except (ValueError, KeyError, TypeError):
            return {"response": "unknown", "result": "error", "message": "not a command"}
        self.stream.commands.append(sent)
        do = self._commands().get(name)
        if do is None:
            return {"response": name, "result": "error", "message": f"unknown command {name}"}
        return {"response": name} | do(sent)

    def _commands(self) -> dict[str, Callable[[Fields], Fields]]:
        return {
            "add-tenants-v1": self._add_tenants,
            "remove-tenants-v1": self._remove_tenants,
            "list-tenants-v1": lambda sent: {"result": "ok", "tenants": sorted(self.tenants)},
            "add-topics-v1": self._add_topics,
            "subscribe-v1": self._subscribe,
        }

    def _add_tenants(self, sent: Fields) -> Fields:
        tokens = [str(token) for token in sent.get("accessTokens", [])]
        good = {token: grant for token in tokens if (grant := self._grant(token, sent)) is not None}
        self.tenants |= {grant.tenant_id: token for token, grant in good.items()}
        found: Fields = {"tenantIds": {token: grant.tenant_id for token, grant in good.items()}}
        bad = [token for token in tokens if token not in good]
        return found | ({"result": "error", "invalidTokens": bad} if bad else {"result": "ok"})

    def _grant(self, token: str, sent: Fields) -> Grant | None:
        """What the token stands for, if the secret is that of its integration."""
        grant = self.fortnox.oauth.bearer(token)
        if grant is None or grant.tenant_id not in self.fortnox.companies:
            return None
        secret = self.fortnox.oauth.integrations[grant.client_id].client_secret
        return grant if sent.get("clientSecret") == secret else None

    def _remove_tenants(self, sent: Fields) -> Fields:
        for tenant in sent.get("tenants", []):
            self.tenants.pop(int(tenant), None)
        return {"result": "ok"}

    def _add_topics(self, sent: Fields) -> Fields:
        bad = []
        for wanted in sent.get("topics", []):
            topic, offset = str(wanted.get("topic")), wanted.get("offset")
            if topic not in TOPICS:
                bad += [topic] if self.stream.unknown_topics == "refused" else []
                continue
            start = self._start(topic, offset)
            if start is None:
                bad.append(topic)
            else:
                self.sent[topic] = start
        return {"result": "error", "invalidTopics": bad} if bad else {"result": "ok"}

    def _start(self, topic: str, offset: str | None) -> int | None:
        """The number after which events are sent; None for an offset that is of no use."""
        changes = self.stream.changes
        if offset is None:
            return changes.count
        found = changes.find(topic, offset)
        if found is not None and self.fortnox.clock() - found.at <= KEPT_FOR:
            return found.number - 1 if self.stream.offset_is_sent_again else found.number
        return 0 if self.stream.old_offsets == "earliest" else None

    def _subscribe(self, sent: Fields) -> Fields:
        if not self.tenants or not self.sent:
            return {"result": "error", "message": "add tenants and topics first"}
        self.subscribed = True
        return {"result": "ok"}

    # ── events ────────────────────────────────────────────────────────────────────────────────────

    async def _send(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), LOOK_SECONDS)
            self.wake.clear()
            if self._a_token_has_ended() and self.stream.token_end == "closes":
                return await self._close(GOING_AWAY)
            if self.stream.deaf:
                continue
            texts, self.verbatim = self.verbatim, []
            for text in [*texts, *(json.dumps(change.frame()) for change in self._news())]:
                await self.websocket.send_text(text)

    def _news(self) -> list[Change]:
        """What was not sent yet, topic by topic; who is no tenant hears nothing, now or later."""
        if not self.subscribed:
            return []
        found: list[Change] = []
        for topic, number in self.sent.items():
            new = self.stream.changes.after(topic, number)
            self.sent[topic] = new[-1].number if new else number
            found += [one for one in new if self._hears(one)]
        return [one for one in found for _ in range(self.stream.copies)]

    def _hears(self, change: Change) -> bool:
        token = self.tenants.get(change.tenant_id)
        is_recent = self.fortnox.clock() - change.at <= KEPT_FOR
        return token is not None and is_recent and (self.stream.token_end != "silent" or self._good(token))

    def _a_token_has_ended(self) -> bool:
        return not all(self._good(token) for token in self.tenants.values())

    def _good(self, token: str) -> bool:
        return self.fortnox.oauth.bearer(token) is not None


def websocket_endpoint(fortnox: "SandboxFortnox") -> Callable[[WebSocket], Any]:
    async def serve(websocket: WebSocket) -> None:
        stream = fortnox.stream
        if stream.refuses():
            headers = {"Retry-After": stream.retry_after} if stream.retry_after else None
            await websocket.send_denial_response(Response(status_code=stream.refuse_status, headers=headers))
            return
        await websocket.accept()
        stream.connects += 1
        await Socket(fortnox, websocket).serve()

    return serve
