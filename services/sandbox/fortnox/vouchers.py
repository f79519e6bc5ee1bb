"""Vouchers: made once in a manual series, never changed; and what the ledgers booked."""

from collections.abc import Mapping
from decimal import Decimal

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.amounts import ZERO, ore
from services.sandbox.fortnox.books import Voucher, VoucherRow
from services.sandbox.fortnox.collection import API_URL, Answer, Ask, Collection, no_such_method, picked
from services.sandbox.fortnox.company import FinancialYear
from services.sandbox.fortnox.fields import iso_date, table
from services.sandbox.fortnox.listing import local_instant, paged
from services.sandbox.fortnox.refusals import Refusal, not_found
from services.sandbox.fortnox.wire import Fields, words

VOUCHER_ROW = table(
    """
    Account                 whole     rw  null
    CostCenter              text      rw  null
    Credit                  number    rw  0
    Debit                   number    rw  0
    Description             text      rw  ""
    Project                 text      rw  null
    Quantity                number    rw  0
    Removed                 flag      r   false
    TransactionInformation  text:100  rw  ""
    """
)
VOUCHER = table(
    """
    ApprovalState    whole      r   0
    Comments         text:1000  rw  ""
    CostCenter       text       rw  null
    Description      text:200   rw  ""
    Project          text       rw  null
    ReferenceNumber  text       r   null
    ReferenceType    text       r   "MANUAL"
    TransactionDate  date       rw  null
    VoucherNumber    whole      r   null
    VoucherRows      rows       rw  []
    VoucherSeries    text       rw  null
    Year             whole      rw  null
    """,
    nested={"VoucherRows": VOUCHER_ROW},
    required=("Description", "TransactionDate", "VoucherSeries"),
)
ITEM = """
    ApprovalState Comments Description ReferenceNumber ReferenceType TransactionDate VoucherNumber
    VoucherSeries Year
    """
QUERY = words(
    """
    financialyear financialyeardate fromdate todate lastmodified page limit offset sortorder
    """
)
DATES = ("fromdate", "todate")


