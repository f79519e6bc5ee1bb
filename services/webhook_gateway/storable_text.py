"""Strangers' text, made fit to be stored and shown."""

from decimal import Decimal

LONGEST_TEXT = 120
LARGEST_ID = 2**63 - 1


def storable(value: object) -> str:
    """Text that every database takes: no NUL, no control characters, no lone surrogates, not too long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | Decimal):
        return ""
    return "".join(char for char in _short(value) if char.isprintable()).strip()


def _short(value: str | int | Decimal) -> str:
    if isinstance(value, int) and abs(value) > LARGEST_ID:
        return ""
    return str(value)[:LONGEST_TEXT]
