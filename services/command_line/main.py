"""`sluss`: run it on this machine, declare connections, handle keys."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.command_line import connections, keys, mapping
from services.command_line.failures import console, told_in_a_sentence
from services.command_line.ledger import State, find_place
from shared.ledger.migrate import upgrade

app = typer.Typer(
    name="sluss",
    help="Carries orders, refunds and payouts from Magento and Svea into Fortnox: to the öre, exactly once.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # they hold secrets
)
app.add_typer(connections.app, name="connection")
app.add_typer(mapping.app, name="mapping")
app.add_typer(keys.api, name="key")
app.add_typer(keys.encryption, name="keys")
app.command("new-encryption-key")(keys.new_key)


@app.command()
def up(
    state: Annotated[Path | None, typer.Option(help="Folder that everything is kept in.")] = None,
    port_base: Annotated[
        int | None, typer.Option(help="The gateway's port, and the first of a few after it.")
    ] = None,
) -> None:
    """Run everything on this machine: SQLite, an own Redis, gateway, two workers, scheduler."""
    arguments = ["--state", str(state)] if state is not None else []
    arguments += ["--port-base", str(port_base)] if port_base is not None else []
    # Services know nothing of each other: this process becomes the one that supervises them.
    os.execv(sys.executable, [sys.executable, "-m", "services.local.up", *arguments])


@app.command()
def migrate(state: State = None) -> None:
    """Bring the ledger's schema up to date; safe to repeat, and while services run."""
    with told_in_a_sentence():
        asyncio.run(upgrade(find_place(state).url))
        console.print("The ledger's schema is up to date.")


if __name__ == "__main__":
    app()