class Vouchers(Collection):
    """`/3/vouchers`"""

    path, single, plural, scope = "vouchers", "Voucher", "Vouchers", "bookkeeping"

    def answer(self, ask: Ask) -> Answer:
        match (ask.method, *ask.segments):
            case ("GET", "sublist"):
                return self._sublist(ask, None)
            case ("GET", "sublist", series):
                return self._sublist(ask, series)
            case ("GET", series, number):
                return Answer({self.single: self._one(series, number, ask.query)})
            case ("GET" | "POST",):
                return super().answer(ask)
        raise no_such_method()

    def page(self, query: Mapping[str, str]) -> tuple[list[Fields], Fields]:
        return self._page(query, None)

    def create(self, sent: object, query: Mapping[str, str]) -> Fields:
        values = VOUCHER.read(sent, creating=True, rules=self.rules)
        day = iso_date(values["TransactionDate"], "TransactionDate")
        year = self._year(query)
        self.company.must_be_open(day)
        if not year.holds(day):
            raise Refusal(refusals.OUTSIDE_FINANCIAL_YEAR, f"{day} ligger utanför räkenskapsår {year.id}.")
        series = self._manual_series(values["VoucherSeries"])
        sent_rows = values.get("VoucherRows", [])
        if 0 < self.company.switches.max_voucher_rows < len(sent_rows):
            raise Refusal(refusals.TOO_MANY_ROWS, f"{len(sent_rows)} rader är fler än tillåtet.")
        rows = tuple(self._row(row) for row in sent_rows)
        _must_balance(rows)
        voucher = Voucher(
            series=series,
            number=self.company.books.next_number(series, year.id),
            year=year.id,
            date=day,
            description=values["Description"],
            rows=rows,
            created=self.company.clock(),
            comments=values.get("Comments", ""),
            cost_center=values.get("CostCenter", ""),
            project=values.get("Project", ""),
        )
        return self._shown(self.company.book(voucher))

    def _sublist(self, ask: Ask, series: str | None) -> Answer:
        records, meta = self._page(ask.query, series)
        return Answer({"MetaInformation": meta, self.plural: records})

    def _page(self, query: Mapping[str, str], series: str | None) -> tuple[list[Fields], Fields]:
        query = self._understood(query)
        year = self._year(query)
        found = [
            v
            for v in self.company.vouchers
            if v.year == year.id and series in (None, v.series) and _within(v, query)
        ]
        if query.get("sortorder") == "descending":
            found.reverse()
        return paged([self._listed(voucher) for voucher in found], query)

    def _understood(self, query: Mapping[str, str]) -> Mapping[str, str]:
        dates = self.company.switches.voucher_list_takes_dates
        for name in query:
            if name not in QUERY or (name in DATES and dates == "refused"):
                raise Refusal(2000588, f"Ogiltig parameter: {name}.")
        return {name: value for name, value in query.items() if name not in DATES or dates == "yes"}

    def _listed(self, voucher: Voucher) -> Fields:
        item = picked(self._shown(voucher), ITEM)
        if not self.company.switches.voucher_list_has_comments:
            item |= {"Comments": ""}
        if not self.company.switches.voucher_list_has_references:
            item |= {"ReferenceType": None, "ReferenceNumber": None}
        return item

    def _one(self, series: str, number: str, query: Mapping[str, str]) -> Fields:
        year = self._year(query)
        for voucher in self.company.vouchers:
            if (voucher.series, str(voucher.number), voucher.year) == (series, number, year.id):
                return self._shown(voucher)
        raise not_found(2000490, "verifikationen")

    def _year(self, query: Mapping[str, str]) -> FinancialYear:
        """The year asked for by id or date; without either the pre-selected one, the one of today."""
        if "financialyeardate" in query:
            return self.company.year_of(iso_date(query["financialyeardate"], "financialyeardate"))
        if "financialyear" not in query:
            return self.company.year_of(self.company.today())
        for year in self.company.financial_years:
            if str(year.id) == query["financialyear"]:
                return year
        raise Refusal(refusals.NO_FINANCIAL_YEAR, f"Räkenskapsåret {query['financialyear']} finns inte.")

    def _manual_series(self, code: str) -> str:
        series = self.company.voucher_series.get(code)
        if series is None or not series.manual:
            raise Refusal(
                refusals.SERIES_NOT_MANUAL, f"Verifikationsserien {code} tar inte manuella verifikationer."
            )
        return code

    def _row(self, values: Fields) -> VoucherRow:
        row = VOUCHER_ROW.fresh() | values
        if row["Account"] is None:
            raise Refusal(2001304, "Konto saknas på raden.")
        self.company.must_have_account(row["Account"])
        if row["Debit"] < ZERO or row["Credit"] < ZERO or (row["Debit"] and row["Credit"]):
            raise Refusal(
                refusals.VOUCHER_DOES_NOT_BALANCE,
                "En rad har debet eller kredit, inte negativt och inte båda.",
            )
        return VoucherRow(
            row["Account"],
            ore(row["Debit"]),
            ore(row["Credit"]),
            row["Description"],
            row["TransactionInformation"],
            row["CostCenter"] or "",
            row["Project"] or "",
            row["Quantity"],
        )

    def _shown(self, voucher: Voucher) -> Fields:
        path = f"{API_URL}/vouchers/{voucher.series}/{voucher.number}?financialyear={voucher.year}"
        return {
            "@url": path,
            "ApprovalState": 0,
            "Comments": voucher.comments,
            "CostCenter": voucher.cost_center or None,
            "Description": voucher.description,
            "Project": voucher.project or None,
            "ReferenceNumber": voucher.reference_number or None,
            "ReferenceType": voucher.reference_type,
            "TransactionDate": voucher.date.isoformat(),
            "VoucherNumber": voucher.number,
            "VoucherRows": [self._shown_row(row) for row in voucher.rows],
            "VoucherSeries": voucher.series,
            "Year": voucher.year,
        }

    def _shown_row(self, row: VoucherRow) -> Fields:
        account = self.company.accounts.get(row.account)
        return {
            "Account": row.account,
            "CostCenter": row.cost_center or None,
            "Credit": row.credit,
            "Debit": row.debit,
            "Description": row.description or (account.description if account else ""),
            "Project": row.project or None,
            "Removed": False,
            "TransactionInformation": row.transaction_information,
            "Quantity": Decimal(row.quantity),
        }


def _must_balance(rows: tuple[VoucherRow, ...]) -> None:
    difference = sum((row.debit - row.credit for row in rows), ZERO)
    if len(rows) < 2 or difference:
        raise Refusal(
            refusals.VOUCHER_DOES_NOT_BALANCE, f"Verifikationen balanserar inte, differens {difference}."
        )


def _within(voucher: Voucher, query: Mapping[str, str]) -> bool:
    day = voucher.date.isoformat()
    if "fromdate" in query and day < iso_date(query["fromdate"], "fromdate").isoformat():
        return False
    if "todate" in query and day > iso_date(query["todate"], "todate").isoformat():
        return False
    return "lastmodified" not in query or voucher.created >= local_instant(query["lastmodified"])
