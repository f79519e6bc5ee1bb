"""`/3/sie/{type}`: the books of a year as a SIE file, as bookkeeping programs exchange them."""

from collections.abc import Iterator, Mapping

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.books import Voucher, VoucherRow
from services.sandbox.fortnox.collection import Answer, Ask, Collection, no_such_method
from services.sandbox.fortnox.company import FinancialYear
from services.sandbox.fortnox.refusals import Refusal

TYPES = ("1", "2", "3", "4")
WITH_VOUCHERS = "4"
QUERY = ("financialyear", "financialYear")
CODE_PAGE = "cp437"  # `#FORMAT PC8`


class Sie(Collection):
    """Types 1 to 3 have balances only, and are shown without them."""

    path, single, plural, scope = "sie", "Sie", "Sie", "bookkeeping"

    def answer(self, ask: Ask) -> Answer:
        if ask.method != "GET" or len(ask.segments) != 1 or ask.segments[0] not in TYPES:
            raise no_such_method()
        year = self._year(ask.query)
        if self.company.switches.sie_is_empty:
            return Answer(b"", 204, media_type="text/plain")
        text = "\r\n".join(self._lines(ask.segments[0], year)) + "\r\n"
        return Answer(text.encode(CODE_PAGE, errors="replace"), media_type="text/plain")

    def _year(self, query: Mapping[str, str]) -> FinancialYear:
        for name in query:
            if name not in QUERY:
                raise Refusal(2000588, f"Ogiltig parameter: {name}.")
        wanted = query.get("financialyear") or query.get("financialYear")
        if wanted is None:
            return self.company.year_of(self.company.today())
        for year in self.company.financial_years:
            if str(year.id) == wanted:
                return year
        raise Refusal(refusals.NO_FINANCIAL_YEAR, f"Räkenskapsåret {wanted} finns inte.")

    def _lines(self, kind: str, year: FinancialYear) -> Iterator[str]:
        yield "#FLAGGA 0"
        yield '#PROGRAM "Fortnox" "3.0"'
        yield "#FORMAT PC8"
        yield f"#GEN {self.company.today():%Y%m%d}"
        yield f"#SIETYP {kind}"
        yield f"#RAR 0 {year.from_date:%Y%m%d} {year.to_date:%Y%m%d}"
        for account in self.company.accounts.values():
            yield f"#KONTO {account.number} {_quoted(account.description)}"
        if kind == WITH_VOUCHERS:
            for voucher in self.company.vouchers:
                if voucher.year == year.id:
                    yield from _voucher(voucher)


def _voucher(voucher: Voucher) -> Iterator[str]:
    name = f"{_quoted(voucher.series)} {voucher.number} {voucher.date:%Y%m%d}"
    yield f"#VER {name} {_quoted(voucher.description)} {voucher.created:%Y%m%d}"
    yield "{"
    for row in voucher.rows:
        yield from _row(row)
    yield "}"


def _row(row: VoucherRow) -> Iterator[str]:
    text = _quoted(row.transaction_information)
    yield f'   #TRANS {row.account} {{}} {row.debit - row.credit:.2f} "" {text} {row.quantity:f}'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
