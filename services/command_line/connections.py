"""`sluss connection ...`: declare, look, switch on and off."""

from pathlib import Path
from typing import Annotated

import typer
import yaml
from rich.table import Table

from services.command_line.declarations import read_declaration
from services.command_line.failures import INVALID, Failed, console, told_in_a_sentence
from services.command_line.ledger import State, find_place
from services.command_line.register import OwnRegister, Register, RemoteRegister, Shown

app = typer.Typer(
    help="Connections: a Fortnox company, its markets, and what is booked where.", no_args_is_help=True
)

Url = Annotated[
    str | None, typer.Option(envvar="SLUSS_URL", help="A Sluss elsewhere, by its gateway's address.")
]
Key = Annotated[
    str | None,
    typer.Option(envvar="SLUSS_KEY", help="A key of that Sluss' operations API.", show_envvar=True),
]
Name = Annotated[str, typer.Argument(help="Name of the connection.")]


@app.command()
def apply(
    file: Annotated[Path, typer.Argument(help="The declaration, YAML or JSON.")],
    activate: Annotated[bool, typer.Option("--activate", help="Switch it on at once.")] = False,
    url: Url = None,
    key: Key = None,
    state: State = None,
) -> None:
    """Create or replace a connection from its declaration."""
    with told_in_a_sentence():
        declared = read_declaration(file)
        register = register_of(url, key, state)
        shown = register.apply(declared)
        if activate and not shown.active:
            shown = register.switch(shown.name, on=True)
        console.print(f"{shown.name}: version {shown.version} is stored, {_state(shown)}.")
        if not shown.active:
            console.print(f"Switch it on with: sluss connection activate {shown.name}")


@app.command("list")
def show_all(url: Url = None, key: Key = None, state: State = None) -> None:
    """All connections."""
    with told_in_a_sentence():
        found = register_of(url, key, state).all()
        if not found:
            console.print("There are no connections yet: sluss connection apply FILE.yaml")
            return
        table = Table("Name", "State", "Version", "Markets", "Changed", box=None, header_style="bold")
        for one in found:
            table.add_row(one.name, _state(one), str(one.version), " ".join(one.markets), one.updated_at)
        console.print(table)


@app.command()
def show(name: Name, url: Url = None, key: Key = None, state: State = None) -> None:
    """One connection as it was declared, without its secrets; what it prints can be applied again."""
    with told_in_a_sentence():
        found = register_of(url, key, state).one(name)
        console.print(f"# {found.name}: {_state(found)}, version {found.version}, changed {found.updated_at}")
        text = yaml.safe_dump(dict(found.declaration), sort_keys=False, allow_unicode=True)
        console.print(text, markup=False, end="")


@app.command()
def activate(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Whatever the last pre-flight check found.")] = False,
    url: Url = None,
    key: Key = None,
    state: State = None,
) -> None:
    """Start booking."""
    _switch(name, (url, key, state), on=True, force=force)


@app.command()
def deactivate(name: Name, url: Url = None, key: Key = None, state: State = None) -> None:
    """Stop booking; what comes in is still kept, and booked when it is switched on again."""
    _switch(name, (url, key, state), on=False)


_Where = tuple[str | None, str | None, Path | None]


def _switch(name: str, where: _Where, *, on: bool, force: bool = False) -> None:
    with told_in_a_sentence():
        shown = register_of(*where).switch(name, on=on, force=force)
        console.print(f"{shown.name} is {_state(shown)}.")


def register_of(url: str | None, key: str | None, state: Path | None) -> Register:
    if url is None:
        return OwnRegister(find_place(state))
    if state is not None:
        raise Failed("--url is a Sluss elsewhere, --state is this machine's: give one of them", code=INVALID)
    if not key:
        raise Failed("--url needs a key of that Sluss: --key, or SLUSS_KEY in the environment", code=INVALID)
    return RemoteRegister(url, key)


def _state(shown: Shown) -> str:
    return "active" if shown.active else "not active"
