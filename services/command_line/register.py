"""Where connections are kept: our own ledger, or that of a Sluss elsewhere, through its operations API."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.command_line.declarations import checked, path_of, with_environment
from services.command_line.failures import INVALID, Failed
from services.command_line.ledger import Place, with_ledger
from shared.ledger.errors import NothingStored
from shared.ledger.ledger import Ledger
from shared.ledger.records import StoredConnection

TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A connection without its secrets."""

    name: str
    active: bool
    version: int
    updated_at: str
    declaration: Mapping[str, Any]

    @property
    def markets(self) -> list[str]:
        return [market["name"] for market in self.declaration.get("markets", ())]


class Register(Protocol):
    def apply(self, declared: dict[str, Any]) -> Shown: ...
    def all(self) -> list[Shown]: ...
    def one(self, name: str) -> Shown: ...
    def switch(self, name: str, *, on: bool, force: bool = False) -> Shown: ...


@dataclass(frozen=True, slots=True)
class OwnRegister:
    """Straight into the ledger."""

    place: Place

    def apply(self, declared: dict[str, Any]) -> Shown:
        async def put(ledger: Ledger) -> Shown:
            try:
                whole = await ledger.connections.merge_stored(declared)
            except NothingStored as flaw:
                line = f"{path_of(flaw.path)}: there is no stored secret to keep"
                raise Failed("the declaration keeps what is not there", lines=[line], code=INVALID) from flaw
            stored = await ledger.connections.put(checked(whole, called="the declaration"))
            await _note(ledger, "connection.put", stored.name)
            return _shown(ledger, stored)

        return with_ledger(self.place, put)

    def all(self) -> list[Shown]:
        async def read(ledger: Ledger) -> list[Shown]:
            return [_shown(ledger, stored) for stored in await ledger.connections.all()]

        return with_ledger(self.place, read)

    def one(self, name: str) -> Shown:
        async def read(ledger: Ledger) -> Shown:
            stored = await ledger.connections.get(name)
            if stored is None:
                raise _unknown(name)
            return _shown(ledger, stored)

        return with_ledger(self.place, read)

    def switch(self, name: str, *, on: bool, force: bool = False) -> Shown:
        async def change(ledger: Ledger) -> Shown:
            if on and not force:
                await _must_not_block(ledger, name)
            try:
                stored = await ledger.connections.set_active(name, on)
            except KeyError:
                raise _unknown(name) from None
            await _note(ledger, "connection.activate" if on else "connection.deactivate", name)
            return _shown(ledger, stored)

        return with_ledger(self.place, change)


@dataclass(frozen=True, slots=True)
class RemoteRegister:
    """Through the operations API of the gateway at `url`."""

    url: str
    key: str

    def apply(self, declared: dict[str, Any]) -> Shown:
        whole = with_environment(declared)
        return self._one("PUT", f"/connections/{whole.get('name', '')}", whole)

    def all(self) -> list[Shown]:
        return [_from_answer(one) for one in self._ask("GET", "/connections")["items"]]

    def one(self, name: str) -> Shown:
        return self._one("GET", f"/connections/{name}")

    def switch(self, name: str, *, on: bool, force: bool = False) -> Shown:
        if not on:
            return self._one("POST", f"/connections/{name}/deactivate")
        return self._one("POST", f"/connections/{name}/activate", {"force": force})

    def _one(self, method: str, path: str, value: Any = None) -> Shown:
        return _from_answer(self._ask(method, path, value))

    def _ask(self, method: str, path: str, value: Any = None) -> Any:
        body = None if value is None else json.dumps(value, default=str).encode()
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        address = f"{self.url.rstrip('/')}/api/v1{path}"
        try:
            request = urllib.request.Request(address, data=body, method=method, headers=headers)
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise _refused(address, refused.code, refused.read()) from refused
        except (OSError, ValueError) as problem:
            raise Failed(f"{address} does not answer: {getattr(problem, 'reason', problem)}") from problem


def _refused(address: str, status: int, body: bytes) -> Failed:
    try:
        problem = json.loads(body)
        lines = [f"{flaw['path']}: {flaw['detail']}" for flaw in problem.get("errors") or ()]
        told = str(problem.get("detail") or problem.get("title"))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Failed(f"{address} was answered {status}, not by a Sluss")
    return Failed(f"refused ({status}): {told}", lines=lines, code=INVALID if status == 422 else 1)


def _from_answer(answer: Mapping[str, Any]) -> Shown:
    return Shown(
        answer["name"], answer["active"], answer["version"], answer["updated_at"], answer["declaration"]
    )


def _shown(ledger: Ledger, stored: StoredConnection) -> Shown:
    return Shown(
        stored.name,
        stored.active,
        stored.version,
        stored.updated_at.isoformat(timespec="seconds"),
        ledger.connections.public(stored.declaration),
    )


async def _must_not_block(ledger: Ledger, name: str) -> None:
    checked = await ledger.preflights.last(name)
    if checked is not None and checked.report.blocking:
        lines = [f"{one.message}. {one.cure}" for one in checked.report.blocking]
        raise Failed(
            "the last pre-flight check speaks against it; put this right, or use --force", lines=lines
        )


def _unknown(name: str) -> Failed:
    return Failed(f"there is no connection {name}: `sluss connection list` shows those that there are")


async def _note(ledger: Ledger, action: str, name: str) -> None:
    await ledger.audit.act("command line", action, name, None, {})
