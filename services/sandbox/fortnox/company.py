"""One Fortnox company with everything it holds, and the stand-in that holds the companies."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from services.sandbox.fortnox import chart, refusals
from services.sandbox.fortnox.books import Books, Voucher
from services.sandbox.fortnox.chart import Account, Currency, VatCode, VoucherSeries
from services.sandbox.fortnox.kept_files import FileConnection, KeptFile
from services.sandbox.fortnox.limiter import SlidingWindow
from services.sandbox.fortnox.oauth import ALL_SCOPES, OAuth
from services.sandbox.fortnox.refusals import Refusal
from services.sandbox.fortnox.switches import Switches
from services.sandbox.fortnox.websocket import Stream
from services.sandbox.fortnox.wire import Fields

STOCKHOLM = ZoneInfo("Europe/Stockholm")


@dataclass(frozen=True)
class Call:
    """One request as it arrived and what it was answered."""

    method: str
    path: str
    query: str
    status: int
    at: datetime
    client_id: str
    body: object = None


@dataclass(frozen=True)
class FinancialYear:
    """A year that the company has opened."""

    id: int
    from_date: date
    to_date: date
    accounting_method: str = "ACCRUAL"

    def holds(self, day: date) -> bool:
        """Whether the day is in the year."""
        return self.from_date <= day <= self.to_date


class Records(dict[str, Fields]):
    """Records by their number, in Fortnox' own field names, with the instant each was last changed."""

    def __init__(self) -> None:
        super().__init__()
        self.modified: dict[str, datetime] = {}
        self.burnt: set[str] = set()
        self.highest = 0

    def next_number(self) -> str:
        """One more than the highest number there ever was: a deleted one does not come back."""
        return str(self.highest + 1)


