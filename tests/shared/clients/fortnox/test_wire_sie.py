"""Vouchers out of SIE files: quotes, blanks, objects, struck-out rows, code pages, and what is no SIE."""

from datetime import date
from decimal import Decimal

import pytest

from shared.clients.fortnox.wire_sie import read_vouchers
from shared.domain.errors import UnreadableAnswer

FILE = (
    "#FLAGGA 0\r\n#FORMAT PC8\r\n#SIETYP 4\r\n#RAR 0 20260101 20261231\r\n"
    '#KONTO 2611 "Utgående moms"\r\n'
    '#VER "B" 12 20260505 "Kundfaktura \\"Åsa\\", 4711" 20260506\r\n{\r\n'
    '#TRANS 1510 {} 1250.00 "" "a {b} c" 0\r\n'
    '   #TRANS 3001 {"1" "Nord" "6" "P1"} -1000.00\r\n'
    "#BTRANS 2611 {} -200.00\r\n"
    "#RTRANS 2611 {} -250.00\r\n"
    "#TRANS 2611 {} -250.00\r\n}\r\n"
    "#VER A 1 20260601\r\n{\r\n\t#TRANS 1930 {} .5\r\n}\r\n"
)


@pytest.mark.parametrize("encoding", ["cp437", "utf-8"])
def test_every_voucher_with_the_rows_that_count(encoding: str) -> None:
    text = FILE if encoding == "cp437" else FILE.replace("#FORMAT PC8\r\n", "")

    first, second = read_vouchers(text.encode(encoding))

    assert (first.series, first.number, first.dated) == ("B", 12, date(2026, 5, 5))
    assert first.text == 'Kundfaktura "Åsa", 4711'
    assert first.amounts == [
        (1510, Decimal("1250.00")),
        (3001, Decimal("-1000.00")),
        (2611, Decimal("-250.00")),
    ]
    assert (second.series, second.text, second.amounts) == ("A", "", [(1930, Decimal("0.5"))])


def test_a_file_without_vouchers_and_no_file_at_all() -> None:
    assert list(read_vouchers(b"")) == []
    assert list(read_vouchers(b"#FLAGGA 0\n#SIETYP 1\n#UB 0 1930 500.00\n")) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("#VER A\n{\n}\n", "line 1"),
        ("#VER A 1 2026-05-05\n{\n}\n", "no voucher"),
        ('#VER A "" 20260505\n{\n}\n', "no voucher"),
        ("#VER A 1 20260505\n{\n#TRANS 1930 {} much\n}\n", "line 3"),
        ("#VER A 1 20260505\n{\n#TRANS kassa {} 1.00\n}\n", "no row"),
        ("#VER A 1 20260505\n{\n#TRANS 1930\n}\n", "no row"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, says: str) -> None:
    with pytest.raises(UnreadableAnswer, match=says):
        list(read_vouchers(text.encode()))
