"""What the stand-ins know, kept in a file: killed at any moment, they know again whatever they had answered.

The real systems do not forget when our machine falls over, so a demo that is killed and started again needs
stand-ins that do not either. Webhooks on their way, faults and the log of calls to Svea are not kept.
The file is Python's own format: read only files that this program wrote.
"""

from __future__ import annotations

import copyreg
import io
import itertools
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.sandbox.sandbox import Sandbox

SVEA_PARTS = ("merchants", "orders", "tasks", "reports", "books", "verbatim")
SVEA_OBJECTS = ("numbers", "subscriptions")
CLOCK, OUTBOX = "clock", "magento_outbox"


class KeptState:
    """The file of one sandbox."""

    def __init__(self, sandbox: Sandbox, file: Path) -> None:
        self._sandbox = sandbox
        self._file = file
        self._own = {CLOCK: sandbox.clock, OUTBOX: sandbox.magento.outbox}

    def restore(self) -> bool:
        """Know again what the file says; False when there is no file yet."""
        if not self._file.exists():
            return False
        with self._file.open("rb") as source:
            parts, objects, fortnox, magento = _Unpickler(source, self._own).load()
        for name, value in parts.items():
            setattr(self._sandbox.svea, name, value)
        for name, value in objects.items():  # others hold these objects, so they stay and change
            vars(getattr(self._sandbox.svea, name)).update(value)
        vars(self._sandbox.fortnox).update(fortnox)
        vars(self._sandbox.magento).update(magento)
        return True

    def save(self) -> None:
        """Whole or not at all: a reader never sees half a file."""
        svea = self._sandbox.svea
        parts = {name: getattr(svea, name) for name in SVEA_PARTS}
        objects = {name: vars(getattr(svea, name)) for name in SVEA_OBJECTS}
        known = (parts, objects, vars(self._sandbox.fortnox), vars(self._sandbox.magento))
        fresh = self._file.with_suffix(".new")
        with fresh.open("wb") as target:
            _Pickler(target, self._own).dump(known)
        fresh.replace(self._file)


class Keeping:
    """ASGI: what a request changed is in the file before its answer leaves, also when no answer does."""

    def __init__(self, app: ASGIApp, state: KeptState) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] == "GET":
            await self._app(scope, receive, send)
            return

        kept = False

        async def keep_then_send(message: Message) -> None:
            nonlocal kept
            if message["type"] == "http.response.start":
                self._state.save()
                kept = True
            await send(message)

        try:
            await self._app(scope, receive, keep_then_send)
        finally:
            if not kept:
                self._state.save()


class _Pickler(pickle.Pickler):
    """Clock and outbox are this process's own. Counters are written out: from Python 3.14 they must be."""

    dispatch_table = copyreg.dispatch_table | {itertools.count: lambda counter: (_counting, (repr(counter),))}

    def __init__(self, target: io.BufferedIOBase, own: Mapping[str, Any]) -> None:
        super().__init__(target)
        self._names = {id(own): name for name, own in own.items()}

    def persistent_id(self, thing: Any) -> str | None:
        """Asked about every single object that is kept."""
        return self._names.get(id(thing))


class _Unpickler(pickle.Unpickler):
    def __init__(self, source: io.BufferedIOBase, own: Mapping[str, Any]) -> None:
        super().__init__(source)
        self._own = own

    def persistent_load(self, name: Any) -> Any:
        return self._own[name]


def _counting(shown: str) -> itertools.count[int]:
    """`count(7300001)`, as a counter shows itself."""
    return itertools.count(int(shown.removeprefix("count(").removesuffix(")")))
