"""Reading what strangers send: JSON that may be anything, numbers that may be text, instants as they like."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from services.webhook_gateway.storable_text import LARGEST_ID

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,12}))?\s*(?:[Zz]|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)


class UnreadableNotice(ValueError):
    """The body cannot be understood, and sending it again would not help; ``where`` is the field."""

    def __init__(self, code: str, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.where = where


@dataclass(frozen=True)
class Instant:
    """``text`` is the instant written one way, with all the digits that were sent."""

    at: datetime
    text: str


def must_be_json(body: bytes) -> Any:
    """With exact numbers. Raises UnreadableNotice."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise UnreadableNotice("malformed_json", "the body is not JSON") from problem


def must_be_object(body: bytes) -> dict[str, Any]:
    read = must_be_json(body)
    if not isinstance(read, dict):
        raise UnreadableNotice("not_an_object", "the body is not a JSON object")
    return read


def positive_int(value: object) -> int | None:
    """``307`` and ``"307"``; whatever is not a positive whole number that a database holds is None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_ID)) else None
    if isinstance(value, int) and 0 < value <= LARGEST_ID:
        return value
    return None


def to_instant(value: object) -> Instant | None:
    """Svea writes seven fractional digits and Z, Magento none and no zone; what names no instant is None."""
    found = _INSTANT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    *parts, fraction, sign, hours, minutes = found.groups()
    digits = (fraction or "").rstrip("0")
    try:
        year, month, day, hour, minute, second = map(int, parts)
        at = datetime(year, month, day, hour, minute, second, int(digits[:6].ljust(6, "0")), UTC)
        if hours:
            offset = timezone(timedelta(hours=int(hours), minutes=int(minutes))).utcoffset(None)
            at += offset if sign == "-" else -offset
    except (ValueError, OverflowError):
        return None
    whole = at.isoformat(timespec="seconds")[:19]
    return Instant(at=at, text=f"{whole}{'.' if digits else ''}{digits}Z")


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
