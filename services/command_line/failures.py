"""How a command fails: one sentence on standard error, and an exit code."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from shared.ledger.errors import LedgerUnavailable, SchemaBehind
from shared.settings.home import InUse, UnsafeKeys

FAILED = 1
INVALID = 2

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Failed(Exception):
    """What a person is told; `lines` are the details, one each."""

    def __init__(self, message: str, *, lines: Sequence[str] = (), code: int = FAILED) -> None:
        super().__init__(message)
        self.lines = lines
        self.code = code


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """What can go wrong without being our mistake is told; anything else is a bug and keeps its trace."""
    try:
        yield
    except Failed as failure:
        errors.print(f"[red]{escape(str(failure))}")
        for line in failure.lines:
            errors.print(f"  {escape(line)}")
        raise typer.Exit(failure.code) from None
    except (InUse, LedgerUnavailable, SchemaBehind, UnsafeKeys) as problem:
        errors.print(f"[red]{escape(str(problem))}")
        raise typer.Exit(FAILED) from None