@dataclass(repr=False)
class Company:
    """State and settings. The behaviour is in the module of each resource."""

    tenant_id: int
    clock: Callable[[], datetime]
    name: str = "Provbolaget AB"
    organisation_number: str = "556000-0000"
    service_consent: bool = True
    scopes: tuple[str, ...] = ALL_SCOPES
    locked_until: date | None = None
    switches: Switches = field(default_factory=Switches)
    financial_years: list[FinancialYear] = field(default_factory=list)
    accounts: dict[int, Account] = field(default_factory=dict)
    vat_codes: list[VatCode] = field(default_factory=list)
    currencies: dict[str, Currency] = field(default_factory=dict)
    modes_of_payment: dict[str, tuple[str, int]] = field(default_factory=dict)
    voucher_series: dict[str, VoucherSeries] = field(default_factory=dict)
    predefined_accounts: dict[str, int] = field(default_factory=dict)
    predefined_voucher_series: dict[str, str] = field(default_factory=dict)
    terms_of_payment: Records = field(default_factory=Records)
    terms_of_delivery: Records = field(default_factory=Records)
    ways_of_delivery: Records = field(default_factory=Records)
    units: Records = field(default_factory=Records)
    price_lists: Records = field(default_factory=Records)
    prices: Records = field(default_factory=Records)
    customers: Records = field(default_factory=Records)
    articles: Records = field(default_factory=Records)
    stock_points: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Article -> stock point -> pieces of it that lie there; what is left lies in MAIN."""
    sent_orders: set[str] = field(default_factory=set)
    """With Lager: orders whose goods have left, and so are not reserved any more."""
    orders: Records = field(default_factory=Records)
    invoices: Records = field(default_factory=Records)
    payments: Records = field(default_factory=Records)
    claims: dict[str, Decimal] = field(default_factory=dict)
    """What is left of each invoice on the customer ledger, in SEK."""
    books: Books = field(default_factory=Books)
    files: dict[str, KeptFile] = field(default_factory=dict)
    file_connections: dict[str, FileConnection] = field(default_factory=dict)
    uploads: int = 0
    calls: list[Call] = field(default_factory=list)
    too_many_requests: int = 0
    row_ids: int = 0
    stream: Stream | None = None
    """Where changes are told; None for a company that nobody listens to."""

    @classmethod
    def standard(cls, tenant_id: int, clock: Callable[[], datetime], **settings: Any) -> "Company":
        """The reference company of the acceptance cases, with nothing locked; then the settings."""
        company = cls(tenant_id, clock)
        company.accounts = chart.standard_accounts()
        company.vat_codes = chart.standard_vat_codes()
        company.currencies = chart.standard_currencies()
        company.modes_of_payment = chart.standard_modes_of_payment()
        company.voucher_series = chart.standard_voucher_series()
        company.predefined_accounts = dict(chart.PREDEFINED_ACCOUNTS)
        company.predefined_voucher_series = dict(chart.PREDEFINED_VOUCHER_SERIES)
        for code, text in chart.STANDARD_TERMS_OF_PAYMENT.items():
            company.store(company.terms_of_payment, code, {"Code": code, "Description": text})
        for code, text in chart.STANDARD_UNITS.items():
            company.store(company.units, code, {"Code": code, "CodeEnglish": "", "Description": text})
        price_list = {"Code": "A", "Comments": "", "Description": "Prislista A", "PreSelected": True}
        company.store(company.price_lists, "A", price_list)
        company.open_years(sorted({2025, 2026, company.today().year}))
        company.change(**settings)
        return company

    def change(self, **settings: Any) -> None:
        """Change settings and switches by name."""
        switches = {each.name for each in fields(Switches)}
        known = {each.name for each in fields(Company)} - {"tenant_id", "clock", "stream"}
        for name, value in settings.items():
            if name == "accounting_method":
                self._use_method(value)
            elif name in switches:
                setattr(self.switches, name, value)
            elif name in known:
                before = getattr(self, name)
                setattr(self, name, value)
                if name == "currencies":
                    self._tell_of_rates(before)
            else:
                raise TypeError(f"a company has no setting {name!r}")

    def _tell_of_rates(self, before: dict[str, Currency]) -> None:
        for code, currency in self.currencies.items():
            if before.get(code) != currency:
                self.tell("currencies", "currency-updated", code)

    def _use_method(self, method: str) -> None:
        years = self.financial_years
        self.financial_years = [FinancialYear(y.id, y.from_date, y.to_date, method) for y in years]

    def open_years(self, years: Iterable[int]) -> None:
        """Open calendar years as financial years."""
        for year in years:
            number = 1 + max((each.id for each in self.financial_years), default=0)
            self.financial_years.append(FinancialYear(number, date(year, 1, 1), date(year, 12, 31)))

    def __getstate__(self) -> dict[str, Any]:
        """What is kept when the stand-in is stored: everything but the log of calls."""
        return vars(self) | {"calls": []}

    @property
    def vouchers(self) -> list[Voucher]:
        """Every voucher, in the order booked."""
        return self.books.vouchers

    def writes(self) -> list[Call]:
        """Calls that were meant to change something, also when they were refused."""
        return [call for call in self.calls if call.method != "GET"]

    def today(self) -> date:
        """The date in Stockholm."""
        return self.clock().astimezone(STOCKHOLM).date()

    def store(self, records: Records, key: str, record: Fields) -> Fields:
        """Keep the record, note when it was changed, and tell who listens."""
        is_new = key not in records
        records[key] = record
        records.modified[key] = self.clock()
        if key.isdecimal():
            records.highest = max(records.highest, int(key))
        if self.stream is not None:
            name = next((name for name, found in vars(self).items() if found is records), "")
            self.stream.changes.note_record(name, self.tenant_id, key, record, self.clock(), is_new=is_new)
        return record

    def book(self, voucher: Voucher) -> Voucher:
        """Into the books."""
        year = str(voucher.year)
        named = {"series": voucher.series, "id": str(voucher.number), "year": year}
        self.tell("vouchers", "voucher-created", f"{voucher.series}-{voucher.number}-{year}", **named)
        return self.books.add(voucher)

    def tell(self, topic: str, kind: str, entity: str, **more: str) -> None:
        """An event of the stream that is not a record stored."""
        if self.stream is not None:
            self.stream.changes.note(topic, kind, self.tenant_id, entity, self.clock(), **more)

    def next_row_id(self) -> int:
        """Row ids are never used twice."""
        self.row_ids += 1
        return self.row_ids

    def year_of(self, day: date) -> FinancialYear:
        """The financial year that holds the day, or a refusal."""
        for year in self.financial_years:
            if year.holds(day):
                return year
        raise Refusal(refusals.NO_FINANCIAL_YEAR, f"Räkenskapsår saknas för {day}.")

    def must_be_open(self, day: date, *, code: int = 2000401) -> FinancialYear:
        """The year of a day that can be booked on; a locked or missing period is refused."""
        if self.locked_until and day <= self.locked_until:
            raise Refusal(code, f"Perioden är låst till och med {self.locked_until}.")
        return self.year_of(day)

    def must_have_account(self, number: int, *, missing: int = 2001304) -> Account:
        """An active account, or a refusal."""
        account = self.accounts.get(number)
        if account is None:
            raise Refusal(missing, f"Kontot {number} kunde inte hittas.")
        if not account.active:
            raise Refusal(2000550, f"Kontot {number} är inte aktivt.")
        return account

    def must_have_currency(self, code: str) -> Currency:
        """A currency that is set up, or a refusal."""
        if code not in self.currencies:
            raise Refusal(2004344, f"Valutan {code} finns inte.")
        return self.currencies[code]

    def must_have_rate(self, rate: object) -> None:
        """A VAT rate that is set up, or a refusal."""
        if all(code.rate != rate for code in self.vat_codes):
            raise Refusal(refusals.VAT_RATE_NOT_SET_UP, f"Momssatsen {rate} finns inte.")

    def vat_code(self, code: str) -> VatCode:
        """A VAT code that is set up, or a refusal."""
        for each in self.vat_codes:
            if each.code == code:
                return each
        raise Refusal(refusals.VAT_CODE_UNKNOWN, f"Momskoden {code} finns inte.")


class SandboxFortnox:
    """All integrations and companies of the stand-in.

    `clock` dates what happens; `token_clock` ages tokens (the same clock unless given); `monotonic` is real
    time and drives the rate limit alone.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        *,
        token_clock: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self.oauth = OAuth(token_clock or clock)
        self.window = SlidingWindow(monotonic)
        self.stream = Stream()
        self.companies: dict[int, Company] = {}
        self.unauthorized: Counter[str] = Counter()

    def add_integration(
        self,
        client_id: str,
        client_secret: str,
        *,
        redirect_uri: str = "https://sluss.test/connect/fortnox/callback",
    ) -> None:
        """Register an app as on the developer portal."""
        self.oauth.add_integration(client_id, client_secret, redirect_uri)

    def add_company(self, tenant_id: int, **settings: Any) -> Company:
        """The reference company under a tenant id, with settings or switches of its own."""
        company = Company.standard(tenant_id, self.clock, **settings)
        company.stream = self.stream
        self.companies[tenant_id] = company
        return company

    def company(self, tenant_id: int) -> Company:
        """The company; a KeyError when there is none."""
        return self.companies[tenant_id]
