"""`sluss mapping ...`: the mapping as a table that a spreadsheet opens."""

from pathlib import Path
from typing import Annotated

import typer

from services.command_line.connections import Key, Name, Url, register_of
from services.command_line.failures import INVALID, Failed, console, told_in_a_sentence
from services.command_line.ledger import State
from services.command_line.register import Shown
from shared.settings.mapping import DEFAULT_SALES, SalesLine
from shared.settings.mapping_csv import MappingFlaws, from_csv, to_csv

app = typer.Typer(
    help="Which account and VAT code each treatment, country and rate has, as CSV.", no_args_is_help=True
)


@app.command()
def export(
    name: Name,
    file: Annotated[Path | None, typer.Argument(help="Where to write it; left out, it is printed.")] = None,
    defaults: Annotated[bool, typer.Option("--defaults", help="The default lines, too.")] = False,
    url: Url = None,
    key: Key = None,
    state: State = None,
) -> None:
    """The lines that a connection has."""
    with told_in_a_sentence():
        lines = _lines(register_of(url, key, state).one(name))
        known = {(line.treatment, line.country, line.rate) for line in lines}
        more = [line for line in DEFAULT_SALES if (line.treatment, line.country, line.rate) not in known]
        text = to_csv([*lines, *more] if defaults else lines)
        if file is None:
            console.print(text.replace("\r\n", "\n"), markup=False, end="")
            return
        file.write_bytes(b"\xef\xbb\xbf" + text.encode())  # by the mark, spreadsheets know the letters
        console.print(f"{file}: {text.count(chr(10)) - 1} lines.")


@app.command("import")
def replace(
    name: Name,
    file: Annotated[Path, typer.Argument(help="The table; commas or semicolons.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whether it can be taken.")] = False,
    url: Url = None,
    key: Key = None,
    state: State = None,
) -> None:
    """Replace all lines of a connection by those of the table."""
    with told_in_a_sentence():
        register = register_of(url, key, state)
        shown = register.one(name)
        lines = _read(file, home=shown.declaration["company_country"])
        if dry_run:
            console.print(f"{file}: {len(lines)} lines, nothing is wrong with them; nothing was stored.")
            return
        sales = [line.model_dump(mode="json") for line in lines]
        stored = register.apply({**shown.declaration, "sales": sales})
        console.print(f"{stored.name}: version {stored.version} is stored, with {len(lines)} lines.")


def _lines(shown: Shown) -> list[SalesLine]:
    return [SalesLine.model_validate(line) for line in shown.declaration["sales"]]


def _read(file: Path, *, home: str) -> tuple[SalesLine, ...]:
    try:
        data = file.read_bytes()
    except OSError as problem:
        raise Failed(f"{file} cannot be read: {problem.strerror}", code=INVALID) from problem
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    try:
        return from_csv(text, home=home)
    except MappingFlaws as problem:
        lines = [str(flaw) for flaw in problem.flaws]
        raise Failed(f"{file} cannot be taken; nothing was stored", lines=lines, code=INVALID) from problem
