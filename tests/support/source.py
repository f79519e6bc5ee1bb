"""Our own source, read as text and as a syntax tree, for the rules of the house."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.paths import REPOSITORY


def python_files(*folders: str) -> list[Path]:
    """Every module below these folders of the project, sorted."""
    return sorted(file for folder in folders for file in (REPOSITORY / folder).rglob("*.py"))


def name_of(file: Path) -> str:
    """As a person would write it: the path inside the project."""
    return file.relative_to(REPOSITORY).as_posix()


def imported_by(file: Path) -> Iterator[str]:
    """The full name of every module that is imported there, wherever in the file it happens."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def packages_imported_by(file: Path) -> set[str]:
    """The same, as top-level packages."""
    return {name.partition(".")[0] for name in imported_by(file)}


def names_of_tests() -> set[str]:
    """The name of every test function of the project."""
    return {
        node.name
        for file in python_files("tests")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown page."""

    file: Path

    def text(self) -> str:
        return self.file.read_text() if self.file.exists() else ""

    def headings(self) -> list[str]:
        return [line.lstrip("# ").strip() for line in self.text().splitlines() if line.startswith("#")]

    def section(self, heading: str) -> str:
        """What stands under the first heading that contains these words, up to the next of any level."""
        found = re.search(
            rf"^#+[^\n]*{re.escape(heading)}[^\n]*\n(.*?)(?=^#|\Z)",
            self.text(),
            re.MULTILINE | re.DOTALL | re.IGNORECASE,
        )
        return found[1] if found else ""

    def items(self, heading: str) -> list[str]:
        """The list items of that section, each with the lines that belong to it."""
        return [item.strip() for item in re.split(r"(?m)^(?:\d+\.|[-*])\s+", self.section(heading))[1:]]

    def names(self) -> set[str]:
        """Every word in `code`, and the last part of every dotted path."""
        quoted = re.findall(r"`([^`\n]+)`", self.text())
        return {part for text in quoted for part in (text, re.split(r"[.\]]", text)[-1])}
