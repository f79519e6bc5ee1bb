"""Vouchers, their series and the files that explain them, as Fortnox shows them."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from shared.clients.fields import Fields


@dataclass(frozen=True)
class VoucherName:
    """What names a voucher: ``year`` is Fortnox' id of the financial year. Printed ``S-12-2``."""

    series: str
    number: int
    year: int

    def __str__(self) -> str:
        return f"{self.series}-{self.number}-{self.year}"

    @classmethod
    def parse(cls, name: str) -> "VoucherName":
        """Raises ValueError when it is not the name of a voucher."""
        parts = re.fullmatch(r"(.+)-([0-9]+)-([0-9]+)", name)
        if parts is None:
            raise ValueError(f"{name!r} is not the name of a voucher")
        return cls(parts[1], int(parts[2]), int(parts[3]))


@dataclass(frozen=True)
class FortnoxVoucherHead:
    """What a list shows: no rows. What it was made from: ``INVOICE`` and its number, or ``MANUAL``."""

    name: VoucherName
    dated: date | None
    description: str
    comments: str
    made_from: str
    made_from_number: str


@dataclass(frozen=True)
class FortnoxVoucherRow:
    """In SEK: debit is positive, credit is negative."""

    account: int
    amount: Decimal
    text: str


@dataclass(frozen=True)
class FortnoxVoucher(FortnoxVoucherHead):
    """Rows that somebody struck out are left out."""

    rows: tuple[FortnoxVoucherRow, ...]


@dataclass(frozen=True)
class VoucherSeries:
    """Only a manual series takes vouchers that are made by hand or by us."""

    code: str
    description: str
    manual: bool
    year: int | None


@dataclass(frozen=True)
class FortnoxFile:
    """``id`` is what vouchers are connected with; ``archive_id`` what other documents are."""

    id: str
    archive_id: str
    name: str


@dataclass(frozen=True)
class FortnoxFolder:
    """Where files lie; its subfolders by id and name."""

    files: tuple[FortnoxFile, ...]
    folders: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FileConnection:
    """A file that explains a voucher; ``year`` is None where Fortnox leaves it out."""

    file_id: str
    series: str
    number: int | None
    year: int | None

    def explains(self, voucher: VoucherName) -> bool:
        same_year = self.year is None or self.year == voucher.year
        return same_year and (self.series, self.number) == (voucher.series, voucher.number)


def to_voucher_head(voucher: Fields) -> FortnoxVoucherHead:
    return FortnoxVoucherHead(
        name=_name(voucher),
        dated=voucher.day("TransactionDate"),
        description=voucher.text("Description"),
        comments=voucher.text("Comments"),
        made_from=voucher.text("ReferenceType").upper(),
        made_from_number=voucher.text("ReferenceNumber"),
    )


def to_voucher(voucher: Fields) -> FortnoxVoucher:
    return FortnoxVoucher(
        name=_name(voucher),
        dated=voucher.day("TransactionDate"),
        description=voucher.text("Description"),
        comments=voucher.text("Comments"),
        made_from=voucher.text("ReferenceType").upper(),
        made_from_number=voucher.text("ReferenceNumber"),
        rows=tuple(_row(row) for row in voucher.each("VoucherRows") if not row.flag("Removed")),
    )


def _name(voucher: Fields) -> VoucherName:
    return VoucherName(
        voucher.needed_text("VoucherSeries"),
        voucher.needed_integer("VoucherNumber"),
        voucher.needed_integer("Year"),
    )


def _row(row: Fields) -> FortnoxVoucherRow:
    return FortnoxVoucherRow(
        account=row.needed_integer("Account"),
        amount=row.amount("Debit") - row.amount("Credit"),
        text=row.text("TransactionInformation"),
    )


def to_voucher_series(series: Fields) -> VoucherSeries:
    return VoucherSeries(
        code=series.needed_text("Code"),
        description=series.text("Description"),
        manual=series.flag("Manual"),
        year=series.integer("Year"),
    )


def to_file(file: Fields) -> FortnoxFile:
    return FortnoxFile(
        id=file.needed_text("Id"), archive_id=file.text("ArchiveFileId"), name=file.text("Name")
    )


def to_folder(folder: Fields) -> FortnoxFolder:
    return FortnoxFolder(
        files=tuple(to_file(file) for file in folder.each("Files")),
        folders=tuple((one.needed_text("Id"), one.text("Name")) for one in folder.each("Folders")),
    )


def to_file_connection(connection: Fields) -> FileConnection:
    return FileConnection(
        file_id=connection.needed_text("FileId"),
        series=connection.text("VoucherSeries"),
        number=connection.integer("VoucherNumber"),
        year=connection.integer("VoucherYear"),
    )
