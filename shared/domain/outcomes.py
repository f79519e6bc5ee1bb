"""The ways a run can end well; the ways it can fail are in ``errors.py``."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Done:
    """Everything that should exist exists; ``documents`` are the numbers in the other systems."""

    documents: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """Nothing to do, and why."""

    reason: str


@dataclass(frozen=True)
class Moved:
    """What this subject is about belongs to another one, which is looked at instead."""

    kind: str
    key: str
    reason: str


@dataclass(frozen=True)
class Advice:
    """Something a person should know although nothing stopped."""

    code: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)


# Advice about the shop and not about one sale: told once for a connection, not with every sale.
STANDING = ("freight_single_rate",)
