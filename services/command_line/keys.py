"""`sluss key ...` for the operations API, `sluss keys rotate` for what is encrypted at rest."""

from typing import Annotated

import typer
from rich.table import Table

from services.command_line.failures import INVALID, Failed, console, errors, told_in_a_sentence
from services.command_line.ledger import Place, State, find_place, with_ledger
from shared.ledger.api_keys import SCOPES
from shared.ledger.ledger import Ledger
from shared.settings.home import new_encryption_key

api = typer.Typer(help="Keys of the operations API.", no_args_is_help=True)
encryption = typer.Typer(help="Keys that secrets are encrypted with at rest.", no_args_is_help=True)


@api.command()
def create(
    scope: Annotated[list[str], typer.Option(help=f"What it may: {', '.join(SCOPES)}; repeat for several.")],
    name: Annotated[str, typer.Option(help="Who uses it; shown in the audit trail.")] = "command line",
    state: State = None,
) -> None:
    """Make a key. It is shown once: only its digest is kept."""
    with told_in_a_sentence():
        if unknown := sorted(set(scope) - set(SCOPES)):
            raise Failed(f"unknown scope {', '.join(unknown)}: there are {', '.join(SCOPES)}", code=INVALID)

        async def make(ledger: Ledger) -> tuple[str, str]:
            made = await ledger.api_keys.create(name, scope)
            detail = {"id": made[0], "scopes": [*scope]}
            await ledger.audit.act("command line", "key.create", None, None, detail)
            return made

        key_id, plain = with_ledger(find_place(state), make)
        errors.print(f"Key {key_id} of {name} may {', '.join(scope)}. It is not shown again:")
        console.print(plain, markup=False)


@api.command("list")
def show_all(state: State = None) -> None:
    """All keys, without the keys themselves."""
    with told_in_a_sentence():

        async def read(ledger: Ledger) -> Table:
            table = Table(
                "Id", "Name", "Scopes", "Made", "Last used", "Revoked", box=None, header_style="bold"
            )
            for key in await ledger.api_keys.list():
                times = (key.created_at, key.last_used_at, key.revoked_at)
                shown = (f"{time:%Y-%m-%d %H:%M}" if time else "" for time in times)
                table.add_row(key.id, key.name, " ".join(key.scopes), *shown)
            return table

        console.print(with_ledger(find_place(state), read))


@api.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id, from `sluss key list`.")], state: State = None
) -> None:
    """End a key, now and for good."""
    with told_in_a_sentence():

        async def end(ledger: Ledger) -> bool:
            revoked = await ledger.api_keys.revoke(key_id)
            if revoked:
                await ledger.audit.act("command line", "key.revoke", None, None, {"id": key_id})
            return revoked

        if not with_ledger(find_place(state), end):
            raise Failed(f"there is no key {key_id} that could be revoked")
        console.print(f"Key {key_id} is revoked.")


@encryption.command()
def rotate(state: State = None) -> None:
    """Encrypt every stored secret again, with the newest key.

    With a state folder the new key is made here, while `sluss up` is stopped. With an environment it is the
    first one in SLUSS_ENCRYPTION_KEYS, before the older ones: every running service needs both first.
    """
    with told_in_a_sentence():
        place = find_place(state)
        if place.home is None:
            _tell(with_ledger(place, _reseal), place)
            return
        with place.home.alone():
            place.home.add_encryption_key(new_encryption_key())
            place = find_place(place.home.folder)
            _tell(with_ledger(place, _reseal), place)


async def _reseal(ledger: Ledger) -> int:
    resealed = await ledger.connections.rotate_keys()
    await ledger.audit.act("command line", "keys.rotate", None, None, {"resealed": resealed})
    return resealed


def _tell(resealed: int, place: Place) -> None:
    console.print(f"{resealed} documents are encrypted with the newest of {len(place.keys)} keys.")
    where = "SLUSS_ENCRYPTION_KEYS" if place.home is None else str(place.home.keys_file)
    console.print(
        f"The older ones can leave {where} once every service has the newest, and no backup needs them."
    )


def new_key() -> None:
    """Print a new key for SLUSS_ENCRYPTION_KEYS; nothing is stored."""
    console.print(new_encryption_key(), markup=False)
