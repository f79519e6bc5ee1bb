"""Which ledger a command works on: the one of the environment, else that of this machine's state folder."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from cryptography.fernet import InvalidToken

from services.command_line.failures import Failed
from shared.ledger.ledger import Ledger
from shared.settings.home import Home, default_folder
from shared.settings.service import ServiceSettings

T = TypeVar("T")
DATABASE_VARIABLE = "SLUSS_DATABASE_URL"

State = Annotated[
    Path | None,
    typer.Option(help=f"The folder of `sluss up`, instead of {DATABASE_VARIABLE} or the usual folder."),
]


@dataclass(frozen=True, slots=True)
class Place:
    """A ledger's address and its encryption keys, newest first. `home` is None for one of the environment."""

    url: str
    keys: tuple[str, ...]
    home: Home | None = None


def find_place(state: Path | None) -> Place:
    """A named folder wins, then the environment, then the folder that `sluss up` uses."""
    if state is None and os.environ.get(DATABASE_VARIABLE):
        service = ServiceSettings()
        return Place(service.database_url, tuple(service.encryption_key_list))
    home = Home(state or default_folder())
    keys = home.keys()["SLUSS_ENCRYPTION_KEYS"].split(",")
    return Place(home.database_url, tuple(keys), home)


def with_ledger(place: Place, work: Callable[[Ledger], Awaitable[T]]) -> T:
    """Run it on the open ledger."""

    async def run() -> T:
        ledger = await _open(place)
        try:
            return await work(ledger)
        except ValueError as problem:
            if isinstance(problem.__cause__, InvalidToken):  # sealed with a key that we were not given
                raise Failed(str(problem)) from problem
            raise
        finally:
            await ledger.close()

    return asyncio.run(run())


async def _open(place: Place) -> Ledger:
    try:
        return await Ledger.open(place.url, keys=place.keys, clock=lambda: datetime.now(UTC))
    except ValueError as problem:  # keys or address that cannot be used
        raise Failed(str(problem)) from problem
