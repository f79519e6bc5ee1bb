"""Vouchers out of a SIE file of type 4, which holds a whole financial year.

Source: SIE filformat 4B (sie.se). `#TRANS` counts; `#RTRANS` is repeated as one, `#BTRANS` was struck out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from shared.domain.errors import UnreadableAnswer

WORD = re.compile(r'"((?:\\.|[^"\\])*)"|\{([^}]*)\}|(\S+)')


@dataclass
class SieVoucher:
    """Amounts are SEK by account, debit positive."""

    series: str
    number: int
    dated: date
    text: str
    amounts: list[tuple[int, Decimal]] = field(default_factory=list)


def read_vouchers(body: bytes) -> Iterator[SieVoucher]:
    """In the order of the file. Raises UnreadableAnswer with the line."""
    voucher: SieVoucher | None = None
    for place, line in enumerate(_lines(body), 1):
        if line.startswith("#VER"):
            voucher = _voucher(_words(line), place)
        elif line.startswith("#TRANS") and voucher is not None:
            voucher.amounts.append(_amount(_words(line), place))
        elif line == "}" and voucher is not None:
            yield voucher
            voucher = None


def _lines(body: bytes) -> Iterator[str]:
    """`#FORMAT PC8` is code page 437; programs that left it behind write UTF-8."""
    encoding = "cp437" if b"#FORMAT PC8" in body[:2000] else "utf-8-sig"
    for line in body.split(b"\n"):
        yield line.decode(encoding, errors="replace").strip()


def _words(line: str) -> list[str]:
    return [
        quoted.replace('\\"', '"') if quoted else objects or plain
        for quoted, objects, plain in WORD.findall(line)
    ]


def _voucher(words: list[str], line: int) -> SieVoucher:
    try:
        _, series, number, day = words[:4]
        counted = int(number)
        dated = datetime.strptime(day, "%Y%m%d").date()  # noqa: DTZ007 a day, no instant
    except ValueError:
        raise UnreadableAnswer(f"SIE line {line}: {words} is no voucher") from None
    return SieVoucher(series, counted, dated, words[4] if len(words) > 4 else "")


def _amount(words: list[str], line: int) -> tuple[int, Decimal]:
    try:
        return int(words[1]), Decimal(words[3])
    except (IndexError, ValueError, InvalidOperation):
        raise UnreadableAnswer(f"SIE line {line}: {words} is no row of a voucher") from None
