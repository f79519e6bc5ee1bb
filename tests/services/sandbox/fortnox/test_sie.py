"""The stand-in's SIE file: every voucher of the year, and none of another."""

from decimal import Decimal

from services.sandbox.fortnox import refusals
from services.sandbox.fortnox.company import Company
from shared.clients.fortnox.wire_sie import read_vouchers
from tests.services.sandbox.fortnox.api import Api
from tests.services.sandbox.fortnox.test_vouchers import YEAR_2026, a_voucher


async def test_a_year_is_a_file_of_its_vouchers(api: Api) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher(Description="Utbetalning i maj, åäö"), **YEAR_2026)

    (found,) = read_vouchers((await api.call("GET", "/3/sie/4", **YEAR_2026)).content)

    assert (found.series, found.number, found.text) == ("S", 1, "Utbetalning i maj, åäö")
    assert found.amounts == [(1930, Decimal("1966.05")), (1581, Decimal("-1966.05"))]
    another = await api.call("GET", "/3/sie/4", financialyear="1")
    assert list(read_vouchers(another.content)) == []


async def test_types_with_balances_only_have_no_vouchers(api: Api) -> None:
    await api.ok("POST", "/3/vouchers", a_voucher(), **YEAR_2026)

    assert list(read_vouchers((await api.call("GET", "/3/sie/1", financialYear="2")).content)) == []


async def test_what_is_no_file_is_refused(api: Api, company: Company) -> None:
    assert await api.refused("GET", "/3/sie/5") == (404, refusals.NO_SUCH_METHOD)
    assert (await api.refused("GET", "/3/sie/4", financialyear="99"))[0] == 400
    assert await api.refused("GET", "/3/sie/4", year="2026") == (400, 2000588)

    company.switches.sie_is_empty = True
    assert (await api.call("GET", "/3/sie/4", **YEAR_2026)).status_code == 204
