"""What a company keeps of files: their content, and what they explain."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Upload:
    """A file as it came in."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class KeptFile:
    """`id` is the one of the inbox, which vouchers are connected with; `archive_id` the archive's."""

    id: str
    archive_id: str
    name: str
    folder: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class FileConnection:
    """A file explains a voucher, named by series, number and financial year."""

    file_id: str
    series: str
    number: str
    year: int
