"""Recorded answers of a real 2.4.7-p3 (tests/recorded/magento) and composed samples (tests/data/magento)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.clients import json_numbers
from tests.support.paths import REPOSITORY

RECORDED = REPOSITORY / "tests" / "recorded" / "magento"
SAMPLES = REPOSITORY / "tests" / "data" / "magento"


def recorded(name: str) -> dict[str, Any]:
    """One exchange: request, status, headers, response; numbers exact."""
    found: dict[str, Any] = json_numbers.loads((RECORDED / f"{name}.json").read_bytes())
    return found


def sample(name: str) -> Any:
    return json_numbers.loads((SAMPLES / f"{name}.json").read_bytes())


def answers(*folders: str) -> Iterator[tuple[str, Any]]:
    """Every recorded 2xx of these folders, with its name."""
    for folder in folders:
        for file in sorted((RECORDED / folder).rglob("*.json")):
            exchange = json_numbers.loads(file.read_bytes())
            if 200 <= exchange["status"] < 300:
                yield _name(file, RECORDED), exchange["response"]


def samples(folder: str) -> Iterator[tuple[str, Any]]:
    for file in sorted((SAMPLES / folder).glob("*.json")):
        yield _name(file, SAMPLES), json_numbers.loads(file.read_bytes())


def documents(answer: Any) -> list[dict[str, Any]]:
    """One document, or those of a list."""
    return (
        list(answer["items"] or ()) if isinstance(answer, dict) and "search_criteria" in answer else [answer]
    )


def _name(file: Path, root: Path) -> str:
    return file.relative_to(root).with_suffix("").as_posix()
