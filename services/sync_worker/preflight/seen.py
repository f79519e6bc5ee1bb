"""What the check has seen, before anything is judged. None: it could not be looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from shared.clients.fortnox.wire_catalogue import PriceList
from shared.clients.fortnox.wire_company import CompanyInformation, Currency, FinancialYear, FortnoxAccount
from shared.clients.fortnox.wire_payments import ModeOfPayment
from shared.clients.fortnox.wire_vouchers import VoucherSeries
from shared.clients.magento import probe
from shared.clients.svea.wire import Subscription
from shared.domain.findings import Finding


@dataclass(frozen=True)
class Locked:
    until: date | None


@dataclass(frozen=True)
class Rounding:
    """The newest invoice that tells: its number, and what Fortnox rounded it by."""

    invoice: str
    round_off: Decimal


@dataclass(frozen=True)
class Year:
    """A day that we book on, its financial year, and the chart and series of that year."""

    day: date
    year: FinancialYear | None
    accounts: Mapping[int, FortnoxAccount] | None = None
    series: Mapping[str, VoucherSeries] | None = None


@dataclass
class FortnoxSeen:
    company: CompanyInformation | None = None
    locked: Locked | None = None
    years: tuple[Year, ...] | None = None
    predefined: Mapping[str, int] | None = None
    currencies: Mapping[str, Currency] | None = None
    modes: Mapping[str, ModeOfPayment] | None = None
    price_lists: tuple[PriceList, ...] | None = None
    rounding: tuple[Rounding, ...] | None = None
    warehouse: bool | None = None
    refused: dict[str, str] = field(default_factory=dict)  # what was asked -> Fortnox' words
    lacking: dict[str, str] = field(default_factory=dict)  # scope -> Fortnox' words


@dataclass
class SveaSeen:
    """One market. ``callback`` is our subscription, ``listed`` whether the list of them could be read."""

    market: str
    listed: bool = False
    callback: Subscription | None = None


@dataclass(frozen=True)
class StoppedSale:
    id: str
    key: str
    code: str
    message: str


@dataclass
class Seen:
    """``failed`` are findings of the reading itself; ``unread`` are systems that were not seen, and why."""

    today: date
    subscribed: bool = True  # active for long enough for Svea to have verified our address
    public_url: str = ""
    fortnox: FortnoxSeen = field(default_factory=FortnoxSeen)
    svea: list[SveaSeen] = field(default_factory=list)
    shop: probe.Finding | None = None
    stopped: tuple[StoppedSale, ...] = ()
    failed: list[Finding] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)
